//! Whether the other end is still there, without I/O or clock of its own.
//!
//! A browser that crashes says nothing, and WebRTC itself takes 8 to 16 s to call a connection failed. Both ends ask
//! for a sign of life when nothing has come for a while, not sooner: each message costs a browser a millisecond. A page
//! that is merely busy does not answer either, but its browser still acknowledges packets: only where those stop as well is
//! the peer gone.

use std::time::Duration;

use web_time::Instant;

/// Between looks.
pub(crate) const TICK: Duration = Duration::from_millis(500);

/// Silence after which a sign of life is asked for, at every further look.
const ASK_AFTER: Duration = Duration::from_millis(1500);

/// Silence after which the browser is asked when the last packet came.
const DOUBT_AFTER: Duration = Duration::from_secs(3);

/// Without a packet for this long, although a sign of life was asked for all the while, the peer is gone. A lost
/// packet is sent again within the second.
const PACKETS_GONE: Duration = Duration::from_millis(2500);

/// A page that is busy for this long is as good as gone.
const BUSY_MAX: Duration = Duration::from_secs(30);

/// A look that comes this late means that this page itself was asleep, and has heard nothing for that reason.
const ASLEEP: Duration = Duration::from_millis(2500);

/// What to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    /// Nothing.
    Nothing,
    /// Ask the other end for a sign of life.
    Ask,
    /// Ask it, and ask the browser when the last packet came.
    Doubt,
    /// Give the connection up.
    GiveUp,
}

/// The life of one connection.
#[derive(Debug)]
pub(crate) struct Liveness {
    heard: Instant,
    looked: Instant,
}

impl Liveness {
    pub(crate) fn new(now: Instant) -> Self {
        Self { heard: now, looked: now }
    }

    /// Something came from the other end.
    pub(crate) fn heard(&mut self, now: Instant) {
        self.heard = now;
    }

    /// Time for a look.
    pub(crate) fn tick(&mut self, now: Instant) -> Action {
        if now.saturating_duration_since(self.looked) > ASLEEP {
            self.heard = now;
        }
        self.looked = now;
        match now.saturating_duration_since(self.heard) {
            silence if silence > BUSY_MAX => Action::GiveUp,
            silence if silence > DOUBT_AFTER => Action::Doubt,
            silence if silence > ASK_AFTER => Action::Ask,
            _ => Action::Nothing,
        }
    }

    /// The browser says how long ago the last packet came.
    pub(crate) fn last_packet(&self, age: Duration, now: Instant) -> Action {
        let silence = now.saturating_duration_since(self.heard);
        if silence > DOUBT_AFTER && age > PACKETS_GONE { Action::GiveUp } else { Action::Nothing }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Looks every [`TICK`] for `seconds`; returns when each kind of action first came.
    fn watch(
        liveness: &mut Liveness,
        begun: Instant,
        seconds: u64,
        packet_age: Option<Duration>,
    ) -> Option<Duration> {
        let mut now = begun;
        while now - begun < Duration::from_secs(seconds) {
            now += TICK;
            let action = liveness.tick(now);
            let age = packet_age.unwrap_or(now - begun);
            let gone = action == Action::Doubt && liveness.last_packet(age, now) == Action::GiveUp;
            if gone || action == Action::GiveUp {
                return Some(now - begun);
            }
        }
        None
    }

    #[test]
    fn a_crashed_peer_is_given_up_within_four_seconds() {
        let now = Instant::now();
        let gone = watch(&mut Liveness::new(now), now, 60, None).unwrap();
        assert!(gone < Duration::from_secs(4), "{gone:?}");
    }

    #[test]
    fn a_busy_page_whose_browser_still_takes_packets_is_waited_for() {
        let now = Instant::now();
        let gone = watch(&mut Liveness::new(now), now, 60, Some(Duration::from_millis(300))).unwrap();
        assert!(gone > BUSY_MAX, "{gone:?}");
    }

    #[test]
    fn a_page_that_was_asleep_itself_blames_nobody() {
        let now = Instant::now();
        let mut liveness = Liveness::new(now);
        assert_eq!(liveness.tick(now + Duration::from_secs(60)), Action::Nothing);
    }

    #[test]
    fn a_quiet_peer_is_asked_for_a_sign_of_life() {
        let now = Instant::now();
        let mut liveness = Liveness::new(now);
        assert_eq!(liveness.tick(now + ASK_AFTER), Action::Nothing);
        assert_eq!(liveness.tick(now + ASK_AFTER + TICK), Action::Ask);
        liveness.heard(now + ASK_AFTER + TICK);
        assert_eq!(liveness.tick(now + ASK_AFTER + 2 * TICK), Action::Nothing);
    }
}
