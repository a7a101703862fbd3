//! A store in memory that writes only when it may, and counts.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use bytes::Bytes;
use kadenza_api::{ContentId, Error, Result};
use kadenza_services::store::{Commit, Loaded, MemoryStore, PAGE_BYTES, Stage, Store};
use tokio::sync::Semaphore;

/// The store. A clone is another handle to the same one.
#[derive(Debug, Clone, Default)]
pub(crate) struct Gated(Arc<Gate>);

#[derive(Debug)]
struct Gate {
    memory: MemoryStore,
    /// Writes that may be done.
    writes: Semaphore,
    fails: AtomicBool,
    written_bytes: AtomicU64,
    reads: AtomicU64,
}

impl Default for Gate {
    fn default() -> Self {
        Self {
            memory: MemoryStore::default(),
            writes: Semaphore::new(0),
            fails: AtomicBool::default(),
            written_bytes: AtomicU64::default(),
            reads: AtomicU64::default(),
        }
    }
}

impl Gated {
    /// Lets this many writes pass.
    pub(crate) fn let_pass(&self, writes: usize) {
        self.0.writes.add_permits(writes);
    }

    /// Lets all writes pass.
    pub(crate) fn open(&self) {
        self.let_pass(1 << 20);
    }

    /// Whether writes fail from now on.
    pub(crate) fn set_fails(&self, fails: bool) {
        self.0.fails.store(fails, Ordering::Release);
    }

    pub(crate) fn written_bytes(&self) -> u64 {
        self.0.written_bytes.load(Ordering::Acquire)
    }

    /// How often it was read from.
    pub(crate) fn reads(&self) -> u64 {
        self.0.reads.load(Ordering::Acquire)
    }
}

impl Store for Gated {
    const READ_BYTES: u64 = 2 * PAGE_BYTES;

    const HELD_BACK_BYTES: u64 = 0;

    async fn setting(&self, name: &str) -> Result<Option<Bytes>> {
        self.0.memory.setting(name).await
    }

    async fn set_setting(&self, name: &str, value: Bytes) -> Result<()> {
        self.0.memory.set_setting(name, value).await
    }

    async fn load(&self) -> Result<Loaded> {
        self.0.memory.load().await
    }

    async fn stage(&self) -> Result<Stage> {
        self.0.memory.stage().await
    }

    async fn write(&self, stage: Stage, offset: u64, bytes: Bytes) -> Result<()> {
        assert_eq!(offset % PAGE_BYTES, 0, "whole pages are written");
        self.0.writes.acquire().await.map_err(|_| Error::storage("closed"))?.forget();
        if self.0.fails.load(Ordering::Acquire) {
            return Err(Error::storage("no room: the disk is full"));
        }
        self.0.written_bytes.fetch_add(bytes.len() as u64, Ordering::AcqRel);
        self.0.memory.write(stage, offset, bytes).await
    }

    async fn read_staged(&self, stage: Stage, range: Range<u64>) -> Result<Bytes> {
        self.0.reads.fetch_add(1, Ordering::AcqRel);
        self.0.memory.read_staged(stage, range).await
    }

    fn discard(&self, stage: Stage) {
        self.0.memory.discard(stage);
    }

    async fn commit(&self, commit: Commit) -> Result<()> {
        // Between two states for a while, as on a disk.
        tokio::task::yield_now().await;
        self.0.memory.commit(commit).await?;
        tokio::task::yield_now().await;
        Ok(())
    }

    async fn read(&self, id: ContentId, range: Range<u64>) -> Result<Bytes> {
        self.0.reads.fetch_add(1, Ordering::AcqRel);
        self.0.memory.read(id, range).await
    }

    async fn outboard(&self, id: ContentId) -> Result<Bytes> {
        self.0.memory.outboard(id).await
    }

    async fn set_outboard(&self, id: ContentId, outboard: Bytes) -> Result<()> {
        self.0.memory.set_outboard(id, outboard).await
    }
}
