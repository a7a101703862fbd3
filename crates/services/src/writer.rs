//! Writing behind: what came from other nodes goes from memory into the store, beside whoever brought it.

use std::sync::Arc;
use std::time::Duration;

use kadenza_api::Result;
use kadenza_platform::{Instant, sleep, spawn};

use crate::partial::Partial;
use crate::services::{Inner, lock};
use crate::staged::Staged;
use crate::store::Store;

/// Nothing is held back for longer than this after the last bytes came, or than that in all.
const QUIET: Duration = Duration::from_secs(1);
const HELD_BACK: Duration = Duration::from_secs(10);

impl<S: Store> Inner<S> {
    /// Has what waits in memory written: now where memory is needed, otherwise once nothing more comes for a while.
    pub(crate) fn write_in_time(self: &Arc<Self>, came: &Partial<S>) {
        let is_time = self.budget.taken_bytes() >= S::HELD_BACK_BYTES || self.budget.is_wanted();
        if is_time || came.is_whole() {
            return self.write_behind();
        }
        if lock(&self.partials).hold_back() {
            let inner = self.clone();
            spawn(async move {
                inner.wait_for_quiet().await;
                inner.write_behind();
            });
        }
    }

    /// Waits until nothing came for a while, or it is time to write all the same.
    async fn wait_for_quiet(&self) {
        let begun = Instant::now();
        loop {
            let quiet = lock(&self.partials).quiet();
            if quiet >= QUIET || begun.elapsed() >= HELD_BACK {
                break;
            }
            sleep(QUIET.saturating_sub(quiet)).await;
        }
        lock(&self.partials).held_back_no_more();
    }

    /// Has what waits in memory written, by the one writer there is.
    pub(crate) fn write_behind(self: &Arc<Self>) {
        if lock(&self.partials).begin_writing() {
            let inner = self.clone();
            spawn(async move { inner.write_all().await });
        }
    }

    async fn write_all(self: Arc<Self>) {
        loop {
            let next = {
                let mut partials = lock(&self.partials);
                // Pages that are not whole are written only to make room for others. Asked with the lock held:
                // whoever begins to wait later finds that no writer is there, and starts one.
                let spill = self.budget.is_wanted();
                partials.next_to_write(spill)
            };
            let Some((partial, spill)) = next else { return };
            if let Err(refusal) = self.write_batch(&partial, spill).await {
                tracing::warn!(content = %partial.key.0, %refusal, "what is played is not kept: it could not be written");
                lock(&self.partials).refused();
                self.remove(&partial);
            } else if let Some(whole) = partial.whole() {
                let inner = self.clone();
                // Beside the writer: a disk takes its time to sync, and others have bytes to write.
                spawn(async move {
                    if let Err(refusal) = inner.commit(vec![whole], Vec::new()).await {
                        tracing::warn!(content = %partial.key.0, %refusal, "what is played is not kept");
                        lock(&inner.partials).refused();
                    }
                    inner.remove(&partial);
                });
            } else if partial.is_ready() {
                lock(&self.partials).enqueue(&partial);
            }
        }
    }

    /// Writes the next few pages of a content.
    async fn write_batch(&self, partial: &Partial<S>, spill: bool) -> Result<()> {
        let Some(mut batch) = partial.batch(spill) else { return Ok(()) };
        let staged = match partial.staged() {
            Some(staged) => staged,
            None => {
                let staged = Arc::new(Staged::begin(self.store.clone()).await?);
                partial.set_staged(staged.clone());
                staged
            }
        };
        for range in batch.stored {
            let stored = staged.read(range.clone()).await?;
            let from = usize::try_from(range.start - batch.offset).unwrap_or(usize::MAX);
            if let Some(page) = batch.bytes.get_mut(from..from.saturating_add(stored.len())) {
                page.copy_from_slice(&stored);
            }
        }
        staged.write(batch.offset, batch.bytes.into()).await?;
        // Others will ask for what has just come: it stays at hand.
        for (group, bytes) in partial.written() {
            self.recent.remember(partial.key, group, bytes);
        }
        Ok(())
    }
}
