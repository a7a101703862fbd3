//! Peers in one process, for tests and simulations.

use kadenza_api::{Reach, Result};
use libp2p::Transport;
use libp2p::core::transport::MemoryTransport;
use libp2p::identity::Keypair;

use super::Carrier;
use crate::traffic::Traffic;

/// Connections between peers of this process, at addresses `/memory/NUMBER`.
///
/// # Errors
/// [`kadenza_api::Error::Invalid`] when the key cannot be used.
pub fn memory(keypair: &Keypair) -> Result<Carrier> {
    let traffic = Traffic::default();
    let counting = traffic.clone();
    let transport = super::secured(MemoryTransport::default(), keypair)?
        .map(move |(peer, muxer), _| (peer, counting.count(peer, Reach::Direct, muxer)))
        .boxed();
    Ok(Carrier { transport, traffic, relay_client: None })
}
