//! What is due to whom: who has been handed what belonged on it, and what has passed to it since. Without I/O.

use std::collections::BTreeMap;
use std::sync::Arc;

use kadenza_api::ContentId;
use libp2p::PeerId;

use crate::placement::{RECORD_REPLICAS, closest, keepers};
use crate::record::Record;

/// Who is around, and whether each keeps what it stores.
pub(super) type Around = BTreeMap<PeerId, bool>;

/// What a hand-over depends on. As long as it is the same, there is nothing to hand over again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Situation {
    /// How many songs are known here, and bytes of contents.
    pub(super) songs: u64,
    pub(super) bytes: u64,
    pub(super) sealed: u64,
    pub(super) around: Arc<Around>,
}

impl Situation {
    fn has_changed_here(&self, now: &Self) -> bool {
        (self.songs, self.bytes, self.sealed) != (now.songs, now.bytes, now.sealed)
    }

    fn has_lost_somebody(&self, now: &Self) -> bool {
        self.around.keys().any(|peer| !now.around.contains_key(peer))
    }
}

/// What a peer is to be handed of all that is here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Due {
    /// Whatever belongs on it.
    Everything,
    /// Whatever did not belong on it while these were around.
    WhatPassed(Arc<Around>),
}

impl Due {
    /// Whether something is due that belongs on the peer, with some around, as `belongs` says.
    pub(super) fn covers(&self, around: &Around, belongs: impl Fn(&Around) -> bool) -> bool {
        let has_it = match self {
            Self::Everything => false,
            Self::WhatPassed(before) => belongs(before),
        };
        !has_it && belongs(around)
    }
}

/// How far a peer is.
#[derive(Debug)]
enum Standing {
    /// It is being handed what was due in this situation.
    UnderWay(Situation),
    /// It was.
    Done(Situation),
    /// It did not take all of it.
    Unfinished,
}

/// Who has been handed what.
#[derive(Debug, Default)]
pub(super) struct HandedOver(BTreeMap<PeerId, Standing>);

impl HandedOver {
    /// What is due to whom now: everything to those who have come, at once; what passed to others when somebody left, at
    /// once; what has come here since, in rounds.
    pub(super) fn due(&mut self, now: &Situation, is_round: bool) -> Vec<(PeerId, Due)> {
        self.0.retain(|peer, _| now.around.contains_key(peer));
        let mut due = Vec::new();
        for peer in now.around.keys() {
            let (what, before) = match self.0.get_mut(peer) {
                None => (Due::Everything, now.clone()),
                Some(Standing::Unfinished) if is_round => (Due::Everything, now.clone()),
                Some(Standing::Done(before)) if is_round && before.has_changed_here(now) => {
                    (Due::Everything, now.clone())
                }
                Some(Standing::Done(before)) => {
                    let earlier = std::mem::replace(&mut before.around, now.around.clone());
                    let handed = Situation { around: earlier, ..before.clone() };
                    if !handed.has_lost_somebody(now) {
                        continue;
                    }
                    (Due::WhatPassed(handed.around), before.clone())
                }
                Some(Standing::UnderWay(_) | Standing::Unfinished) => continue,
            };
            self.0.insert(*peer, Standing::UnderWay(before));
            due.push((*peer, what));
        }
        due
    }

    /// Handing over to a peer has ended.
    pub(super) fn ended(&mut self, peer: PeerId, is_done: bool) {
        if let Some(standing) = self.0.get_mut(&peer)
            && let Standing::UnderWay(situation) = standing
        {
            *standing = if is_done { Standing::Done(situation.clone()) } else { Standing::Unfinished };
        }
    }
}

/// Whether `peer` is one of those that are to keep a content: every durable one, and the closest few of the others.
pub(super) fn keeps(peer: PeerId, content: ContentId, around: &Around) -> bool {
    keepers(content, around.iter().map(|(peer, durable)| (*peer, *durable))).contains(&peer)
}

/// Whether a record is filed with `peer`: one of the closest to one of its keys, of all around and `this` node.
pub(super) fn has_filed(peer: PeerId, record: &impl Record, this: PeerId, around: &Around) -> bool {
    let all = || around.keys().copied().chain([this]);
    around.contains_key(&peer)
        && (around.len() < RECORD_REPLICAS
            || record.keys().iter().any(|key| closest(key, all(), RECORD_REPLICAS).contains(&peer)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::placement::Key;

    fn situation(bytes: u64, around: &[PeerId]) -> Situation {
        let around = around.iter().map(|peer| (*peer, false)).collect();
        Situation { songs: 0, bytes, sealed: 0, around: Arc::new(around) }
    }

    fn peers<const N: usize>() -> [PeerId; N] {
        let mut peers = [(); N].map(|()| PeerId::random());
        peers.sort();
        peers
    }

    #[test]
    fn whoever_comes_is_handed_everything_once() {
        let [a, b] = peers();
        let mut handed_over = HandedOver::default();
        assert_eq!(handed_over.due(&situation(1, &[a]), false), [(a, Due::Everything)]);
        assert_eq!(handed_over.due(&situation(1, &[a]), true), [], "it is under way");
        handed_over.ended(a, true);
        assert_eq!(handed_over.due(&situation(1, &[a, b]), false), [(b, Due::Everything)]);
        handed_over.ended(b, true);
        assert_eq!(handed_over.due(&situation(1, &[a, b]), true), []);
        handed_over.due(&situation(1, &[a]), false);
        handed_over.ended(a, true);
        assert_eq!(handed_over.due(&situation(1, &[a, b]), false), [(b, Due::Everything)], "it came back");
    }

    #[test]
    fn what_comes_here_is_handed_over_in_rounds_and_so_is_what_was_not_taken() {
        let [a] = peers();
        let mut handed_over = HandedOver::default();
        handed_over.due(&situation(1, &[a]), false);
        handed_over.ended(a, false);
        assert_eq!(handed_over.due(&situation(1, &[a]), false), []);
        assert_eq!(handed_over.due(&situation(1, &[a]), true), [(a, Due::Everything)]);
        handed_over.ended(a, true);
        assert_eq!(handed_over.due(&situation(2, &[a]), false), []);
        assert_eq!(handed_over.due(&situation(2, &[a]), true), [(a, Due::Everything)]);
        handed_over.ended(a, true);
        assert_eq!(handed_over.due(&situation(2, &[a]), true), []);
    }

    #[test]
    fn once_somebody_left_the_others_are_handed_what_passed_to_them() {
        let [a, b, c] = peers();
        let mut handed_over = HandedOver::default();
        for (around, count) in [(&[a, b][..], 2), (&[a, b, c], 1)] {
            assert_eq!(handed_over.due(&situation(1, around), false).len(), count);
            around.iter().for_each(|peer| handed_over.ended(*peer, true));
        }
        let before = situation(1, &[a, b, c]).around;
        let due = handed_over.due(&situation(2, &[a, c]), false);
        assert_eq!(due, [a, c].map(|peer| (peer, Due::WhatPassed(before.clone()))));
        [a, c].into_iter().for_each(|peer| handed_over.ended(peer, true));
        assert_eq!(handed_over.due(&situation(2, &[a, c]), false), []);
        assert_eq!(
            handed_over.due(&situation(2, &[a, c]), true).len(),
            2,
            "what came meanwhile is not forgotten"
        );
    }

    #[test]
    fn what_passes_to_a_peer_is_what_the_one_who_left_was_to_keep() {
        let all = peers::<12>();
        let content = ContentId([7; 32]);
        let order = closest(&Key::content(content), all, all.len());
        let before: Around = all.iter().map(|peer| (*peer, false)).collect();
        let around: Around = before.clone().into_iter().filter(|(peer, _)| *peer != order[1]).collect();
        let due = Due::WhatPassed(Arc::new(before));
        let passes = |peer: PeerId| due.covers(&around, |around| keeps(peer, content, around));
        assert_eq!(order.iter().copied().filter(|peer| passes(*peer)).collect::<Vec<_>>(), [order[3]]);
        let everything =
            |peer: PeerId| Due::Everything.covers(&around, |around| keeps(peer, content, around));
        let keepers: Vec<_> = order.iter().copied().filter(|peer| everything(*peer)).collect();
        assert_eq!(keepers, [order[0], order[2], order[3]]);
    }
}
