use proptest::prelude::*;

use super::*;
use crate::link::Secret;
use crate::simulation::peer;
use crate::wire::take_frame;

fn keys(byte: u8) -> RoomKeys {
    RoomKeys::derive(&Secret::new([byte; 32]))
}

/// All frames a session wants to send, without their lengths.
fn outputs(session: &mut Session) -> Vec<Bytes> {
    let mut wire = BytesMut::new();
    while let Some(bytes) = session.output() {
        wire.extend_from_slice(&bytes);
    }
    std::iter::from_fn(|| take_frame(&mut wire).unwrap()).collect()
}

fn deliver(from: &mut Session, to: &mut Session) -> Result<Vec<SessionEvent>, SessionError> {
    let events = outputs(from).into_iter().map(|frame| to.input(frame)).collect::<Result<Vec<_>, _>>()?;
    Ok(events.into_iter().flatten().collect())
}

fn pair() -> (Session, Session) {
    let keys = keys(1);
    (Session::new(&keys, peer(0), peer(1), [1; 32]), Session::new(&keys, peer(1), peer(0), [2; 32]))
}

fn open_pair() -> (Session, Session) {
    let (mut one, mut other) = pair();
    deliver(&mut one, &mut other).unwrap();
    assert_eq!(deliver(&mut other, &mut one), Ok(vec![SessionEvent::Proved]));
    assert_eq!(deliver(&mut one, &mut other), Ok(vec![SessionEvent::Proved]));
    (one, other)
}

fn ask(t1: u64) -> Message {
    Message::TimeAsk { t1 }
}

proptest! {
    #[test]
    fn members_hear_what_the_other_says_in_order(from_one: Vec<u64>, from_other: Vec<u64>) {
        let (mut one, mut other) = open_pair();
        for (said, (from, to)) in [(from_one, (0, 1)), (from_other, (1, 0))] {
            let mut sessions = [&mut one, &mut other];
            said.iter().for_each(|t1| sessions[from].send(&ask(*t1)).unwrap());
            for (frame, t1) in outputs(sessions[from]).into_iter().zip(said) {
                prop_assert_eq!(sessions[to].input(frame), Ok(Some(SessionEvent::Heard(Box::new(ask(t1))))));
            }
        }
    }

    #[test]
    fn any_frames_are_refused_or_heard_without_harm(frames in prop::collection::vec(any::<Vec<u8>>(), 0..4)) {
        let (mut one, _) = pair();
        let (mut open, _) = open_pair();
        for frame in frames {
            let _ = one.input(frame.clone().into());
            prop_assert!(open.input(frame.into()).is_err());
        }
        prop_assert!(!one.is_open());
    }

    #[test]
    fn a_changed_bit_is_refused(at: prop::sample::Index, bit in 0..8u8) {
        let (mut one, mut other) = open_pair();
        one.send(&ask(7)).unwrap();
        let mut frame = outputs(&mut one).remove(0).to_vec();
        let at = at.index(frame.len());
        frame[at] ^= 1 << bit;
        prop_assert_eq!(other.input(frame.into()), Err(SessionError::Tampered(0)));
        prop_assert_eq!(other.send(&ask(1)), Err(SessionError::Ended));
    }
}

#[test]
fn nothing_said_is_in_the_frames() {
    let (mut one, _) = open_pair();
    one.send(&ask(0x1122_3344_5566_7788)).unwrap();
    let frame = outputs(&mut one).remove(0);
    assert!(!frame.windows(4).any(|window| window == [0x11, 0x22, 0x33, 0x44]));
}

#[test]
fn whoever_has_another_link_is_refused() {
    let (mut one, _) = pair();
    let mut stranger = Session::new(&keys(2), peer(1), peer(0), [2; 32]);
    deliver(&mut one, &mut stranger).unwrap();
    assert_eq!(deliver(&mut stranger, &mut one), Err(SessionError::NotAMember));
    assert_eq!(one.input(Bytes::new()), Err(SessionError::Ended));
    assert_eq!(one.output(), None);
}

#[test]
fn a_member_behind_another_peer_id_is_refused() {
    let (mut one, _) = pair();
    let mut other = Session::new(&keys(1), peer(2), peer(0), [2; 32]);
    deliver(&mut one, &mut other).unwrap();
    assert_eq!(deliver(&mut other, &mut one), Err(SessionError::NotAMember));
}

#[test]
fn what_is_sent_back_proves_nothing() {
    let (mut one, _) = pair();
    let hello = outputs(&mut one).remove(0);
    assert_eq!(one.input(hello), Err(SessionError::Reflection));
    // Other bytes, but our own proof.
    let (mut one, _) = pair();
    outputs(&mut one);
    let mut hello = BytesMut::new();
    Clear::Hello { nonce: [9; 32] }.write(&mut hello);
    one.input(hello.freeze()).unwrap();
    let proof = outputs(&mut one).remove(0);
    assert_eq!(one.input(proof), Err(SessionError::NotAMember));
}

#[test]
fn what_is_repeated_left_out_or_from_another_connection_is_refused() {
    let frames = || {
        let (mut one, other) = open_pair();
        (1..=2).for_each(|t1| one.send(&ask(t1)).unwrap());
        (outputs(&mut one), one, other)
    };
    let (sent, _, mut other) = frames();
    other.input(sent[0].clone()).unwrap();
    assert_eq!(other.input(sent[0].clone()), Err(SessionError::Tampered(1)));
    let (sent, mut one, mut other) = frames();
    assert_eq!(other.input(sent[1].clone()), Err(SessionError::Tampered(0)));
    assert_eq!(one.input(sent[0].clone()), Err(SessionError::Tampered(0)), "sent back");
    let (mut one, mut other) = pair();
    (one.nonce, other.nonce) = ([3; 32], [4; 32]);
    let hello = |nonce| {
        let mut bytes = BytesMut::new();
        Clear::Hello { nonce }.write(&mut bytes);
        bytes.freeze()
    };
    outputs(&mut one);
    outputs(&mut other);
    one.input(hello([4; 32])).unwrap();
    other.input(hello([3; 32])).unwrap();
    deliver(&mut one, &mut other).unwrap();
    assert_eq!(other.input(sent[0].clone()), Err(SessionError::Tampered(0)));
}

#[test]
fn nothing_is_sent_before_the_other_has_proved_itself() {
    let (mut one, _) = pair();
    assert_eq!(one.send(&ask(1)), Err(SessionError::NotProved));
    let mut proof = BytesMut::new();
    Clear::Proof { mac: [0; 32] }.write(&mut proof);
    assert_eq!(one.input(proof.freeze()), Err(SessionError::OutOfTurn));
}

#[test]
fn keys_are_never_shown_by_debug() {
    let (one, _) = open_pair();
    assert_eq!(format!("{one:?}"), format!("Session {{ other: {:?}, is_open: true, .. }}", peer(1)));
}
