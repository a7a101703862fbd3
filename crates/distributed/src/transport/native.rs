//! A relay: connections come in through its HTTP listener and go out by WebSocket to other relays. It has no WebRTC,
//! so tabs at another relay are reached over their circuits there.

use kadenza_api::{Error, Result};
use kadenza_webrtc::NoWebRtc;
use libp2p::core::transport::OrTransport;
use libp2p::identity::Keypair;
use libp2p::{Transport, dns, tcp, websocket};

use super::socket::{Sockets, sockets};
use super::{Carrier, IceServers, secured, with_webrtc};

/// A relay's connections, and where to put the WebSockets that its HTTP listener has accepted.
///
/// # Errors
/// [`Error::Invalid`] when the key cannot be used, [`Error::Unavailable`] when this machine's resolver
/// configuration cannot be read.
pub fn native(keypair: &Keypair) -> Result<(Carrier, Sockets)> {
    let (sockets, listener) = sockets();
    let tcp = tcp::tokio::Transport::new(tcp::Config::default().nodelay(true));
    let named = dns::tokio::Transport::system(tcp)
        .map_err(|error| Error::unavailable(format!("this machine's name resolver: {error}")))?;
    let outgoing = websocket::Config::new(named);
    let direct = secured(OrTransport::new(listener, outgoing), keypair)?;
    Ok((with_webrtc(keypair, NoWebRtc, IceServers::default(), direct.boxed())?, sockets))
}
