//! Writing behind: what came from other nodes goes from memory into the store, beside whoever brought it.

use std::sync::Arc;

use kadenza_api::Result;
use kadenza_platform::spawn;

use crate::partial::Partial;
use crate::services::{Inner, lock};
use crate::staged::Staged;
use crate::store::Store;

impl<S: Store> Inner<S> {
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
