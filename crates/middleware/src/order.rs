//! In which order servers are tried: pure decisions, told the time.

use std::cmp::Reverse;
use std::time::Duration;

use kadenza_platform::Instant;

/// How long a server that failed is tried after all others. Long enough that a dead relay does not slow every
/// click, short enough that one that comes back is found within a song.
pub(crate) const REST: Duration = Duration::from_secs(30);

/// What is remembered of the servers: when each last failed, if it has not answered since.
#[derive(Debug)]
pub(crate) struct Order {
    failed: Vec<Option<Instant>>,
}

impl Order {
    /// `servers` servers of which nothing is known yet.
    pub(crate) fn new(servers: usize) -> Self {
        Self { failed: vec![None; servers] }
    }

    /// All servers, each once: in their given order, then those that failed lately, the longest ago first.
    pub(crate) fn tries(&self, now: Instant) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.failed.len()).collect();
        order.sort_by_key(|server| {
            let age = self.failed[*server].map(|failed| now.saturating_duration_since(failed));
            age.filter(|age| *age < REST).map(Reverse)
        });
        order
    }

    /// Notes that `server` was not available at `now`.
    pub(crate) fn failed(&mut self, server: usize, now: Instant) {
        self.failed[server] = Some(now);
    }

    /// Notes that `server` answered.
    pub(crate) fn answered(&mut self, server: usize) {
        self.failed[server] = None;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn servers_are_tried_in_their_given_order() {
        assert_eq!(Order::new(3).tries(Instant::now()), [0, 1, 2]);
    }

    #[test]
    fn a_server_that_failed_is_tried_last_until_it_has_rested_or_answered() {
        let start = Instant::now();
        let mut order = Order::new(3);
        order.failed(0, start);
        assert_eq!(order.tries(start + SECOND), [1, 2, 0]);
        assert_eq!(order.tries(start + REST), [0, 1, 2]);
        order.failed(0, start + REST);
        order.answered(0);
        assert_eq!(order.tries(start + REST), [0, 1, 2]);
    }

    #[test]
    fn of_several_that_failed_the_one_that_did_longest_ago_comes_first() {
        let start = Instant::now();
        let mut order = Order::new(3);
        order.failed(1, start);
        order.failed(0, start + SECOND);
        assert_eq!(order.tries(start + SECOND * 2), [2, 1, 0]);
    }

    proptest! {
        #[test]
        fn whatever_failed_every_server_is_tried_once(events in prop::collection::vec((0usize..5, 0u64..100), 0..20), at in 0u64..200) {
            let start = Instant::now();
            let mut order = Order::new(5);
            for (server, seconds) in events {
                order.failed(server, start + SECOND * u32::try_from(seconds).unwrap());
            }
            let mut tries = order.tries(start + SECOND * u32::try_from(at).unwrap());
            tries.sort_unstable();
            prop_assert_eq!(tries, [0, 1, 2, 3, 4]);
        }
    }
}
