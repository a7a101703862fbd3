//! HTTP between Middleware and Views: where things are, and what a request is made of. Written once for both
//! halves; the same URL space is answered by a relay and inside the tab.

use std::fmt;

use bytes::Bytes;
use futures::Future;
use kadenza_platform::{MaybeSend, MaybeSync, boxed_stream};

use crate::{ByteStream, ContentId, Recording, Result, SongId, collect};

/// Songs: `GET` searches them, `POST` uploads one.
pub const SONGS: &str = "/api/songs";
/// How the node stands in the network.
pub const NETWORK: &str = "/api/network";
/// The same without its peers: what whoever wants to join asks, every few seconds where it fails.
pub const NODE: &str = "/api/network/self";
/// Covers, by song id.
pub const COVERS: &str = "/api/cover";
/// Content by its id, for peers' own use: `GET /api/content/ID?bytes=LENGTH`.
pub const CONTENTS: &str = "/api/content";
/// Audio, by song id.
pub const LISTEN: &str = "/listen";

/// The path of one song.
pub fn song_path(id: SongId) -> String {
    format!("{SONGS}/{id}")
}

/// The path of a song's cover.
pub fn cover_path(id: SongId) -> String {
    format!("{COVERS}/{id}")
}

/// The path of a song's audio; of one recording where `recording` names it.
pub fn listen_path(id: SongId, recording: Option<ContentId>) -> String {
    match recording {
        Some(content) => format!("{LISTEN}/{id}?recording={content}"),
        None => format!("{LISTEN}/{id}"),
    }
}

/// The path of a recording that is described in full, so that nobody has to look its song up. `called` is what the song is
/// called in addresses: its id, or what a room lets outsiders know it by.
pub fn recording_path(called: SongId, recording: &Recording) -> String {
    let kind = recording.media_type.replace('+', "%2B");
    format!("{}&bytes={}&type={kind}", listen_path(called, Some(recording.content)), recording.bytes)
}

/// The path of a content of `len` bytes.
pub fn content_path(content: ContentId, len: u64) -> String {
    format!("{CONTENTS}/{content}?bytes={len}")
}

/// The body of a request or a response: bytes that may still be arriving.
pub struct Body {
    len: Option<u64>,
    stream: ByteStream,
}

impl Body {
    /// A body of `len` bytes, if that is known.
    pub fn new(len: Option<u64>, stream: ByteStream) -> Self {
        Self { len, stream }
    }

    /// No bytes.
    pub fn empty() -> Self {
        Self::from(Bytes::new())
    }

    /// Its length in bytes, where it was said beforehand.
    pub fn len(&self) -> Option<u64> {
        self.len
    }

    /// Whether it is known to be empty.
    pub fn is_empty(&self) -> bool {
        self.len == Some(0)
    }

    /// The bytes as they come.
    pub fn into_stream(self) -> ByteStream {
        self.stream
    }

    /// All the bytes, `limit` of them at the most.
    ///
    /// # Errors
    /// [`crate::Error::TooLarge`] past the limit, or what broke the stream.
    pub async fn bytes(self, limit: u64) -> Result<Bytes> {
        collect(self.stream, limit).await
    }
}

impl From<Bytes> for Body {
    fn from(bytes: Bytes) -> Self {
        let len = Some(bytes.len() as u64);
        Self { len, stream: boxed_stream(futures::stream::iter((!bytes.is_empty()).then_some(Ok(bytes)))) }
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Body").field("len", &self.len).finish_non_exhaustive()
    }
}

/// Something that answers HTTP requests: Views, a server elsewhere, or Middleware choosing among them.
pub trait Http: MaybeSend + MaybeSync + 'static {
    /// Answers `request`. A refusal is a response with its status, not an error.
    ///
    /// # Errors
    /// [`crate::Error::Unavailable`] when no response came at all.
    fn send(
        &self,
        request: http::Request<Body>,
    ) -> impl Future<Output = Result<http::Response<Body>>> + MaybeSend;
}
