//! A connection to a peer as far as yamux, and then whatever bytes one likes: WebSocket, multistream and Noise are
//! what they should be.

use std::error::Error;

use libp2p::core::Endpoint;
use libp2p::core::transport::{DialOpts, PortUse};
use libp2p::core::upgrade::{InboundConnectionUpgrade, OutboundConnectionUpgrade};
use libp2p::futures::{AsyncRead, AsyncWrite};
use libp2p::identity::Keypair;
use libp2p::{Multiaddr, Transport, noise, tcp, websocket};
use multistream_select::{Version, dialer_select_proto, listener_select_proto};

const NOISE: &str = "/noise";
const YAMUX: &str = "/yamux/1.0.0";

/// Bytes below yamux.
pub(crate) trait Raw: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Raw for T {}

/// A way to WebSockets, there and here.
pub(crate) fn sockets() -> websocket::Config<tcp::tokio::Transport> {
    websocket::Config::new(tcp::tokio::Transport::default())
}

/// A handshake that takes long is given up by a peer; on a machine that has no time, that is no fault of either.
const ATTEMPTS: usize = 10;

/// Connects to a peer that speaks yamux.
#[allow(dead_code, reason = "the hostile relay is connected to")]
pub(crate) async fn dial(to: Multiaddr) -> Box<dyn Raw> {
    let mut failed = None;
    for _ in 0..ATTEMPTS {
        match handshake(to.clone()).await {
            Ok(connection) => return connection,
            Err(error) => failed = Some(error),
        }
    }
    panic!("no connection to {to} in {ATTEMPTS} attempts: {failed:?}");
}

async fn handshake(to: Multiaddr) -> Result<Box<dyn Raw>, Box<dyn Error + Send + Sync>> {
    let how = DialOpts { role: Endpoint::Dialer, port_use: PortUse::New };
    let socket = sockets().dial(to, how)?.await?;
    let (_, socket) = dialer_select_proto(socket, [NOISE], Version::V1).await?;
    let noise = noise::Config::new(&Keypair::generate_ed25519())?;
    let (_, socket) = noise.upgrade_outbound(socket, NOISE).await?;
    let (_, socket) = dialer_select_proto(socket, [YAMUX], Version::V1).await?;
    Ok(Box::new(socket))
}

/// Does its part when a peer connects. `None` where that one gives up.
#[allow(dead_code, reason = "a test connects")]
pub(crate) async fn accept(socket: impl Raw + 'static, keypair: &Keypair) -> Option<Box<dyn Raw>> {
    let (_, socket) = listener_select_proto(socket, [NOISE]).await.ok()?;
    let noise = noise::Config::new(keypair).ok()?;
    let (_, socket) = noise.upgrade_inbound(socket, NOISE).await.ok()?;
    let (_, socket) = listener_select_proto(socket, [YAMUX]).await.ok()?;
    Some(Box::new(socket))
}
