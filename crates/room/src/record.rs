//! What strangers store for a room: a song's record, sealed and signed with the room's key.
//!
//! Whoever stores one sees which room it belongs to, an id that stands for the song within that room only, and the
//! sealed contents that go with it. The signature shows that somebody with the room's link made it, so junk
//! can be refused without being able to read anything.

use kadenza_api::{ContentId, Recording};
use libp2p_identity::ed25519::PublicKey;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::bytes_text::{base64url, digits, fixed_bytes};
use crate::keys::{BlindedSong, RoomId};
use crate::sealing::Salt;

mod opening;
#[cfg(test)]
mod tests;

/// The most bytes of ciphertext in a record, 16 KiB: names of 500 characters, escaped in JSON, are 9 KiB.
pub const SEALED_RECORD_BYTES: usize = 16 * 1024;

/// The most contents of one record: the audio and its cover.
const CONTENTS_MAX: usize = 2;

/// The longest content strangers are asked to store: what the network takes of any content, 1 GiB, sealed.
const CONTENT_BYTES_MAX: u64 = (1 << 30) + (1 << 14) * crate::sealing::TAG_BYTES;

const SIGNATURE_DOMAIN: &[u8] = b"kadenza sealed record 1";

fixed_bytes!(
    /// SHA-256 over what a sealed record's signature covers.
    RecordId,
    32,
    "a record's id"
);

/// Why a record is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// It names more contents than a song has.
    #[error("a record of {0} contents; at most {CONTENTS_MAX} are allowed")]
    Contents(usize),
    /// One of its contents has an impossible length.
    #[error("a content of {0} bytes; from 1 to {CONTENT_BYTES_MAX} are allowed")]
    ContentLength(u64),
    /// Its ciphertext is longer than any record's.
    #[error("a record of {0} bytes; at most {SEALED_RECORD_BYTES} are allowed")]
    TooLong(usize),
    /// Its room's id is not a public key.
    #[error("the room's id is no public key")]
    Key,
    /// Nobody with the room's link made it.
    #[error("the record is not signed with its room's key")]
    Signature,
    /// It belongs to another room.
    #[error("the record belongs to room {0}")]
    OtherRoom(RoomId),
    /// The ciphertext is not what was sealed for this room and song.
    #[error("the record's ciphertext is not what was sealed")]
    Tampered,
    /// What was sealed is no song.
    #[error("what the record seals is no song: {0}")]
    NoSong(String),
    /// The sealed recording is of another song than the record's blinded id says.
    #[error("the record's song id is not its recording's")]
    OtherSong,
    /// The contents in clear are not those sealed.
    #[error("the record's contents are not those of its recording")]
    OtherContents,
}

/// A sealed content as those who store it see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SealedContent {
    /// BLAKE3 of the ciphertext.
    pub content: ContentId,
    /// Its length in bytes.
    pub len: u64,
}

/// A song's record as strangers store it. Untrusted until [`SealedRecord::check`] has passed it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SealedRecord {
    /// The room it belongs to, and the key it is signed with.
    pub room: RoomId,
    /// The song, as the room's members know it.
    pub song: BlindedSong,
    /// The sealed contents that go with it: the audio and perhaps a cover; none for a song of the public library.
    pub contents: Vec<SealedContent>,
    /// The nonce, 24 bytes, and the ciphertext with its tag.
    #[serde(with = "base64url")]
    pub bytes: Vec<u8>,
    /// Ed25519 signature by the room's key over [`SealedRecord::signed_bytes`].
    #[serde(with = "digits")]
    pub signature: [u8; 64],
}

impl SealedRecord {
    /// What the signature covers: all other fields. Each has a fixed length or its length before it.
    pub fn signed_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(SIGNATURE_DOMAIN.len() + 150 + self.bytes.len());
        bytes.extend_from_slice(SIGNATURE_DOMAIN);
        bytes.extend_from_slice(&self.room.0);
        bytes.extend_from_slice(&self.song.0);
        bytes.extend_from_slice(&(self.contents.len() as u64).to_be_bytes());
        for content in &self.contents {
            bytes.extend_from_slice(&content.content.0);
            bytes.extend_from_slice(&content.len.to_be_bytes());
        }
        bytes.extend_from_slice(&(self.bytes.len() as u64).to_be_bytes());
        bytes.extend_from_slice(&self.bytes);
        bytes
    }

    /// The record's id. Two records with the same id say the same.
    pub fn id(&self) -> RecordId {
        RecordId(Sha256::digest(self.signed_bytes()).into())
    }

    /// Refuses what nobody with the room's link made, or is larger than they would. It needs no secret.
    ///
    /// # Errors
    /// [`RecordError`], saying what is wrong.
    pub fn check(&self) -> Result<(), RecordError> {
        if self.contents.len() > CONTENTS_MAX {
            return Err(RecordError::Contents(self.contents.len()));
        }
        if let Some(content) = self.contents.iter().find(|c| !(1..=CONTENT_BYTES_MAX).contains(&c.len)) {
            return Err(RecordError::ContentLength(content.len));
        }
        if self.bytes.len() > SEALED_RECORD_BYTES {
            return Err(RecordError::TooLong(self.bytes.len()));
        }
        let key = PublicKey::try_from_bytes(&self.room.0).map_err(|_| RecordError::Key)?;
        if !key.verify(&self.signed_bytes(), &self.signature) {
            return Err(RecordError::Signature);
        }
        Ok(())
    }
}

/// A sealed file of a song, as members see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SealedFile {
    /// BLAKE3 of the ciphertext.
    pub content: ContentId,
    /// Length of the ciphertext in bytes.
    pub len: u64,
    /// What its key is derived with.
    pub salt: Salt,
}

/// Where the audio of a room's song is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audio {
    /// In the public library: the song was added by reference, and the room stores none of its bytes.
    Public,
    /// Sealed, for this room alone.
    Sealed {
        /// The audio file.
        audio: SealedFile,
        /// The cover, where the recording has one.
        cover: Option<SealedFile>,
    },
}

/// A song of a room, as members see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoomSong {
    /// The recording as its uploader signed it: content ids and lengths are those of the plain bytes.
    pub recording: Recording,
    /// Where its bytes are.
    pub audio: Audio,
}
