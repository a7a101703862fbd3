//! A relay: connections come in through its HTTP listener and go out by WebSocket to other relays; tabs are
//! reached over the circuits they hold here, or at another relay.

use kadenza_api::{Error, Result};
use libp2p::core::muxing::StreamMuxerBox;
use libp2p::core::transport::{Boxed, OrTransport};
use libp2p::identity::Keypair;
use libp2p::{PeerId, dns, relay, tcp, websocket};

use super::socket::{Sockets, sockets};

/// A relay's transport and what belongs to it.
#[allow(missing_debug_implementations, reason = "transports have none")]
pub struct Native {
    /// What carries its connections.
    pub transport: Boxed<(PeerId, StreamMuxerBox)>,
    /// The circuit client that drives part of it.
    pub relay_client: relay::client::Behaviour,
    /// Where to put the WebSockets that its HTTP listener has accepted.
    pub sockets: Sockets,
}

/// A relay's transport.
///
/// # Errors
/// [`Error::Invalid`] when the key cannot be used, [`Error::Unavailable`] when this machine's resolver
/// configuration cannot be read.
pub fn native(keypair: &Keypair) -> Result<Native> {
    let (sockets, listener) = sockets();
    let (circuits, relay_client) = relay::client::new(PeerId::from(keypair.public()));
    let tcp = tcp::tokio::Transport::new(tcp::Config::default().nodelay(true));
    let named = dns::tokio::Transport::system(tcp)
        .map_err(|error| Error::unavailable(format!("this machine's name resolver: {error}")))?;
    let outgoing = websocket::Config::new(named);
    let transport = OrTransport::new(listener, OrTransport::new(circuits, outgoing));
    Ok(Native { transport: super::secured(transport, keypair)?, relay_client, sockets })
}
