//! A time all members share, though their clocks do not: estimated from round trips, as NTP does (RFC 5905, section 8).
//!
//! A member that hears of no time founds an epoch; its own clock is that epoch's, and it is its root. The others follow
//! whoever is closest to the root, as the stratum says. Where two epochs meet, one that others share goes before one that
//! nobody does, so that a newcomer never moves a room; then the lower id goes first. Within an epoch the root with the
//! lower peer id goes first, then the lower stratum. A member follows only those who rank before it, so nobody follows in a
//! circle. The root's pulse, which all pass on, shows that it is still there: when it stops, others become roots until the
//! lowest of them is heard everywhere (as in FTSP: Maróti et al. 2004).
//!
//! All clocks here are monotonic, counted from whenever a tab likes. Wall clocks never matter.

mod exchange;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use libp2p_identity::PeerId;

use self::exchange::Exchange;
pub use self::exchange::{Reference, TimeAnswer};
use super::{RoomTime, micros};

/// Members whose time is asked for: as many as are shown.
const PEERS_MAX: usize = 64;

/// How long a member without a time waits for somebody who has one: several round trips.
const FOUNDS_AFTER: Duration = Duration::from_secs(1);

/// The greatest stratum. Errors add up from one to the next.
const STRATUM_MAX: u8 = 15;

/// How long the root's pulse may stand still before a member takes its place: as long as one who is silent counts as here.
const ROOT_SILENT_MAX: Duration = Duration::from_secs(10);

/// How long what others still say of a root that is gone is not believed. By then nobody says it any more, and it may have
/// come back with a clock that begins anew.
const GONE_FOR: Duration = Duration::from_secs(30);

/// How fast room time is moved to where it should be, in microseconds a second: half a percent, which no player has to jump for.
const SLEW_US: i64 = 5_000;

/// An error that slewing would take ten seconds for is put right at once.
const JUMP_US: i64 = 50_000;

/// How long after it was adopted a time is put right at once: nobody relies on it yet, and the first round trips are the worst.
const SETTLES_WITHIN: Duration = Duration::from_secs(2);

/// Epochs left lately that can still be converted from, until whoever plays has carried its anchor over.
const PAST_MAX: usize = 4;

/// The room went over to another epoch: what was at `t` is now at `t + delta_us`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// The epoch left; none where this is the first.
    pub from_epoch: Option<u64>,
    /// The epoch from now on.
    pub to_epoch: u64,
    /// What is added to a time of the old epoch, in microseconds.
    pub delta_us: i64,
}

/// Room time less the tab's own, in microseconds, on its way from one value to another.
#[derive(Debug, Clone, Copy)]
struct Offset {
    from: i64,
    to: i64,
    since: Duration,
}

impl Offset {
    fn fixed(offset: i64, now: Duration) -> Self {
        Self { from: offset, to: offset, since: now }
    }

    fn at(&self, now: Duration) -> i64 {
        let most = micros(now.saturating_sub(self.since)).saturating_mul(SLEW_US) / 1_000_000;
        self.from + (self.to - self.from).clamp(-most, most)
    }

    fn slew(&mut self, to: i64, now: Duration) {
        *self = Self { from: self.at(now), to, since: now };
    }
}

/// The time this member goes by.
#[derive(Debug)]
struct Own {
    epoch: u64,
    /// Whether somebody else goes by it too.
    shared: bool,
    root: PeerId,
    /// The root's latest pulse that was heard of, and when.
    pulse: u64,
    pulsed: Duration,
    stratum: u8,
    source: Option<PeerId>,
    adopted: Duration,
    offset: Offset,
}

impl Own {
    fn rank(&self, me: PeerId) -> Rank {
        (!self.shared, self.epoch, self.root, self.stratum, me)
    }
}

/// What members are preferred by, the least first: unshared, epoch, root, stratum, and the member itself.
type Rank = (bool, u64, PeerId, u8, PeerId);

/// A root whose pulse stood still.
#[derive(Debug)]
struct Gone {
    root: PeerId,
    pulse: u64,
    since: Duration,
}

/// Room time as one member estimates it.
#[derive(Debug)]
pub struct RoomClock {
    me: PeerId,
    /// The id of the epoch this member would found.
    founding: u64,
    started: Duration,
    peers: BTreeMap<PeerId, Exchange>,
    own: Option<Own>,
    gone: Option<Gone>,
    /// Epochs left, the latest last, with the offset they had.
    past: VecDeque<(u64, i64)>,
}

impl RoomClock {
    /// The clock of a member that has just come. `founding` is random: the id of the epoch it founds if there is none.
    pub fn new(me: PeerId, founding: u64, now: Duration) -> Self {
        Self {
            me,
            founding,
            started: now,
            peers: BTreeMap::new(),
            own: None,
            gone: None,
            past: VecDeque::new(),
        }
    }

    /// Another member can be asked now.
    pub fn connected(&mut self, peer: PeerId, now: Duration) {
        if peer != self.me && self.peers.len() < PEERS_MAX {
            self.peers.entry(peer).or_insert_with(|| Exchange::new(now));
        }
    }

    /// Another member cannot be asked any more. Room time goes on as it did.
    pub fn disconnected(&mut self, peer: PeerId, now: Duration) -> Option<Step> {
        self.peers.remove(&peer);
        self.follow(now)
    }

    /// Whom to ask for the time now, and the `t1` to send.
    pub fn asks(&mut self, now: Duration) -> Vec<(PeerId, u64)> {
        let due = self.peers.iter_mut().filter_map(|(peer, exchange)| Some((*peer, exchange.ask(now)?)));
        due.collect()
    }

    /// The answer to one who asked at `t1` of its own clock and was heard at `received` of ours.
    pub fn answer(&self, t1: u64, received: Duration, now: Duration) -> TimeAnswer {
        let reference = self.own.as_ref().map(|own| Reference {
            epoch: own.epoch,
            shared: own.shared,
            root: own.root,
            pulse: if own.root == self.me { now.as_secs() } else { own.pulse },
            stratum: own.stratum,
            time: RoomTime(micros(now).saturating_add(own.offset.at(now))),
        });
        TimeAnswer { t1, t2: exchange::micros(received), t3: exchange::micros(now), reference }
    }

    /// A member answered. What nobody asked for, and what is impossible, changes nothing.
    pub fn heard(&mut self, peer: PeerId, answer: &TimeAnswer, now: Duration) -> Option<Step> {
        if !self.peers.get_mut(&peer)?.heard(answer, now) {
            return None;
        }
        if let (Some(own), Some(reference)) = (&mut self.own, &answer.reference) {
            own.shared |= own.epoch == reference.epoch;
        }
        self.follow(now)
    }

    /// Time has passed: founds an epoch, or takes the place of a root that is gone.
    pub fn tick(&mut self, now: Duration) -> Option<Step> {
        if let Some(step) = self.follow(now) {
            return Some(step);
        }
        let Some(own) = &mut self.own else { return self.found(now) };
        if own.root != self.me && now.saturating_sub(own.pulsed) >= ROOT_SILENT_MAX {
            self.gone = Some(Gone { root: own.root, pulse: own.pulse, since: now });
            (own.root, own.stratum, own.source) = (self.me, 0, None);
        }
        None
    }

    fn found(&mut self, now: Duration) -> Option<Step> {
        if now.saturating_sub(self.started) < FOUNDS_AFTER {
            return None;
        }
        let epoch = self.founding;
        self.own = Some(Own {
            epoch,
            shared: false,
            root: self.me,
            pulse: 0,
            pulsed: now,
            stratum: 0,
            source: None,
            adopted: now,
            offset: Offset::fixed(0, now),
        });
        Some(Step { from_epoch: None, to_epoch: epoch, delta_us: 0 })
    }

    /// When to ask or to look again, although nothing happened.
    pub fn wakes(&self) -> Option<Duration> {
        let founds = self.own.is_none().then_some(self.started + FOUNDS_AFTER);
        self.peers.values().map(Exchange::due).chain(founds).min()
    }

    /// Room time now, once there is one.
    pub fn time(&self, now: Duration) -> Option<RoomTime> {
        let own = self.own.as_ref()?;
        Some(RoomTime(micros(now)).plus_us(own.offset.at(now)))
    }

    /// The epoch room time is counted in, once there is one.
    pub fn epoch(&self) -> Option<u64> {
        self.own.as_ref().map(|own| own.epoch)
    }

    /// How many members stand between this one and the epoch's root; 0 for the root.
    pub fn stratum(&self) -> Option<u8> {
        self.own.as_ref().map(|own| own.stratum)
    }

    /// Whom this member follows.
    pub fn source(&self) -> Option<PeerId> {
        self.own.as_ref()?.source
    }

    /// The shortest round trip to `peer` lately.
    pub fn round_trip(&self, peer: PeerId) -> Option<Duration> {
        self.peers.get(&peer)?.round_trip()
    }

    /// What `time` of `epoch` is in the epoch of now; `None` where that epoch was never this member's, or long ago.
    pub fn convert(&self, epoch: u64, time: RoomTime, now: Duration) -> Option<RoomTime> {
        let own = self.own.as_ref()?;
        if own.epoch == epoch {
            return Some(time);
        }
        let (_, offset) = self.past.iter().rev().find(|(past, _)| *past == epoch)?;
        Some(time.plus_us(own.offset.at(now) - offset))
    }

    /// Chooses whom to follow, and moves room time to where that member has it.
    fn follow(&mut self, now: Duration) -> Option<Step> {
        self.peers.values_mut().for_each(|exchange| exchange.forget_old(now));
        self.gone.take_if(|gone| now.saturating_sub(gone.since) > GONE_FOR);
        let estimate = |(peer, exchange): (&PeerId, &Exchange)| {
            let (reference, offset) = exchange.estimate(now)?;
            self.is_credible(&reference).then_some((*peer, reference, offset))
        };
        let rank = |peer, reference: &Reference| -> Rank {
            (!reference.shared, reference.epoch, reference.root, reference.stratum, peer)
        };
        let best = self.peers.iter().filter_map(estimate).min_by_key(|(peer, said, _)| rank(*peer, said));
        let mine = self.own.as_ref().map(|own| own.rank(self.me));
        match best {
            Some((peer, said, offset)) if mine.is_none_or(|mine| rank(peer, &said) < mine) => {
                self.adopt(peer, &said, offset, now)
            }
            _ => {
                self.own.iter_mut().for_each(|own| own.source = None);
                None
            }
        }
    }

    /// Whether what a member says of its time can be news: not an echo of this one, nor of a root that is gone.
    fn is_credible(&self, said: &Reference) -> bool {
        let is_echo = said.root == self.me && said.stratum > 0;
        let is_gone =
            self.gone.as_ref().is_some_and(|gone| gone.root == said.root && said.pulse <= gone.pulse);
        said.stratum < STRATUM_MAX && !is_echo && !is_gone
    }

    fn adopt(&mut self, peer: PeerId, said: &Reference, offset: i64, now: Duration) -> Option<Step> {
        let Some(own) = self.own.as_mut().filter(|own| own.epoch == said.epoch) else {
            return Some(self.change_epoch(peer, said, offset, now));
        };
        if own.root != said.root || own.pulse < said.pulse {
            (own.root, own.pulse, own.pulsed) = (said.root, said.pulse, now);
        }
        (own.stratum, own.source, own.shared) = (said.stratum + 1, Some(peer), true);
        let is_far = (offset - own.offset.at(now)).abs() > JUMP_US;
        if is_far || now.saturating_sub(own.adopted) < SETTLES_WITHIN {
            own.offset = Offset::fixed(offset, now);
        } else {
            own.offset.slew(offset, now);
        }
        None
    }

    fn change_epoch(&mut self, peer: PeerId, said: &Reference, offset: i64, now: Duration) -> Step {
        let left = self.own.as_ref().map(|own| (own.epoch, own.offset.at(now)));
        if let Some(left) = left {
            self.past.retain(|(epoch, _)| *epoch != left.0);
            self.past.push_back(left);
            if self.past.len() > PAST_MAX {
                self.past.pop_front();
            }
        }
        self.own = Some(Own {
            epoch: said.epoch,
            shared: true,
            root: said.root,
            pulse: said.pulse,
            pulsed: now,
            stratum: said.stratum + 1,
            source: Some(peer),
            adopted: now,
            offset: Offset::fixed(offset, now),
        });
        Step {
            from_epoch: left.map(|(epoch, _)| epoch),
            to_epoch: said.epoch,
            delta_us: left.map_or(0, |(_, old)| offset - old),
        }
    }
}
