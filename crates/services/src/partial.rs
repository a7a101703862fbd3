//! One content on its way in: which groups are here, and which of them still wait in memory to be written.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use futures::FutureExt;
use futures::channel::oneshot;
use futures::future::Shared;
use kadenza_api::{ContentId, Error, GROUP_BYTES, Groups, Result, groups_of};

use crate::budget::Lease;
use crate::held::Recent;
use crate::ledger::{Ledger, Reservation};
use crate::proof::{Proof, Proved, bytes_of, group_count};
use crate::services::lock;
use crate::staged::{Staged, Whole, no_room};
use crate::store::{PAGE_BYTES, Store};

/// Groups in a page.
const PAGE_GROUPS: u64 = PAGE_BYTES / GROUP_BYTES;

/// The most bytes written at once: 1 MiB, so that the cost of a transaction does not count.
const BATCH_BYTES: u64 = 1024 * 1024;

/// A content and the length it is said to have. The length is proved only by the last group, so a false one must
/// not stand in the way of the true one.
pub(crate) type Key = (ContentId, u64);

/// A content some groups of which are here.
pub(crate) struct Partial<S: Store> {
    pub(crate) key: Key,
    /// `None` once it has ended. Held for a look-up or a copy at a time, never across an await.
    state: Mutex<Option<State<S>>>,
    ended: Shared<oneshot::Receiver<()>>,
}

struct State<S: Store> {
    proof: Proof,
    /// Given away when the content is whole.
    reservation: Option<Reservation>,
    /// Made when the first page is written.
    staged: Option<Arc<Staged<S>>>,
    here: Vec<bool>,
    missing: usize,
    /// Groups that wait for the rest of their page, or for their turn to be written.
    waiting: BTreeMap<u64, Group>,
    /// Groups that are being written just now.
    writing: BTreeMap<u64, Group>,
    /// Dropped with the rest, which wakes whoever waits for the end.
    _end: oneshot::Sender<()>,
}

/// A group in memory.
struct Group {
    bytes: Bytes,
    _lease: Lease,
}

/// What became of groups that were added.
pub(crate) enum Added {
    /// They are here; `ready` when there is something to write.
    Here { ready: bool },
    /// The content has ended meanwhile; another may begin.
    Ended,
}

/// Where some bytes are.
pub(crate) enum Piece {
    Memory(Bytes),
    Staged(Range<u64>),
}

/// Bytes that are here, by where they are.
pub(crate) struct Pieces<S: Store> {
    pub(crate) pieces: Vec<Piece>,
    staged: Option<Arc<Staged<S>>>,
}

/// Pages to be written.
pub(crate) struct Batch {
    pub(crate) offset: u64,
    pub(crate) bytes: Vec<u8>,
    /// What the store has of them already, from an earlier writing of a page that was not whole.
    pub(crate) stored: Vec<Range<u64>>,
}

impl<S: Store> Partial<S> {
    pub(crate) fn begin(key: Key, ledger: Arc<Ledger>) -> Result<Self> {
        let (id, len) = key;
        let count = usize::try_from(group_count(len)).map_err(|_| Error::invalid("a content too long"))?;
        let (end, ended) = oneshot::channel();
        let state = State {
            proof: Proof::unknown(id, len)?,
            reservation: Some(Reservation::new(ledger)),
            staged: None,
            here: vec![false; count],
            missing: count,
            waiting: BTreeMap::new(),
            writing: BTreeMap::new(),
            _end: end,
        };
        Ok(Self { key, state: Mutex::new(Some(state)), ended: ended.shared() })
    }

    fn with<T>(&self, work: impl FnOnce(&mut State<S>) -> T) -> Option<T> {
        lock(&self.state).as_mut().map(work)
    }

    /// Ends it: what was not committed is given up.
    pub(crate) fn end(&self) {
        let state = lock(&self.state).take();
        // Outside the lock: it wakes others.
        drop(state);
    }

    /// Whether it has ended: it is on the shelf, or given up.
    pub(crate) fn has_ended(&self) -> bool {
        lock(&self.state).is_none()
    }

    /// Waits for its end. Whoever waits must not hold on to the partial's bytes.
    pub(crate) fn ended(&self) -> Shared<oneshot::Receiver<()>> {
        self.ended.clone()
    }

    /// Takes proved groups into memory, which `lease` has for them.
    ///
    /// # Errors
    /// [`Error::Storage`] when there is no room for them in the store.
    pub(crate) fn add(&self, groups: &Groups, proved: &Proved, lease: &mut Lease) -> Result<Added> {
        self.with(|state| state.add(groups, proved, lease)).unwrap_or(Ok(Added::Ended))
    }

    pub(crate) fn missing(&self, groups: Groups) -> Vec<u64> {
        let here = |state: &mut State<S>| groups.clone().filter(|group| !state.has(*group)).collect();
        self.with(here).unwrap_or_else(|| groups.clone().collect())
    }

    /// Whether all of it is here.
    pub(crate) fn is_whole(&self) -> bool {
        self.with(|state| state.missing == 0).unwrap_or(false)
    }

    /// Whether groups of it are still to come.
    pub(crate) fn is_growing(&self) -> bool {
        self.with(|state| state.missing > 0).unwrap_or(false)
    }

    /// Whether nothing of it is here.
    pub(crate) fn is_empty(&self) -> bool {
        self.with(|state| state.missing == state.here.len()).unwrap_or(true)
    }

    /// How many of its groups wait in memory to be written.
    pub(crate) fn unwritten_groups(&self) -> usize {
        self.with(|state| state.waiting.len()).unwrap_or(0)
    }

    /// Where the bytes of `range` are, as far as they are here without a gap.
    pub(crate) fn pieces(&self, range: Range<u64>, recent: &Recent) -> Option<Pieces<S>> {
        self.with(|state| state.pieces(range, |group| recent.group(self.key, group))).flatten()
    }

    /// Encodes `groups`, whose bytes are `bytes`, for another node; checks them first where they come from the
    /// store.
    pub(crate) fn encode(&self, groups: &Groups, bytes: &Bytes, proved: bool) -> Option<Result<Bytes>> {
        self.with(|state| match proved {
            true => state.proof.encode(groups, bytes),
            false => state.proof.check(groups, bytes).and_then(|()| state.proof.encode(groups, bytes)),
        })
    }

    /// Whether a whole page waits to be written.
    pub(crate) fn is_ready(&self) -> bool {
        self.with(|state| state.first_page(false).is_some()).unwrap_or(false)
    }

    /// Takes the next pages to be written; with `spill` also such that are not whole.
    pub(crate) fn batch(&self, spill: bool) -> Option<Batch> {
        self.with(|state| state.batch(spill)).flatten()
    }

    /// The last batch is written. Returns its groups.
    pub(crate) fn written(&self) -> Vec<(u64, Bytes)> {
        let written = self.with(|state| std::mem::take(&mut state.writing)).unwrap_or_default();
        // Outside the lock, for giving memory back wakes others.
        written.into_iter().map(|(group, held)| (group, held.bytes)).collect()
    }

    pub(crate) fn staged(&self) -> Option<Arc<Staged<S>>> {
        self.with(|state| state.staged.clone()).flatten()
    }

    pub(crate) fn set_staged(&self, staged: Arc<Staged<S>>) {
        self.with(|state| state.staged = Some(staged));
    }

    /// The content, once it is all here and written. It is given out once.
    pub(crate) fn whole(&self) -> Option<Whole<S>> {
        self.with(|state| {
            let is_written = state.missing == 0 && state.waiting.is_empty() && state.writing.is_empty();
            let staged = state.staged.clone().filter(|_| is_written)?;
            let reservation = state.reservation.take()?;
            Some(Whole { staged, proof: state.proof.clone(), reservation })
        })
        .flatten()
    }
}

impl<S: Store> State<S> {
    fn has(&self, group: u64) -> bool {
        let here = usize::try_from(group).ok().and_then(|group| self.here.get(group));
        here.copied().unwrap_or(false)
    }

    /// Whether all groups of a page are here, wherever.
    fn is_ready(&self, page: u64) -> bool {
        self.groups_in(page).all(|group| self.has(group))
    }

    /// Whether some of a page waits to be written.
    fn is_waiting(&self, page: u64) -> bool {
        self.waiting.range(self.groups_in(page)).next().is_some()
    }

    fn groups_in(&self, page: u64) -> Groups {
        let count = self.here.len() as u64;
        (page * PAGE_GROUPS).min(count)..((page + 1) * PAGE_GROUPS).min(count)
    }

    fn page_bytes(&self, page: u64) -> Range<u64> {
        bytes_of(&self.groups_in(page), self.proof.len())
    }

    fn add(&mut self, groups: &Groups, proved: &Proved, lease: &mut Lease) -> Result<Added> {
        let fresh: Vec<u64> = groups.clone().filter(|group| !self.has(*group)).collect();
        if fresh.is_empty() {
            return Ok(Added::Here { ready: false });
        }
        let len = self.proof.len();
        let bytes = fresh.iter().map(|group| bytes_of(&(*group..group + 1), len)).map(|range| size(&range));
        if !self.reservation.as_mut().is_some_and(|reservation| reservation.grow(bytes.sum())) {
            return Err(no_room());
        }
        self.proof.learn(&proved.parents)?;
        let start = bytes_of(groups, len).start;
        for group in &fresh {
            let range = bytes_of(&(*group..group + 1), len);
            let from = within(range.start - start)..within(range.end - start);
            // A copy: a part of the slice would keep all of it in memory.
            let bytes = Bytes::copy_from_slice(&proved.bytes[from]);
            self.waiting.insert(*group, Group { bytes, _lease: lease.split(size(&range)) });
            self.here[within(*group)] = true;
            self.missing -= 1;
        }
        let ready = fresh.iter().any(|group| self.is_ready(group / PAGE_GROUPS));
        Ok(Added::Here { ready })
    }

    /// The first page with something to be written, whole or, with `spill`, any.
    fn first_page(&self, spill: bool) -> Option<u64> {
        let mut next = 0;
        while let Some((group, _)) = self.waiting.range(next..).next() {
            let page = group / PAGE_GROUPS;
            if spill || self.is_ready(page) {
                return Some(page);
            }
            next = (page + 1) * PAGE_GROUPS;
        }
        None
    }

    fn pieces(&self, range: Range<u64>, recent: impl Fn(u64) -> Option<Bytes>) -> Option<Pieces<S>> {
        let groups = groups_of(&range, self.proof.len());
        let mut pieces = Vec::new();
        for group in groups.take_while(|group| self.has(*group)) {
            let here = bytes_of(&(group..group + 1), self.proof.len());
            let wanted = here.start.max(range.start)..here.end.min(range.end);
            let held = self.waiting.get(&group).or_else(|| self.writing.get(&group));
            let bytes = held.map(|held| held.bytes.clone()).or_else(|| recent(group));
            match (bytes, pieces.last_mut()) {
                (Some(bytes), _) => {
                    let within_group = within(wanted.start - here.start)..within(wanted.end - here.start);
                    pieces.push(Piece::Memory(bytes.slice(within_group)));
                }
                // What lies side by side is read at once.
                (None, Some(Piece::Staged(before))) => before.end = wanted.end,
                (None, _) => pieces.push(Piece::Staged(wanted)),
            }
        }
        (!pieces.is_empty()).then(|| Pieces { pieces, staged: self.staged.clone() })
    }

    fn batch(&mut self, spill: bool) -> Option<Batch> {
        let first = self.first_page(spill)?;
        let mut batch = Batch { offset: self.page_bytes(first).start, bytes: Vec::new(), stored: Vec::new() };
        for page in first..first + (BATCH_BYTES / PAGE_BYTES).max(1) {
            if !self.is_waiting(page) || !(spill || self.is_ready(page)) {
                break;
            }
            for group in self.groups_in(page) {
                let range = bytes_of(&(group..group + 1), self.proof.len());
                if let Some(held) = self.waiting.remove(&group) {
                    batch.bytes.extend_from_slice(&held.bytes);
                    self.writing.insert(group, held);
                } else {
                    batch.bytes.resize(batch.bytes.len() + within(size(&range)), 0);
                    batch.stored.extend(self.has(group).then_some(range));
                }
            }
        }
        Some(batch)
    }
}

impl<S: Store> Pieces<S> {
    /// Whether all of them are in memory, which holds nothing unproved.
    pub(crate) fn in_memory(&self) -> bool {
        self.pieces.iter().all(|piece| matches!(piece, Piece::Memory(_)))
    }

    /// Puts them together.
    pub(crate) async fn read(self) -> Result<Bytes> {
        let mut read = Vec::with_capacity(self.pieces.len());
        for piece in self.pieces {
            read.push(match (piece, &self.staged) {
                (Piece::Memory(bytes), _) => bytes,
                (Piece::Staged(range), Some(staged)) => staged.read(range).await?,
                (Piece::Staged(_), None) => return Err(Error::storage("staged bytes are gone")),
            });
        }
        match &mut read[..] {
            [only] => Ok(std::mem::take(only)),
            many => Ok(many.concat().into()),
        }
    }
}

fn size(range: &Range<u64>) -> u64 {
    range.end - range.start
}

/// A number of bytes within memory.
fn within(bytes: u64) -> usize {
    usize::try_from(bytes).unwrap_or(usize::MAX)
}
