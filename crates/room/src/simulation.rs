//! What the simulations in this crate's tests share: random numbers from a seed, and things that happen in order.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use libp2p_identity::PeerId;
use libp2p_identity::ed25519::{Keypair, SecretKey};

/// SplitMix64 (Steele, Lea and Flood 2014).
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `end`, which is not 0.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    pub(crate) fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }
}

/// Members, by their numbers.
static PEERS: LazyLock<Vec<PeerId>> = LazyLock::new(|| {
    let peer = |number: u8| {
        let key = Keypair::from(SecretKey::try_from_bytes([number; 32]).unwrap());
        libp2p_identity::PublicKey::from(key.public()).to_peer_id()
    };
    (0..16).map(peer).collect()
});

/// The member with this number, below 16.
pub(crate) fn peer(number: usize) -> PeerId {
    PEERS[number]
}

/// The number of a member.
pub(crate) fn number(peer: PeerId) -> usize {
    PEERS.iter().position(|other| *other == peer).unwrap()
}

/// Events in the order of their times, in microseconds; those at the same time in the order they were added.
pub(crate) struct Events<E> {
    events: BTreeMap<(u64, u64), E>,
    added: u64,
}

impl<E> Events<E> {
    pub(crate) fn new() -> Self {
        Self { events: BTreeMap::new(), added: 0 }
    }

    pub(crate) fn add(&mut self, at: u64, event: E) {
        self.events.insert((at, self.added), event);
        self.added += 1;
    }

    /// The next one, if it is not after `until`.
    pub(crate) fn next_until(&mut self, until: u64) -> Option<(u64, E)> {
        let next = self.events.first_entry().filter(|next| next.key().0 <= until)?;
        let ((at, _), event) = next.remove_entry();
        Some((at, event))
    }
}
