//! Keeps this tab's player where the room is: by playing a little faster or slower, and by jumping where that would take too long.

use std::time::Duration;

use super::{Playback, RoomTime};

/// How far ahead of a press its effect is, so that all have heard of it and begin at the same moment.
pub const LEAD: Duration = Duration::from_millis(150);

/// The most a user's own offset may be, in microseconds: what Bluetooth headphones take.
pub const USER_OFFSET_MAX_US: i64 = 500_000;

/// From here on a player is corrected: echoes of less are not heard as such, and 25 ms are not to be reached.
const CORRECT_FROM_US: i64 = 20_000;

/// Where correcting ends.
const CORRECT_UNTIL_US: i64 = 5_000;

/// From here on a correction by rate would take more than a quarter of a minute.
const JUMP_FROM_US: i64 = 500_000;

/// How late a player that was not ready when all began may begin all the same; a start that takes longer than expected comes
/// on top of it.
const LATE_MAX_US: i64 = 300_000;

/// The most a rate differs from 1: a listener does not hear it.
const RATE_SPAN: f64 = 0.03;

/// The error that is corrected at the full rate, in microseconds; less is corrected in proportion.
const FULL_RATE_US: f64 = 30_000.0;

/// What a start takes until one has been seen, and the most that is believed of one.
const START_US: i64 = 150_000;
const START_MAX_US: i64 = 2_000_000;

/// How far ahead of the room a player is sent that has to catch up, so that it stands there in time; further where it did not,
/// a little less where it did.
const PREPARE_US: i64 = 300_000;
const PREPARE_MIN_US: i64 = 200_000;
const PREPARE_MAX_US: i64 = 2_000_000;
const PREPARE_STEP_US: i64 = 200_000;

/// How long it may take to load what it needs there, before it is sent elsewhere.
const LOADS_WITHIN: Duration = Duration::from_secs(5);

/// Whoever has just come, and is off by this when it is first heard, is better sent ahead once more than out of step for as
/// long as its rate would take; at most so often in a row.
const AIM_AGAIN_US: i64 = 60_000;
const AIMS_MAX: u32 = 5;

/// How far a player has to get before it counts as under way.
const MOVED_US: i64 = 20_000;

/// How far it can have got by then; beyond, it is where it was before.
const MOVED_MAX_US: i64 = 5_000_000;

/// How long a start is waited for before it is judged as it is.
const PATIENCE: Duration = Duration::from_secs(3);

/// How far from where it should be a player may stand while it is stopped.
const STOPPED_WITHIN_US: i64 = 20_000;

/// Where playback should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// Stopped at this position, `in_us` microseconds from now on.
    Stopped {
        /// Position in the song, in microseconds.
        position_us: i64,
        /// How soon; not positive where it is so already.
        in_us: i64,
    },
    /// About to start.
    Starting {
        /// Position in the song, in microseconds.
        position_us: i64,
        /// How soon, in microseconds.
        in_us: i64,
    },
    /// Playing, and at this position now.
    Playing {
        /// Position in the song, in microseconds.
        position_us: i64,
    },
}

impl Target {
    /// Where `playback` should be at `time`, which is counted in its epoch.
    pub fn of(playback: &Playback, time: RoomTime) -> Self {
        let (position_us, in_us) = (playback.position_us(time), playback.anchor.since_us(time));
        match playback.playing && playback.song.is_some() {
            false => Self::Stopped { position_us, in_us },
            true if in_us > 0 => Self::Starting { position_us, in_us },
            true => Self::Playing { position_us },
        }
    }
}

/// What the player says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Player {
    /// Where it is, in microseconds.
    pub position_us: i64,
    /// Whether it has what it needs to play on: it neither seeks nor waits for bytes.
    pub ready: bool,
    /// Whether it is stopped.
    pub paused: bool,
}

/// What to do to the player.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Order {
    /// Leave it, at its usual rate.
    Hold,
    /// Play at this rate, 0.97 to 1.03.
    Rate(f64),
    /// Stand at this position, in microseconds, and play from `at`, this tab's time, on; but not if it is not ready then. So
    /// neither seeking nor loading, which take no one knows how long, makes it late.
    StartAt {
        /// Where.
        position_us: i64,
        /// When: before the room does, by what the start will take.
        at: Duration,
    },
    /// Stop, and go to this position, in microseconds.
    Stop {
        /// Where.
        position_us: i64,
    },
}

/// A start the player was told of and that has not been heard yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Pending {
    from_us: i64,
    at: Duration,
    /// How late it was before it began, for want of bytes: that says nothing of how long starts take.
    late_us: i64,
}

/// Steers one player.
#[derive(Debug)]
pub struct Steering {
    start_us: i64,
    prepare_us: i64,
    user_offset_us: i64,
    is_correcting: bool,
    pending: Option<Pending>,
    /// How often it was sent ahead since it was in step.
    aims: u32,
}

impl Default for Steering {
    fn default() -> Self {
        Self {
            start_us: START_US,
            prepare_us: PREPARE_US,
            user_offset_us: 0,
            is_correcting: false,
            pending: None,
            aims: 0,
        }
    }
}

impl Steering {
    /// Plays this many microseconds ahead of the room, for what comes after the player: [`USER_OFFSET_MAX_US`] either way.
    pub fn set_user_offset(&mut self, offset_us: i64) {
        self.user_offset_us = offset_us.clamp(-USER_OFFSET_MAX_US, USER_OFFSET_MAX_US);
    }

    /// How far the player is behind where it should be, in microseconds; negative where it is ahead. `None` unless it plays.
    pub fn drift_us(&self, target: Target, player: Player) -> Option<i64> {
        match target {
            Target::Playing { position_us } if !player.paused => {
                Some(position_us + self.user_offset_us - player.position_us)
            }
            _ => None,
        }
    }

    /// What to do now. To be asked several times a second, and whenever the target changes.
    pub fn order(&mut self, now: Duration, target: Target, player: Player) -> Order {
        match target {
            Target::Stopped { position_us, in_us } => self.stop(position_us, in_us, player),
            Target::Starting { position_us, in_us } => self.start(now, position_us, in_us, player),
            Target::Playing { position_us } => self.play(now, position_us + self.user_offset_us, player),
        }
    }

    fn stop(&mut self, position_us: i64, in_us: i64, player: Player) -> Order {
        self.is_correcting = false;
        if in_us > 0 && !player.paused {
            return Order::Hold;
        }
        self.pending = None;
        let stands = player.paused && (player.position_us - position_us).abs() <= STOPPED_WITHIN_US;
        if stands || player.paused && !player.ready { Order::Hold } else { Order::Stop { position_us } }
    }

    fn start(&mut self, now: Duration, position_us: i64, in_us: i64, player: Player) -> Order {
        self.is_correcting = false;
        if let Some(Pending { from_us, at, .. }) = self.pending
            && from_us == position_us
            && at <= now
            && !player.paused
        {
            return Order::Hold;
        }
        self.begin(now, position_us, in_us - self.user_offset_us)
    }

    /// Has the player be heard from a position on in `in_us` microseconds.
    fn begin(&mut self, now: Duration, position_us: i64, in_us: i64) -> Order {
        let wait = (in_us - self.start_us).max(0);
        let at = now + Duration::from_micros(wait.unsigned_abs());
        self.pending = Some(Pending { from_us: position_us, at, late_us: 0 });
        Order::StartAt { position_us, at }
    }

    /// Has a player begin that was not ready when all began: little enough is made up for by its rate.
    fn begin_late(&mut self, now: Duration, from_us: i64, behind: i64) -> Option<Order> {
        let late_us = behind + self.start_us;
        let bearable = self.aims == 0 && (0..=LATE_MAX_US).contains(&late_us);
        bearable.then(|| {
            self.pending = Some(Pending { from_us, at: now, late_us });
            Order::StartAt { position_us: from_us, at: now }
        })
    }

    fn play(&mut self, now: Duration, target_us: i64, player: Player) -> Order {
        let behind = target_us - player.position_us;
        if let Some(pending) = self.pending {
            if now < pending.at {
                return Order::StartAt { position_us: pending.from_us, at: pending.at };
            }
            if player.paused {
                if !player.ready && now < pending.at + LOADS_WITHIN {
                    return Order::Hold;
                }
                // It stands there now, later than it was to start.
                if player.ready
                    && (player.position_us - pending.from_us).abs() <= STOPPED_WITHIN_US
                    && let Some(order) = self.begin_late(now, pending.from_us, behind)
                {
                    return order;
                }
                self.pending = None;
                self.prepare_us = (self.prepare_us + PREPARE_STEP_US).min(PREPARE_MAX_US);
            } else if !self.has_come(now, pending, behind, player) {
                return Order::Hold;
            } else if (1..AIMS_MAX).contains(&self.aims) && player.ready && behind.abs() > AIM_AGAIN_US {
                return self.aim(now, target_us);
            }
        }
        if player.paused || player.ready && behind.abs() > JUMP_FROM_US {
            return self.aim(now, target_us);
        }
        if !player.ready {
            return Order::Hold;
        }
        if behind.abs() < CORRECT_FROM_US {
            self.aims = 0;
        }
        let limit = if self.is_correcting { CORRECT_UNTIL_US } else { CORRECT_FROM_US };
        self.is_correcting = behind.abs() >= limit;
        if !self.is_correcting {
            return Order::Hold;
        }
        #[expect(clippy::cast_precision_loss, reason = "at most half a million")]
        let share = (behind as f64 / FULL_RATE_US).clamp(-1.0, 1.0);
        Order::Rate(1.0 + share * RATE_SPAN)
    }

    /// Sends it ahead of the room, to start there on time.
    fn aim(&mut self, now: Duration, target_us: i64) -> Order {
        self.is_correcting = false;
        self.aims += 1;
        self.begin(now, target_us + self.prepare_us, self.prepare_us)
    }

    /// Whether the player is heard that was told to start. Learns how long that took.
    fn has_come(&mut self, now: Duration, pending: Pending, behind: i64, player: Player) -> bool {
        let moved = player.position_us - pending.from_us;
        let is_moving = player.ready && (MOVED_US..MOVED_MAX_US).contains(&moved);
        if !is_moving && now < pending.at + PATIENCE {
            return false;
        }
        self.pending = None;
        if is_moving {
            // Half of it, for no two are alike; all of it where it is to be sent ahead again.
            let part = if behind.abs() > AIM_AGAIN_US && self.aims > 0 { 1 } else { 2 };
            let late = (behind - pending.late_us).clamp(-START_MAX_US, START_MAX_US) / part;
            self.start_us = (self.start_us + late).clamp(0, START_MAX_US);
            self.prepare_us = (self.prepare_us * 7 / 8).max(PREPARE_MIN_US);
        }
        true
    }
}

#[cfg(test)]
mod tests;
