//! What to send next to one asker, and how fast to all of them: state machines without I/O or clock.

use std::collections::VecDeque;
use std::time::Duration;

use kadenza_api::Groups;

/// Groups one asker may have asked for and not got: twice what [`crate::content::download`] asks for at the most.
const ASKED_MAX: u64 = 512;

/// What one asker has asked for, in order.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    asked: VecDeque<(u32, Groups)>,
    count: u64,
}

impl Queue {
    /// Adds groups of the content with this handle. `false` when too many wait already.
    pub(crate) fn push(&mut self, handle: u32, groups: Groups) -> bool {
        let count = groups.end.saturating_sub(groups.start);
        if self.count + count > ASKED_MAX {
            return false;
        }
        self.count += count;
        self.asked.push_back((handle, groups));
        true
    }

    /// Takes groups back that have not been sent.
    pub(crate) fn cancel(&mut self, handle: u32, groups: &Groups) {
        let before = std::mem::take(&mut self.asked);
        for (asked, range) in before {
            if asked != handle {
                self.asked.push_back((asked, range));
                continue;
            }
            let rest = [range.start..range.end.min(groups.start), range.start.max(groups.end)..range.end];
            self.asked.extend(rest.into_iter().filter(|rest| !rest.is_empty()).map(|rest| (handle, rest)));
        }
        self.count = self.asked.iter().map(|(_, groups)| groups.end - groups.start).sum();
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.asked.is_empty()
    }

    /// The next groups to send, `most` at once.
    pub(crate) fn next(&mut self, most: u64) -> Option<(u32, Groups)> {
        let (handle, groups) = self.asked.front_mut()?;
        let (handle, end) = (*handle, groups.end.min(groups.start.saturating_add(most.max(1))));
        let next = groups.start..end;
        groups.start = end;
        if groups.is_empty() {
            self.asked.pop_front();
        }
        self.count -= next.end - next.start;
        Some((handle, next))
    }
}

/// What a sender that wakes late may make up for: timers are late by milliseconds at every turn, and those would add up.
const MADE_UP_MAX: Duration = Duration::from_millis(50);

/// Holds the bytes of all askers together to a limit, evenly: what has been sent decides when the next may go.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    free: Duration,
}

impl Pace {
    /// How long to wait, `now`, before the next bytes.
    pub(crate) fn wait(&self, now: Duration) -> Duration {
        self.free.saturating_sub(now)
    }

    /// `bytes` are sent `now`, where `limit` bytes a second are allowed.
    pub(crate) fn sent(&mut self, bytes: usize, limit: u64, now: Duration) {
        let takes = Duration::try_from_secs_f64(bytes as f64 / limit.max(1) as f64);
        self.free = self.free.max(now.saturating_sub(MADE_UP_MAX)) + takes.unwrap_or(Duration::MAX / 4);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_taken_back_is_not_sent_and_the_rest_is_in_order() {
        let mut queue = Queue::default();
        assert!(queue.push(1, 0..8) && queue.push(2, 3..5));
        queue.cancel(1, &(2..6));
        let sent: Vec<_> = std::iter::from_fn(|| queue.next(4)).collect();
        assert_eq!(sent, [(1, 0..2), (1, 6..8), (2, 3..5)]);
        assert_eq!(queue.count, 0);
    }

    #[test]
    fn an_asker_cannot_make_the_queue_grow_without_bound() {
        let mut queue = Queue::default();
        let taken = (0..1000).filter(|first| queue.push(1, *first..first + 16)).count();
        assert_eq!(taken as u64, ASKED_MAX / 16);
    }

    proptest! {
        #[test]
        fn every_group_asked_for_and_not_taken_back_is_sent_once(
            steps in prop::collection::vec((0u8..3, 0u64..60, 1u64..17), 0..60),
        ) {
            let (mut queue, mut model) = (Queue::default(), Vec::new());
            for (step, first, count) in steps {
                let groups = first..first + count;
                match step {
                    0 => if queue.push(7, groups.clone()) { model.extend(groups) },
                    1 => {
                        queue.cancel(7, &groups);
                        model.retain(|group| !groups.contains(group));
                    }
                    _ => if let Some((_, sent)) = queue.next(count) {
                        prop_assert!(sent.end - sent.start <= count);
                        for group in sent {
                            prop_assert_eq!(group, model.remove(0));
                        }
                    },
                }
                prop_assert_eq!(queue.count, model.len() as u64);
            }
        }

        #[test]
        fn a_limit_is_kept_over_any_time_and_used_up_by_timers_that_are_a_little_late(
            limit in 1_000u64..10_000_000,
            turns in prop::collection::vec((1usize..70_000, 0u64..50), 1..200),
        ) {
            let (mut pace, mut now, mut sent) = (Pace::default(), Duration::ZERO, 0);
            let mut last = 0;
            for (bytes, late) in turns {
                // Whoever is later than what it sends takes is not held back by the limit.
                let takes = Duration::from_secs_f64(last as f64 / limit as f64);
                now += pace.wait(now) + Duration::from_millis(late).min(takes);
                pace.sent(bytes, limit, now);
                (sent, last) = (sent + bytes, bytes);
            }
            // What was sent last is still on its way.
            let allowed = |now: Duration| limit as f64 * now.as_secs_f64();
            prop_assert!(sent as f64 <= allowed(now) * 1.001 + last as f64);
            prop_assert!(sent as f64 >= allowed(now.saturating_sub(MADE_UP_MAX)) * 0.999 - 1.0);
        }

        #[test]
        fn whoever_was_idle_has_saved_up_next_to_nothing(idle in 0u64..100_000, limit in 1_000u64..10_000_000) {
            let (mut pace, now) = (Pace::default(), Duration::from_millis(idle));
            pace.sent(1_000_000, limit, now);
            let takes = Duration::from_secs_f64(1_000_000.0 / limit as f64);
            prop_assert!(pace.wait(now) + MADE_UP_MAX >= takes);
        }
    }
}
