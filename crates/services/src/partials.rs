//! Contents on their way in from other nodes: some groups are here and proved, others are not yet.
//!
//! What has proved itself goes into memory, where it can be read and passed on at once, and from there into the
//! store beside whoever brought it (`writer`).

use std::collections::{BTreeMap, VecDeque};
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use kadenza_api::{ContentId, Error, Groups, Result};
use kadenza_platform::Instant;

use crate::budget::Lease;
use crate::partial::{Added, Key, Partial};
use crate::proof::{Proved, bytes_of};
use crate::services::{Inner, lock};
use crate::store::Store;

/// The most contents that may be on their way at once; the one that was left alone longest makes room.
const PARTIALS_MAX: usize = 64;

/// How long nothing is kept after the store refused to: it is full, and would refuse the next bytes as well.
const REFUSED_FOR: Duration = Duration::from_secs(30);

/// Every content that is on its way in.
pub(crate) struct Partials<S: Store> {
    slots: BTreeMap<Key, (u64, Arc<Partial<S>>)>,
    touches: u64,
    /// Those that have something to write, in turn; each once.
    queue: VecDeque<Arc<Partial<S>>>,
    is_writing: bool,
    /// Whether somebody waits for a quiet moment to begin writing, and when something came last.
    is_held_back: bool,
    came: Option<Instant>,
    refused: Option<Instant>,
}

impl<S: Store> Default for Partials<S> {
    fn default() -> Self {
        Self {
            slots: BTreeMap::new(),
            touches: 0,
            queue: VecDeque::new(),
            is_writing: false,
            is_held_back: false,
            came: None,
            refused: None,
        }
    }
}

impl<S: Store> Partials<S> {
    pub(crate) fn find(&mut self, key: Key) -> Option<Arc<Partial<S>>> {
        self.touches += 1;
        let (touched, partial) = self.slots.get_mut(&key)?;
        *touched = self.touches;
        Some(partial.clone())
    }

    /// Takes a new one in. Returns the one that made room for it.
    fn insert(&mut self, partial: Arc<Partial<S>>) -> Option<Arc<Partial<S>>> {
        let mut given_up = None;
        if self.slots.len() >= PARTIALS_MAX {
            // Those that are whole are about to leave anyway.
            let age = |(touched, partial): &(u64, Arc<Partial<S>>)| (partial.is_whole(), *touched);
            let oldest = self.slots.iter().min_by_key(|(_, slot)| age(slot)).map(|(key, _)| *key);
            given_up = oldest.and_then(|key| self.slots.remove(&key)).map(|(_, partial)| partial);
        }
        self.slots.insert(partial.key, (self.touches, partial));
        given_up
    }

    fn remove(&mut self, partial: &Arc<Partial<S>>) {
        if self.slots.get(&partial.key).is_some_and(|(_, held)| Arc::ptr_eq(held, partial)) {
            self.slots.remove(&partial.key);
        }
    }

    /// Puts one into the queue of those to be written.
    pub(crate) fn enqueue(&mut self, partial: &Arc<Partial<S>>) {
        if !self.queue.iter().any(|queued| Arc::ptr_eq(queued, partial)) {
            self.queue.push_back(partial.clone());
        }
        self.came = Some(Instant::now());
    }

    /// Something is to be written in a quiet moment. Whether nobody waits for that yet.
    pub(crate) fn hold_back(&mut self) -> bool {
        !std::mem::replace(&mut self.is_held_back, true)
    }

    /// The wait for a quiet moment is over.
    pub(crate) fn held_back_no_more(&mut self) {
        self.is_held_back = false;
    }

    /// For how long nothing came.
    pub(crate) fn quiet(&self) -> Duration {
        self.came.map_or(Duration::MAX, |came| came.elapsed())
    }

    /// Whether a writer is to be started now.
    pub(crate) fn begin_writing(&mut self) -> bool {
        !std::mem::replace(&mut self.is_writing, true)
    }

    /// The next one to be written. With `spill`, when nothing else is left, the one that holds the most memory,
    /// and `true`. After `None` the writer has to end.
    pub(crate) fn next_to_write(&mut self, spill: bool) -> Option<(Arc<Partial<S>>, bool)> {
        if let Some(partial) = self.queue.pop_front() {
            return Some((partial, false));
        }
        let partials = self.slots.values().map(|(_, partial)| (partial.unwritten_groups(), partial));
        let fullest = partials.filter(|(groups, _)| spill && *groups > 0).max_by_key(|(groups, _)| *groups);
        let next = fullest.map(|(_, partial)| (partial.clone(), true));
        self.is_writing = next.is_some();
        next
    }

    /// The store refused to write.
    pub(crate) fn refused(&mut self) {
        self.refused = Some(Instant::now());
    }

    /// Whether the store refused to write just now.
    pub(crate) fn is_refusing(&self) -> bool {
        self.refused.is_some_and(|refused| refused.elapsed() < REFUSED_FOR)
    }
}

impl<S: Store> Inner<S> {
    /// Takes groups that have proved themselves into memory, and has them written and, once their content is
    /// whole, committed beside the caller. Waits only while too much waits to be written.
    pub(crate) async fn keep(self: &Arc<Self>, key: Key, groups: &Groups, proved: &Proved) -> Result<()> {
        if lock(&self.partials).is_refusing() {
            return Err(Error::storage("no room: the store refused to write just now"));
        }
        let mut lease = self.memory_for(proved.bytes.len() as u64).await;
        loop {
            let Some(partial) = self.partial(key)? else { return Ok(()) };
            match partial.add(groups, proved, &mut lease) {
                Ok(Added::Here { ready }) => {
                    if ready {
                        lock(&self.partials).enqueue(&partial);
                    }
                    if ready || self.budget.is_wanted() {
                        self.write_in_time(&partial);
                    }
                    return Ok(());
                }
                Ok(Added::Ended) => {}
                Err(refusal) => {
                    if partial.is_empty() {
                        self.remove(&partial);
                    }
                    return Err(refusal);
                }
            }
        }
    }

    /// Memory for `bytes`, as soon as there is some.
    async fn memory_for(self: &Arc<Self>, bytes: u64) -> Lease {
        loop {
            match self.budget.take(bytes) {
                Ok(lease) => return lease,
                Err(waiting) => {
                    self.write_behind();
                    // However it ends, it is time to try again.
                    let _ = waiting.await;
                }
            }
        }
    }

    /// The partial of this key, begun if need be; none for a content that is here whole.
    fn partial(&self, key: Key) -> Result<Option<Arc<Partial<S>>>> {
        let given_up = {
            let mut partials = lock(&self.partials);
            if let Some(partial) = partials.find(key) {
                return Ok(Some(partial));
            }
            // It is on the shelf before it ceases to be a partial.
            if self.shelf().content(key.0).is_some() {
                return Ok(None);
            }
            let partial = Arc::new(Partial::begin(key, self.ledger.clone())?);
            (partials.insert(partial.clone()), partial)
        };
        let (given_up, partial) = given_up;
        if let Some(given_up) = given_up {
            given_up.end();
        }
        Ok(Some(partial))
    }

    /// Ends a partial: it is on the shelf, or given up.
    pub(crate) fn remove(&self, partial: &Arc<Partial<S>>) {
        lock(&self.partials).remove(partial);
        partial.end();
    }

    /// Those of `groups` that are not here of a content that is not on the shelf.
    pub(crate) fn missing_of(&self, key: Key, groups: Groups) -> Vec<u64> {
        let partial = lock(&self.partials).find(key);
        partial.map_or_else(|| groups.clone().collect(), |partial| partial.missing(groups.clone()))
    }

    /// Waits while a content of which everything is here is being committed.
    pub(crate) async fn settled(&self, id: ContentId) {
        let is_whole = |partial: &Arc<Partial<S>>| partial.key.0 == id && partial.is_whole();
        let ended = {
            let partials = lock(&self.partials);
            let whole = partials.slots.values().map(|(_, partial)| partial).find(|partial| is_whole(partial));
            whole.map(|partial| partial.ended())
        };
        if let Some(ended) = ended {
            // It only ever ends by being dropped.
            let _ = ended.await;
        }
    }

    /// The bytes of `range`, as far as they are here without a gap. `None` when the content ended meanwhile:
    /// look again.
    pub(crate) async fn read_partial(
        &self,
        partial: &Partial<S>,
        range: Range<u64>,
    ) -> Result<Option<Bytes>> {
        match partial.pieces(range, &self.recent) {
            Some(pieces) => or_ended(partial, pieces.read().await).await,
            None => absent(partial),
        }
    }

    /// The groups with their proof, if all of them are here. `None` when the content ended meanwhile: look again.
    pub(crate) async fn slice_of_partial(
        &self,
        partial: &Partial<S>,
        groups: &Groups,
    ) -> Result<Option<Bytes>> {
        let (id, len) = partial.key;
        if groups.is_empty() {
            return Err(not_here(id));
        }
        if !partial.missing(groups.clone()).is_empty() {
            return absent(partial);
        }
        let pieces = partial.pieces(bytes_of(groups, len), &self.recent);
        let Some(pieces) = pieces else { return absent(partial) };
        let in_memory = pieces.in_memory();
        let Some(bytes) = or_ended(partial, pieces.read().await).await? else { return Ok(None) };
        partial.encode(groups, &bytes, in_memory).transpose()
    }
}

/// What was read of a partial. Where that failed because the content is being committed, waits for that and
/// answers `None`.
async fn or_ended<S: Store>(partial: &Partial<S>, read: Result<Bytes>) -> Result<Option<Bytes>> {
    match read {
        Ok(bytes) => Ok(Some(bytes)),
        Err(refusal) => {
            if partial.is_growing() {
                return Err(refusal);
            }
            // It only ever ends by being dropped.
            let _ = partial.ended().await;
            Ok(None)
        }
    }
}

/// The answer where a partial has nothing of what was asked for: it may have ended, and be on the shelf by now.
fn absent<S: Store>(partial: &Partial<S>) -> Result<Option<Bytes>> {
    if partial.has_ended() { Ok(None) } else { Err(not_here(partial.key.0)) }
}

/// The answer for what this node does not have.
pub(crate) fn not_here(id: ContentId) -> Error {
    Error::not_found(format!("content {id} is not here"))
}

#[cfg(test)]
mod tests {
    use futures::executor::block_on;
    use libp2p_identity::Keypair;

    use super::*;
    use crate::Services;
    use crate::services::Config;
    use crate::store::MemoryStore;

    #[test]
    fn what_ended_between_two_looks_is_looked_for_again() {
        block_on(async {
            let keypair = Keypair::generate_ed25519();
            let node = Services::open(MemoryStore::default(), keypair, Config::default()).await.unwrap();
            let partial = Partial::begin((ContentId([7; 32]), 100), node.inner.ledger.clone()).unwrap();
            let read = node.inner.read_partial(&partial, 0..10).await;
            assert!(matches!(read, Err(Error::NotFound { .. })), "{read:?}");
            let slice = node.inner.slice_of_partial(&partial, &(0..1)).await;
            assert!(matches!(slice, Err(Error::NotFound { .. })), "{slice:?}");
            partial.end();
            assert_eq!(node.inner.read_partial(&partial, 0..10).await.unwrap(), None);
            assert_eq!(node.inner.slice_of_partial(&partial, &(0..1)).await.unwrap(), None);
        });
    }
}
