//! What a member can do. Every action changes its own state at once and returns the change for the others.

use kadenza_api::SongId;

use super::{
    Conflict, Entry, Op, POSITION_MAX_MS, Place, Playback, QUEUE_ITEMS, QueueItemId, Register, SharedState,
    Stamp,
};
use crate::together::{Position, RoomTime};

/// When something is to happen: a room time and the epoch it is counted in.
type At = (u64, RoomTime);

impl SharedState {
    /// Plays an item from its beginning.
    ///
    /// # Errors
    /// [`Conflict::NoItem`] where it is not in the queue.
    pub fn play(&mut self, item: QueueItemId, (epoch, anchor): At) -> Result<Op, Conflict> {
        self.live(item)?;
        let playback = Playback { song: Some(item), playing: true, position_ms: 0, anchor, epoch };
        Ok(self.set_playback(true, playback))
    }

    /// Stops where playback is by then.
    ///
    /// # Errors
    /// [`Conflict::NothingPlayed`].
    pub fn pause(&mut self, at: At) -> Result<Op, Conflict> {
        let position_ms = self.position_ms(at)?;
        self.change(at, |playback| (playback.playing, playback.position_ms) = (false, position_ms))
    }

    /// Goes on from where it stopped.
    ///
    /// # Errors
    /// [`Conflict::NothingPlayed`].
    pub fn resume(&mut self, at: At) -> Result<Op, Conflict> {
        let position_ms = self.position_ms(at)?;
        self.change(at, |playback| (playback.playing, playback.position_ms) = (true, position_ms))
    }

    /// Goes to another position of the song, in milliseconds.
    ///
    /// # Errors
    /// [`Conflict::NothingPlayed`].
    pub fn seek(&mut self, position_ms: u64, at: At) -> Result<Op, Conflict> {
        self.change(at, |playback| playback.position_ms = position_ms.min(POSITION_MAX_MS))
    }

    /// Goes on from `item` to what follows it, because somebody `pressed` "next" or because it ended; stops where
    /// nothing follows. `None` where something else is played already: it names what it skips, so it skips only once.
    pub fn next_after(&mut self, item: QueueItemId, pressed: bool, (epoch, anchor): At) -> Option<Op> {
        let playback = self.playback().filter(|playback| playback.song == Some(item))?;
        let playing = playback.playing || pressed;
        let song = self.following(item);
        let playback = Playback { song, playing: playing && song.is_some(), position_ms: 0, anchor, epoch };
        Some(self.set_playback(pressed, playback))
    }

    /// The same playback in another epoch: its anchor is at `anchor` there. `None` where that epoch is not lower, and
    /// others have carried it over already, or will.
    pub fn carry_over(&mut self, (epoch, anchor): At) -> Option<Op> {
        let register = self.register.filter(|register| epoch < register.playback.epoch)?;
        let playback = Playback { epoch, anchor, ..register.playback };
        self.register = Some(Register { playback, ..register });
        Some(Op::Playback { stamp: register.stamp, pressed: register.pressed, playback })
    }

    /// Adds a song. `id` is random.
    ///
    /// # Errors
    /// [`Conflict`] where the queue is full or crowded in this place, or the id is taken.
    pub fn add(&mut self, id: QueueItemId, song: SongId, place: Place) -> Result<Op, Conflict> {
        if self.entries.contains_key(&id) {
            return Err(Conflict::Taken);
        }
        if self.entries.values().filter(|entry| !entry.removed).count() >= QUEUE_ITEMS {
            return Err(Conflict::Full);
        }
        let position = self.position(place, id)?;
        Ok(self.set_item(Entry {
            stamp: self.stamp(),
            id,
            song,
            added_by: self.me,
            position,
            removed: false,
        }))
    }

    /// Moves an item to another place.
    ///
    /// # Errors
    /// [`Conflict`] where there is no such item or place.
    pub fn move_to(&mut self, id: QueueItemId, place: Place) -> Result<Op, Conflict> {
        let entry = self.live(id)?.clone();
        let position =
            if place == Place::After(id) { entry.position.clone() } else { self.position(place, id)? };
        Ok(self.set_item(Entry { stamp: self.stamp(), position, ..entry }))
    }

    /// Takes an item out.
    ///
    /// # Errors
    /// [`Conflict::NoItem`] where it is not in the queue.
    pub fn remove(&mut self, id: QueueItemId) -> Result<Op, Conflict> {
        let entry = self.live(id)?.clone();
        Ok(self.set_item(Entry { stamp: self.stamp(), removed: true, ..entry }))
    }

    /// What is played after `item`, which may have been removed.
    pub fn following(&self, item: QueueItemId) -> Option<QueueItemId> {
        let after = self.entries.get(&item)?;
        let order = self.in_order();
        let next = order.iter().find(|entry| (&entry.position, entry.id) > (&after.position, after.id));
        next.map(|entry| entry.id)
    }

    fn live(&self, id: QueueItemId) -> Result<&Entry, Conflict> {
        self.entries.get(&id).filter(|entry| !entry.removed).ok_or(Conflict::NoItem)
    }

    /// A free position for `id` at `place`.
    fn position(&self, place: Place, id: QueueItemId) -> Result<Position, Conflict> {
        let order: Vec<_> = self.in_order().into_iter().filter(|entry| entry.id != id).collect();
        let before = match place {
            Place::First => None,
            Place::Last => order.last().copied(),
            Place::After(other) => Some(self.live(other)?),
        }
        .map(|entry| &entry.position);
        // Two that were put into one gap at once may have the same position; nothing goes between those.
        let after = order.iter().map(|entry| &entry.position).find(|position| Some(*position) > before);
        Position::between(before, after).ok_or(Conflict::Crowded)
    }

    fn stamp(&self) -> Stamp {
        Stamp { count: self.count.saturating_add(1), author: self.me }
    }

    fn set_item(&mut self, entry: Entry) -> Op {
        self.count = entry.stamp.count;
        let op = Op::Item(entry);
        // Its stamp is the greatest there is.
        let _ = self.apply(&op);
        op
    }

    fn position_ms(&self, (epoch, time): At) -> Result<u64, Conflict> {
        let playback = self.playback().filter(|playback| playback.song.is_some());
        let playback = playback.ok_or(Conflict::NothingPlayed)?;
        if playback.epoch != epoch {
            return Ok(playback.position_ms);
        }
        let position_ms = (playback.position_us(time) / 1000).unsigned_abs();
        Ok(position_ms.min(POSITION_MAX_MS))
    }

    fn change(&mut self, (epoch, anchor): At, change: impl FnOnce(&mut Playback)) -> Result<Op, Conflict> {
        let playback = self.playback().filter(|playback| playback.song.is_some());
        let mut playback = Playback { epoch, anchor, ..*playback.ok_or(Conflict::NothingPlayed)? };
        change(&mut playback);
        Ok(self.set_playback(true, playback))
    }

    fn set_playback(&mut self, pressed: bool, playback: Playback) -> Op {
        let count = self.register.map_or(0, |register| register.stamp.count).saturating_add(1);
        let stamp = Stamp { count, author: self.me };
        self.register = Some(Register { stamp, pressed, playback });
        Op::Playback { stamp, pressed, playback }
    }
}
