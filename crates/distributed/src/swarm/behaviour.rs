//! The protocols a peer speaks, put together.

use std::num::NonZeroU32;
use std::time::Duration;

use libp2p::allow_block_list::{self, BlockedPeers};
use libp2p::connection_limits::{self, ConnectionLimits};
use libp2p::identity::Keypair;
use libp2p::kad::store::MemoryStore;
use libp2p::swarm::NetworkBehaviour;
use libp2p::swarm::behaviour::toggle::Toggle;
use libp2p::{PeerId, identify, kad, ping, relay};

use crate::kademlia;
use crate::protocol::{content, rpc};

/// Connections to one peer: one each way when both dial at once, and a spare while one is replaced.
const CONNECTIONS_PER_PEER: u32 = 4;

/// Connections in all.
const CONNECTIONS_MAX: u32 = 4096;

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
    pub(crate) kademlia: kad::Behaviour<MemoryStore>,
    pub(crate) rpc: rpc::Behaviour,
    pub(crate) content: content::Behaviour,
}

impl Behaviour {
    /// The protocols of a peer with this key. It introduces others to each other where `relays` is set.
    pub(crate) fn new(
        keypair: &Keypair,
        relay_client: Option<relay::client::Behaviour>,
        relays: bool,
    ) -> Self {
        let this = PeerId::from(keypair.public());
        let limits = ConnectionLimits::default()
            .with_max_established(Some(CONNECTIONS_MAX))
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
            relay_server: relays.then(|| relay::Behaviour::new(this, relay_config())).into(),
            identify: identify::Behaviour::new(identify),
            ping: ping::Behaviour::new(ping::Config::new().with_interval(Duration::from_secs(5))),
            kademlia: kademlia::libp2p::behaviour(this),
            rpc: rpc::behaviour(),
            content: content::behaviour(),
        }
    }
}

/// Limits for a page where 500 tabs arrive in a minute behind one address. Content may cross a circuit, so it
/// has no byte limit; the library's own defaults stop at 60 reservations an address and 128 KiB a circuit.
fn relay_config() -> relay::Config {
    let per_minute = |count| NonZeroU32::new(count).unwrap_or(NonZeroU32::MIN);
    let minute = Duration::from_secs(60);
    let config = relay::Config {
        max_reservations: 2048,
        max_reservations_per_peer: 4,
        max_circuits: 4096,
        max_circuits_per_peer: 256,
        max_circuit_duration: Duration::from_secs(60 * 60),
        max_circuit_bytes: 0,
        reservation_rate_limiters: Vec::new(),
        circuit_src_rate_limiters: Vec::new(),
        ..relay::Config::default()
    };
    config
        .reservation_rate_per_peer(per_minute(60), minute)
        .reservation_rate_per_ip(per_minute(1000), minute)
        .circuit_src_per_peer(per_minute(600), minute)
        .circuit_src_per_ip(per_minute(6000), minute)
}
