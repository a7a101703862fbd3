//! How this tab stands with the others.

use kadenza_api::{Reach, Visible};
use kadenza_node::tab::Connection;

use crate::state::Sharing;
use crate::words::{Words, t};

/// How much of a peer id is shown: enough to tell peers apart, and to compare by eye with another screen.
const PEER_END_CHARS: usize = 6;

/// How this tab stands with the network.
pub fn connection(words: &Words, connection: Connection) -> String {
    match connection {
        Connection::Starting => t!(words, "connection-starting"),
        Connection::Connected { peers } => t!(words, "connection-connected", peers = peers),
        Connection::Offline => t!(words, "connection-offline"),
    }
}

/// How many peers there are, and how they are reached.
pub fn standing(words: &Words, peers: &[Visible]) -> String {
    let relayed = peers.iter().filter(|peer| peer.reach == Reach::Relayed).count();
    match (peers.len() - relayed, relayed) {
        (0, 0) => t!(words, "nobody-connected"),
        (direct, 0) => t!(words, "peers-direct", peers = direct),
        (0, relayed) => t!(words, "peers-relayed", peers = relayed),
        (direct, relayed) => {
            t!(words, "peers-mixed", peers = peers.len(), direct = direct, relayed = relayed)
        }
    }
}

/// How a peer is reached, in a word.
pub fn reach(words: &Words, reach: Reach) -> String {
    match reach {
        Reach::Direct => t!(words, "reach-direct"),
        Reach::Relayed => t!(words, "reach-relayed"),
    }
}

/// What that means.
pub fn reach_hint(words: &Words, reach: Reach) -> String {
    match reach {
        Reach::Direct => t!(words, "reach-direct-hint"),
        Reach::Relayed => t!(words, "reach-relayed-hint"),
    }
}

/// A peer id, parted before the end that tells it from others: all begin alike.
pub fn split_peer(peer: &str) -> (&str, &str) {
    let end = peer.char_indices().rev().nth(PEER_END_CHARS - 1).map_or(0, |(at, _)| at);
    peer.split_at(end)
}

/// A round trip in milliseconds.
pub fn latency(words: &Words, ms: u64) -> String {
    if ms == 0 { t!(words, "under-a-millisecond") } else { t!(words, "milliseconds", number = ms) }
}

/// How large the part of the ring is whose keys share so many bits with this tab's and differ in the next.
pub fn part_of_ring(words: &Words, shared_bits: u32) -> String {
    t!(words, "arc-part", part = 2_u64.saturating_pow(shared_bits.saturating_add(1)))
}

/// Where a peer is that shares so many bits with this tab.
pub fn place_on_ring(words: &Words, shared_bits: u32) -> String {
    match shared_bits {
        0 => t!(words, "place-far"),
        bits => t!(words, "place-near", part = 2_u64.saturating_pow(bits.saturating_add(1))),
    }
}

/// Whether others are served, and why not.
pub fn serving(words: &Words, sharing: Sharing) -> String {
    if sharing.metered { t!(words, "serving-nobody") } else { t!(words, "serving") }
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;
    use crate::state::Language;

    #[wasm_bindgen_test]
    fn one_of_a_thing_has_no_plural() {
        let [english, spanish] = Language::ALL
            .map(Words::of)
            .map(|words| [1, 3, 1_234].map(|peers| connection(&words, Connection::Connected { peers })));
        assert_eq!(english, ["Connected to 1 peer", "Connected to 3 peers", "Connected to 1,234 peers"]);
        assert_eq!(spanish, ["Conectado a 1 par", "Conectado a 3 pares", "Conectado a 1234 pares"]);
    }

    #[wasm_bindgen_test]
    fn the_network_is_summed_up_in_one_line() {
        let peer = |reach| Visible {
            peer: String::new(),
            address: String::new(),
            reach,
            durable: false,
            position: 0,
            in_table: true,
            round_trip_ms: None,
            sent_bytes: 0,
            received_bytes: 0,
        };
        let (direct, relayed) = (peer(Reach::Direct), peer(Reach::Relayed));
        let networks = [
            vec![],
            vec![direct.clone()],
            vec![relayed.clone(), relayed.clone()],
            vec![direct.clone(), relayed, direct],
        ];
        let [english, spanish] = Language::ALL
            .map(Words::of)
            .map(|words| networks.each_ref().map(|peers| standing(&words, peers)));
        assert_eq!(
            english,
            [
                "Nobody is connected.",
                "1 peer: direct",
                "2 peers: all relayed",
                "3 peers: 2 direct, 1 relayed"
            ]
        );
        assert_eq!(
            spanish,
            [
                "No hay nadie conectado.",
                "1 par: directo",
                "2 pares: todos por repetidor",
                "3 pares: 2 directos, 1 por repetidor"
            ]
        );
    }

    #[wasm_bindgen_test]
    fn a_peer_is_known_by_the_end_of_its_id() {
        assert_eq!(split_peer("12D3KooWabcdef"), ("12D3KooW", "abcdef"));
        assert_eq!(split_peer("abc"), ("", "abc"));
        assert_eq!(split_peer("éééééééé"), ("éé", "éééééé"));
    }

    #[wasm_bindgen_test]
    fn no_round_trip_takes_no_time() {
        let words = Words::default();
        assert_eq!((latency(&words, 0), latency(&words, 12)), ("<1 ms".into(), "12 ms".into()));
    }
}
