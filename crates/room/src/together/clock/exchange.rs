//! The round trips with one other member, and what they say about its clock.

use std::collections::VecDeque;
use std::time::Duration;

use libp2p_identity::PeerId;

use crate::together::{RoomTime, TIME_MAX_US};

/// Round trips that are remembered (RFC 5905, section 10: the clock filter has eight stages).
const SAMPLES_MAX: usize = 8;

/// How long one is remembered: by then two clocks may have drifted apart by 12 ms.
const SAMPLE_AGE_MAX: Duration = Duration::from_secs(30);

/// Round trips in the first second; one a second from then on.
const FIRST_ASKS: u32 = 10;
const FIRST_EVERY: Duration = Duration::from_millis(100);
const EVERY: Duration = Duration::from_secs(1);

/// Questions under way at once: what takes longer than so many seconds says nothing about a clock.
const ASKED_MAX: usize = 8;

/// How long what a member said of its own time counts: as long as one who is silent counts as here.
const SAID_AGE_MAX: Duration = Duration::from_secs(10);

/// By how much the error of a sample grows while it ages: two clocks of 200 ppm each, running apart.
const DRIFT_PPM: i64 = 400;

/// An answer to a question about time: when it was asked, heard and answered (RFC 5905, figure 5), in microseconds by the
/// asker's clock, the answerer's and the answerer's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeAnswer {
    /// When the question was sent, by the asker's clock.
    pub t1: u64,
    /// When it was heard, by the answerer's.
    pub t2: u64,
    /// When it was answered, by the answerer's.
    pub t3: u64,
    /// The answerer's room time at `t3`, if it has one.
    pub reference: Option<Reference>,
}

/// Room time as one member has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reference {
    /// The epoch it is counted in.
    pub epoch: u64,
    /// Whether somebody else goes by that epoch, as far as the member knows.
    pub shared: bool,
    /// Whose clock it is in the end.
    pub root: PeerId,
    /// A number of the root's that grows while it is there: the seconds of its clock.
    pub pulse: u64,
    /// How many members stand between this one and the root.
    pub stratum: u8,
    /// The time.
    pub time: RoomTime,
}

/// One round trip.
#[derive(Debug, Clone, Copy)]
struct Sample {
    at: i64,
    /// The other's clock less ours.
    ahead: i64,
    delay: i64,
}

impl Sample {
    /// How wrong it may be by now: half the round trip, and what clocks drift.
    fn error(&self, now: i64) -> i64 {
        self.delay / 2 + (now - self.at) * DRIFT_PPM / 1_000_000
    }
}

#[derive(Debug)]
pub(super) struct Exchange {
    asked: VecDeque<u64>,
    count: u32,
    due: Duration,
    samples: VecDeque<Sample>,
    /// What the other last said of room time, when, and that time less its own clock.
    said: Option<(Duration, Reference, i64)>,
}

impl Exchange {
    pub(super) fn new(now: Duration) -> Self {
        Self { asked: VecDeque::new(), count: 0, due: now, samples: VecDeque::new(), said: None }
    }

    pub(super) fn due(&self) -> Duration {
        self.due
    }

    pub(super) fn ask(&mut self, now: Duration) -> Option<u64> {
        if self.due > now {
            return None;
        }
        self.count = self.count.saturating_add(1);
        self.due = now + if self.count < FIRST_ASKS { FIRST_EVERY } else { EVERY };
        let t1 = micros(now);
        self.asked.push_back(t1);
        if self.asked.len() > ASKED_MAX {
            self.asked.pop_front();
        }
        Some(t1)
    }

    /// Whether the answer was asked for and says something.
    pub(super) fn heard(&mut self, answer: &TimeAnswer, now: Duration) -> bool {
        let Some(place) = self.asked.iter().position(|t1| *t1 == answer.t1) else { return false };
        self.asked.remove(place);
        let Some(sample) = sample(answer, now) else { return false };
        self.samples.push_back(sample);
        if self.samples.len() > SAMPLES_MAX {
            self.samples.pop_front();
        }
        let reference = answer.reference.filter(|reference| reference.time.is_within_bounds());
        self.said = reference.map(|reference| (now, reference, reference.time.0 - signed(answer.t3)));
        true
    }

    pub(super) fn forget_old(&mut self, now: Duration) {
        let oldest = signed(micros(now.saturating_sub(SAMPLE_AGE_MAX)));
        self.samples.retain(|sample| sample.at >= oldest);
    }

    /// What the other goes by, and by how much its room time is ahead of our clock.
    pub(super) fn estimate(&self, now: Duration) -> Option<(Reference, i64)> {
        let (at, reference, offset) = self.said.as_ref()?;
        if now.saturating_sub(*at) > SAID_AGE_MAX {
            return None;
        }
        let now = signed(micros(now));
        let best = self.samples.iter().min_by_key(|sample| sample.error(now))?;
        Some((*reference, best.ahead + offset))
    }

    pub(super) fn round_trip(&self) -> Option<Duration> {
        let delay = self.samples.iter().map(|sample| sample.delay).min()?;
        Some(Duration::from_micros(delay.unsigned_abs()))
    }
}

/// Offset and delay by the four timestamps (RFC 5905, section 8); `None` for times that cannot be.
fn sample(answer: &TimeAnswer, now: Duration) -> Option<Sample> {
    let (t1, t4) = (signed(answer.t1), signed(micros(now)));
    let (t2, t3) = (within(answer.t2)?, within(answer.t3)?);
    let delay = (t4 - t1) - (t3 - t2);
    (t2 <= t3 && delay >= 0).then_some(Sample { at: t4, ahead: ((t2 - t1) + (t3 - t4)) / 2, delay })
}

fn within(time: u64) -> Option<i64> {
    i64::try_from(time).ok().filter(|time| *time <= TIME_MAX_US)
}

fn signed(time: u64) -> i64 {
    within(time).unwrap_or(TIME_MAX_US)
}

/// Microseconds of this tab's clock as they are sent.
pub(super) fn micros(time: Duration) -> u64 {
    super::micros(time).unsigned_abs()
}
