//! Who is known to hold which content, remembered from search answers and look-ups, so that a click need not wait for
//! the network to say.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use kadenza_api::ContentId;
use libp2p::PeerId;

/// Contents remembered; the one heard of longest ago is forgotten first.
const CONTENTS_MAX: usize = 4096;

/// Holders remembered of one content.
pub(crate) const HOLDERS_MAX: usize = 8;

/// Known holders. Cloning gives another handle to the same ones.
#[derive(Debug, Clone, Default)]
pub(crate) struct Holders(Arc<Mutex<Known>>);

#[derive(Debug, Default)]
struct Known {
    holders: BTreeMap<ContentId, VecDeque<PeerId>>,
    heard: VecDeque<ContentId>,
}

impl Holders {
    /// `peer` says that it holds `content`.
    pub(crate) fn note(&self, content: ContentId, peer: PeerId) {
        self.with(content, |holders| {
            if !holders.contains(&peer) {
                holders.push_front(peer);
                holders.truncate(HOLDERS_MAX);
            }
        });
    }

    /// Somebody says that `peer` holds `content`: that takes nobody's place who said so of itself.
    pub(crate) fn hear(&self, content: ContentId, peer: PeerId) {
        self.with(content, |holders| {
            if holders.len() < HOLDERS_MAX && !holders.contains(&peer) {
                holders.push_back(peer);
            }
        });
    }

    fn with(&self, content: ContentId, change: impl FnOnce(&mut VecDeque<PeerId>)) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !known.holders.contains_key(&content) {
            known.heard.push_back(content);
            if known.heard.len() > CONTENTS_MAX {
                let oldest = known.heard.pop_front();
                oldest.and_then(|oldest| known.holders.remove(&oldest));
            }
        }
        change(known.holders.entry(content).or_default());
    }

    /// Who is said to hold `content`, the latest heard of first.
    pub(crate) fn of(&self, content: ContentId) -> Vec<PeerId> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.holders.get(&content).into_iter().flatten().copied().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_holders_are_remembered_and_never_more_than_fit() {
        let (holders, content) = (Holders::default(), ContentId::of(b"song"));
        let peers: Vec<PeerId> = std::iter::repeat_with(PeerId::random).take(HOLDERS_MAX + 2).collect();
        peers.iter().for_each(|peer| holders.note(content, *peer));
        holders.note(content, peers[5]);
        let expected: Vec<PeerId> = peers.iter().rev().take(HOLDERS_MAX).copied().collect();
        holders.hear(content, PeerId::random());
        assert_eq!(holders.of(content), expected, "hearsay takes nobody's place");
        for number in 0..CONTENTS_MAX as u64 {
            holders.note(ContentId::of(&number.to_be_bytes()), peers[0]);
        }
        assert_eq!(holders.of(content), []);
    }
}
