//! What comes from other nodes is read and passed on before it is written, and written beside whoever brought it.
// Where there are files and a tokio runtime.
#![cfg(any(unix, windows))]
#![allow(clippy::unwrap_used, reason = "a failure here is a failed test")]

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use common::gated::Gated;
use common::{config, in_memory, on_disk, open};
use futures::{FutureExt, StreamExt};
use kadenza_api::testing::{upload, wav};
use kadenza_api::{ContentId, Error, GROUP_BYTES, Groups, Music, Replicas, Source, Upload};
use kadenza_platform::boxed_stream;
use kadenza_services::Services;
use kadenza_services::store::MemoryStore;
use kadenza_services::store::disk::DiskStore;

const MIB: u64 = 1024 * 1024;

/// A content that one node holds and others fetch.
struct Held {
    from: Services<MemoryStore>,
    bytes: Bytes,
    content: ContentId,
    len: u64,
    groups: u64,
}

impl Held {
    async fn new(len: usize) -> Self {
        let from = in_memory().await;
        let bytes = wav(len, 1);
        let uploaded = from.upload(upload("Sirens", "Ada", "", bytes.clone())).await.unwrap();
        let len = len as u64;
        Self { from, bytes, content: uploaded.recording.content, len, groups: len.div_ceil(GROUP_BYTES) }
    }

    async fn slice(&self, groups: Groups) -> Bytes {
        self.from.slice(self.content, self.len, groups).await.unwrap()
    }

    /// Brings some groups to a node. Returns whether it keeps them.
    async fn bring(&self, to: &impl Replicas, groups: Groups) -> bool {
        let slice = self.slice(groups.clone()).await;
        let accepted = to.accept(self.content, self.len, groups.clone(), slice).await.unwrap();
        assert!(accepted.bytes == self.part(&groups));
        accepted.kept
    }

    fn part(&self, groups: &Groups) -> Bytes {
        let at = |group: u64| usize::try_from((group * GROUP_BYTES).min(self.len)).unwrap();
        self.bytes.slice(at(groups.start)..at(groups.end))
    }

    async fn assert_reads(&self, node: &impl Music, groups: Groups) {
        let (mut at, end) = (groups.start * GROUP_BYTES, (groups.end * GROUP_BYTES).min(self.len));
        let mut read = Vec::new();
        while at < end {
            read.extend(node.read(self.content, self.len, at..end).await.unwrap());
            at = groups.start * GROUP_BYTES + read.len() as u64;
        }
        assert!(read == self.part(&groups), "{groups:?}");
    }
}

#[tokio::test]
async fn what_is_not_written_yet_is_read_and_passed_on() {
    let held = Held::new(2_000_000).await;
    let store = Gated::default();
    let (node, last) = (open(store.clone(), config()).await, in_memory().await);
    for groups in [100..123, 0..64, 64..100] {
        assert!(held.bring(&node, groups.clone()).await);
        held.assert_reads(&node, groups.clone()).await;
        let slice = node.slice(held.content, held.len, groups.clone()).await.unwrap();
        assert!(last.accept(held.content, held.len, groups, slice).await.unwrap().kept);
    }
    assert!(node.missing(held.content, held.len, 0..held.groups).await.unwrap().is_empty());
    assert_eq!((store.written_bytes(), store.reads()), (0, 0));
    assert!(last.holds(held.content).await.unwrap());
    assert!(node.held().await.unwrap().is_empty());
    let mut holds = Box::pin(node.holds(held.content));
    assert!(holds.as_mut().now_or_never().is_none(), "waits for the writer");
    store.open();
    assert!(holds.await.unwrap());
    assert_eq!(store.written_bytes(), held.len);
    held.assert_reads(&node, 0..held.groups).await;
    assert_eq!(node.room().await.unwrap(), common::QUOTA_BYTES - held.len);
}

#[tokio::test]
async fn what_waits_to_be_written_is_bounded() {
    let held = Arc::new(Held::new(60_000_000).await);
    let store = Gated::default();
    let node = open(store.clone(), config()).await;
    let taken = Arc::new(AtomicU64::new(0));
    let bringing = {
        let (held, node, taken) = (held.clone(), node.clone(), taken.clone());
        tokio::spawn(async move {
            for start in (0..held.groups).step_by(48) {
                let groups = start..(start + 48).min(held.groups);
                assert!(held.bring(&node, groups.clone()).await);
                taken.fetch_add(held.part(&groups).len() as u64, Ordering::AcqRel);
            }
        })
    };
    // Nothing is written, and so much is taken all the same.
    while taken.load(Ordering::Acquire) < 20 * MIB {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let mut most = 0;
    while !bringing.is_finished() {
        tokio::time::sleep(Duration::from_millis(50)).await;
        most = most.max(taken.load(Ordering::Acquire).saturating_sub(store.written_bytes()));
        store.let_pass(8);
    }
    bringing.await.unwrap();
    assert!(most <= 24 * MIB, "{most} bytes were in memory");
    store.open();
    assert!(node.holds(held.content).await.unwrap());
    held.assert_reads(&node, 0..held.groups).await;
}

#[tokio::test]
async fn an_upload_passes_through_little_memory() {
    let store = Gated::default();
    store.open();
    let node = open(store.clone(), config()).await;
    let bytes = wav(40_000_000, 2);
    let most = Arc::new(AtomicU64::new(0));
    let chunks = {
        let (most, mut given) = (most.clone(), 0);
        let chunks: Vec<Bytes> =
            (0..bytes.len()).step_by(100_000).map(|at| bytes.slice(at..at + 100_000)).collect();
        futures::stream::iter(chunks).map(move |chunk| {
            most.fetch_max(given - store.written_bytes(), Ordering::AcqRel);
            given += chunk.len() as u64;
            Ok(chunk)
        })
    };
    let source = Source::once(None, boxed_stream(chunks));
    node.upload(Upload { source, ..upload("Long", "Ada", "", Bytes::new()) }).await.unwrap();
    let most = most.load(Ordering::Acquire);
    assert!(most <= MIB, "{most} bytes were in memory");
}

#[tokio::test]
async fn pages_that_are_not_whole_make_room_too_and_are_put_together_later() {
    let held = Held::new(40_000_000).await;
    let store = Gated::default();
    store.open();
    let node = open(store.clone(), config()).await;
    let holes: Vec<u64> = (0..held.groups).filter(|group| group % 16 == 5).collect();
    for hole in &holes {
        assert!(held.bring(&node, hole + 1..(hole + 16).min(held.groups)).await);
    }
    assert!(held.bring(&node, 0..5).await);
    assert!(store.written_bytes() > 10 * MIB);
    held.assert_reads(&node, 22..37).await;
    assert_eq!(node.missing(held.content, held.len, 0..held.groups).await.unwrap(), holes);
    for hole in holes {
        assert!(held.bring(&node, hole..hole + 1).await);
    }
    assert!(node.holds(held.content).await.unwrap());
    held.assert_reads(&node, 0..held.groups).await;
}

#[tokio::test]
async fn a_store_that_refuses_costs_what_is_kept_and_not_what_is_played() {
    let held = Held::new(2_000_000).await;
    let store = Gated::default();
    let node = open(store.clone(), config()).await;
    store.set_fails(true);
    assert!(held.bring(&node, 0..60).await, "it is not known yet");
    store.let_pass(1);
    while node.room().await.unwrap() > 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(node.missing(held.content, held.len, 0..100).await.unwrap().len(), 100);
    let read = node.read(held.content, held.len, 0..10).await;
    assert!(matches!(read, Err(Error::NotFound { .. })), "{read:?}");
    assert!(!held.bring(&node, 0..60).await, "and not tried again at once");
    assert!(!node.holds(held.content).await.unwrap());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reading_never_fails_while_a_content_is_committed() {
    let held = Arc::new(Held::new(1_000_000).await);
    for round in 0..40 {
        let folder = tempfile::tempdir().unwrap();
        let node = on_disk(folder.path()).await;
        assert!(held.bring(&node, 0..60).await);
        let reading = {
            let (held, node) = (held.clone(), node.clone());
            tokio::spawn(async move {
                while !node.held().await.unwrap().contains(&held.content) {
                    held.assert_reads(&node, round..60).await;
                    node.slice(held.content, held.len, round..round + 4).await.unwrap();
                }
            })
        };
        assert!(held.bring(&node, 60..held.groups).await);
        assert!(node.holds(held.content).await.unwrap());
        reading.await.unwrap();
    }
}

#[tokio::test]
async fn nothing_is_left_of_what_was_not_committed() {
    let held = Held::new(2_000_000).await;
    let folder = tempfile::tempdir().unwrap();
    let node = on_disk(folder.path()).await;
    assert!(held.bring(&node, 0..64).await);
    while common::files(&folder.path().join("staging")).is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    drop(node);
    tokio::time::sleep(Duration::from_millis(200)).await;
    let store = DiskStore::open(folder.path()).await.unwrap();
    assert_eq!(common::files(&folder.path().join("staging")), [] as [std::path::PathBuf; 0]);
    let node = open(store, config()).await;
    assert_eq!(node.room().await.unwrap(), common::QUOTA_BYTES);
    assert_eq!(node.missing(held.content, held.len, 0..64).await.unwrap().len(), 64);
}

#[tokio::test]
async fn several_who_ask_for_the_same_cost_one_reading() {
    let held = Held::new(3_000_000).await;
    let store = Gated::default();
    store.open();
    let before = open(store.clone(), config()).await;
    before.upload(upload("Sirens", "Ada", "", held.bytes.clone())).await.unwrap();
    // Nothing is remembered of what was written.
    let node = open(store.clone(), config()).await;
    let reads = store.reads();
    let starts = (0..held.groups).step_by(4).flat_map(|start| [start; 6]);
    let slices = starts.map(|start| node.slice(held.content, held.len, start..(start + 4).min(held.groups)));
    for slice in futures::future::join_all(slices).await {
        slice.unwrap();
    }
    assert_eq!(store.reads() - reads, held.len.div_ceil(512 * 1024));
}
