//! The ring of Kademlia's keys, as the network panel draws it: where everybody is on it, and which part of it each
//! bucket of this tab covers. Positions are the first 32 bits of keys; all of them are one turn, clockwise from the top.

use std::collections::BTreeSet;
use std::f64::consts::TAU;

use kadenza_api::{Network, Reach};

/// Dots that are closer than this part of a turn are drawn in lanes beside each other, from the outermost inwards; beyond
/// so many lanes they cover each other.
const APART_TURNS: f64 = 1.0 / 80.0;
const LANES_MAX: usize = 5;

/// Who is where on the ring.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Ring {
    /// Where this tab is.
    pub own: u32,
    /// Its peers, in the order of their positions.
    pub dots: Vec<Dot>,
    /// Its buckets from the farthest, which is half the ring, to the nearest that anybody is in.
    pub buckets: Vec<Bucket>,
    /// The most peers in a bucket.
    pub bucket_size: u32,
}

/// A peer on the ring.
#[derive(Debug, Clone, PartialEq)]
pub struct Dot {
    /// Its peer id.
    pub peer: String,
    /// Where it is.
    pub position: u32,
    /// The lane it is drawn in.
    pub lane: usize,
    /// Whether it is a relay.
    pub durable: bool,
    /// How it is reached.
    pub reach: Reach,
    /// Whether songs are on their way to or from it.
    pub is_busy: bool,
}

/// The peers that share so many first bits of their keys with this tab, and differ in the next: a part of the ring without
/// a gap, half as long for each bit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bucket {
    /// The bits they share.
    pub shared_bits: u32,
    /// Where it begins.
    pub start: u32,
    /// Where it ends, that position included.
    pub end: u32,
    /// Connected peers in it that are in the routing table.
    pub peers: u32,
}

impl Ring {
    /// The ring of a network; `busy` are the peers to and from whom songs are on their way.
    pub fn of(network: &Network, busy: &BTreeSet<String>) -> Self {
        let own = network.position;
        let mut dots: Vec<_> = network
            .peers
            .iter()
            .map(|peer| Dot {
                peer: peer.peer.clone(),
                position: peer.position,
                lane: 0,
                durable: peer.durable,
                reach: peer.reach,
                is_busy: busy.contains(&peer.peer),
            })
            .collect();
        dots.sort_by(|a, b| (a.position, &a.peer).cmp(&(b.position, &b.peer)));
        set_lanes(own, &mut dots);
        let in_table = |bucket: u32| {
            let peers = network.peers.iter().filter(|peer| peer.in_table);
            peers.filter(|peer| shared_bits(own, peer.position) == bucket).count()
        };
        let deepest = network.peers.iter().map(|peer| shared_bits(own, peer.position)).max();
        let buckets = (0..deepest.map_or(0, |deepest| deepest.min(u32::BITS - 1) + 1))
            .map(|bucket| Bucket {
                peers: u32::try_from(in_table(bucket)).unwrap_or(u32::MAX),
                ..part(own, bucket)
            })
            .collect();
        Self { own, dots, buckets, bucket_size: network.bucket_size }
    }

    /// The peers that a key at `position` belongs on, as far as this tab knows them, the closest first; `None` is this tab.
    pub fn closest(&self, position: u32) -> Vec<Option<&Dot>> {
        let mut all: Vec<_> = self.dots.iter().map(Some).chain([None]).collect();
        all.sort_by_key(|dot| dot.map_or(self.own, |dot| dot.position) ^ position);
        all.truncate(self.bucket_size as usize);
        all
    }
}

/// How many first bits two keys share, as far as their positions tell.
pub fn shared_bits(one: u32, other: u32) -> u32 {
    (one ^ other).leading_zeros()
}

/// How far along the ring a position is: 0 at the top, a quarter to the right, up to 1.
pub fn turns(position: u32) -> f64 {
    f64::from(position) / f64::from(u32::MAX)
}

/// A point `radius` from the middle, with `y` downwards.
pub fn point(turns: f64, radius: f64) -> (f64, f64) {
    let (sine, cosine) = (turns * TAU).sin_cos();
    (radius * sine, -radius * cosine)
}

/// The part of the ring that shares `shared_bits` bits with `own` and differs in the next.
fn part(own: u32, shared_bits: u32) -> Bucket {
    let differing = 1 << (u32::BITS - 1 - shared_bits);
    let start = (own ^ differing) & !(differing - 1);
    Bucket { shared_bits, start, end: start | (differing - 1), peers: 0 }
}

/// Puts those who would cover each other, or this tab, beside each other.
fn set_lanes(own: u32, dots: &mut [Dot]) {
    let mut lanes: [Vec<f64>; LANES_MAX] = Default::default();
    lanes[0].push(turns(own));
    for dot in dots {
        let at = turns(dot.position);
        let is_free = |lane: &Vec<f64>| {
            lane.iter().all(|other| {
                let apart = (at - other).abs();
                apart.min(1.0 - apart) >= APART_TURNS
            })
        };
        dot.lane = lanes.iter().position(is_free).unwrap_or(LANES_MAX - 1);
        lanes[dot.lane].push(at);
    }
}

#[cfg(test)]
mod tests {
    use kadenza_api::Visible;
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    fn network(own: u32, positions: &[u32]) -> Network {
        let peer = |position: &u32| Visible {
            peer: format!("{position:08x}"),
            address: String::new(),
            reach: Reach::Direct,
            durable: false,
            position: *position,
            in_table: true,
            round_trip_ms: None,
            sent_bytes: 0,
            received_bytes: 0,
        };
        Network {
            position: own,
            bucket_size: 2,
            peers: positions.iter().map(peer).collect(),
            ..Network::default()
        }
    }

    fn ring(own: u32, positions: &[u32]) -> Ring {
        Ring::of(&network(own, positions), &BTreeSet::new())
    }

    #[test]
    fn buckets_are_half_the_ring_then_a_quarter_then_an_eighth_and_leave_no_gap_but_this_tabs_own() {
        let ring = ring(0x6000_0000, &[0x6800_0000]);
        let parts: Vec<_> = ring.buckets.iter().map(|part| (part.start, part.end)).collect();
        assert_eq!(
            parts,
            [
                (0x8000_0000, 0xffff_ffff),
                (0x0000_0000, 0x3fff_ffff),
                (0x4000_0000, 0x5fff_ffff),
                (0x7000_0000, 0x7fff_ffff),
                (0x6800_0000, 0x6fff_ffff),
            ]
        );
    }

    #[test]
    fn everybody_is_counted_in_the_bucket_whose_part_they_are_in() {
        let positions = [0x0000_0001, 0x1234_5678, 0x8000_0000, 0xffff_ffff, 0x4000_0001, 0x4000_0000];
        let ring = ring(0x4000_0003, &positions);
        assert_eq!(ring.buckets.len(), 31);
        for bucket in &ring.buckets {
            let within = positions.iter().filter(|at| (bucket.start..=bucket.end).contains(at)).count();
            assert_eq!(bucket.peers as usize, within, "{bucket:?}");
        }
        assert_eq!(ring.buckets.iter().map(|bucket| bucket.peers).sum::<u32>(), 6);
    }

    #[test]
    fn whoever_is_connected_without_a_place_in_the_table_is_on_the_ring_and_in_no_bucket() {
        let mut network = network(0, &[0x8000_0000]);
        network.peers[0].in_table = false;
        let ring = Ring::of(&network, &BTreeSet::new());
        assert_eq!((ring.dots.len(), ring.buckets[0].peers), (1, 0));
    }

    #[test]
    fn nobody_makes_no_buckets_and_a_peer_at_this_tabs_own_position_the_nearest() {
        assert_eq!(ring(7, &[]), Ring { own: 7, bucket_size: 2, ..Ring::default() });
        let same = ring(7, &[7]);
        assert_eq!((same.buckets.len(), same.dots[0].lane), (32, 1));
    }

    #[test]
    fn who_would_be_covered_moves_inwards_also_across_the_top() {
        let ring = ring(0x8000_0000, &[0xffff_fff0, 0x0000_0010, 0x4000_0000, 0x8000_0001]);
        let lanes: Vec<_> = ring.dots.iter().map(|dot| (dot.position, dot.lane)).collect();
        assert_eq!(lanes, [(0x0000_0010, 0), (0x4000_0000, 0), (0x8000_0001, 1), (0xffff_fff0, 1)]);
    }

    #[test]
    fn a_key_belongs_on_whoever_is_closest_by_its_first_bits_this_tab_counted() {
        let ring = ring(0x8000_0000, &[0x7fff_ffff, 0xc000_0000]);
        // On the ring the first is the neighbour; it differs in the very first bit.
        let closest: Vec<_> =
            ring.closest(0x8000_0001).iter().map(|dot| dot.map(|dot| dot.position)).collect();
        assert_eq!(closest, [None, Some(0xc000_0000)]);
    }

    #[test]
    fn positions_go_clockwise_from_the_top() {
        let places = [0, u32::MAX / 4, u32::MAX / 2].map(|position| point(turns(position), 10.0));
        for ((x, y), expected) in places.into_iter().zip([(0.0, -10.0), (10.0, 0.0), (0.0, 10.0)]) {
            assert!((x - expected.0).abs() < 1e-6 && (y - expected.1).abs() < 1e-6, "{x} {y}");
        }
    }
}
