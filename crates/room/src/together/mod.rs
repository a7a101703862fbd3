//! Listening together: one time, one state, and playback that keeps to both.
//!
//! [`RoomClock`] agrees on a time with the other members, [`SharedState`] on what is played from when and on the queue, and
//! [`Steering`] keeps this tab's player there.

mod clock;
mod position;
mod state;
mod steering;

pub use clock::{Reference, RoomClock, Step, TimeAnswer};
pub use position::Position;
pub use state::{
    Conflict, Entry, Op, Place, Playback, QUEUE_ITEMS, QueueItem, QueueItemId, SharedState, Stamp, StateError,
};
pub use steering::{LEAD, Order, Player, Steering, Target, USER_OFFSET_MAX_US};

/// The latest and, negated, the earliest time there is: 71 years in microseconds. Times from outside are within it, so sums of a
/// few of them cannot overflow.
pub(crate) const TIME_MAX_US: i64 = 1 << 51;

/// A point in room time: microseconds since an instant that all who share an epoch agree on. It may be negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct RoomTime(pub i64);

impl RoomTime {
    /// The time `us` microseconds later; within the bounds of time.
    pub fn plus_us(self, us: i64) -> Self {
        Self(self.0.saturating_add(us).clamp(-TIME_MAX_US, TIME_MAX_US))
    }

    /// Microseconds from `earlier` until this.
    pub fn since_us(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    pub(crate) fn is_within_bounds(self) -> bool {
        (-TIME_MAX_US..=TIME_MAX_US).contains(&self.0)
    }
}

/// Microseconds of `time`, this tab's clock.
pub(crate) fn micros(time: std::time::Duration) -> i64 {
    i64::try_from(time.as_micros()).unwrap_or(TIME_MAX_US).min(TIME_MAX_US)
}
