//! What a relay says of itself that no layer knows: where it answers STUN.

use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use kadenza_api::{ContentId, Found, Music, Network, Query, Result, Song, SongId, Upload, Uploaded};

/// The layer below, with STUN servers in what it says of its network.
#[derive(Debug, Clone)]
pub(super) struct Announced<M> {
    inner: M,
    /// URLs of STUN servers.
    stun: Arc<[String]>,
}

impl<M> Announced<M> {
    pub(super) fn new(inner: M, stun: Vec<String>) -> Self {
        Self { inner, stun: stun.into() }
    }
}

impl<M: Music> Music for Announced<M> {
    async fn upload(&self, upload: Upload) -> Result<Uploaded> {
        self.inner.upload(upload).await
    }

    async fn search(&self, query: Query) -> Result<Found> {
        self.inner.search(query).await
    }

    async fn song(&self, id: SongId) -> Result<Song> {
        self.inner.song(id).await
    }

    async fn read(&self, content: ContentId, len: u64, range: Range<u64>) -> Result<Bytes> {
        self.inner.read(content, len, range).await
    }

    async fn network(&self) -> Result<Network> {
        Ok(Network { stun: self.stun.to_vec(), ..self.inner.network().await? })
    }
}
