//! The conformance suite over five nodes: what is uploaded at one is asked of another.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test says what went wrong by panicking")]

use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use kadenza_api::{ContentId, Found, Music, Network, Query, Result, Song, SongId, Upload, Uploaded};

mod support;
use support::{Node, network};

/// Five nodes that take turns: no two calls in a row go to the same one.
struct Five {
    nodes: Vec<Node>,
    turn: AtomicUsize,
}

impl Five {
    fn next(&self) -> &impl Music {
        &self.nodes[self.turn.fetch_add(1, Ordering::Relaxed) % self.nodes.len()].layer
    }
}

impl Music for Five {
    async fn upload(&self, upload: Upload) -> Result<Uploaded> {
        self.next().upload(upload).await
    }

    async fn search(&self, query: Query) -> Result<Found> {
        self.next().search(query).await
    }

    async fn song(&self, id: SongId) -> Result<Song> {
        self.next().song(id).await
    }

    async fn read(&self, content: ContentId, len: u64, range: Range<u64>) -> Result<Bytes> {
        self.next().read(content, len, range).await
    }

    /// Only the durable node is sure to store what any of them was given.
    async fn network(&self) -> Result<Network> {
        self.nodes[0].layer.network().await
    }
}

async fn five() -> Five {
    Five { nodes: network(4).await, turn: AtomicUsize::new(0) }
}

kadenza_api::conformance!(
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    five
);
