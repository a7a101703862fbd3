//! The choice of the next group and its source.

use std::time::Duration;

use kadenza_api::Groups;
use libp2p::PeerId;

use super::shares::{BLOCK, Shares};
use super::source::{Doubt, Source};
use super::{Download, IDLE_PATIENCE};
use crate::content::groups::GroupSet;
use crate::content::wire::GROUPS_LIMIT;

/// How much sooner a relay must answer to be asked for what a peer that comes and goes has as well: less than this nobody
/// notices, and what relays need not send lets them serve more tabs.
const DETOUR: Duration = Duration::from_millis(200);

/// A relay is asked for what a peer that comes and goes has as well only once it is so late: the relay then brings it in less
/// time than is left, and a tab that is busy for a moment has not lost its work to a relay.
const SPARED: Duration = Duration::from_millis(500);

/// A relay takes over from those that are silent so long before what they owe is due. Should they be gone, the player is
/// not to notice; should they be back, the relay has sent three seconds of music.
const AHEAD_OF_SILENCE: Duration = Duration::from_secs(2);

/// Open groups looked at for the rarest among them.
const RAREST_OF: usize = 256;

impl Download {
    /// Notes who shares the work now.
    pub(super) fn look_who_shares(&mut self) {
        let shares = |source: &Source| !source.stalled && source.is_partial() && source.fetches;
        self.shares.with(self.sources.iter().filter(|(_, source)| shares(source)).map(|(peer, _)| peer));
    }

    /// What to ask of whom now.
    pub(super) fn choose(&mut self, now: Duration) -> Option<(PeerId, Groups)> {
        if self.sources.values().all(|source| source.room() == 0) {
            return None;
        }
        self.look_who_shares();
        let look = Look::at(self, now);
        let urgent = !(look.shares && self.playback.is_well_ahead(self.aim, now));
        let urgent = urgent.then(|| self.choose_urgent(now, &look)).flatten();
        urgent.or_else(|| self.choose_rest(now, &look))
    }

    /// The groups that another peer of the crowd is to fetch, without those that are due.
    pub(super) fn shares_of_others(&mut self, now: Duration) -> GroupSet {
        self.look_who_shares();
        let look = Look::at(self, now);
        let mut left = GroupSet::none(self.held.count());
        if look.shares {
            let others = look
                .missing
                .from(0)
                .filter(|group| !look.is_mine(*group) && self.playback.due(*group, now) > now);
            others.for_each(|group| {
                left.insert(group);
            });
        }
        left
    }

    /// The groups readers wait for and those in the window, in order.
    fn choose_urgent(&self, now: Duration, look: &Look) -> Option<(PeerId, Groups)> {
        let window = self.window(now);
        let waiting = self.waiting.iter().copied().filter(|group| !window.contains(group));
        for group in waiting.chain(window.clone()).filter(|group| look.is_urgent(*group)) {
            let due = self.playback.due(group, now) <= now;
            if let Some((peer, source)) = self.best_source(group, now, look) {
                let block = BLOCK - group % BLOCK;
                let most = match (due, look.shares) {
                    (true, _) => source.run().max(1),
                    (false, true) => block,
                    (false, false) => source.run().max(block),
                };
                let also = |next: u64| {
                    let is_for_it = !source.durable || self.relays_asked_from(next, now) <= now;
                    let is_as_urgent = due || look.is_mine(next) == look.is_mine(group);
                    window.contains(&next) && is_for_it && is_as_urgent
                };
                return Some((peer, look.run(source, group, most, also)));
            }
        }
        None
    }

    /// The source that will answer soonest among those that should be asked for a group.
    fn best_source(&self, group: u64, now: Duration, look: &Look) -> Option<(PeerId, &Source)> {
        let having = || self.sources.iter().filter(|(_, source)| source.may_have(group) && !source.stalled);
        let due = self.playback.due(group, now) <= now;
        let shared = look.shares && !due;
        let spare_durable = now < self.relays_asked_from(group, now);
        let spare_complete = shared && (!look.is_mine(group) || look.with_others.has(group));
        having()
            .filter(|(_, source)| source.room() > 0 && !source.was_asked_for(group))
            .filter(|(_, source)| !(spare_durable && source.durable))
            .filter(|(_, source)| !spare_complete || source.is_partial())
            .min_by_key(|(_, source)| source.eta() + if source.durable { DETOUR } else { Duration::ZERO })
            .map(|(peer, source)| (*peer, source))
    }

    /// From when on relays are asked for a group too: at once where nobody else may have it.
    pub(super) fn relays_asked_from(&self, group: u64, now: Duration) -> Duration {
        let having = self.sources.values().filter(|source| !source.durable && source.may_have(group));
        let due = self.playback.due(group, now);
        match having.map(|source| source.doubt(now)).min() {
            None => Duration::ZERO,
            // They may be back before it is heard.
            Some(Doubt::Stalled) => due.saturating_sub(AHEAD_OF_SILENCE),
            Some(Doubt::Late) => due,
            Some(Doubt::Answers) => due + SPARED,
        }
    }

    /// Everything else, once the window is under way.
    fn choose_rest(&self, now: Duration, look: &Look) -> Option<(PeerId, Groups)> {
        if !self.everything || self.reach.is_some() || self.is_beginning(now) {
            return None;
        }
        // A peer that comes and goes has all of it, or may have: relays need not send what is not urgent. One that is silent
        // may be back.
        let may_be_complete = |source: &Source| source.holds.is_none() || source.is_complete();
        let fleeting = self.sources.values().any(|source| !source.durable && may_be_complete(source));
        let mut sources: Vec<_> = self
            .sources
            .iter()
            .filter(|(_, source)| source.is_ready() && source.holds.is_some())
            .filter(|(_, source)| !(fleeting && source.durable))
            .collect();
        sources.sort_by_key(|(_, source)| source.eta());
        if !look.shares {
            return sources.iter().find_map(|(peer, source)| Some((**peer, self.in_order(source, look)?)));
        }
        self.choose_shared(now, look, &sources)
    }

    /// Everything else where the work is shared, of one of these sources, the quickest first.
    fn choose_shared(
        &self,
        now: Duration,
        look: &Look,
        sources: &[(&PeerId, &Source)],
    ) -> Option<(PeerId, Groups)> {
        let complete = sources.iter().find(|(_, source)| source.is_complete());
        let own = self.own_share(look, &look.open);
        if let Some((peer, source)) = complete
            && let Some(own) = own
        {
            let groups = look.run(source, own, BLOCK - own % BLOCK, |group| look.is_own(group));
            return Some((**peer, groups));
        }
        let own = self.own_share(look, &look.missing);
        if own.is_some() && !self.may_take_from_others() {
            return None;
        }
        // Shares are not of one size: who is done helps to get what nobody else has yet, a little at a time, since its owner
        // has asked for some of it.
        if let Some((peer, source)) = complete
            && source.open() == 0
            && own.is_none()
            && let Some(first) = self.nobodys(look)
        {
            let most = BLOCK - first % BLOCK;
            return Some((**peer, look.run(source, first, most, |group| !look.with_others.has(group))));
        }
        let partial = sources.iter().filter(|(_, source)| source.is_partial());
        let rarest = partial.filter_map(|(peer, source)| Some((**peer, self.rarest(source, look)?))).next();
        rarest.or_else(|| {
            let waited = self.idle.is_some_and(|idle| now >= idle + IDLE_PATIENCE);
            let (peer, source) = sources.first().filter(|_| waited)?;
            Some((**peer, self.in_order(source, look)?))
        })
    }

    /// While its own share comes as fast as it can, a peer takes from others what they have; yet only so much that its share is
    /// here once it holds three fifths of everything.
    fn may_take_from_others(&self) -> bool {
        let taken = self.held.len() - self.shares.mine().overlap(&self.held);
        self.shares.mine().len() + taken < self.held.count() * 3 / 5
    }

    /// The first open groups from the reader on, then from the beginning, that a source has.
    fn in_order(&self, source: &Source, look: &Look) -> Option<Groups> {
        let mut open = look.open.from(self.aim).chain(look.open.from(0));
        let first = open.find(|group| source.may_have(*group))?;
        Some(look.run(source, first, source.run(), |_| true))
    }

    /// The first of some groups that is this peer's own share and that no other peer has yet.
    fn own_share(&self, look: &Look, of: &GroupSet) -> Option<u64> {
        let has_complete = self.sources.values().any(|source| source.is_complete() && !source.stalled);
        of.from(self.aim).chain(of.from(0)).find(|group| has_complete && look.is_own(*group))
    }

    /// The last open group that no other peer of the crowd has and whose share fits this one second best: its owner begins
    /// at the other end.
    fn nobodys(&self, look: &Look) -> Option<u64> {
        look.open.from(0).filter(|group| !look.with_others.has(*group) && look.of.is_second(*group)).last()
    }

    /// Open groups that a source has and the fewest others do. Each peer begins to look somewhere else.
    fn rarest(&self, source: &Source, look: &Look) -> Option<Groups> {
        let start = look.of.start(self.held.count());
        let holders = |group: u64| {
            self.sources.values().filter(move |source| source.is_partial() && source.may_have(group)).count()
        };
        let open = look.open.from(start).chain(look.open.from(0).take_while(|group| *group < start));
        let rarest = open
            .filter(|group| source.may_have(*group))
            .take(RAREST_OF)
            .min_by_key(|group| (holders(*group), look.of.fit(*group), group % BLOCK))?;
        Some(look.run(source, rarest, BLOCK - rarest % BLOCK, |_| true))
    }
}

/// How things are, for one choice.
struct Look<'a> {
    /// Wanted and not here.
    missing: GroupSet,
    /// Those of them that are not asked of anybody who answers.
    open: GroupSet,
    /// Those that are due and asked only of somebody who is late.
    late: GroupSet,
    /// Held by peers that fetch this content too.
    with_others: GroupSet,
    of: &'a Shares,
    /// Whether the work is shared with them.
    shares: bool,
}

impl<'a> Look<'a> {
    fn at(download: &'a Download, now: Duration) -> Self {
        let count = download.held.count();
        let alive = || download.sources.values().filter(|source| !source.stalled);
        let mut missing = if download.everything { GroupSet::all(count) } else { download.wanted.clone() };
        missing.remove_all(&download.held);
        let mut open = missing.clone();
        alive().flat_map(Source::asked).for_each(|group| open.remove(group));
        let mut late = missing.clone();
        late.remove_all(&open);
        download.on_time(now).for_each(|group| late.remove(group));
        let mut with_others = GroupSet::none(count);
        alive()
            .filter(|source| source.is_partial())
            .filter_map(|source| source.holds.as_ref())
            .for_each(|holds| with_others.add_all(holds));
        let of = &download.shares;
        let complete = alive().filter(|source| source.is_complete()).count();
        let shares = of.others() > 0 && complete <= of.others();
        Self { missing, open, late, with_others, of, shares }
    }

    /// Whether a group that is soon wanted has to be asked for.
    fn is_urgent(&self, group: u64) -> bool {
        self.open.has(group) || self.late.has(group)
    }

    fn is_mine(&self, group: u64) -> bool {
        !self.shares || self.of.is_mine(group)
    }

    fn is_own(&self, group: u64) -> bool {
        !self.with_others.has(group) && self.is_mine(group)
    }

    /// Up to `most` open groups from `first` on that a source has.
    fn run(&self, source: &Source, first: u64, most: u64, also: impl Fn(u64) -> bool) -> Groups {
        let most = most.min(source.room()).clamp(1, GROUPS_LIMIT);
        let goes_on = |group: &u64| {
            let fits = self.is_urgent(*group) && source.may_have(*group);
            fits && !source.was_asked_for(*group) && also(*group)
        };
        let more = (first + 1..first + most).take_while(goes_on).count() as u64;
        first..first + 1 + more
    }
}
