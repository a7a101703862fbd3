//! What carries connections: one file for each place a peer can live. All end in Noise and Yamux.

#[cfg(target_family = "wasm")]
mod browser;
pub mod memory;
#[cfg(not(target_family = "wasm"))]
mod native;
#[cfg(not(target_family = "wasm"))]
mod socket;

#[cfg(target_family = "wasm")]
pub use browser::browser;
#[cfg(not(target_family = "wasm"))]
pub use native::{Native, native};
#[cfg(not(target_family = "wasm"))]
pub use socket::{Socket, Sockets, sockets};

use kadenza_api::{Error, Result};
use libp2p::core::muxing::StreamMuxerBox;
use libp2p::core::transport::{Boxed, upgrade};
use libp2p::identity::Keypair;
use libp2p::{PeerId, Transport, noise, yamux};

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

/// The longest a dial with all its handshakes may take.
const HANDSHAKE_LIMIT: std::time::Duration = std::time::Duration::from_secs(20);
