//! The conformance suite over five nodes: what is uploaded at one is asked of another.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test says what went wrong by panicking")]

use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use kadenza_api::{
    ContentId, Copies, Examined, Found, Music, Network, Query, Result, RoomId, Scope, SealedRecord, Song,
    SongId, Source, Upload, Uploaded, Vault,
};

mod support;
use support::{Node, network};

/// Five nodes that take turns: no two calls in a row go to the same one.
struct Five {
    nodes: Vec<Node>,
    turn: AtomicUsize,
}

impl Five {
    fn next(&self) -> &(impl Music + Vault) {
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

/// What rooms ask for: what one node has taken in is there for all of them.
impl Vault for Five {
    async fn examine(&self, upload: Upload) -> Result<Examined> {
        self.next().examine(upload).await
    }

    async fn store(&self, source: Source) -> Result<(ContentId, u64)> {
        self.nodes[1].layer.store(source).await
    }

    /// Where the contents were stored.
    async fn file(&self, record: SealedRecord) -> Result<Copies> {
        self.nodes[1].layer.file(record).await
    }

    async fn filed(&self, room: RoomId, scope: Scope) -> Result<Vec<SealedRecord>> {
        self.next().filed(room, scope).await
    }
}

async fn five() -> Five {
    Five { nodes: network(4).await, turn: AtomicUsize::new(0) }
}

kadenza_api::conformance!(
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    five
);

kadenza_api::vault_conformance!(
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    five
);
