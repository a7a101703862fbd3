//! Which group of a content to ask of whom next: a state machine without I/O or clock. The fetch task feeds it
//! what happened and does what it says.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use kadenza_api::Groups;
use libp2p::PeerId;

/// Groups in a request at the most: 256 KiB, a few round trips' worth on home links.
const GROUPS_PER_REQUEST: u64 = 4;

/// Groups asked of one source at once, in all its requests: 1 MiB. A source begins with one.
const GROUPS_PER_SOURCE: u64 = 16;

/// An answer that takes less than this lets its source be asked for four times as much at once, or for twice as much;
/// one that takes longer than [`SLOW`] for half. So much is under way that a source never idles, and so little that the
/// reader's next group does not wait for those after it: a home link of 1 Mbit/s needs 8 s for what the fastest get.
const FAST: Duration = Duration::from_millis(200);
const BRISK: Duration = Duration::from_millis(600);
const SLOW: Duration = Duration::from_millis(1500);

/// Failures (no answer in time, not here) in a row after which a source is given up.
const FAILURES_MAX: u32 = 2;

/// The plan for one content.
#[derive(Debug)]
pub(crate) struct Schedule {
    missing: BTreeSet<u64>,
    /// Where the reader is: groups from here on go first.
    aim: u64,
    /// Only this many groups from `aim` on are fetched; all of them where `None`.
    window: Option<u64>,
    sources: BTreeMap<PeerId, Source>,
    /// Sources that failed, not asked again until [`Schedule::forgive`].
    dropped: BTreeSet<PeerId>,
    /// Sources that lied, never asked again by this plan.
    liars: BTreeSet<PeerId>,
    in_flight: BTreeSet<u64>,
}

#[derive(Debug)]
struct Source {
    /// Groups asked of it and not come yet.
    open: u64,
    /// Groups that may be asked of it at once.
    allowed: u64,
    failures: u32,
    proven: bool,
}

impl Default for Source {
    fn default() -> Self {
        Self { open: 0, allowed: 1, failures: 0, proven: false }
    }
}

impl Schedule {
    /// A plan to fetch the `missing` groups.
    pub(crate) fn new(missing: impl IntoIterator<Item = u64>) -> Self {
        Self {
            missing: missing.into_iter().collect(),
            aim: 0,
            window: None,
            sources: BTreeMap::new(),
            dropped: BTreeSet::new(),
            liars: BTreeSet::new(),
            in_flight: BTreeSet::new(),
        }
    }

    /// The reader is at `group` now.
    pub(crate) fn aim(&mut self, group: u64) {
        self.aim = group;
    }

    /// Fetch no more than `groups` ahead of the reader: nothing that comes can be kept.
    pub(crate) fn stay_within(&mut self, groups: u64) {
        self.window = Some(groups);
    }

    /// Whether `group` has come and is where Services keep it.
    pub(crate) fn has(&self, group: u64) -> bool {
        !self.missing.contains(&group) && !self.in_flight.contains(&group)
    }

    /// A group is wanted that came before but was not kept.
    pub(crate) fn want_again(&mut self, group: u64) {
        if !self.in_flight.contains(&group) {
            self.missing.insert(group);
        }
    }

    /// A peer that may hold the content.
    pub(crate) fn add_source(&mut self, peer: PeerId) {
        if !self.dropped.contains(&peer) && !self.liars.contains(&peer) {
            self.sources.entry(peer).or_default();
        }
    }

    /// The next request to send, if there is one to be sent now: the earliest groups from the reader on (then
    /// those before it) to the source with the least to do.
    pub(crate) fn next(&mut self) -> Option<(PeerId, Groups)> {
        let (peer, source) = self
            .sources
            .iter_mut()
            .filter(|(_, source)| source.open < source.allowed)
            .min_by_key(|(_, source)| (source.open, source.failures))?;
        let end = self.window.map_or(u64::MAX, |window| self.aim.saturating_add(window));
        let behind = if self.window.is_none() { 0..self.aim } else { 0..0 };
        let first = *self.missing.range(self.aim..end).chain(self.missing.range(behind)).next()?;
        let most = GROUPS_PER_REQUEST.min(source.allowed - source.open);
        let run = (first..first.saturating_add(most))
            .take_while(|group| *group < end && self.missing.contains(group));
        let groups = first..first + run.count() as u64;
        for group in groups.clone() {
            self.missing.remove(&group);
            self.in_flight.insert(group);
        }
        source.open += groups.end - groups.start;
        Some((*peer, groups))
    }

    /// These groups came, `took` after they were asked for, and proved themselves.
    pub(crate) fn arrived(&mut self, peer: PeerId, groups: &Groups, took: Duration) {
        self.settle(peer, groups);
        if let Some(source) = self.sources.get_mut(&peer) {
            source.failures = 0;
            source.proven = true;
            let allowed = match took {
                took if took < FAST => source.allowed * 4,
                took if took < BRISK => source.allowed * 2,
                took if took > SLOW => source.allowed / 2,
                _ => source.allowed,
            };
            source.allowed = allowed.clamp(1, GROUPS_PER_SOURCE);
        }
    }

    /// No answer, or not here: the groups are asked elsewhere.
    pub(crate) fn failed(&mut self, peer: PeerId, groups: &Groups) {
        self.settle(peer, groups);
        self.missing.extend(groups.clone());
        let Some(source) = self.sources.get_mut(&peer) else { return };
        source.failures += 1;
        if source.failures >= FAILURES_MAX || !source.proven {
            self.drop_source(peer);
        }
    }

    /// The bytes were not what they claim to be: never again, and the groups are asked elsewhere.
    pub(crate) fn lied(&mut self, peer: PeerId, groups: &Groups) {
        self.settle(peer, groups);
        self.missing.extend(groups.clone());
        self.sources.remove(&peer);
        self.liars.insert(peer);
    }

    /// Sources that failed may be asked again: the path to them may have come back.
    pub(crate) fn forgive(&mut self) {
        self.dropped.clear();
    }

    fn settle(&mut self, peer: PeerId, groups: &Groups) {
        for group in groups.clone() {
            self.in_flight.remove(&group);
        }
        if let Some(source) = self.sources.get_mut(&peer) {
            source.open = source.open.saturating_sub(groups.end - groups.start);
        }
    }

    fn drop_source(&mut self, peer: PeerId) {
        self.sources.remove(&peer);
        self.dropped.insert(peer);
    }

    /// Whether every group has come.
    pub(crate) fn is_complete(&self) -> bool {
        self.missing.is_empty() && self.in_flight.is_empty()
    }

    /// Whether nobody is left to ask.
    pub(crate) fn is_stranded(&self) -> bool {
        self.sources.is_empty() && self.in_flight.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::protocol::content::GROUPS_LIMIT;

    fn all(schedule: &mut Schedule) -> Vec<(PeerId, Groups)> {
        std::iter::from_fn(|| schedule.next()).collect()
    }

    const QUICK: Duration = Duration::from_millis(10);

    #[test]
    fn a_new_source_is_asked_for_one_group_and_for_more_the_faster_it_answers() {
        let (mut schedule, peer) = (Schedule::new(0..100), PeerId::random());
        schedule.add_source(peer);
        assert_eq!(all(&mut schedule), [(peer, 0..1)]);
        schedule.arrived(peer, &(0..1), QUICK);
        assert_eq!(all(&mut schedule), [(peer, 1..5)]);
        schedule.arrived(peer, &(1..5), QUICK);
        let asked: Vec<_> = all(&mut schedule).into_iter().map(|(_, groups)| groups).collect();
        assert_eq!(asked, [5..9, 9..13, 13..17, 17..21]);
    }

    #[test]
    fn a_slow_source_is_never_asked_for_more_than_it_can_answer_soon() {
        let (mut schedule, peer) = (Schedule::new(0..1000), PeerId::random());
        schedule.add_source(peer);
        // A home link of 1 Mbit/s.
        let needs = |groups: u64| Duration::from_millis(524) * u32::try_from(groups).unwrap();
        for _ in 0..20 {
            let asked = all(&mut schedule);
            let groups = asked.iter().map(|(_, groups)| groups.end - groups.start).sum();
            assert!(needs(groups) <= 2 * SLOW, "{groups} groups at once");
            asked.iter().for_each(|(peer, asked)| schedule.arrived(*peer, asked, needs(groups)));
        }
    }

    #[test]
    fn the_groups_at_the_reader_go_first_and_those_before_it_last() {
        let (mut schedule, peer) = (Schedule::new(0..10), PeerId::random());
        schedule.add_source(peer);
        schedule.aim(8);
        let mut order = Vec::new();
        while let Some((peer, groups)) = schedule.next() {
            order.push(groups.start);
            schedule.arrived(peer, &groups, QUICK);
        }
        assert_eq!(order, [8, 9, 0, 4], "the reader's group, the rest of the song, then what lies behind");
        assert!(schedule.is_complete());
    }

    #[test]
    fn a_liar_is_never_asked_again_and_its_groups_are_asked_elsewhere() {
        let (mut schedule, liar, honest) = (Schedule::new(0..2), PeerId::random(), PeerId::random());
        schedule.add_source(liar);
        let (_, groups) = schedule.next().unwrap();
        schedule.lied(liar, &groups);
        schedule.add_source(liar);
        assert!(schedule.is_stranded());
        schedule.add_source(honest);
        assert_eq!(schedule.next(), Some((honest, 0..1)));
    }

    #[test]
    fn a_source_that_failed_is_asked_again_once_forgiven_and_a_liar_is_not() {
        let (mut schedule, lost, liar) = (Schedule::new(0..9), PeerId::random(), PeerId::random());
        for peer in [lost, liar] {
            schedule.add_source(peer);
        }
        while let Some((peer, groups)) = schedule.next() {
            if peer == liar { schedule.lied(peer, &groups) } else { schedule.failed(peer, &groups) }
        }
        assert!(schedule.is_stranded());
        schedule.forgive();
        for peer in [lost, liar] {
            schedule.add_source(peer);
        }
        assert_eq!(all(&mut schedule), [(lost, 0..1)]);
    }

    #[test]
    fn what_cannot_be_kept_is_fetched_only_near_the_reader() {
        let (mut schedule, peer) = (Schedule::new(0..1000), PeerId::random());
        schedule.add_source(peer);
        schedule.stay_within(8);
        schedule.aim(100);
        let mut asked = BTreeSet::new();
        while let Some((peer, groups)) = schedule.next() {
            asked.extend(groups.clone());
            schedule.arrived(peer, &groups, QUICK);
        }
        assert_eq!(asked, (100..108).collect());
    }

    proptest! {
        #[test]
        fn every_group_arrives_while_one_honest_source_is_left(
            groups in 1u64..60, sources in 1usize..6, outcomes in prop::collection::vec(0u8..4, 0..200), aim in 0u64..60,
        ) {
            let honest = PeerId::random();
            let mut schedule = Schedule::new(0..groups);
            schedule.aim(aim);
            schedule.add_source(honest);
            for _ in 1..sources {
                schedule.add_source(PeerId::random());
            }
            let (mut outcomes, mut open, mut came) = (outcomes.into_iter(), Vec::new(), BTreeSet::new());
            loop {
                while let Some((peer, asked)) = schedule.next() {
                    prop_assert!(asked.end - asked.start <= GROUPS_LIMIT && asked.end <= groups);
                    open.push((peer, asked));
                }
                let Some((peer, asked)) = open.pop() else { break };
                match outcomes.next() {
                    Some(0) if peer != honest => schedule.failed(peer, &asked),
                    Some(1) if peer != honest => schedule.lied(peer, &asked),
                    _ => {
                        schedule.arrived(peer, &asked, QUICK);
                        for group in asked {
                            prop_assert!(came.insert(group), "group {group} came twice");
                        }
                    }
                }
            }
            prop_assert!(schedule.is_complete());
            prop_assert_eq!(came.len() as u64, groups);
        }
    }
}
