//! `/kadenza/room/1.0.0`: what goes over the stream between two members of a room.
//!
//! A frame is its length (4 bytes, big endian) and a message: a kind (1 byte) and its fields, numbers big endian. The first two
//! frames in each direction, [`Clear`], prove that the other has the room's link; all that follow are sealed, and hold a
//! [`Message`] each (see [`crate::Session`]).
//!
//! What concerns the whole room is in a [`Flood`], which names its author and is passed on to members that are not
//! connected to it.

mod codec;
mod messages;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use bytes::{Buf, BufMut, Bytes, BytesMut};
use libp2p_identity::PeerId;
use sha2::{Digest, Sha256};

use crate::members::{MemberName, Reaction};
use crate::record::SealedRecord;
use crate::together::{Op, TimeAnswer};

/// The protocol's name, for the stream.
pub const PROTOCOL: &str = "/kadenza/room/1.0.0";

/// The longest message, sealed: a record of 16 KiB in JSON, or a part of the state, with room to spare.
pub const FRAME_BYTES: usize = 64 * 1024;

/// The most changes in one [`Message::State`]; the longest is 230 bytes.
pub const STATE_OPS: usize = 200;

/// The most neighbours in a heartbeat: as many as there are members.
pub const NEIGHBOURS_MAX: usize = 64;

/// How often a [`Flood`] is passed on at most. A room is not as wide, and it is not passed on in a circle without end.
pub const HOPS_MAX: u8 = 8;

/// Why bytes are no message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    /// A frame longer than any.
    #[error("a frame of {0} bytes; at most {FRAME_BYTES} are allowed")]
    TooLong(usize),
    /// It ends in the middle.
    #[error("a message that is cut off")]
    Cut,
    /// It goes on after its end.
    #[error("{0} bytes too many in a message")]
    TooMany(usize),
    /// A kind nobody knows.
    #[error("a {what} of the unknown kind {kind}")]
    Kind {
        /// Of what.
        what: &'static str,
        /// Which.
        kind: u8,
    },
    /// One of its fields cannot be what it is.
    #[error("a message with a wrong {0}")]
    Field(&'static str),
}

/// What is said before members trust each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clear {
    /// Prove that you are a member, with these random bytes.
    Hello {
        /// Drawn anew for every connection.
        nonce: [u8; 32],
    },
    /// The proof: a MAC over both nonces and both peer ids.
    Proof {
        /// HMAC-SHA-256 with the room's live key.
        mac: [u8; 32],
    },
}

/// What one member says to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    /// What time is it?
    TimeAsk {
        /// When this was sent, in microseconds of the asker's clock.
        t1: u64,
    },
    /// It is this late.
    TimeAnswer(TimeAnswer),
    /// The whole state, or a part of it.
    State(Vec<Op>),
    /// Something that concerns the whole room.
    Flood(Flood),
}

/// Something a member tells the whole room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flood {
    /// Whose it is.
    pub author: PeerId,
    /// A number of its author's that is different in each.
    pub sequence: u64,
    /// How often it was passed on.
    pub hops: u8,
    /// What it says.
    pub news: News,
}

impl Flood {
    /// What it is recognised by when it comes again: a hash over all but the hops. A forged one under the same number is
    /// another, and does not keep the true one out.
    pub fn digest(&self) -> [u8; 16] {
        let mut bytes = BytesMut::new();
        Message::Flood(Self { hops: 0, ..self.clone() }).write(&mut bytes);
        let hash: [u8; 32] = Sha256::digest(&bytes).into();
        let mut digest = [0; 16];
        digest.copy_from_slice(&hash[..16]);
        digest
    }
}

/// What the whole room is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum News {
    /// I am here.
    Heartbeat {
        /// What the member calls itself.
        name: MemberName,
        /// A hash of the state as it knows it: who has another should hear of this one.
        state: u64,
        /// Whom it is connected to, by eight bytes of their ids' SHA-256: they need not be told what it said.
        neighbours: BTreeSet<u64>,
    },
    /// I am leaving.
    Goodbye,
    /// Something was changed.
    Op(Op),
    /// How somebody feels.
    Reaction(Reaction),
    /// A song was added to the room's library.
    NewRecord(Box<SealedRecord>),
}

/// Eight bytes that stand for a peer in a list of neighbours.
pub(crate) fn tag(peer: &PeerId) -> u64 {
    let hash: [u8; 32] = Sha256::digest(peer.to_bytes()).into();
    let mut tag = [0; 8];
    tag.copy_from_slice(&hash[..8]);
    u64::from_be_bytes(tag)
}

/// Appends a frame around what `write` appends.
pub(crate) fn put_frame(to: &mut BytesMut, write: impl FnOnce(&mut BytesMut)) {
    let start = to.len();
    to.put_u32(0);
    write(to);
    // Every message is far below 4 GiB.
    let len = u32::try_from(to.len() - start - 4).unwrap_or(u32::MAX);
    to[start..start + 4].copy_from_slice(&len.to_be_bytes());
}

/// Takes the first frame out of `from`, without its length; `None` where it has not all come yet.
///
/// # Errors
/// [`WireError::TooLong`] as soon as the length of one that is too long has come.
pub fn take_frame(from: &mut BytesMut) -> Result<Option<Bytes>, WireError> {
    let Some(len) = from.first_chunk::<4>() else { return Ok(None) };
    let len = u32::from_be_bytes(*len) as usize;
    if len > FRAME_BYTES {
        return Err(WireError::TooLong(len));
    }
    if from.len() < 4 + len {
        return Ok(None);
    }
    from.advance(4);
    Ok(Some(from.split_to(len).freeze()))
}
