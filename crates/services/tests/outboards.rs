//! Hashes that an earlier version stored, or that were damaged, are made anew from the content's bytes.
// Where there are files and a tokio runtime.
#![cfg(any(unix, windows))]
#![allow(clippy::unwrap_used, reason = "a failure here is a failed test")]

mod common;

use bao_tree::BlockSize;
use bao_tree::io::outboard::PreOrderMemOutboard;
use bytes::Bytes;
use common::{config, in_memory, open};
use kadenza_api::testing::{upload, wav};
use kadenza_api::{ContentId, Error, Music, Replicas};
use kadenza_services::store::disk::DiskStore;
use kadenza_services::store::{MemoryStore, Store};

const LEN: u64 = 400_000;

/// The hashes of groups of 64 KiB, as they used to be stored.
fn earlier(bytes: &Bytes) -> Bytes {
    PreOrderMemOutboard::create(bytes, BlockSize::from_chunk_log(6)).data.into()
}

/// A store in which `bytes` are a content with these hashes.
async fn with_outboard<S: Store + Clone>(store: S, bytes: &Bytes, outboard: Bytes) -> S {
    let before = open(store.clone(), config()).await;
    before.upload(upload("Sirens", "Ada", "", bytes.clone())).await.unwrap();
    store.set_outboard(ContentId::of(bytes), outboard).await.unwrap();
    store
}

async fn is_served_and_stored_anew<S: Store + Clone>(store: S, bytes: &Bytes) {
    let content = ContentId::of(bytes);
    let (holder, receiver) = (open(store.clone(), config()).await, in_memory().await);
    for groups in [3..7, 0..25] {
        let slice = holder.slice(content, LEN, groups.clone()).await.unwrap();
        assert!(receiver.accept(content, LEN, groups, slice).await.unwrap().kept);
    }
    assert!(receiver.holds(content).await.unwrap());
    assert_eq!(store.outboard(content).await.unwrap().len(), 24 * 64, "one pair less than there are groups");
    assert_eq!(holder.read(content, LEN, 0..LEN).await.unwrap(), bytes);
}

#[tokio::test]
async fn hashes_of_larger_groups_are_made_anew() {
    let bytes = wav(400_000, 1);
    let memory = with_outboard(MemoryStore::default(), &bytes, earlier(&bytes)).await;
    is_served_and_stored_anew(memory, &bytes).await;
    let folder = tempfile::tempdir().unwrap();
    let disk = DiskStore::open(folder.path()).await.unwrap();
    is_served_and_stored_anew(with_outboard(disk, &bytes, earlier(&bytes)).await, &bytes).await;
}

#[tokio::test]
async fn damaged_hashes_are_made_anew() {
    let bytes = wav(400_000, 1);
    let damaged = Bytes::from(vec![7; 24 * 64]);
    is_served_and_stored_anew(with_outboard(MemoryStore::default(), &bytes, damaged).await, &bytes).await;
}

#[tokio::test]
async fn damaged_bytes_are_not_passed_on_and_give_way_to_good_ones() {
    let bytes = wav(400_000, 1);
    let folder = tempfile::tempdir().unwrap();
    let disk = DiskStore::open(folder.path()).await.unwrap();
    let holder = open(with_outboard(disk, &bytes, earlier(&bytes)).await, config()).await;
    let content = ContentId::of(&bytes);
    holder.slice(content, LEN, 0..1).await.unwrap();
    let content_folder = folder.path().join("content");
    let file = common::files(&content_folder).pop().unwrap();
    let mut stored = std::fs::read(&file).unwrap();
    stored[399_999] ^= 1;
    std::fs::write(&file, stored).unwrap();
    let slice = holder.slice(content, LEN, 24..25).await;
    assert!(matches!(slice, Err(Error::NotFound { .. })), "{slice:?}");
    assert!(!holder.holds(content).await.unwrap());
    assert_eq!(holder.room().await.unwrap(), common::QUOTA_BYTES);
    let other = with_outboard(MemoryStore::default(), &bytes, earlier(&bytes)).await;
    let slice = open(other, config()).await.slice(content, LEN, 0..25).await.unwrap();
    assert!(holder.accept(content, LEN, 0..25, slice).await.unwrap().kept);
    assert!(holder.holds(content).await.unwrap());
    assert_eq!(holder.read(content, LEN, 0..LEN).await.unwrap(), bytes);
}
