//! How much may be on its way to the other end at once, over all streams of a connection, without I/O.
//!
//! Chromium drops packets before they leave the machine when a burst is larger than its own queue (64 KiB between
//! its processes), and SCTP (RFC 9260) then takes about two seconds to recover: its first slow start runs into this
//! on every fast path. Both ends count what comes and report it, and neither has more under way than paths need.

use std::time::Duration;

use web_time::Instant;

/// What may be under way on a path of up to [`SHORT`]: enough for 100 Mbit/s. Measured, three times as much loses packets
/// within Chromium, and twice as much in the receiving system's buffer (208 KiB on Linux) when it is busy.
const SHORT_PATH_BYTES: u64 = 256 * 1024;
const SHORT: Duration = Duration::from_millis(20);

/// What may be under way on the longest path: enough for 100 Mbit/s at 160 ms.
const LONG_PATH_BYTES: u64 = 2 * 1024 * 1024;

/// Reports come this often, in bytes. Less than what may be under way, so that nobody waits for one; and not more often, for
/// each has the page wait for the browser's network thread.
const REPORT_BYTES: u64 = 128 * 1024;

/// The count of one connection.
#[derive(Debug, Default)]
pub(crate) struct Pacing {
    sent: u64,
    arrived: u64,
    /// What had arrived when it was last looked.
    looked: u64,
    received: u64,
    reported: u64,
    /// How much had been sent, and when: the next report of as much tells how long the path is.
    sample: Option<(u64, Instant)>,
    shortest: Option<Duration>,
}

impl Pacing {
    /// How many bytes may be sent now.
    pub(crate) fn room(&self) -> usize {
        let under_way = self.sent.saturating_sub(self.arrived);
        usize::try_from(self.limit().saturating_sub(under_way)).unwrap_or(usize::MAX)
    }

    fn limit(&self) -> u64 {
        let times = self.shortest.map_or(1.0, |path| path.as_secs_f64() / SHORT.as_secs_f64());
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "within the bounds it is clamped to"
        )]
        let limit = (SHORT_PATH_BYTES as f64 * times) as u64;
        limit.clamp(SHORT_PATH_BYTES, LONG_PATH_BYTES)
    }

    /// `bytes` were sent.
    pub(crate) fn sent(&mut self, bytes: usize, now: Instant) {
        self.sent += bytes as u64;
        self.sample.get_or_insert((self.sent, now));
    }

    /// The other end says how many bytes have come in all.
    pub(crate) fn report(&mut self, total: u64, now: Instant) {
        self.arrived = self.arrived.max(total.min(self.sent));
        if let Some((sent, at)) = self.sample.filter(|(sent, _)| *sent <= self.arrived) {
            let path = now.saturating_duration_since(at);
            self.shortest = Some(self.shortest.map_or(path, |shortest| shortest.min(path)));
            self.sample = None;
            debug_assert!(sent <= self.sent);
        }
    }

    /// `bytes` that were sent are discarded: the stream they belong to was given up.
    pub(crate) fn discarded(&mut self, bytes: usize) {
        self.arrived = self.arrived.saturating_add(bytes as u64).min(self.sent);
    }

    /// Time for a look: what is not reported when nothing has moved since the last one never will be.
    pub(crate) fn look(&mut self) {
        if self.looked == self.arrived {
            self.arrived = self.sent;
            self.sample = None;
        }
        self.looked = self.arrived;
    }

    /// `bytes` came. Returns what to report, if it is time to.
    pub(crate) fn received(&mut self, bytes: usize) -> Option<u64> {
        self.received += bytes as u64;
        if self.received - self.reported < REPORT_BYTES {
            return None;
        }
        self.reported = self.received;
        Some(self.received)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_burst_stays_below_what_a_browser_loses_and_goes_on_as_it_arrives() {
        let (mut pacing, now) = (Pacing::default(), Instant::now());
        pacing.sent(SHORT_PATH_BYTES as usize, now);
        assert_eq!(pacing.room(), 0);
        pacing.report(REPORT_BYTES, now);
        assert_eq!(pacing.room(), REPORT_BYTES as usize);
    }

    #[test]
    fn a_long_path_holds_more() {
        let (mut pacing, now) = (Pacing::default(), Instant::now());
        pacing.sent(1000, now);
        pacing.report(1000, now + 4 * SHORT);
        assert_eq!(pacing.room(), 4 * SHORT_PATH_BYTES as usize);
        pacing.sent(1000, now);
        pacing.report(2000, now + SHORT / 2);
        assert_eq!(
            pacing.room(),
            SHORT_PATH_BYTES as usize,
            "a slow report was a busy page, not a long path"
        );
    }

    #[test]
    fn what_is_never_reported_does_not_block_for_ever() {
        let (mut pacing, now) = (Pacing::default(), Instant::now());
        pacing.sent(SHORT_PATH_BYTES as usize, now);
        pacing.look();
        pacing.look();
        assert_eq!(pacing.room(), SHORT_PATH_BYTES as usize);
    }

    proptest! {
        #[test]
        fn no_report_makes_more_room_than_there_is(reports in prop::collection::vec(any::<u64>(), 0..20), sent in 0usize..2_000_000) {
            let (mut pacing, now) = (Pacing::default(), Instant::now());
            pacing.sent(sent, now);
            for report in reports {
                pacing.report(report, now + SHORT);
                prop_assert!(pacing.room() as u64 <= SHORT_PATH_BYTES);
            }
        }

        #[test]
        fn everything_that_arrives_is_reported_but_a_little(chunks in prop::collection::vec(1usize..100_000, 1..50)) {
            let (mut sender, mut receiver, now) = (Pacing::default(), Pacing::default(), Instant::now());
            for bytes in chunks {
                sender.sent(bytes, now);
                if let Some(total) = receiver.received(bytes) {
                    sender.report(total, now);
                }
                prop_assert!(sender.sent - sender.arrived < REPORT_BYTES);
            }
        }
    }
}
