//! How this tab stands with its peers, for as long as somebody looks at it.

use kadenza_api::{Network, Visible};

/// The network panel.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Standing {
    /// Whether it is open.
    pub open: bool,
    /// What it shows, once that is known. Its peers are in the order in which they are shown.
    pub network: Option<Network>,
}

impl Standing {
    /// It was opened or closed. What an open one showed is too old to be shown by the next.
    pub(super) fn toggled(&mut self, open: bool) {
        *self = Self { open, network: None };
    }

    /// Takes an answer in: relays first, and whoever is shown already keeps the place, however its latency changes.
    pub(super) fn seen(&mut self, mut network: Network) {
        if !self.open {
            return;
        }
        let shown = self.network.take().map(|network| network.peers).unwrap_or_default();
        network.peers.sort_by_cached_key(|peer| {
            let place = shown.iter().position(|other| other.peer == peer.peer).unwrap_or(usize::MAX);
            (!peer.durable, place, latency(peer), peer.peer.clone())
        });
        self.network = Some(network);
    }
}

/// Whose latency is not known yet comes last.
fn latency(peer: &Visible) -> u64 {
    peer.round_trip_ms.unwrap_or(u64::MAX)
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
            round_trip_ms,
            sent_bytes: 0,
            received_bytes: 0,
        }
    }

    fn with(peers: &[Visible]) -> Network {
        Network { peers: peers.to_vec(), ..Network::default() }
    }

    fn opened() -> Standing {
        Standing { open: true, network: None }
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
}
