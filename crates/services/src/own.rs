//! Which contents are here for whoever uses this node, and not only for others: those that were uploaded here, and those
//! that were listened to. It decides nothing; it is for people to see whom their storage serves.

use std::collections::BTreeSet;
use std::sync::Arc;

use bytes::Bytes;
use kadenza_api::{ContentId, Result};
use kadenza_platform::spawn;

use crate::services::{Inner, lock};
use crate::store::{PAGE_BYTES, Store};
use crate::task::detached;

/// The setting they are kept in: their ids, one after the other.
pub(crate) const SETTING: &str = "own-contents";

/// A read up to here is a look at a song's beginning, as is made before anybody has asked for the song.
pub(crate) const LOOK_BYTES: u64 = PAGE_BYTES;

/// The most contents that are remembered, 3.2 MB of ids; further ones count as kept for others.
const OWN_MAX: usize = 100_000;

/// The contents, and whether they are written.
#[derive(Debug, Default)]
pub(crate) struct Own {
    contents: BTreeSet<ContentId>,
    has_changed: bool,
    is_writing: bool,
}

impl Own {
    /// Those of a stored setting that are here.
    pub(crate) fn stored(setting: Option<Bytes>, is_here: impl Fn(ContentId) -> bool) -> Self {
        let (ids, _) = setting.as_deref().unwrap_or_default().as_chunks();
        let contents = ids.iter().map(|id| ContentId(*id)).filter(|content| is_here(*content)).collect();
        Self { contents, ..Self::default() }
    }

    pub(crate) fn contents(&self) -> impl Iterator<Item = ContentId> {
        self.contents.iter().copied()
    }

    /// Adds one. Whether a writer is to be started.
    fn add(&mut self, content: ContentId) -> bool {
        if self.contents.len() >= OWN_MAX || !self.contents.insert(content) {
            return false;
        }
        self.has_changed = true;
        !std::mem::replace(&mut self.is_writing, true)
    }

    /// What is to be written now; after `None` the writer has to end.
    fn unwritten(&mut self) -> Option<Bytes> {
        self.is_writing = std::mem::take(&mut self.has_changed);
        self.is_writing.then(|| self.contents.iter().flat_map(|content| content.0).collect())
    }
}

impl<S: Store> Inner<S> {
    /// Remembers that contents are here for whoever uses this node. Returns once that is written, unless others are being
    /// written: these follow.
    pub(crate) async fn make_own(self: &Arc<Self>, contents: impl IntoIterator<Item = ContentId>) {
        let writes = contents.into_iter().filter(|content| lock(&self.own).add(*content)).count();
        if writes > 0 {
            let inner = self.clone();
            // What it cannot write it says itself.
            let _ = detached(async move { inner.write_own().await }).await;
        }
    }

    /// Remembers it; it is written beside the caller, who waits for the content itself.
    pub(crate) fn make_own_in_time(self: &Arc<Self>, content: ContentId) {
        if lock(&self.own).add(content) {
            let inner = self.clone();
            spawn(async move { inner.write_own().await.unwrap_or_default() });
        }
    }

    async fn write_own(&self) -> Result<()> {
        loop {
            let Some(ids) = lock(&self.own).unwritten() else { return Ok(()) };
            if let Err(refusal) = self.store.set_setting(SETTING, ids).await {
                tracing::warn!(
                    "what was listened to counts as kept for others when this node is opened again: {refusal}"
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_longer_here_and_what_is_damaged_is_left_out() {
        let (kept, gone) = (ContentId([1; 32]), ContentId([2; 32]));
        let setting = [&kept.0[..], &gone.0, &[9; 31]].concat();
        let own = Own::stored(Some(setting.into()), |content| content != gone);
        assert_eq!(own.contents().collect::<Vec<_>>(), [kept]);
        assert_eq!(Own::stored(None, |_| true).contents().count(), 0);
    }

    #[test]
    fn one_writer_writes_all_there_is_and_ends() {
        let mut own = Own::default();
        assert!(own.add(ContentId([1; 32])) && !own.add(ContentId([2; 32])), "one is enough");
        assert_eq!(own.unwritten().map(|ids| ids.len()), Some(64));
        assert!(!own.add(ContentId([3; 32])));
        assert_eq!(own.unwritten().map(|ids| ids.len()), Some(96));
        assert_eq!(own.unwritten(), None);
        assert!(!own.add(ContentId([3; 32])) && own.add(ContentId([4; 32])));
    }
}
