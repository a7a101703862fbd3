//! How this tab stands with its peers, for as long as somebody looks at it.

use std::collections::BTreeSet;
use std::rc::Rc;

use kadenza_api::{Network, Song, Visible};
use kadenza_node::tab::song_position;

use super::Ring;

/// Bytes that go to and from a peer between two answers before it counts as busy with songs: pings and look-ups are less.
const BUSY_BYTES: u64 = 8 * 1024;

/// The network panel.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Standing {
    /// Whether it is open.
    pub open: bool,
    /// What it shows, once that is known. Its peers are in the order in which they are shown.
    pub network: Option<Network>,
    /// Where they are on the ring.
    pub ring: Rc<Ring>,
    /// The peer somebody points at, by its id.
    pub picked: Option<String>,
    /// The song whose place on the ring is shown.
    pub sought: Option<Sought>,
}

/// A song, and where its record belongs.
#[derive(Debug, Clone, PartialEq)]
pub struct Sought {
    /// The song.
    pub song: Rc<Song>,
    /// Where it is on the ring.
    pub position: u32,
}

impl Sought {
    pub(super) fn of(song: Rc<Song>) -> Self {
        Self { position: song_position(song.id()), song }
    }
}

impl Standing {
    /// It was opened or closed. What an open one showed is too old to be shown by the next.
    pub(super) fn toggled(&mut self, open: bool) {
        *self = Self { open, ..Self::default() };
    }

    /// Takes an answer in: relays first, and whoever is shown already keeps the place, however its latency changes.
    pub(super) fn seen(&mut self, mut network: Network) {
        if !self.open {
            return;
        }
        let shown = self.network.take().map(|network| network.peers).unwrap_or_default();
        let ring = Ring::of(&network, &busy(&shown, &network.peers));
        if ring != *self.ring {
            self.ring = Rc::new(ring);
        }
        network.peers.sort_by_cached_key(|peer| {
            let place = shown.iter().position(|other| other.peer == peer.peer).unwrap_or(usize::MAX);
            (!peer.durable, place, latency(peer), peer.peer.clone())
        });
        self.network = Some(network);
    }

    /// The peer somebody points at, while it is connected.
    pub fn picked(&self) -> Option<&Visible> {
        let picked = self.picked.as_ref()?;
        self.network.as_ref()?.peers.iter().find(|peer| peer.peer == *picked)
    }
}

/// Whose latency is not known yet comes last.
fn latency(peer: &Visible) -> u64 {
    peer.round_trip_ms.unwrap_or(u64::MAX)
}

/// Those to and from whom much has gone since.
fn busy(before: &[Visible], now: &[Visible]) -> BTreeSet<String> {
    let bytes = |peer: &Visible| peer.sent_bytes.saturating_add(peer.received_bytes);
    let is_busy = |peer: &&Visible| {
        let former = before.iter().find(|other| other.peer == peer.peer);
        former.is_some_and(|former| bytes(peer).saturating_sub(bytes(former)) > BUSY_BYTES)
    };
    now.iter().filter(is_busy).map(|peer| peer.peer.clone()).collect()
}

#[cfg(test)]
mod tests {
    use kadenza_api::Reach;
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    fn peer(name: &str, durable: bool, round_trip_ms: Option<u64>) -> Visible {
        Visible {
            peer: name.into(),
            address: String::new(),
            reach: Reach::Direct,
            durable,
            position: 0,
            in_table: true,
            round_trip_ms,
            sent_bytes: 0,
            received_bytes: 0,
        }
    }

    fn with(peers: &[Visible]) -> Network {
        Network { peers: peers.to_vec(), ..Network::default() }
    }

    fn opened() -> Standing {
        Standing { open: true, ..Standing::default() }
    }

    fn names(standing: &Standing) -> Vec<&str> {
        standing.network.iter().flat_map(|network| &network.peers).map(|peer| peer.peer.as_str()).collect()
    }

    #[test]
    fn relays_come_first_then_whoever_is_nearest() {
        let mut standing = opened();
        standing.seen(with(&[
            peer("unknown", false, None),
            peer("far", false, Some(90)),
            peer("near", false, Some(3)),
            peer("relay", true, Some(200)),
        ]));
        assert_eq!(names(&standing), ["relay", "near", "far", "unknown"]);
    }

    #[test]
    fn nobody_jumps_when_latencies_change_and_who_comes_later_stands_behind() {
        let mut standing = opened();
        standing.seen(with(&[peer("a", false, Some(5)), peer("b", false, Some(9)), peer("c", false, None)]));
        let newcomers = [peer("relay", true, None), peer("d", false, Some(1))];
        let known = [peer("c", false, Some(2)), peer("b", false, Some(4)), peer("a", false, Some(80))];
        standing.seen(with(&[newcomers.as_slice(), &known].concat()));
        assert_eq!(names(&standing), ["relay", "a", "b", "c", "d"]);
        standing.seen(with(&[peer("d", false, Some(1)), peer("c", false, Some(2))]));
        assert_eq!(names(&standing), ["c", "d"]);
    }

    #[test]
    fn an_answer_that_comes_after_closing_is_not_shown_when_it_is_opened_again() {
        let mut standing = opened();
        standing.seen(with(&[peer("a", false, None)]));
        standing.toggled(false);
        standing.seen(with(&[peer("late", false, None)]));
        standing.toggled(true);
        assert_eq!(standing, opened());
    }

    #[test]
    fn who_carried_songs_since_the_last_answer_is_busy_and_who_only_pinged_is_not() {
        let mut standing = opened();
        let now = |busy: u64, idle: u64| {
            with(&[
                Visible { received_bytes: busy, ..peer("busy", false, None) },
                Visible { sent_bytes: idle, ..peer("idle", false, None) },
            ])
        };
        let is_busy = |standing: &Standing| {
            standing
                .ring
                .dots
                .iter()
                .filter(|dot| dot.is_busy)
                .map(|dot| dot.peer.clone())
                .collect::<Vec<_>>()
        };
        standing.seen(now(1_000_000, 0));
        assert_eq!(is_busy(&standing), [""; 0], "what came before it was opened is not news");
        standing.seen(now(1_100_000, 500));
        assert_eq!(is_busy(&standing), ["busy"]);
        standing.seen(now(1_100_000, 1_000));
        assert_eq!(is_busy(&standing), [""; 0]);
    }

    #[test]
    fn the_ring_is_the_same_one_until_something_on_it_changes() {
        let mut standing = opened();
        standing.seen(with(&[peer("a", false, Some(5))]));
        let before = standing.ring.clone();
        standing.seen(with(&[peer("a", false, Some(9))]));
        assert!(Rc::ptr_eq(&before, &standing.ring), "latencies are not drawn on it");
        standing.seen(with(&[peer("a", false, Some(9)), peer("b", false, None)]));
        assert_ne!(before, standing.ring);
    }

    #[test]
    fn who_is_pointed_at_and_leaves_is_nobody() {
        let mut standing = opened();
        standing.seen(with(&[peer("a", false, None)]));
        standing.picked = Some("a".into());
        assert_eq!(standing.picked().map(|peer| &*peer.peer), Some("a"));
        standing.seen(with(&[]));
        assert_eq!(standing.picked(), None);
    }
}
