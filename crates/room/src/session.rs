//! One connection between two members: each proves that it has the room's link, and what follows is sealed.
//!
//! Both send random bytes, and then a MAC with the room's live key over both sides' bytes and peer ids, the sender's first: a proof
//! is of no use to anybody else, nor on another connection, nor sent back. From the same bytes comes a key for each
//! direction. What is sealed is numbered, so what is repeated, left out or reordered is refused.
//!
//! Whoever gets hold of a room's link can read what was recorded of it before: members share one secret for good, and the
//! transport below has keys of its own for each connection.

use std::collections::VecDeque;
use std::fmt;

use bytes::{Bytes, BytesMut};
use chacha20poly1305::aead::KeyInit;
use chacha20poly1305::{AeadInPlace, ChaCha20Poly1305, Nonce, Tag};
use libp2p_identity::PeerId;

use crate::keys::{Key, RoomKeys, derive, is_mac, mac};
use crate::sealing::TAG_BYTES;
use crate::wire::{Clear, FRAME_BYTES, Message, WireError, put_frame};

const PROOF_DOMAIN: &[u8] = b"kadenza room 1 proof";
const SESSION_DOMAIN: &[u8] = b"kadenza room 1 session";

/// Why a connection is to be closed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SessionError {
    /// What came is no message.
    #[error(transparent)]
    Wire(#[from] WireError),
    /// It greeted with our own bytes, or has our own name.
    #[error("the other side is a reflection of this one")]
    Reflection,
    /// It said something before, or again after, its turn.
    #[error("a greeting out of turn")]
    OutOfTurn,
    /// It has not got the room's link.
    #[error("the other side is not a member of this room")]
    NotAMember,
    /// A frame that was changed, repeated, left out or reordered.
    #[error("frame {0} is not what was sealed")]
    Tampered(u64),
    /// Nothing is sent before the other side has proved itself.
    #[error("the other side has not proved that it is a member")]
    NotProved,
    /// The message is longer than a frame.
    #[error("a message of {0} bytes; at most {max} are allowed", max = FRAME_BYTES - TAG_BYTES as usize)]
    TooLong(usize),
    /// It failed before.
    #[error("the session has ended")]
    Ended,
}

/// What a session has to tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SessionEvent {
    /// The other side is a member. Messages can be sent.
    Proved,
    /// It says this.
    Heard(Box<Message>),
}

/// How far the two sides are.
enum Stage {
    /// Its random bytes have not come.
    Greeting,
    /// Its proof has not come.
    Proving { theirs: [u8; 32] },
    /// Both are members.
    Open { sending: Direction, receiving: Direction },
    /// It is to be closed.
    Ended,
}

/// The key of one direction, and how many frames went that way.
struct Direction {
    cipher: ChaCha20Poly1305,
    count: u64,
}

impl Direction {
    fn next_nonce(&mut self) -> Nonce {
        let mut nonce = [0; 12];
        nonce[4..].copy_from_slice(&self.count.to_be_bytes());
        self.count += 1;
        nonce.into()
    }
}

/// One connection's state machine. Frames come in without their length and go out with it.
pub struct Session {
    live: Key,
    own: PeerId,
    other: PeerId,
    nonce: [u8; 32],
    stage: Stage,
    outbox: VecDeque<Bytes>,
}

impl Session {
    /// Begins to talk to `other`, whose peer id the transport vouches for. `nonce` is random and drawn anew for every
    /// connection. Both sides are the same, whoever opened it.
    pub fn new(keys: &RoomKeys, own: PeerId, other: PeerId, nonce: [u8; 32]) -> Self {
        let mut session = Self {
            live: keys.live_key().clone(),
            own,
            other,
            nonce,
            stage: Stage::Greeting,
            outbox: VecDeque::new(),
        };
        session.say(&Clear::Hello { nonce });
        session
    }

    /// The next bytes to send. To be asked for after every [`Session::input`] and [`Session::send`].
    pub fn output(&mut self) -> Option<Bytes> {
        self.outbox.pop_front()
    }

    /// Whether the other side has proved that it is a member.
    pub fn is_open(&self) -> bool {
        matches!(self.stage, Stage::Open { .. })
    }

    /// Seals a message for the other side.
    ///
    /// # Errors
    /// [`SessionError::NotProved`], [`SessionError::Ended`], or [`SessionError::TooLong`].
    pub fn send(&mut self, message: &Message) -> Result<(), SessionError> {
        let Stage::Open { sending, .. } = &mut self.stage else {
            let is_ended = matches!(self.stage, Stage::Ended);
            return Err(if is_ended { SessionError::Ended } else { SessionError::NotProved });
        };
        let mut sealed = BytesMut::new();
        message.write(&mut sealed);
        let len = sealed.len();
        if len > FRAME_BYTES - TAG_BYTES as usize {
            return Err(SessionError::TooLong(len));
        }
        let nonce = sending.next_nonce();
        let tag = sending.cipher.encrypt_in_place_detached(&nonce, &[], &mut sealed);
        sealed.extend_from_slice(&tag.map_err(|_| SessionError::TooLong(len))?);
        self.put(|to| to.extend_from_slice(&sealed));
        Ok(())
    }

    /// A frame came. What it has to tell, if anything.
    ///
    /// # Errors
    /// [`SessionError`], after which the connection is to be closed.
    pub fn input(&mut self, frame: Bytes) -> Result<Option<SessionEvent>, SessionError> {
        let heard = match &self.stage {
            Stage::Greeting => self.greeted(frame),
            Stage::Proving { theirs } => self.proved(*theirs, frame),
            Stage::Open { .. } => self.heard(frame),
            Stage::Ended => Err(SessionError::Ended),
        };
        if heard.is_err() {
            self.stage = Stage::Ended;
            self.outbox.clear();
        }
        heard
    }

    fn greeted(&mut self, frame: Bytes) -> Result<Option<SessionEvent>, SessionError> {
        let Clear::Hello { nonce: theirs } = Clear::read(frame)? else { return Err(SessionError::OutOfTurn) };
        if theirs == self.nonce || self.own == self.other {
            return Err(SessionError::Reflection);
        }
        let proof = [PROOF_DOMAIN, &self.nonce, &theirs, &self.own.to_bytes(), &self.other.to_bytes()];
        self.say(&Clear::Proof { mac: mac(&self.live, &proof) });
        self.stage = Stage::Proving { theirs };
        Ok(None)
    }

    fn proved(&mut self, theirs: [u8; 32], frame: Bytes) -> Result<Option<SessionEvent>, SessionError> {
        let Clear::Proof { mac } = Clear::read(frame)? else { return Err(SessionError::OutOfTurn) };
        let proof = [PROOF_DOMAIN, &theirs, &self.nonce, &self.other.to_bytes(), &self.own.to_bytes()];
        if !is_mac(&self.live, &proof, &mac) {
            return Err(SessionError::NotAMember);
        }
        let mut nonces = [self.nonce, theirs];
        nonces.sort_unstable();
        let direction = |sender: PeerId| {
            let key = derive(&self.live, nonces.as_flattened(), &[SESSION_DOMAIN, &sender.to_bytes()]);
            Direction { cipher: ChaCha20Poly1305::new(key.as_slice().into()), count: 0 }
        };
        self.stage = Stage::Open { sending: direction(self.own), receiving: direction(self.other) };
        Ok(Some(SessionEvent::Proved))
    }

    fn heard(&mut self, frame: Bytes) -> Result<Option<SessionEvent>, SessionError> {
        let Stage::Open { receiving, .. } = &mut self.stage else { return Err(SessionError::Ended) };
        let tampered = SessionError::Tampered(receiving.count);
        let at = frame.len().checked_sub(TAG_BYTES as usize).ok_or(tampered.clone())?;
        let tag = Tag::clone_from_slice(&frame[at..]);
        // The frame is this session's own, as a rule, and is opened where it is.
        let mut plain = frame.try_into_mut().unwrap_or_else(|shared| BytesMut::from(&shared[..]));
        plain.truncate(at);
        let nonce = receiving.next_nonce();
        receiving.cipher.decrypt_in_place_detached(&nonce, &[], &mut plain, &tag).map_err(|_| tampered)?;
        Ok(Some(SessionEvent::Heard(Box::new(Message::read(plain.freeze())?))))
    }

    fn say(&mut self, clear: &Clear) {
        self.put(|to| clear.write(to));
    }

    fn put(&mut self, write: impl FnOnce(&mut BytesMut)) {
        let mut frame = BytesMut::new();
        put_frame(&mut frame, write);
        self.outbox.push_back(frame.freeze());
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Session");
        shown.field("other", &self.other).field("is_open", &self.is_open()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
