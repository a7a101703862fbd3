//! Whose share each block of a content is, where several peers are after it: rendezvous hashing (Thaler and Ravishankar,
//! "Using name-based mappings to increase hit rates", IEEE/ACM ToN 6(1), 1998), so that all agree without a word.

use libp2p::PeerId;

use crate::content::groups::GroupSet;

/// Groups that are one peer's share together: 64 KiB.
pub(super) const BLOCK: u64 = 4;

/// This peer's part of the work. It is kept from choice to choice, since it changes only when peers come and go.
#[derive(Debug)]
pub(super) struct Shares {
    this: u64,
    others: Vec<u64>,
    mine: GroupSet,
    second: GroupSet,
}

impl Shares {
    /// Nobody else is after the `count` groups.
    pub(super) fn alone(this: &PeerId, count: u64) -> Self {
        Self {
            this: seed(this),
            others: Vec::new(),
            mine: GroupSet::all(count),
            second: GroupSet::none(count),
        }
    }

    /// These others share the work from now on.
    pub(super) fn with<'a>(&mut self, others: impl Iterator<Item = &'a PeerId>) {
        let others: Vec<u64> = others.map(seed).collect();
        if others == self.others {
            return;
        }
        let count = self.mine.count();
        (self.mine, self.second) = (GroupSet::none(count), GroupSet::none(count));
        for block in 0..count.div_ceil(BLOCK) {
            let own = fit(self.this, block);
            let groups = block * BLOCK..(block + 1) * BLOCK;
            match others.iter().filter(|other| fit(**other, block) > own).count() {
                0 => self.mine.insert_all(&groups),
                1 => self.second.insert_all(&groups),
                _ => {}
            }
        }
        self.others = others;
    }

    /// How many others there are.
    pub(super) fn others(&self) -> usize {
        self.others.len()
    }

    /// The groups this peer is to fetch from the complete sources.
    pub(super) fn mine(&self) -> &GroupSet {
        &self.mine
    }

    /// Whether a group is this peer's to fetch from the complete sources.
    pub(super) fn is_mine(&self, group: u64) -> bool {
        self.mine.has(group)
    }

    /// Whether it would be, were it not for one other peer.
    pub(super) fn is_second(&self, group: u64) -> bool {
        self.second.has(group)
    }

    /// Where this peer begins to look among `count` things: each peer somewhere else.
    pub(super) fn start(&self, count: u64) -> u64 {
        self.this % count.max(1)
    }

    /// How well a group fits this peer.
    pub(super) fn fit(&self, group: u64) -> u64 {
        fit(self.this, group / BLOCK)
    }
}

/// A number for a peer that all peers agree on: FNV-1a over its id.
fn seed(peer: &PeerId) -> u64 {
    let bytes = peer.to_bytes();
    bytes
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3))
}

/// How well a block fits a peer (the finalizer of SplitMix64).
fn fit(seed: u64, block: u64) -> u64 {
    let mut z = seed ^ block.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_group_is_one_peers_share_and_fits_another_second_best(peers in 2usize..8, count in 1u64..700) {
            let peers: Vec<PeerId> = (0..peers).map(|_| PeerId::random()).collect();
            let shares: Vec<Shares> = peers.iter().map(|this| {
                let mut shares = Shares::alone(this, count);
                shares.with(peers.iter().filter(|other| *other != this));
                shares
            }).collect();
            for group in 0..count {
                prop_assert_eq!(shares.iter().filter(|shares| shares.is_mine(group)).count(), 1);
                prop_assert_eq!(shares.iter().filter(|shares| shares.is_second(group)).count(), 1);
            }
        }
    }

    #[test]
    fn whoever_is_alone_again_has_everything_to_fetch() {
        let (this, other) = (PeerId::random(), PeerId::random());
        let mut shares = Shares::alone(&this, 64);
        shares.with([other].iter());
        shares.with([].iter());
        assert!((0..64).all(|group| shares.is_mine(group)) && shares.others() == 0);
    }
}
