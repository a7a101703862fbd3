//! This peer in the Kademlia network: answer from this node's own Services, or ask another node?
//!
//! What it believes of the layer below: it speaks [`kadenza_api::Music`] and [`kadenza_api::Vault`] for this node alone,
//! and [`kadenza_api::Replicas`] for what is kept on behalf of others, and it checks everything it is given.
//!
//! - [`Distributed`] is the layer: `Music` in, `Music` and `Remote` calls out.
//! - `rooms` is what it does for rooms: `Vault` in, the same `Remote` calls out.
//! - `placement` and `peers` decide, without I/O: where a record belongs, who is around.
//! - `content` is how songs travel: which group to ask of whom, what to send to whom, and the streams for it.
//! - `meeting` is how those who know the name of a place find each other.
//! - `swarm` is the shell: one task owns the libp2p swarm, a cloneable handle talks to it.
//! - `protocol` is what goes over the wire, `transport` what carries it,
//!   `traffic` how much of it.

mod announce;
mod answer;
mod bootstrap;
mod connections;
mod content;
mod copies;
mod distributed;
mod kademlia;
mod losses;
mod meeting;
mod peers;
mod placement;
mod protocol;
mod record;
mod remote;
mod repair;
mod rooms;
mod search;
mod swarm;
mod traffic;
pub mod transport;
mod upload;

pub use bootstrap::{Find, FindPeers};
pub use distributed::{Config, Distributed, PeerCount};
pub use libp2p::{Multiaddr, PeerId, identity, multiaddr};
pub use placement::song_position;
pub use swarm::CircuitLimits;
