//! A room's songs as its members see them, and what of it strangers store: a [`SealedRecord`].

use kadenza_api::{ContentId, Recording};
use serde::{Deserialize, Serialize};

use crate::keys::RoomId;
use crate::sealing::Salt;

mod opening;
#[cfg(test)]
mod tests;

pub use kadenza_api::{RecordError, RecordId, SEALED_RECORD_BYTES, SealedContent, SealedRecord};

/// Why a song is not sealed into a record, or a record not opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// It is no record at all that strangers would store.
    #[error(transparent)]
    Record(#[from] RecordError),
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
