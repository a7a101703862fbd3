use kadenza_api::SongId;
use proptest::prelude::*;

use super::*;
use crate::keys::{BlindedSong, RoomId};
use crate::simulation::peer;
use crate::together::{Entry, Playback, Position, QueueItemId, Reference, RoomTime, Stamp};

fn any_peer() -> impl Strategy<Value = PeerId> {
    (0usize..16).prop_map(peer)
}

fn any_stamp() -> impl Strategy<Value = Stamp> {
    (any::<u64>(), any_peer()).prop_map(|(count, author)| Stamp { count, author })
}

fn any_op() -> impl Strategy<Value = Op> {
    let playback = any::<(Option<[u8; 16]>, bool, u64, i64, u64)>().prop_map(
        |(song, playing, position_ms, anchor, epoch)| Playback {
            song: song.map(QueueItemId),
            playing,
            position_ms,
            anchor: RoomTime(anchor),
            epoch,
        },
    );
    let position = prop::collection::vec(any::<u8>(), 0..=71).prop_map(|mut digits| {
        digits.push(1);
        Position::from_bytes(&digits).unwrap()
    });
    prop_oneof![
        (any_stamp(), any::<bool>(), playback).prop_map(|(stamp, pressed, playback)| Op::Playback {
            stamp,
            pressed,
            playback
        }),
        (any_stamp(), any::<[u8; 16]>(), any::<[u8; 20]>(), any_peer(), position, any::<bool>()).prop_map(
            |(stamp, id, song, added_by, position, removed)| Op::Item(Entry {
                stamp,
                id: QueueItemId(id),
                song: SongId(song),
                added_by,
                position,
                removed
            })
        ),
    ]
}

fn any_news() -> impl Strategy<Value = News> {
    let record = any::<([u8; 32], [u8; 20], Vec<u8>, [u8; 32])>().prop_map(|(room, song, bytes, half)| {
        let mut signature = [0; 64];
        signature[..32].copy_from_slice(&half);
        let record = SealedRecord {
            room: RoomId(room),
            song: BlindedSong(song),
            contents: Vec::new(),
            bytes,
            signature,
        };
        News::NewRecord(Box::new(record))
    });
    prop_oneof![
        ("[a-z😀]{1,40}", any::<u64>(), prop::collection::btree_set(any::<u64>(), 0..=NEIGHBOURS_MAX))
            .prop_map(|(name, state, neighbours)| News::Heartbeat {
                name: MemberName::new(&name).unwrap(),
                state,
                neighbours
            }),
        Just(News::Goodbye),
        any_op().prop_map(News::Op),
        prop::sample::select(&Reaction::ALL[..]).prop_map(News::Reaction),
        record,
    ]
}

fn any_message() -> impl Strategy<Value = Message> {
    let reference = (any::<(u64, bool, u64, u8, i64)>(), any_peer()).prop_map(
        |((epoch, shared, pulse, stratum, time), root)| Reference {
            epoch,
            shared,
            root,
            pulse,
            stratum,
            time: RoomTime(time),
        },
    );
    prop_oneof![
        any::<u64>().prop_map(|t1| Message::TimeAsk { t1 }),
        (any::<(u64, u64, u64)>(), prop::option::of(reference)).prop_map(|((t1, t2, t3), reference)| {
            Message::TimeAnswer(TimeAnswer { t1, t2, t3, reference })
        }),
        prop::collection::vec(any_op(), 0..20).prop_map(Message::State),
        (any_peer(), any::<u64>(), 0..=HOPS_MAX, any_news()).prop_map(|(author, sequence, hops, news)| {
            Message::Flood(Flood { author, sequence, hops, news })
        }),
    ]
}

fn written(message: &Message) -> Bytes {
    let mut bytes = BytesMut::new();
    message.write(&mut bytes);
    bytes.freeze()
}

proptest! {
    #[test]
    fn a_message_reads_back_what_it_writes(message in any_message()) {
        prop_assert_eq!(Message::read(written(&message)), Ok(message));
    }

    #[test]
    fn a_message_cut_off_or_with_bytes_too_many_is_no_other_one(message in any_message(), at: prop::sample::Index) {
        let whole = written(&message);
        let cut = whole.slice(..at.index(whole.len()));
        // A state is a list: it may end sooner.
        prop_assert!(matches!(message, Message::State(_)) || Message::read(cut).is_err());
        let more = [&whole[..], &[0]].concat();
        prop_assert!(Message::read(more.into()).is_err());
    }

    #[test]
    fn any_bytes_are_a_message_within_its_bounds_or_an_error(kind in 15u8..37, bytes: Vec<u8>) {
        let bytes: Bytes = [&[kind][..], &bytes].concat().into();
        if let Ok(Message::State(ops)) = Message::read(bytes.clone()) {
            prop_assert!(ops.len() <= STATE_OPS);
        }
        let _ = Clear::read(bytes);
    }

    #[test]
    fn greetings_read_back_what_they_write(bytes: [u8; 32], is_hello: bool) {
        let clear = if is_hello { Clear::Hello { nonce: bytes } } else { Clear::Proof { mac: bytes } };
        let mut wire = BytesMut::new();
        clear.write(&mut wire);
        prop_assert_eq!(Clear::read(wire.freeze()), Ok(clear));
    }

    #[test]
    fn frames_come_out_as_they_went_in_however_the_stream_cuts_them(
        frames in prop::collection::vec(any::<Vec<u8>>(), 0..6),
        cut in 1usize..9,
    ) {
        let mut wire = BytesMut::new();
        frames.iter().for_each(|frame| put_frame(&mut wire, |to| to.put_slice(frame)));
        let (mut come, mut taken) = (BytesMut::new(), Vec::new());
        for chunk in wire.chunks(cut) {
            come.put_slice(chunk);
            while let Some(frame) = take_frame(&mut come).unwrap() {
                taken.push(frame.to_vec());
            }
        }
        prop_assert_eq!(taken, frames);
    }
}

#[test]
fn a_frame_that_claims_4_gib_is_refused_before_it_is_read() {
    assert_eq!(take_frame(&mut BytesMut::from(&[0xff; 4][..])), Err(WireError::TooLong(u32::MAX as usize)));
}

#[test]
fn the_longest_messages_fit_in_a_frame() {
    // Kind, stamp, id, song, author, position and flag.
    let op = 1 + (8 + 67) + 16 + 20 + 67 + 73 + 1;
    assert!(1 + STATE_OPS * op + 16 <= FRAME_BYTES);
    let record = SealedRecord {
        room: RoomId([1; 32]),
        song: BlindedSong([2; 20]),
        contents: Vec::new(),
        bytes: vec![3; crate::record::SEALED_RECORD_BYTES],
        signature: [4; 64],
    };
    let flood = Flood { author: peer(1), sequence: 1, hops: 0, news: News::NewRecord(Box::new(record)) };
    assert!(written(&Message::Flood(flood)).len() + 1024 <= FRAME_BYTES);
}

#[test]
fn a_flood_is_recognised_after_it_was_passed_on_and_a_forged_one_is_another() {
    let flood = |hops, reaction| Flood { author: peer(1), sequence: 1, hops, news: News::Reaction(reaction) };
    assert_eq!(flood(0, Reaction::Fire).digest(), flood(3, Reaction::Fire).digest());
    assert_ne!(flood(0, Reaction::Fire).digest(), flood(0, Reaction::Heart).digest());
}
