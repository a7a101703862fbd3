//! Contents on their way in from other nodes: some groups are here and proved, others are not yet.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use futures::lock::Mutex;
use kadenza_api::{ContentId, Error, GROUP_BYTES, Groups, Result, groups_of};

use crate::ledger::Ledger;
use crate::proof::{Proof, Proved, bytes_of, group_count};
use crate::services::{Inner, lock};
use crate::staged::{Staged, Whole};
use crate::store::Store;

/// The most contents that may be on their way at once; the one that was left alone longest makes room.
pub(crate) const PARTIALS_MAX: usize = 64;

/// A content and the length it is said to have. The length is proved only by the last group, so a false one must
/// not stand in the way of the true one.
type Key = (ContentId, u64);

/// Where a partial is, once it has begun.
type Slot<S> = Arc<Mutex<Option<Partial<S>>>>;

/// Every content that is on its way in.
pub(crate) struct Partials<S: Store> {
    slots: BTreeMap<Key, (u64, Slot<S>)>,
    touches: u64,
}

impl<S: Store> Default for Partials<S> {
    fn default() -> Self {
        Self { slots: BTreeMap::new(), touches: 0 }
    }
}

impl<S: Store> Partials<S> {
    fn find(&mut self, key: Key) -> Option<Slot<S>> {
        self.touches += 1;
        let (touched, slot) = self.slots.get_mut(&key)?;
        *touched = self.touches;
        Some(slot.clone())
    }

    fn find_or_make(&mut self, key: Key) -> Slot<S> {
        if let Some(slot) = self.find(key) {
            return slot;
        }
        if self.slots.len() >= PARTIALS_MAX {
            let oldest = self.slots.iter().min_by_key(|(_, (touched, _))| *touched).map(|(key, _)| *key);
            oldest.and_then(|key| self.slots.remove(&key));
        }
        let slot = Slot::<S>::default();
        self.slots.insert(key, (self.touches, slot.clone()));
        slot
    }

    fn holds(&self, key: Key, slot: &Slot<S>) -> bool {
        self.slots.get(&key).is_some_and(|(_, held)| Arc::ptr_eq(held, slot))
    }
}

impl<S: Store> Inner<S> {
    /// Stores groups that have proved themselves, and commits their content once it is whole.
    pub(crate) async fn keep(&self, id: ContentId, len: u64, groups: Groups, proved: Proved) -> Result<()> {
        let key = (id, len);
        let (slot, mut place) = loop {
            let slot = lock(&self.partials).find_or_make(key);
            let place = slot.clone().lock_owned().await;
            // It may have become whole, or made room for another, while this waited.
            if lock(&self.partials).holds(key, &slot) {
                break (slot, place);
            }
            if self.shelf().content(id).is_some() {
                return Ok(());
            }
        };
        let kept = self.keep_in(&mut place, id, len, &groups, &proved).await;
        if place.is_none() {
            let mut partials = lock(&self.partials);
            if partials.holds(key, &slot) {
                partials.slots.remove(&key);
            }
        }
        kept
    }

    /// Leaves `None` behind when there is nothing to come back for.
    async fn keep_in(
        &self,
        place: &mut Option<Partial<S>>,
        id: ContentId,
        len: u64,
        groups: &Groups,
        proved: &Proved,
    ) -> Result<()> {
        let mut partial = match place.take() {
            Some(partial) => partial,
            None => Partial::begin(self.store.clone(), self.ledger.clone(), id, len).await?,
        };
        match partial.add(groups, proved).await {
            Ok(Some(whole)) => self.commit(vec![whole], Vec::new()).await.map(drop),
            Ok(None) => {
                *place = Some(partial);
                Ok(())
            }
            Err(refusal) => {
                *place = Some(partial).filter(|partial| partial.present.contains(&true));
                Err(refusal)
            }
        }
    }

    /// Those of `groups` that are not here of a content that is not whole.
    pub(crate) async fn missing_of(&self, id: ContentId, len: u64, groups: Groups) -> Vec<u64> {
        let slot = lock(&self.partials).find((id, len));
        let Some(slot) = slot else { return groups.collect() };
        let place = slot.lock().await;
        groups.filter(|group| !place.as_ref().is_some_and(|partial| partial.has(*group))).collect()
    }

    pub(crate) async fn read_partial(&self, id: ContentId, len: u64, range: Range<u64>) -> Result<Bytes> {
        let slot = lock(&self.partials).find((id, len));
        if let Some(slot) = slot
            && let Some(partial) = &*slot.lock().await
            && let Some(bytes) = partial.read(range).await?
        {
            return Ok(bytes);
        }
        Err(not_here(id))
    }

    pub(crate) async fn slice_of_partial(&self, id: ContentId, len: u64, groups: &Groups) -> Result<Bytes> {
        let slot = lock(&self.partials).find((id, len));
        if let Some(slot) = slot
            && let Some(partial) = &*slot.lock().await
            && let Some(slice) = partial.slice(groups).await?
        {
            return Ok(slice);
        }
        Err(not_here(id))
    }
}

/// The answer for what this node does not have.
pub(crate) fn not_here(id: ContentId) -> Error {
    Error::not_found(format!("content {id} is not here"))
}

/// A content some groups of which are here.
pub(crate) struct Partial<S: Store> {
    /// Given away when the content is whole.
    state: Option<Whole<S>>,
    present: Vec<bool>,
    missing: usize,
}

impl<S: Store> Partial<S> {
    async fn begin(store: Arc<S>, ledger: Arc<Ledger>, id: ContentId, len: u64) -> Result<Self> {
        let count = usize::try_from(group_count(len)).map_err(|_| Error::invalid("a content too long"))?;
        let staged = Staged::begin(store, ledger).await?;
        let state = Some(Whole { staged, proof: Proof::unknown(id, len)? });
        Ok(Self { state, present: vec![false; count], missing: count })
    }

    pub(crate) fn has(&self, group: u64) -> bool {
        let present = usize::try_from(group).ok().and_then(|group| self.present.get(group));
        self.state.is_some() && present.copied().unwrap_or(false)
    }

    /// Stores proved groups. Returns the content once it is whole.
    async fn add(&mut self, groups: &Groups, proved: &Proved) -> Result<Option<Whole<S>>> {
        let Some(whole) = &mut self.state else { return Ok(None) };
        whole.proof.learn(&proved.parents)?;
        let start = bytes_of(groups, whole.proof.len()).start;
        for group in groups.clone() {
            let Some(present) = usize::try_from(group).ok().and_then(|group| self.present.get_mut(group))
            else {
                continue;
            };
            if !*present {
                let range = bytes_of(&(group..group + 1), whole.proof.len());
                let piece = cut(&proved.bytes, range.start - start..range.end - start);
                whole.staged.write(range.start, piece).await?;
                *present = true;
                self.missing -= 1;
            }
        }
        Ok(if self.missing == 0 { self.state.take() } else { None })
    }

    /// The bytes of `range`, as far as its groups are here without a gap.
    async fn read(&self, range: Range<u64>) -> Result<Option<Bytes>> {
        let Some(whole) = &self.state else { return Ok(None) };
        let groups = groups_of(&range, whole.proof.len());
        let here = groups.take_while(|group| self.has(*group)).last();
        let Some(last) = here else { return Ok(None) };
        whole.staged.read(range.start..range.end.min((last + 1) * GROUP_BYTES)).await.map(Some)
    }

    /// The groups with their proof, if all of them are here.
    async fn slice(&self, groups: &Groups) -> Result<Option<Bytes>> {
        let Some(whole) = &self.state else { return Ok(None) };
        if groups.is_empty() || !groups.clone().all(|group| self.has(group)) {
            return Ok(None);
        }
        let bytes = whole.staged.read(bytes_of(groups, whole.proof.len())).await?;
        whole.proof.encode(groups, &bytes).map(Some)
    }
}

fn cut(bytes: &Bytes, range: Range<u64>) -> Bytes {
    let at = |position: u64| usize::try_from(position).unwrap_or(usize::MAX).min(bytes.len());
    bytes.slice(at(range.start)..at(range.end))
}
