//! What is known of one source of a content: what it has, what it was asked for, how fast it answers.

use std::collections::BTreeMap;
use std::time::Duration;

use kadenza_api::{GROUP_BYTES, Groups};

use crate::content::groups::GroupSet;
use crate::content::wire::GROUPS_LIMIT;

/// Groups asked of a source before anything came from it, 64 KiB: most of what a player needs to begin, and no burst.
const ALLOWED_AT_FIRST: u64 = 4;

/// Groups asked of a source at once at the most: 4 MiB.
const ALLOWED_MAX: u64 = 256;

/// What is asked beyond bandwidth × delay, so that a source is never idle while this side is busy elsewhere. It is also
/// how long what is asked now waits for what was asked before.
const SPARE: Duration = Duration::from_millis(200);

/// A round trip to a peer nobody has measured.
const ROUND_TRIP_UNKNOWN: Duration = Duration::from_millis(50);

/// How long a source may be silent before its groups are asked elsewhere too: several times what lay between its answers
/// lately, not so little that a busy machine looks like a dead one, and never so long that a song stands still.
const SILENCE_MIN: Duration = Duration::from_millis(400);
const SILENCE_MAX: Duration = Duration::from_secs(1);
const PAUSES: u32 = 4;
const SILENCE_AT_FIRST: Duration = Duration::from_millis(250);

/// A source that should have sent something for this long is given up; one whose groups all came from others after it had
/// stalled is tried again until then.
const GIVEN_UP_AFTER: Duration = Duration::from_secs(8);
const TRIED_AGAIN_AFTER: Duration = Duration::from_secs(3);

/// A rate counts for between one and two of these.
const RATE_WINDOW: Duration = Duration::from_secs(1);

/// A group on its way.
#[derive(Debug, Clone, Copy)]
struct Flight {
    asked: Duration,
    /// What the source had sent in all when this was asked, in groups.
    sent_before: u64,
}

/// How far a source is to be relied on. The least doubtful comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Doubt {
    /// It owes nothing, or was heard lately.
    Answers,
    /// It has been silent for half of the time after which it is taken for dead: what is due is asked of others too.
    Late,
    /// It does not answer.
    Stalled,
}

/// One source. Times are since the download began.
#[derive(Debug)]
pub(super) struct Source {
    /// Whether it is a relay, or another that does not come and go.
    pub(super) durable: bool,
    /// Whether it is after the content itself, and so shares the work.
    pub(super) fetches: bool,
    /// What it has; nobody knows yet where `None`.
    pub(super) holds: Option<GroupSet>,
    /// Whether it does not answer now.
    pub(super) stalled: bool,
    flights: BTreeMap<u64, Flight>,
    meter: Meter,
    /// When something came from it, or it was asked after it had sent everything.
    heard: Duration,
    /// Since when it has been asked for something and has said nothing at all.
    unheard: Option<Duration>,
}

impl Source {
    pub(super) fn new(durable: bool, round_trip: Option<Duration>, now: Duration) -> Self {
        let meter = Meter { round_trip: round_trip.unwrap_or(ROUND_TRIP_UNKNOWN), ..Meter::default() };
        Self {
            durable,
            fetches: false,
            holds: None,
            stalled: false,
            flights: BTreeMap::new(),
            meter,
            heard: now,
            unheard: None,
        }
    }

    /// Whether it has all groups.
    pub(super) fn is_complete(&self) -> bool {
        self.holds.as_ref().is_some_and(GroupSet::is_all)
    }

    /// Whether it has some groups and says that it has not all.
    pub(super) fn is_partial(&self) -> bool {
        self.holds.as_ref().is_some_and(|holds| !holds.is_all())
    }

    /// Whether it has a group, or may have it for all that is known.
    pub(super) fn may_have(&self, group: u64) -> bool {
        self.holds.as_ref().is_none_or(|holds| holds.has(group))
    }

    /// Whether there is any reason to wait for it.
    pub(super) fn is_hopeful(&self) -> bool {
        self.holds.as_ref().is_none_or(|holds| holds.len() > 0)
    }

    pub(super) fn was_asked_for(&self, group: u64) -> bool {
        self.flights.contains_key(&group)
    }

    pub(super) fn asked(&self) -> impl Iterator<Item = u64> {
        self.flights.keys().copied()
    }

    pub(super) fn open(&self) -> u64 {
        self.flights.len() as u64
    }

    /// How many more groups may be asked of it now.
    pub(super) fn room(&self) -> u64 {
        if self.stalled { 0 } else { self.meter.allowed().saturating_sub(self.open()) }
    }

    /// Groups to ask for at once: few of a slow source, so that it can be told to stop.
    pub(super) fn run(&self) -> u64 {
        self.meter.allowed() / 4
    }

    /// Whether it is time to ask it for what is not urgent: for several groups at once, since every message costs.
    pub(super) fn is_ready(&self) -> bool {
        self.room() >= self.run().clamp(1, GROUPS_LIMIT)
    }

    /// When a group asked of it now would be here, from now.
    pub(super) fn eta(&self) -> Duration {
        self.meter.answers_in(self.open() + 1)
    }

    pub(super) fn ask(&mut self, groups: &Groups, now: Duration) {
        if self.flights.is_empty() {
            self.heard = now;
        }
        self.unheard.get_or_insert(now);
        let flight = Flight { asked: now, sent_before: self.meter.sent };
        self.flights.extend(groups.clone().map(|group| (group, flight)));
    }

    /// A group came.
    pub(super) fn came(&mut self, group: u64, now: Duration) {
        self.meter.paused(now.saturating_sub(self.heard));
        self.spoke(now);
        if let Some(flight) = self.flights.remove(&group) {
            self.meter.sample(&flight, now);
        }
    }

    /// A group will not come from it.
    pub(super) fn forget(&mut self, group: u64) -> bool {
        self.flights.remove(&group).is_some()
    }

    /// It said something.
    pub(super) fn spoke(&mut self, now: Duration) {
        self.unheard = None;
        self.revive(now);
    }

    fn revive(&mut self, now: Duration) {
        self.heard = now;
        self.stalled = false;
    }

    fn owes_an_answer(&self) -> bool {
        !self.flights.is_empty() || self.holds.is_none()
    }

    /// How it stands with it.
    pub(super) fn doubt(&self, now: Duration) -> Doubt {
        match self.late() {
            _ if self.stalled => Doubt::Stalled,
            Some(late) if late <= now => Doubt::Late,
            _ => Doubt::Answers,
        }
    }

    /// When it will be late if nothing comes from it.
    pub(super) fn late(&self) -> Option<Duration> {
        let owes = !self.stalled && self.owes_an_answer();
        owes.then(|| self.heard + self.meter.late())
    }

    /// When it will be taken for dead if nothing comes; or, if it was and all has come from others, tried again.
    pub(super) fn deadline(&self) -> Option<Duration> {
        match (self.stalled, self.owes_an_answer()) {
            (false, true) => Some(self.heard + self.meter.silence()),
            (true, false) => Some(self.heard + TRIED_AGAIN_AFTER),
            (true, true) => Some(self.heard + GIVEN_UP_AFTER),
            (false, false) => None,
        }
    }

    /// Nobody else is left: it is asked again, unless it owes an answer already.
    pub(super) fn try_again(&mut self, now: Duration) {
        if self.stalled && !self.owes_an_answer() {
            self.revive(now);
        }
    }

    /// The deadline has passed. Whether it is to be given up for good.
    pub(super) fn missed(&mut self, now: Duration) -> bool {
        match (self.stalled, self.owes_an_answer()) {
            (true, true) => return true,
            (true, false) if self.unheard.is_some_and(|since| now >= since + GIVEN_UP_AFTER) => return true,
            (true, false) => self.revive(now),
            (false, _) => self.stalled = true,
        }
        false
    }
}

/// How fast a source answers. The rate is what it delivered between a question and its answer, the best of the last one
/// or two seconds; the delay the shortest there was (both as in BBR, Cardwell et al., ACM Queue 14(5), 2016).
#[derive(Debug, Default)]
struct Meter {
    /// Groups it has sent in all.
    sent: u64,
    round_trip: Duration,
    quickest: Option<Duration>,
    /// From answer to answer while more was owed: the longest lately, forgotten slowly.
    pause: Option<Duration>,
    /// Bytes a second, in the window that runs and in the one before.
    rate: f64,
    rate_before: f64,
    window_began: Duration,
}

impl Meter {
    fn sample(&mut self, flight: &Flight, now: Duration) {
        self.sent += 1;
        let took = now.saturating_sub(flight.asked).max(Duration::from_micros(100));
        self.quickest = Some(self.quickest.map_or(took, |quickest| quickest.min(took)));
        if now.saturating_sub(self.window_began) > RATE_WINDOW {
            (self.rate_before, self.rate, self.window_began) = (self.rate, 0.0, now);
        }
        let bytes = ((self.sent - flight.sent_before) * GROUP_BYTES) as f64;
        self.rate = self.rate.max(bytes / took.as_secs_f64());
    }

    /// An answer came so long after the one before. Groups of one message come at the same moment.
    fn paused(&mut self, pause: Duration) {
        if !pause.is_zero() {
            let forgotten = self.pause.map_or(pause, |before| (before * 7 + pause) / 8);
            self.pause = Some(forgotten.max(pause));
        }
    }

    fn rate(&self) -> f64 {
        self.rate.max(self.rate_before)
    }

    fn allowed(&self) -> u64 {
        let Some(quickest) = self.quickest else { return ALLOWED_AT_FIRST };
        let bytes = self.rate() * (quickest + SPARE).as_secs_f64();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "casts saturate, and it is clamped"
        )]
        let groups = (bytes / GROUP_BYTES as f64).ceil() as u64;
        groups.clamp(ALLOWED_AT_FIRST, ALLOWED_MAX)
    }

    fn answers_in(&self, groups: u64) -> Duration {
        let Some(quickest) = self.quickest else { return self.round_trip * 2 };
        let sending = (groups * GROUP_BYTES) as f64 / self.rate().max(1.0);
        quickest.max(Duration::try_from_secs_f64(sending).unwrap_or(SILENCE_MAX))
    }

    /// How long without an answer is long: half of what silence is, once it is known how it answers.
    fn late(&self) -> Duration {
        if self.pause.is_some() { self.silence() / 2 } else { self.silence() }
    }

    fn silence(&self) -> Duration {
        match self.pause {
            Some(pause) => (pause * PAUSES).clamp(SILENCE_MIN, SILENCE_MAX),
            None => (self.round_trip * 5).clamp(SILENCE_AT_FIRST, SILENCE_MAX),
        }
    }
}
