//! A tab: WebSockets to relays, and circuits through them to other tabs.

use kadenza_api::Result;
use libp2p::core::muxing::StreamMuxerBox;
use libp2p::core::transport::{Boxed, OrTransport};
use libp2p::identity::Keypair;
use libp2p::{PeerId, relay, websocket_websys};

/// A tab's transport, and the circuit client that drives part of it.
///
/// # Errors
/// [`kadenza_api::Error::Invalid`] when the key cannot be used.
pub fn browser(keypair: &Keypair) -> Result<(Boxed<(PeerId, StreamMuxerBox)>, relay::client::Behaviour)> {
    let (circuits, client) = relay::client::new(PeerId::from(keypair.public()));
    let sockets = websocket_websys::Transport::default();
    // Circuits first: the WebSocket transport would dial the relay and take it for the tab behind it.
    let transport = super::secured(OrTransport::new(circuits, sockets), keypair)?;
    Ok((transport, client))
}
