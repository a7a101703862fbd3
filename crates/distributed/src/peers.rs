//! Who is around: the connected peers and what is known of each, without I/O.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use kadenza_api::Visible;
use kadenza_platform::Instant;
use libp2p::{Multiaddr, PeerId};

use crate::connections::Connected;
use crate::placement::peer_position;
use crate::protocol::rpc::Hello;
use crate::traffic::Traffic;

/// The connected peers of this node.
#[derive(Debug, Clone, Default)]
pub(crate) struct Peers {
    connected: BTreeMap<PeerId, Facts>,
    joined: bool,
}

/// What is known of a connected peer.
#[derive(Debug, Clone)]
struct Facts {
    address: Multiaddr,
    connections: usize,
    hello: Option<Hello>,
    round_trip: Option<Duration>,
    used: Instant,
}

impl Peers {
    pub(crate) fn connected(&mut self, peer: PeerId, address: Multiaddr) {
        let fresh = Facts { address, connections: 0, hello: None, round_trip: None, used: Instant::now() };
        self.connected.entry(peer).or_insert(fresh).connections += 1;
    }

    /// Something was asked of a peer, or by it.
    pub(crate) fn used(&mut self, peer: PeerId) {
        if let Some(facts) = self.connected.get_mut(&peer) {
            facts.used = Instant::now();
        }
    }

    /// The connected peers, for the choice of whom to keep.
    pub(crate) fn connections(&self) -> Vec<Connected> {
        let connected = |(peer, facts): (&PeerId, &Facts)| Connected {
            peer: *peer,
            durable: self.is_durable(*peer),
            greeted: facts.hello.is_some(),
            unused: facts.used.elapsed(),
        };
        self.connected.iter().map(connected).collect()
    }

    pub(crate) fn disconnected(&mut self, peer: PeerId, connections_left: usize) {
        match self.connected.get_mut(&peer) {
            Some(facts) if connections_left > 0 => facts.connections = connections_left,
            _ => drop(self.connected.remove(&peer)),
        }
    }

    /// A connected peer introduced itself: it speaks this network's protocol.
    pub(crate) fn greeted(&mut self, peer: PeerId, hello: Hello) {
        if let Some(facts) = self.connected.get_mut(&peer) {
            facts.hello = Some(hello);
            self.joined = true;
        }
    }

    /// The first try to join is over, with whatever came of it.
    pub(crate) fn tried_to_join(&mut self) {
        self.joined = true;
    }

    /// Whether the first try to join is over: before that, nobody being there means nothing.
    pub(crate) fn has_tried_to_join(&self) -> bool {
        self.joined
    }

    pub(crate) fn measured(&mut self, peer: PeerId, round_trip: Duration) {
        if let Some(facts) = self.connected.get_mut(&peer) {
            facts.round_trip = Some(round_trip);
        }
    }

    /// The last measured round trip to a connected peer.
    pub(crate) fn round_trip(&self, peer: PeerId) -> Option<Duration> {
        self.connected.get(&peer)?.round_trip
    }

    /// The peers that introduced themselves, in a fixed order.
    pub(crate) fn ready(&self) -> impl Iterator<Item = PeerId> {
        self.connected.iter().filter(|(_, facts)| facts.hello.is_some()).map(|(peer, _)| *peer)
    }

    /// Those of them that keep what they store.
    pub(crate) fn durable(&self) -> impl Iterator<Item = PeerId> {
        self.ready().filter(|peer| self.is_durable(*peer))
    }

    /// Those of them that may leave at any time.
    pub(crate) fn fleeting(&self) -> impl Iterator<Item = PeerId> {
        self.ready().filter(|peer| !self.is_durable(*peer))
    }

    pub(crate) fn is_durable(&self, peer: PeerId) -> bool {
        self.hello(peer).is_some_and(|hello| hello.durable)
    }

    pub(crate) fn is_ready(&self, peer: PeerId) -> bool {
        self.hello(peer).is_some()
    }

    fn hello(&self, peer: PeerId) -> Option<&Hello> {
        self.connected.get(&peer)?.hello.as_ref()
    }

    /// The peers for people to see; `table` are those in the routing table.
    pub(crate) fn visible(&self, traffic: &Traffic, table: &BTreeSet<PeerId>) -> Vec<Visible> {
        let visible = |(peer, facts): (&PeerId, &Facts)| {
            // A peer whose last connection has just gone is about to be forgotten here as well.
            let carried = traffic.of(*peer)?;
            Some(Visible {
                peer: peer.to_string(),
                address: facts.address.to_string(),
                reach: carried.reach,
                durable: facts.hello.as_ref().is_some_and(|hello| hello.durable),
                position: peer_position(*peer),
                in_table: table.contains(peer),
                round_trip_ms: facts
                    .round_trip
                    .map(|time| u64::try_from(time.as_millis()).unwrap_or(u64::MAX)),
                sent_bytes: carried.sent_bytes,
                received_bytes: carried.received_bytes,
            })
        };
        self.connected.iter().filter_map(visible).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_peer_is_ready_once_it_has_said_hello_and_gone_with_its_last_connection() {
        let (mut peers, peer) = (Peers::default(), PeerId::random());
        let address: Multiaddr = "/ip4/10.0.0.1/tcp/1/ws".parse().unwrap();
        peers.connected(peer, address.clone());
        assert_eq!(peers.ready().count(), 0);
        peers.greeted(peer, Hello { durable: true });
        peers.connected(peer, address);
        peers.disconnected(peer, 1);
        assert_eq!(peers.durable().collect::<Vec<_>>(), [peer]);
        peers.disconnected(peer, 0);
        assert_eq!(peers.ready().count(), 0);
    }
}
