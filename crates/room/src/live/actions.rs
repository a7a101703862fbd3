//! What a member's user does, and what happens by itself when a song ends.

use std::time::Duration;

use kadenza_api::SongId;

use super::{Live, Output};
use crate::members::Reaction;
use crate::throttle::{Kind, Throttled};
use crate::together::{Conflict, LEAD, Op, Place, QueueItemId, RoomTime, micros};
use crate::wire::News;

/// How long ago a song may have ended for the next one to begin where it did. Whoever slept does not play what the
/// others would have heard by now.
const ENDED_LATELY_US: i64 = 10_000_000;

/// What a user can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Play this item from its beginning.
    Play(QueueItemId),
    /// Stop here.
    Pause,
    /// Go on.
    Resume,
    /// Go to this position, in milliseconds.
    Seek(u64),
    /// Go on to what follows this item, unless something else is played already.
    Skip(QueueItemId),
    /// Add a song.
    Add {
        /// A random id.
        id: QueueItemId,
        /// Which song.
        song: SongId,
        /// Where.
        place: Place,
    },
    /// Move an item.
    Move {
        /// Which.
        id: QueueItemId,
        /// Where to.
        place: Place,
    },
    /// Take an item out.
    Remove(QueueItemId),
    /// Show how one feels.
    React(Reaction),
}

/// Why an action is not done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ActionError {
    /// The state has no place for it.
    #[error(transparent)]
    Conflict(#[from] Conflict),
    /// Others would not hear it.
    #[error(transparent)]
    Throttled(#[from] Throttled),
    /// The room has no time yet; it has one a second after it was opened.
    #[error("the room's clock is not set yet")]
    NoTime,
}

impl Live {
    /// The user does something. It is done here at once, and at the same moment everywhere.
    ///
    /// # Errors
    /// [`ActionError`], saying why it is not.
    pub fn act(&mut self, action: Action, now: Duration) -> Result<(), ActionError> {
        if let Action::React(reaction) = action {
            self.own.take(Kind::Reaction, now)?;
            self.members.react(self.me, reaction, now);
            self.note(Output::MembersChanged);
            self.say(News::Reaction(reaction));
            return Ok(());
        }
        // So that the anchor it starts from is counted in the epoch of now.
        self.carry_over(now);
        self.own.take(Kind::Action, now)?;
        if let Some(op) = self.op(action, now)? {
            self.changed(&op);
            self.say(News::Op(op));
        }
        Ok(())
    }

    fn op(&mut self, action: Action, now: Duration) -> Result<Option<Op>, ActionError> {
        let at = self.soon(now);
        let state = &mut self.state;
        let op = match action {
            Action::Play(item) => state.play(item, at?)?,
            Action::Pause => state.pause(at?)?,
            Action::Resume => state.resume(at?)?,
            Action::Seek(position_ms) => state.seek(position_ms, at?)?,
            Action::Skip(item) => return Ok(state.next_after(item, true, at?)),
            Action::Add { id, song, place } => state.add(id, song, place)?,
            Action::Move { id, place } => state.move_to(id, place)?,
            Action::Remove(id) => state.remove(id)?,
            Action::React(_) => return Ok(None),
        };
        Ok(Some(op))
    }

    /// When a press of now takes effect.
    fn soon(&self, now: Duration) -> Result<(u64, RoomTime), ActionError> {
        let (epoch, time) = self.clock.epoch().zip(self.clock.time(now)).ok_or(ActionError::NoTime)?;
        Ok((epoch, time.plus_us(micros(LEAD))))
    }

    /// Says that the next song follows when the one that plays ends. All members say the same at the same time.
    pub(super) fn go_on_at_the_end(&mut self, now: Duration) {
        if self.ends_in(now).is_none_or(|us| us > 0) {
            return;
        }
        let Some(((time, end), (epoch, item))) =
            self.end(now).zip(self.clock.epoch().zip(self.playing_item()))
        else {
            return;
        };
        let anchor = if time.since_us(end) > ENDED_LATELY_US { time } else { end };
        if let Some(op) = self.state.next_after(item, false, (epoch, anchor)) {
            self.changed(&op);
            self.say(News::Op(op));
        }
    }

    fn playing_item(&self) -> Option<QueueItemId> {
        self.state.playback()?.song
    }
}
