//! What members agree on without asking anybody: what is played from when, and the queue.
//!
//! Every change is a whole value with a stamp: a logical clock (Lamport 1978) and, between equal ones, its author. The greater
//! stamp stays. So the state is the same whatever order changes come in, however often, and once all have come; and whoever
//! missed some catches up by hearing the whole state, which is a list of changes like any other.
//!
//! The playback counts its own changes, so that whoever acts on an old one loses against what came after it. When a song
//! ends every member writes that the next one follows: the same value with the same count, whoever it is from.
//! A press of the same moment goes before it.
//!
//! The queue keeps what was removed, or a late copy would bring it back. It keeps the latest thousand changes; what is older has
//! the lesser stamp, so whatever replica hears of it again drops it again.

mod actions;
#[cfg(test)]
mod tests;

use std::cmp::Reverse;
use std::collections::BTreeMap;

use kadenza_api::SongId;
use libp2p_identity::PeerId;

use super::{Position, RoomTime};
use crate::bytes_text::fixed_bytes;

/// The most songs in the queue: a day of music.
pub const QUEUE_ITEMS: usize = 500;

/// The most items that are remembered, removed ones included.
const ENTRIES_MAX: usize = 2 * QUEUE_ITEMS;

/// How far ahead of ours a stamp may be. Nobody gets there by acting; without it one message could use up all stamps.
const STAMP_LEAD: u64 = 1 << 32;

/// The longest position in a song, in milliseconds: two days.
const POSITION_MAX_MS: u64 = 2 * 24 * 60 * 60 * 1000;

fixed_bytes!(
    /// One place in the queue, whatever song is in it: 16 random bytes.
    QueueItemId,
    16,
    "a queue item's id"
);

/// When a change was made, by a logical clock, and by whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stamp {
    /// One more than the greatest its author had seen.
    pub count: u64,
    /// Who made it.
    pub author: PeerId,
}

/// What is played, and from when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Playback {
    /// The place in the queue; none when there is nothing to play.
    pub song: Option<QueueItemId>,
    /// Whether it plays from `anchor` on.
    pub playing: bool,
    /// Where in the song, in milliseconds, at `anchor`.
    pub position_ms: u64,
    /// When.
    pub anchor: RoomTime,
    /// The epoch `anchor` is counted in.
    pub epoch: u64,
}

impl Playback {
    /// Where in the song it is at `time` of its epoch, in microseconds. Before the anchor it waits there.
    pub fn position_us(&self, time: RoomTime) -> i64 {
        let start = i64::try_from(self.position_ms.min(POSITION_MAX_MS) * 1000).unwrap_or(0);
        if self.playing { start + time.since_us(self.anchor).max(0) } else { start }
    }
}

/// One item of the queue as it was last changed. The greater one stays.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Entry {
    /// When it was changed.
    pub stamp: Stamp,
    /// Which item.
    pub id: QueueItemId,
    /// The song.
    pub song: SongId,
    /// Who added it.
    pub added_by: PeerId,
    /// Where it stands.
    pub position: Position,
    /// Whether it was taken out.
    pub removed: bool,
}

/// A change, as it is sent to the others.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Op {
    /// Something else is played, or from elsewhere.
    Playback {
        /// When it was changed.
        stamp: Stamp,
        /// Whether somebody pressed something, rather than that a song ended.
        pressed: bool,
        /// What is played.
        playback: Playback,
    },
    /// An item was added, moved or removed.
    Item(Entry),
}

impl Op {
    /// When it was made.
    pub fn stamp(&self) -> Stamp {
        match self {
            Self::Playback { stamp, .. } | Self::Item(Entry { stamp, .. }) => *stamp,
        }
    }
}

/// Where in the queue something is put.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Before all others.
    First,
    /// Right after this item.
    After(QueueItemId),
    /// After all others.
    Last,
}

/// An item of the queue, as it is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueueItem {
    /// Which item.
    pub id: QueueItemId,
    /// The song.
    pub song: SongId,
    /// Who added it.
    pub added_by: PeerId,
}

/// Why a change from outside is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StateError {
    /// Its stamp is where nobody gets by acting.
    #[error("a stamp of {count} where {ours} is the latest")]
    StampAhead {
        /// Its logical clock.
        count: u64,
        /// Ours.
        ours: u64,
    },
    /// A position no song has.
    #[error("a position of {0} ms in a song")]
    Position(u64),
    /// An anchor out of all time.
    #[error("an anchor at {} µs", .0.0)]
    Anchor(RoomTime),
}

/// Why something cannot be done to the queue or the playback.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Conflict {
    /// The queue is full.
    #[error("the queue has {QUEUE_ITEMS} songs; remove some first")]
    Full,
    /// The item is not in the queue, or not any more.
    #[error("this item is not in the queue any more")]
    NoItem,
    /// Something with this id has been in the queue.
    #[error("this item is in the queue already")]
    Taken,
    /// Too many were put into this gap.
    #[error("no more songs fit between these two; move it elsewhere")]
    Crowded,
    /// There is nothing to pause, resume or seek in.
    #[error("nothing is being played")]
    NothingPlayed,
}

/// What the playback was last changed to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Register {
    stamp: Stamp,
    pressed: bool,
    playback: Playback,
}

impl Register {
    /// The greater one stays. Between the same change in two epochs it is the one of the lower: where the room went.
    fn rank(&self) -> impl Ord + use<> {
        let Playback { song, playing, position_ms, anchor, epoch } = self.playback;
        let value = (Reverse(epoch), Reverse(anchor), position_ms, playing, song);
        (self.stamp.count, self.pressed, self.stamp.author, value)
    }
}

/// What members agree on, as one of them knows it.
#[derive(Debug, Clone)]
pub struct SharedState {
    me: PeerId,
    /// The queue's logical clock: the greatest count seen.
    count: u64,
    register: Option<Register>,
    entries: BTreeMap<QueueItemId, Entry>,
}

impl PartialEq for SharedState {
    fn eq(&self, other: &Self) -> bool {
        self.register == other.register && self.entries == other.entries
    }
}

impl SharedState {
    /// What a member knows that has heard nothing yet.
    pub fn new(me: PeerId) -> Self {
        Self { me, count: 0, register: None, entries: BTreeMap::new() }
    }

    /// Takes in a change. Whether anything is different now.
    ///
    /// # Errors
    /// [`StateError`] for a change that no honest member makes; nothing is different then.
    pub fn apply(&mut self, op: &Op) -> Result<bool, StateError> {
        match op {
            Op::Playback { stamp, pressed, playback } => {
                self.set_register(Register { stamp: *stamp, pressed: *pressed, playback: *playback })
            }
            Op::Item(entry) => self.set_entry(entry.clone()),
        }
    }

    /// Takes in another member's whole state, or a part of it. Whether anything is different now. What is refused is left out.
    pub fn merge(&mut self, mut ops: Vec<Op>) -> bool {
        // The earliest first, so that none is further ahead than it has to be.
        ops.sort_by_key(Op::stamp);
        let changes = ops.iter().map(|op| self.apply(op) == Ok(true));
        changes.fold(false, |any, changed| any | changed)
    }

    /// The whole state as changes: at most one for the playback and [`ENTRIES_MAX`] for the queue.
    pub fn ops(&self) -> Vec<Op> {
        let playback = self.register.map(|Register { stamp, pressed, playback }| Op::Playback {
            stamp,
            pressed,
            playback,
        });
        playback.into_iter().chain(self.entries.values().cloned().map(Op::Item)).collect()
    }

    /// What is played, once anything was.
    pub fn playback(&self) -> Option<&Playback> {
        self.register.as_ref().map(|register| &register.playback)
    }

    /// The queue in its order; at most [`QUEUE_ITEMS`] items.
    pub fn queue(&self) -> Vec<QueueItem> {
        let shown = |entry: &Entry| QueueItem { id: entry.id, song: entry.song, added_by: entry.added_by };
        self.in_order().into_iter().take(QUEUE_ITEMS).map(shown).collect()
    }

    /// The item with this id, whether or not it was removed lately.
    pub fn item(&self, id: QueueItemId) -> Option<QueueItem> {
        let entry = self.entries.get(&id)?;
        Some(QueueItem { id, song: entry.song, added_by: entry.added_by })
    }

    fn in_order(&self) -> Vec<&Entry> {
        let mut order: Vec<_> = self.entries.values().filter(|entry| !entry.removed).collect();
        order.sort_by_key(|entry| (&entry.position, entry.id));
        order
    }

    fn set_register(&mut self, register: Register) -> Result<bool, StateError> {
        let ours = self.register.map_or(0, |register| register.stamp.count);
        check_stamp(register.stamp, ours)?;
        if register.playback.position_ms > POSITION_MAX_MS {
            return Err(StateError::Position(register.playback.position_ms));
        }
        if !register.playback.anchor.is_within_bounds() {
            return Err(StateError::Anchor(register.playback.anchor));
        }
        let is_later = self.register.is_none_or(|ours| ours.rank() < register.rank());
        if is_later {
            self.register = Some(register);
        }
        Ok(is_later)
    }

    fn set_entry(&mut self, entry: Entry) -> Result<bool, StateError> {
        check_stamp(entry.stamp, self.count)?;
        if self.entries.get(&entry.id).is_some_and(|ours| *ours >= entry) {
            return Ok(false);
        }
        self.count = self.count.max(entry.stamp.count);
        let id = entry.id;
        self.entries.insert(id, entry);
        if self.entries.len() <= ENTRIES_MAX {
            return Ok(true);
        }
        let oldest = self.entries.values().min().map(|entry| entry.id);
        oldest.map(|oldest| self.entries.remove(&oldest));
        Ok(oldest != Some(id))
    }
}

fn check_stamp(stamp: Stamp, ours: u64) -> Result<(), StateError> {
    if stamp.count > ours.saturating_add(STAMP_LEAD) {
        return Err(StateError::StampAhead { count: stamp.count, ours });
    }
    Ok(())
}
