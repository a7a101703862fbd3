//! Reading contents that are here whole. Stores answer slowly to many small questions, and several peers ask for
//! the same bytes at about the same time: so more is read than was asked for, checked once, and kept for a while.

use std::ops::Range;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use futures::future::try_join;
use kadenza_api::{ContentId, GROUP_BYTES, Groups, Result, groups_of};

use crate::lru::Lru;
use crate::partial::Key;
use crate::partials::not_here;
use crate::proof::{Hasher, Proof, bytes_of};
use crate::services::{Inner, lock};
use crate::store::Store;

/// Bytes of contents that are remembered: 8 MiB, a few seconds of what several peers ask for.
const GROUPS_MAX_BYTES: u64 = 8 * 1024 * 1024;

/// Bytes of hashes that are remembered: 4 MiB, those of contents of 1 GiB together.
const PROOFS_MAX_BYTES: u64 = 4 * 1024 * 1024;

/// Bytes read at once where hashes are made anew.
const REHASH_BYTES: u64 = 1024 * 1024;

/// How many blocks may be read from the store at once.
const LOADS: usize = 8;

/// What was read or written lately, all of it proved.
#[derive(Debug)]
pub(crate) struct Recent {
    groups: Mutex<Lru<(Key, u64), Bytes>>,
    proofs: Mutex<Lru<Key, Arc<Proof>>>,
    /// Held while a block is read, so that those who want the same one wait for it.
    loading: [futures::lock::Mutex<()>; LOADS],
}

impl Default for Recent {
    fn default() -> Self {
        Self {
            groups: Mutex::new(Lru::new(GROUPS_MAX_BYTES)),
            proofs: Mutex::new(Lru::new(PROOFS_MAX_BYTES)),
            loading: std::array::from_fn(|_| futures::lock::Mutex::default()),
        }
    }
}

impl Recent {
    /// A group, if it is remembered.
    pub(crate) fn group(&self, key: Key, group: u64) -> Option<Bytes> {
        lock(&self.groups).get(&(key, group))
    }

    /// Remembers a group that is in memory of its own, not as a part of something larger.
    pub(crate) fn remember(&self, key: Key, group: u64, bytes: Bytes) {
        let len = bytes.len() as u64;
        lock(&self.groups).insert((key, group), bytes, len);
    }

    /// Remembers the hashes of a content, which are known to lead to its id.
    pub(crate) fn remember_proof(&self, proof: Proof) -> Arc<Proof> {
        let (key, bytes) = ((proof.id(), proof.len()), proof.bytes());
        let proof = Arc::new(proof);
        lock(&self.proofs).insert(key, proof.clone(), bytes);
        proof
    }

    fn forget(&self, id: ContentId) {
        lock(&self.groups).retain(|(key, _)| key.0 != id);
        lock(&self.proofs).retain(|key| key.0 != id);
    }

    async fn turn(&self, key: Key, block: u64) -> futures::lock::MutexGuard<'_, ()> {
        let number = usize::from(key.0.0[0]) + usize::try_from(block % LOADS as u64).unwrap_or_default();
        self.loading[number % LOADS].lock().await
    }
}

impl<S: Store> Inner<S> {
    /// The bytes of `range`.
    pub(crate) async fn read_held(&self, key: Key, range: Range<u64>) -> Result<Bytes> {
        let groups = groups_of(&range, key.1);
        let start = bytes_of(&groups, key.1).start;
        let bytes = self.groups_of_held(key, groups).await?;
        let at = |position: u64| usize::try_from(position - start).unwrap_or(usize::MAX).min(bytes.len());
        Ok(bytes.slice(at(range.start)..at(range.end)))
    }

    /// The groups with their proof.
    pub(crate) async fn slice_of_held(&self, key: Key, groups: &Groups) -> Result<Bytes> {
        let bytes = self.groups_of_held(key, groups.clone()).await?;
        self.proof(key).await?.encode(groups, &bytes)
    }

    /// The bytes of some groups, checked against the content's id.
    async fn groups_of_held(&self, key: Key, groups: Groups) -> Result<Bytes> {
        let mut pieces = Vec::new();
        let mut next = groups.start;
        while next < groups.end {
            if let Some(bytes) = self.recent.group(key, next) {
                pieces.push(bytes);
                next += 1;
            } else if let Some((block, bytes)) = self.load(key, next).await? {
                let end = groups.end.min(block.end);
                let (from, to) =
                    (bytes_of(&(block.start..next), key.1), bytes_of(&(block.start..end), key.1));
                let at = |range: Range<u64>| usize::try_from(range.end - range.start).unwrap_or(usize::MAX);
                pieces.push(bytes.slice(at(from)..at(to)));
                next = end;
            }
        }
        match &mut pieces[..] {
            [only] => Ok(std::mem::take(only)),
            many => Ok(many.concat().into()),
        }
    }

    /// Reads the block a group lies in, checks and remembers it. `None` when somebody else has done so meanwhile.
    async fn load(&self, key: Key, group: u64) -> Result<Option<(Groups, Bytes)>> {
        let per_block = (S::READ_BYTES / GROUP_BYTES).max(1);
        let block = group / per_block;
        let _turn = self.recent.turn(key, block).await;
        if self.recent.group(key, group).is_some() {
            return Ok(None);
        }
        let groups = groups_of(&bytes_of(&(block * per_block..(block + 1) * per_block), key.1), key.1);
        let range = bytes_of(&groups, key.1);
        let (proof, bytes) = try_join(self.proof(key), self.store.read(key.0, range)).await?;
        if let Err(damage) = proof.check(&groups, &bytes) {
            tracing::error!(%damage, "a stored content is given up");
            self.give_up(key);
            return Err(not_here(key.0));
        }
        for (group, bytes) in groups.clone().zip(bytes.chunks(GROUP_BYTES as usize)) {
            self.recent.remember(key, group, Bytes::copy_from_slice(bytes));
        }
        Ok(Some((groups, bytes)))
    }

    /// The hashes of a content. Where those that are stored are not today's, because an earlier version stored
    /// them for larger groups or the store was damaged, they are made anew.
    async fn proof(&self, key: Key) -> Result<Arc<Proof>> {
        if let Some(proof) = lock(&self.recent.proofs).get(&key) {
            return Ok(proof);
        }
        let (id, len) = key;
        let stored = self.store.outboard(id).await?;
        let proof = match Proof::stored(id, len, &stored)? {
            Some(proof) => proof,
            None => {
                let proof = self.rehashed(key).await?;
                self.store.set_outboard(id, proof.outboard()).await?;
                proof
            }
        };
        Ok(self.recent.remember_proof(proof))
    }

    async fn rehashed(&self, key: Key) -> Result<Proof> {
        let (id, len) = key;
        let mut hasher = Hasher::default();
        let mut at = 0;
        while at < len {
            let bytes = self.store.read(id, at..len.min(at + REHASH_BYTES)).await?;
            hasher.update(&bytes);
            at += REHASH_BYTES;
        }
        let proof = hasher.finish();
        if proof.id() != id {
            tracing::error!(content = %id, "a stored content is given up: it is damaged");
            self.give_up(key);
            return Err(not_here(id));
        }
        Ok(proof)
    }

    /// Takes a content that was damaged in the store off the shelf, so that it is fetched anew and stored in the
    /// place of the damaged one.
    fn give_up(&self, key: Key) {
        if self.shelf().take_content(key.0).is_some() {
            self.ledger.give_back(key.1);
        }
        self.recent.forget(key.0);
    }
}
