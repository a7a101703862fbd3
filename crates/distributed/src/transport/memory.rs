//! Peers in one process, for tests and simulations.

use kadenza_api::Result;
use libp2p::PeerId;
use libp2p::core::muxing::StreamMuxerBox;
use libp2p::core::transport::{Boxed, MemoryTransport};
use libp2p::identity::Keypair;

/// A transport between peers of this process, at addresses `/memory/NUMBER`.
///
/// # Errors
/// [`kadenza_api::Error::Invalid`] when the key cannot be used.
pub fn memory(keypair: &Keypair) -> Result<Boxed<(PeerId, StreamMuxerBox)>> {
    super::secured(MemoryTransport::default(), keypair)
}
