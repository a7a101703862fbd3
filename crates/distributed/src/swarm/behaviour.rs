//! The protocols a peer speaks, put together.

use libp2p::allow_block_list::{self, BlockedPeers};
use libp2p::connection_limits::{self, ConnectionLimits};
use libp2p::identity::Keypair;
use libp2p::kad::store::MemoryStore;
use libp2p::peer_store::{self, memory_store};
use libp2p::swarm::NetworkBehaviour;
use libp2p::swarm::behaviour::toggle::Toggle;
use libp2p::{PeerId, identify, kad, ping, relay};

use super::CircuitLimits;
use crate::connections::PING_PAUSE;
use crate::kademlia;
use crate::protocol::rpc;

/// Connections to one peer: one each way when both dial at once, and a spare while one is replaced.
const CONNECTIONS_PER_PEER: u32 = 4;

/// Connections in all, of a relay and of a tab. A browser has 500 for all tabs of a site together (Chromium's limit of
/// peer connections in a process).
const RELAY_CONNECTIONS_MAX: u32 = 4096;
const TAB_CONNECTIONS_MAX: u32 = 128;

/// Handshakes under way.
const PENDING_MAX: u32 = 512;

#[derive(NetworkBehaviour)]
pub(crate) struct Behaviour {
    limits: connection_limits::Behaviour,
    pub(crate) blocked: allow_block_list::Behaviour<BlockedPeers>,
    pub(crate) relay_client: Toggle<relay::client::Behaviour>,
    pub(crate) relay_server: Toggle<relay::Behaviour>,
    pub(crate) identify: identify::Behaviour,
    ping: ping::Behaviour,
    known: peer_store::Behaviour<memory_store::MemoryStore>,
    pub(crate) kademlia: kad::Behaviour<MemoryStore>,
    pub(crate) rpc: rpc::Behaviour,
    /// Content has streams of its own, see [`crate::content`].
    pub(crate) streams: libp2p_stream::Behaviour,
}

impl Behaviour {
    /// The protocols of a peer with this key. It introduces others to each other within the limits of `relays`.
    pub(crate) fn new(
        keypair: &Keypair,
        relay_client: Option<relay::client::Behaviour>,
        relays: Option<CircuitLimits>,
    ) -> Self {
        let this = PeerId::from(keypair.public());
        let connections = if relays.is_some() { RELAY_CONNECTIONS_MAX } else { TAB_CONNECTIONS_MAX };
        // A thousand peers at the most. A peer behind a path that failed is dialled again, at the same addresses.
        let known = memory_store::Config::default().set_remove_addr_on_dial_error(false);
        let limits = ConnectionLimits::default()
            .with_max_established(Some(connections))
            .with_max_established_per_peer(Some(CONNECTIONS_PER_PEER))
            .with_max_pending_incoming(Some(PENDING_MAX))
            .with_max_pending_outgoing(Some(PENDING_MAX));
        let identify = identify::Config::new("kadenza/1.0.0".into(), keypair.public())
            .with_agent_version(concat!("kadenza/", env!("CARGO_PKG_VERSION")).into())
            .with_push_listen_addr_updates(true);
        Self {
            limits: connection_limits::Behaviour::new(limits),
            blocked: allow_block_list::Behaviour::default(),
            relay_client: relay_client.into(),
            relay_server: relays.map(|limits| relay::Behaviour::new(this, limits.config())).into(),
            identify: identify::Behaviour::new(identify),
            ping: ping::Behaviour::new(ping::Config::new().with_interval(PING_PAUSE)),
            known: peer_store::Behaviour::new(memory_store::MemoryStore::new(known)),
            kademlia: kademlia::libp2p::behaviour(this),
            rpc: rpc::behaviour(),
            streams: libp2p_stream::Behaviour::new(),
        }
    }
}
