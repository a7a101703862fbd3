//! What one member may say in how much time; more is not heard. A token bucket for each kind of message, so that somebody
//! who reacts too much still keeps the time.

use std::time::Duration;

/// Kinds of message that are counted by themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Heartbeats and the exchanges of time: ten questions and answers in the first second, one of each in the others.
    Presence,
    /// Changes of the playback and the queue.
    Action,
    /// Reactions.
    Reaction,
    /// Songs added to the room's library; a folder of them may be uploaded at once.
    Record,
    /// Parts of the whole state.
    State,
    /// What is passed on for others, all of them together.
    Relay,
}

impl Kind {
    /// How many at once, and how many a second in the long run.
    const fn allowance(self) -> (u32, u32) {
        match self {
            Self::Presence => (60, 10),
            Self::Action => (20, 10),
            Self::Reaction => (5, 5),
            Self::Record => (60, 5),
            Self::State => (16, 2),
            Self::Relay => (200, 100),
        }
    }
}

/// A member said more than one may; it is not heard until it has been quieter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too much at once: {burst} are allowed, and {per_second} a second")]
pub struct Throttled {
    /// How many may come at once.
    pub burst: u32,
    /// How many a second in the long run.
    pub per_second: u32,
}

#[derive(Debug, Clone, Copy)]
struct Bucket {
    kind: Kind,
    /// Messages that may still come, in millionths.
    tokens: u64,
    filled: Duration,
}

const TOKEN: u64 = 1_000_000;

impl Bucket {
    fn full(kind: Kind, now: Duration) -> Self {
        Self { kind, tokens: u64::from(kind.allowance().0) * TOKEN, filled: now }
    }

    fn take(&mut self, now: Duration) -> Result<(), Throttled> {
        let (burst, per_second) = self.kind.allowance();
        let passed = u64::try_from(now.saturating_sub(self.filled).as_micros()).unwrap_or(u64::MAX);
        self.tokens = passed
            .saturating_mul(per_second.into())
            .saturating_add(self.tokens)
            .min(u64::from(burst) * TOKEN);
        self.filled = self.filled.max(now);
        match self.tokens.checked_sub(TOKEN) {
            Some(left) => self.tokens = left,
            None => return Err(Throttled { burst, per_second }),
        }
        Ok(())
    }
}

/// What one member may still say.
#[derive(Debug, Clone)]
pub struct Throttle([Bucket; 6]);

impl Throttle {
    /// For one who has said nothing yet.
    pub fn new(now: Duration) -> Self {
        let kinds = [Kind::Presence, Kind::Action, Kind::Reaction, Kind::Record, Kind::State, Kind::Relay];
        Self(kinds.map(|kind| Bucket::full(kind, now)))
    }

    /// Counts a message of this kind.
    ///
    /// # Errors
    /// [`Throttled`] where it is one too many, and not to be heard.
    pub fn take(&mut self, kind: Kind, now: Duration) -> Result<(), Throttled> {
        self.0.iter_mut().filter(|bucket| bucket.kind == kind).try_for_each(|bucket| bucket.take(now))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn nobody_is_heard_more_often_than_allowed(waits in prop::collection::vec(0u64..200, 1..400)) {
            let mut throttle = Throttle::new(Duration::ZERO);
            let mut now = Duration::ZERO;
            let mut heard = 0;
            for wait in waits {
                now += Duration::from_millis(wait);
                heard += u64::from(throttle.take(Kind::Action, now).is_ok());
                prop_assert!(heard * 1000 <= 20_000 + 10 * now.as_millis() as u64);
            }
        }

        #[test]
        fn whoever_keeps_to_the_allowance_is_always_heard(count in 1u64..200) {
            let mut throttle = Throttle::new(Duration::ZERO);
            for number in 0..count {
                prop_assert!(throttle.take(Kind::Action, Duration::from_millis(number * 100)).is_ok());
            }
        }
    }

    #[test]
    fn a_flood_of_one_kind_leaves_the_others_alone() {
        let mut throttle = Throttle::new(Duration::ZERO);
        let reactions = (0..100).filter(|_| throttle.take(Kind::Reaction, Duration::ZERO).is_ok()).count();
        assert_eq!(reactions, 5);
        let error = throttle.take(Kind::Reaction, Duration::ZERO).unwrap_err();
        assert_eq!(error, Throttled { burst: 5, per_second: 5 });
        assert!(throttle.take(Kind::Action, Duration::ZERO).is_ok());
        assert!(throttle.take(Kind::Reaction, Duration::from_millis(200)).is_ok());
    }
}
