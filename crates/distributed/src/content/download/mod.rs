//! Which group of a content to ask of whom: a state machine without I/O or clock. The fetch task tells it what
//! happened and when, and does what it says.
//!
//! Groups a reader waits for, and those right after them, go first and in order, each to the source that will answer
//! soonest. The rest of the content follows. Where several peers are after the same content and few have all of it,
//! they share the work: each block of groups is fetched from the complete sources by the one peer whose id fits it best
//! (rendezvous hashing, Thaler and Ravishankar 1998), and by the others from that peer. So one copy that leaves the
//! uploader serves a crowd. A peer first fetches its own share, the rarest there is, and a little of what others have; then
//! the end of a share that fits it second best, then what others have: should the uploader leave, the crowd holds as much
//! as possible.
//! Nobody waits for a peer that does not deliver. A relay brings what nobody else has, and of the rest only what is late.

mod choice;
mod playback;
mod shares;
mod source;
#[cfg(test)]
mod swarm;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use kadenza_api::{ContentId, Groups};
use libp2p::PeerId;

use self::playback::Playback;
use self::shares::Shares;
use self::source::{Doubt, Source};
use crate::content::groups::{GroupSet, runs};
use crate::content::wire::ToHolder;

/// Sources followed at once; more would only be more to tell.
const SOURCES_MAX: usize = 24;

/// The groups after the reader's that are fetched in order: 512 KiB, from three seconds to half a minute of music.
const WINDOW: u64 = 32;

/// How long a download that has nothing under way waits for the others' shares.
const IDLE_PATIENCE: Duration = Duration::from_millis(500);

/// What is to be done. The task does it in this order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Output {
    /// Tell this peer that the content is of interest, and hear what it has.
    Follow(PeerId),
    /// Ask this peer for these groups.
    Ask(PeerId, Groups),
    /// Tell this peer that these groups are not needed from it any more.
    Cancel(PeerId, Groups),
    /// Tell this peer that the content is of no interest any more.
    Leave(PeerId),
}

impl Output {
    /// Whom to tell what, for a content called `handle`.
    pub(crate) fn message(self, handle: u32, (content, len): (ContentId, u64)) -> (PeerId, ToHolder) {
        match self {
            Self::Follow(peer) => (peer, ToHolder::Follow { handle, content, len }),
            Self::Ask(peer, groups) => (peer, ToHolder::Ask { handle, groups }),
            Self::Cancel(peer, groups) => (peer, ToHolder::Cancel { handle, groups }),
            Self::Leave(peer) => (peer, ToHolder::Leave { handle }),
        }
    }
}

/// The plan for one content. Times are since the download began.
#[derive(Debug)]
pub(crate) struct Download {
    this: PeerId,
    shares: Shares,
    held: GroupSet,
    /// Groups that are wanted, in case not everything is.
    wanted: GroupSet,
    everything: bool,
    /// Only this many groups from the reader on are fetched: nothing that comes can be kept.
    reach: Option<u64>,
    /// Where the reader is.
    aim: u64,
    playback: Playback,
    /// Groups readers wait for.
    waiting: BTreeSet<u64>,
    sources: BTreeMap<PeerId, Source>,
    /// Peers that lied or broke off, not asked again by this plan.
    liars: BTreeSet<PeerId>,
    /// Since when nothing is under way.
    idle: Option<Duration>,
    outbox: VecDeque<Output>,
}

impl Download {
    /// A plan for a content of `count` groups, of which those of `held` are here. It fetches nothing until it is told
    /// what is wanted.
    pub(crate) fn new(this: PeerId, held: GroupSet) -> Self {
        Self {
            this,
            shares: Shares::alone(&this, held.count()),
            playback: Playback::new(held.count()),
            wanted: GroupSet::none(held.count()),
            held,
            everything: false,
            reach: None,
            aim: 0,
            waiting: BTreeSet::new(),
            sources: BTreeMap::new(),
            liars: BTreeSet::new(),
            idle: None,
            outbox: VecDeque::new(),
        }
    }

    /// All of it is to be fetched.
    pub(crate) fn want_everything(&mut self) {
        self.everything = true;
    }

    /// A reader waits for the first of these groups and will want the others soon.
    pub(crate) fn want(&mut self, groups: &Groups, now: Duration) {
        self.wanted.insert_all(groups);
        // A reader that goes on has read all there is between where it was and where it is.
        let mut between = self.aim..groups.start;
        let jumped = groups.start < self.aim || !between.all(|group| self.held.has(group));
        if jumped || self.waiting.is_empty() && self.playback.begun().is_zero() {
            self.playback.begin(groups.start, &self.held, now);
        }
        self.aim = groups.start;
        if !self.held.has(groups.start) {
            self.waiting.insert(groups.start);
        }
        if jumped {
            self.drop_far_flights(now);
        }
    }

    /// Nobody waits for this group any more.
    pub(crate) fn gave_up(&mut self, group: u64) {
        self.waiting.remove(&group);
    }

    /// Nothing can be kept: fetch only `groups` ahead of the reader.
    pub(crate) fn stay_within(&mut self, groups: u64) {
        self.reach = Some(groups);
    }

    /// A group that came is not here any more.
    pub(crate) fn lost(&mut self, group: u64) {
        self.held.remove(group);
        self.playback.lost(group);
    }

    /// A peer that has the content, or may get it. `round_trip` to it, if that was measured.
    pub(crate) fn add_source(
        &mut self,
        peer: PeerId,
        durable: bool,
        round_trip: Option<Duration>,
        now: Duration,
    ) {
        let is_new = !self.sources.contains_key(&peer) && !self.liars.contains(&peer) && peer != self.this;
        if is_new && self.sources.len() < SOURCES_MAX {
            self.sources.insert(peer, Source::new(durable, round_trip, now));
            self.outbox.push_back(Output::Follow(peer));
        }
    }

    /// A source is after the content itself.
    pub(crate) fn fetches(&mut self, peer: PeerId, now: Duration) {
        let source = self.sources.get_mut(&peer);
        if source.is_some_and(|source| !std::mem::replace(&mut source.fetches, true)) {
            self.leave_to_others(now);
        }
    }

    /// What was asked of complete sources before it became another's share is taken back, unless it is urgent.
    fn leave_to_others(&mut self, now: Duration) {
        let left = self.shares_of_others(now);
        self.take_back(|source, group| source.is_complete() && left.has(group));
    }

    /// Asks no more for the groups under way at a source that `which` names.
    fn take_back(&mut self, which: impl Fn(&Source, u64) -> bool) {
        for (peer, source) in &mut self.sources {
            for groups in runs(source.asked().filter(|group| which(source, *group))) {
                for group in groups.clone() {
                    source.forget(group);
                }
                self.outbox.push_back(Output::Cancel(*peer, groups));
            }
        }
    }

    /// A source says that it has these groups, besides what it had before. Whether it has all of them now.
    pub(crate) fn have(&mut self, peer: PeerId, groups: &[Groups], now: Duration) -> bool {
        let count = self.held.count();
        let Some(source) = self.sources.get_mut(&peer) else { return false };
        if source.holds.is_none() {
            source.spoke(now);
        }
        let is_news = source.holds.is_none();
        let holds = source.holds.get_or_insert_with(|| GroupSet::none(count));
        groups.iter().for_each(|groups| holds.insert_all(groups));
        let is_all = holds.is_all();
        if is_news {
            self.leave_to_others(now);
        }
        is_all
    }

    /// These groups came from a source and proved themselves.
    pub(crate) fn arrived(&mut self, peer: PeerId, groups: &Groups, now: Duration) {
        for group in groups.clone() {
            self.held.insert(group);
            self.waiting.remove(&group);
            for (other, source) in &mut self.sources {
                if *other == peer {
                    source.came(group, now);
                } else if source.forget(group) {
                    self.outbox.push_back(Output::Cancel(*other, group..group + 1));
                }
            }
        }
        self.playback.came(&self.held, now);
        self.look_idle(now);
    }

    /// A source will not send these groups.
    pub(crate) fn refused(&mut self, peer: PeerId, groups: &Groups, now: Duration) {
        let count = self.held.count();
        if let Some(source) = self.sources.get_mut(&peer) {
            for group in groups.start..groups.end.min(count) {
                source.forget(group);
                source.holds.get_or_insert_with(|| GroupSet::none(count)).remove(group);
            }
        }
        self.look_idle(now);
    }

    /// There is no way to a source any more; it may be added again.
    pub(crate) fn gone(&mut self, peer: PeerId, now: Duration) {
        self.sources.remove(&peer);
        self.look_idle(now);
    }

    /// A source sent bytes that were not what it said: it is never asked again.
    pub(crate) fn lied(&mut self, peer: PeerId, now: Duration) {
        self.liars.insert(peer);
        self.gone(peer, now);
    }

    /// The next thing to do now, if there is one.
    pub(crate) fn next(&mut self, now: Duration) -> Option<Output> {
        self.look_for_silence(now);
        if self.is_starving() {
            self.sources.values_mut().for_each(|source| source.try_again(now));
        }
        if let Some(output) = self.outbox.pop_front() {
            return Some(output);
        }
        let (peer, groups) = self.choose(now)?;
        self.idle = None;
        self.sources.get_mut(&peer)?.ask(&groups, now);
        Some(Output::Ask(peer, groups))
    }

    /// When to look again, after `now`, although nothing happened.
    pub(crate) fn wakes(&self, now: Duration) -> Option<Duration> {
        let silence = self.sources.values().filter_map(Source::deadline);
        let answers: Vec<_> =
            self.sources.values().filter(|source| source.doubt(now) == Doubt::Answers).collect();
        let comes = |group: u64| answers.iter().any(|source| source.was_asked_for(group));
        let lacking = self.window(now).filter(|group| !self.held.has(*group) && !comes(*group));
        let due =
            lacking.flat_map(|group| [self.playback.due(group, now), self.relays_asked_from(group, now)]);
        let late = self.sources.values().filter_map(Source::late);
        let idle = self.idle.map(|idle| idle + IDLE_PATIENCE);
        let begun = self.playback.has_links_until(self.waits());
        silence.chain(late).chain(due).chain(idle).chain([begun]).filter(|wakes| *wakes > now).min()
    }

    /// Whether every group is here.
    pub(crate) fn is_complete(&self) -> bool {
        self.held.is_all()
    }

    /// Whether a group is here.
    pub(crate) fn has(&self, group: u64) -> bool {
        self.held.has(group)
    }

    /// The groups that are here.
    #[cfg(test)]
    pub(crate) fn held(&self) -> &GroupSet {
        &self.held
    }

    /// Whether a peer that comes and goes, and is no relay, may have some of it.
    pub(crate) fn has_fleeting_source(&self) -> bool {
        self.sources.values().any(|source| !source.durable && !source.stalled && source.is_hopeful())
    }

    /// Whether something is wanted and nobody is left who has it.
    pub(crate) fn is_stranded(&self) -> bool {
        let wants = self.everything && !self.is_complete() || !self.waiting.is_empty();
        wants && !self.sources.values().any(Source::is_hopeful)
    }

    /// Whether a reader waits for a group that nobody who answers is known to have.
    pub(crate) fn is_starving(&self) -> bool {
        let has =
            |source: &Source, group| !source.stalled && source.holds.is_some() && source.may_have(group);
        self.waiting.iter().any(|group| !self.sources.values().any(|source| has(source, *group)))
    }

    /// Asks the sources that answer, and are not known to have what a reader waits for, what they have by now.
    pub(crate) fn ask_what_they_have(&mut self) {
        let waiting = &self.waiting;
        let lacks = |source: &Source| !waiting.iter().all(|group| source.may_have(*group));
        let asked = self.sources.iter().filter(|(_, source)| !source.stalled && lacks(source));
        self.outbox.extend(asked.map(|(peer, _)| Output::Follow(*peer)));
    }

    /// The peers that were told that this content is of interest.
    pub(crate) fn followed(&self) -> impl Iterator<Item = PeerId> {
        self.sources.keys().copied()
    }

    fn window(&self, now: Duration) -> Groups {
        let reach = self.reach.unwrap_or(WINDOW).min(WINDOW);
        let end = if self.is_beginning(now) { self.playback.beginning_ends() } else { self.aim + reach };
        self.aim..end.min(self.aim + reach).min(self.held.count())
    }

    /// Whether somebody plays it, rather than has a look or keeps it.
    fn has_player(&self) -> bool {
        self.everything && self.wanted.len() > 0
    }

    /// Groups under way that need not be asked for again: not yet due, or of somebody who is not late.
    fn on_time(&self, now: Duration) -> impl Iterator<Item = u64> {
        self.sources.values().flat_map(move |source| {
            let doubt = source.doubt(now);
            let comes = move |group: &u64| match doubt {
                Doubt::Answers => true,
                Doubt::Late => now < self.playback.due(*group, now),
                Doubt::Stalled => false,
            };
            source.asked().filter(comes)
        })
    }

    /// Whether a player has just begun and has not got, or not decoded, what it begins with.
    fn is_beginning(&self, now: Duration) -> bool {
        self.has_player() && now < self.playback.has_links_until(self.waits())
    }

    fn waits(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// What lies far from where the reader jumped to must not hold up what it needs now.
    fn drop_far_flights(&mut self, now: Duration) {
        let window = self.window(now);
        self.take_back(|_, group| !window.contains(&group));
    }

    fn look_for_silence(&mut self, now: Duration) {
        let mut given_up = Vec::new();
        for (peer, source) in &mut self.sources {
            if source.deadline().is_some_and(|deadline| deadline <= now) && source.missed(now) {
                given_up.push(*peer);
            }
        }
        for peer in given_up {
            self.sources.remove(&peer);
            self.outbox.push_back(Output::Leave(peer));
        }
    }

    fn look_idle(&mut self, now: Duration) {
        if self.sources.values().all(|source| source.open() == 0 || source.stalled) {
            self.idle.get_or_insert(now);
        }
    }
}
