//! What carries connections: one file for each place a peer can live. All end in Noise and Yamux, but for WebRTC,
//! which browsers encrypt and multiplex themselves.

#[cfg(target_family = "wasm")]
mod browser;
pub mod memory;
#[cfg(not(target_family = "wasm"))]
mod native;
#[cfg(not(target_family = "wasm"))]
mod socket;

#[cfg(target_family = "wasm")]
pub use browser::browser;
pub use kadenza_webrtc::IceServers;
#[cfg(not(target_family = "wasm"))]
pub use native::native;
#[cfg(not(target_family = "wasm"))]
pub use socket::{Socket, Sockets, sockets};

use futures::future::Either;
use kadenza_api::{Error, Reach, Result};
use kadenza_webrtc::Path;
use libp2p::core::muxing::StreamMuxerBox;
use libp2p::core::transport::{Boxed, OrTransport, upgrade};
use libp2p::identity::Keypair;
use libp2p::{PeerId, Transport, noise, relay, yamux};

use crate::traffic::Traffic;

/// The protocol by which a peer asks to go on over a circuit, after WebRTC has failed.
const RELAYED: &str = "/kadenza/relayed/1.0.0";

/// The longest a dial with all its handshakes may take: six round trips, by way of a satellite 600 ms each. A dial begun
/// while there was no network is then soon followed by one that works.
const HANDSHAKE_LIMIT: std::time::Duration = std::time::Duration::from_secs(4);

/// What carries a peer's connections.
#[allow(missing_debug_implementations, reason = "transports have none")]
pub struct Carrier {
    /// Makes and takes them.
    pub transport: Boxed<(PeerId, StreamMuxerBox)>,
    /// What goes over them.
    pub(crate) traffic: Traffic,
    /// The circuit client that drives part of the transport, where it has one.
    pub(crate) relay_client: Option<relay::client::Behaviour>,
}

/// Makes a transport of raw bytes one of authenticated, multiplexed connections.
fn secured<T>(transport: T, keypair: &Keypair) -> Result<Boxed<(PeerId, StreamMuxerBox)>>
where
    T: Transport + Send + Unpin + 'static,
    T::Output: futures::AsyncRead + futures::AsyncWrite + Unpin + Send + 'static,
    T::Error: Send + Sync + 'static,
    T::Dial: Send + 'static,
    T::ListenerUpgrade: Send + 'static,
{
    let noise =
        noise::Config::new(keypair).map_err(|error| Error::invalid(format!("unusable key: {error}")))?;
    Ok(transport
        .upgrade(upgrade::Version::V1Lazy)
        .authenticate(noise)
        .multiplex(yamux::Config::default())
        .timeout(HANDSHAKE_LIMIT)
        .boxed())
}

/// Peers behind circuits by WebRTC, all others by `direct`.
fn with_webrtc<B: kadenza_webrtc::Backend>(
    keypair: &Keypair,
    backend: B,
    ice_servers: IceServers,
    direct: Boxed<(PeerId, StreamMuxerBox)>,
) -> Result<Carrier> {
    let this = PeerId::from(keypair.public());
    let (circuits, relay_client) = relay::client::new(this);
    let config =
        kadenza_webrtc::Config { ice_servers, relayed: Some(RELAYED), ..kadenza_webrtc::Config::default() };
    // The circuits themselves are not dialled: they carry signalling, or what WebRTC has failed to carry.
    let webrtc = kadenza_webrtc::Transport::new(this, secured(circuits, keypair)?, backend, config);
    let traffic = Traffic::default();
    let counting = traffic.clone();
    let transport = OrTransport::new(webrtc, direct).map(move |connected, _| {
        let (peer, reach, muxer) = match connected {
            Either::Left((peer, connection)) => (peer, reach_by(connection.path), connection.muxer),
            Either::Right((peer, muxer)) => (peer, Reach::Direct, muxer),
        };
        (peer, counting.count(peer, reach, muxer))
    });
    Ok(Carrier { transport: transport.boxed(), traffic, relay_client: Some(relay_client) })
}

fn reach_by(path: Path) -> Reach {
    match path {
        Path::Direct => Reach::Direct,
        Path::Relayed => Reach::Relayed,
    }
}
