//! The interface every layer speaks.

use std::ops::Range;

use bytes::Bytes;
use futures::Future;
use kadenza_platform::{MaybeSend, MaybeSync};
use serde::{Deserialize, Serialize};

use crate::{ContentId, Network, Recording, Result, Song, SongId, Source};

/// Upload, search, listen: what a layer asks of the one below it, and does for the one above.
///
/// All methods are cancel-safe for the caller: dropping the future abandons the answer, never stored data.
pub trait Music: MaybeSend + MaybeSync + 'static {
    /// Takes one audio file in.
    ///
    /// # Errors
    /// [`crate::Error::Invalid`] when it is not audio, [`crate::Error::NeedsTags`] when it names no title or
    /// artist, [`crate::Error::TooLarge`], [`crate::Error::Storage`].
    fn upload(&self, upload: Upload) -> impl Future<Output = Result<Uploaded>> + MaybeSend;

    /// Finds songs by words of their title, artist or album; the newest where there are no words.
    ///
    /// # Errors
    /// [`crate::Error::Invalid`] for a query past its bounds.
    fn search(&self, query: Query) -> impl Future<Output = Result<Found>> + MaybeSend;

    /// One song with all its known recordings.
    ///
    /// # Errors
    /// [`crate::Error::NotFound`].
    fn song(&self, id: SongId) -> impl Future<Output = Result<Song>> + MaybeSend;

    /// The bytes of `range` of a content that is `len` bytes long, verified; at most
    /// [`crate::READ_LIMIT_BYTES`] of them, so an answer may be short but is never empty within the content.
    ///
    /// # Errors
    /// [`crate::Error::NotFound`] when nobody reachable holds it.
    fn read(
        &self,
        content: ContentId,
        len: u64,
        range: Range<u64>,
    ) -> impl Future<Output = Result<Bytes>> + MaybeSend;

    /// How this node stands in the network.
    fn network(&self) -> impl Future<Output = Result<Network>> + MaybeSend;
}

/// One file to take in.
#[derive(Debug, Clone)]
pub struct Upload {
    /// The file's name; only ever a hint for people.
    pub name: String,
    /// What the uploader says of it; wins over what the file's own tags say.
    pub tags: Tags,
    /// The file's bytes.
    pub source: Source,
}

/// What names a song, as far as it is known.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tags {
    /// Title of the song.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Artist, as the record sleeve has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub artist: Option<String>,
    /// Album; a song may have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub album: Option<String>,
}

impl Tags {
    /// Refuses endless texts, before they go anywhere.
    ///
    /// # Errors
    /// [`crate::Error::Invalid`] that names the field, as [`Recording::check`] does.
    pub fn check(&self) -> Result<()> {
        for (name, text) in [("title", &self.title), ("artist", &self.artist), ("album", &self.album)] {
            let chars = text.as_ref().map_or(0, |text| text.chars().count());
            if chars > crate::TEXT_LIMIT_CHARS {
                return Err(crate::Error::invalid(format!(
                    "the {name} has {chars} characters; at most {} are allowed",
                    crate::TEXT_LIMIT_CHARS
                )));
            }
        }
        Ok(())
    }
}

/// What an upload came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Uploaded {
    /// The song as it is known now.
    pub song: Song,
    /// The recording these bytes are.
    pub recording: Recording,
    /// Whether anything new came.
    pub outcome: Outcome,
    /// Where copies of the bytes are.
    pub copies: Copies,
}

/// What was new about an upload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Nobody had this song.
    NewSong,
    /// The song was known; these bytes are another recording of it.
    NewRecording,
    /// Exactly these bytes were here already.
    AlreadyHere,
}

/// Where copies of a content are, counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Copies {
    /// Whether this node holds it whole.
    pub here: bool,
    /// Durable peers (relays) that have it on disk, this node counted if it is one.
    pub relays: u32,
    /// Other peers (tabs) that hold it, this node counted if it is one.
    pub tabs: u32,
    /// Whether the uploader may leave: a relay has it on disk, or enough other peers hold it.
    pub safe: bool,
}

/// What would be gone with a node's store, as far as it is counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Losses {
    /// Songs that are here whole, those of rooms included.
    pub songs: u64,
    /// How many of them others were asked for so far.
    pub counted: u64,
    /// How many of those nobody else has.
    pub only_here: u64,
}

/// How far a search may reach.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// Only what this node holds: answered at once.
    Here,
    /// The whole network.
    #[default]
    Network,
}

/// What to look for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Query {
    /// Words in any order; the last matches as a prefix unless white space follows it.
    #[serde(default)]
    pub words: String,
    /// How many songs to return, at most [`Query::LIMIT_MAX`].
    #[serde(default = "Query::default_limit")]
    pub limit: usize,
    /// How many of the best to skip, at most [`Query::OFFSET_MAX`].
    #[serde(default)]
    pub offset: usize,
    /// How far to look.
    #[serde(default)]
    pub scope: Scope,
}

impl Query {
    /// The most songs one answer holds.
    pub const LIMIT_MAX: usize = 200;
    /// The most songs that can be skipped; who wants more narrows the words.
    pub const OFFSET_MAX: usize = 10_000;
    /// The longest query, in bytes.
    pub const WORDS_MAX_BYTES: usize = 512;

    /// A first page for `words`.
    pub fn new(words: impl Into<String>) -> Self {
        Self { words: words.into(), limit: Self::default_limit(), offset: 0, scope: Scope::Network }
    }

    /// This query, asked of one node alone.
    pub fn here(self) -> Self {
        Self { scope: Scope::Here, ..self }
    }

    /// Songs on a page unless another number is asked for.
    pub fn default_limit() -> usize {
        50
    }

    /// Refuses a query past its bounds.
    ///
    /// # Errors
    /// [`crate::Error::Invalid`] that names the bound.
    pub fn check(&self) -> Result<()> {
        let broken = if self.words.len() > Self::WORDS_MAX_BYTES {
            format!("a query is at most {} bytes long", Self::WORDS_MAX_BYTES)
        } else if self.limit == 0 || self.limit > Self::LIMIT_MAX {
            format!("limit is a number from 1 to {}", Self::LIMIT_MAX)
        } else if self.offset > Self::OFFSET_MAX {
            format!("offset is at most {}", Self::OFFSET_MAX)
        } else {
            return Ok(());
        };
        Err(crate::Error::invalid(broken))
    }
}

/// What a search found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// One page of songs, the best first.
    pub songs: Vec<Song>,
    /// How many songs match in all, as far as the answering nodes know.
    pub total: usize,
}
