//! The peer on a native relay: Views → Distributed → Services on disk. Its HTTP listener is not here.

mod announced;
mod socket;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use axum::extract::ws::WebSocket;
use kadenza_api::{Error, Http, Result};
pub use kadenza_distributed::CircuitLimits;
use kadenza_distributed::multiaddr::Protocol;
use kadenza_distributed::transport::{self, Sockets};
use kadenza_distributed::{self as distributed, Distributed, Multiaddr};
use kadenza_platform::boxed;
use kadenza_services::store::disk::DiskStore;
use kadenza_services::{self as services, Services};
use kadenza_views::{self as views, Views};

use self::announced::Announced;
use crate::address::{self, RelayFound};

/// What a relay needs to know before it starts.
#[derive(Debug, Clone)]
pub struct Config {
    /// Folder for its identity, songs and content; made if it is missing.
    pub data: PathBuf,
    /// The most bytes it stores.
    pub quota_bytes: u64,
    /// The largest file it takes, in bytes.
    pub file_limit_bytes: u64,
    /// Other relays, each as a base URL or a multiaddr with its peer id.
    pub bootstrap: Vec<String>,
    /// Base URLs at which browsers and other relays reach it.
    pub addresses: Vec<String>,
    /// URLs of the STUN servers to tell tabs of; its listener answers there, or another server does.
    pub stun: Vec<String>,
    /// How much it relays between tabs.
    pub circuits: CircuitLimits,
}

type Stack = Views<Announced<Distributed<Services<DiskStore>>>>;

/// A running relay. Cloning it gives another handle to the same one.
#[derive(Debug, Clone)]
pub struct Relay {
    views: Stack,
    distributed: Distributed<Services<DiskStore>>,
    sockets: Sockets,
}

impl Relay {
    /// Opens the store and joins the network.
    ///
    /// # Errors
    /// [`Error::Storage`] when the data folder cannot be used, [`Error::Invalid`] for an address that is none.
    pub async fn start(config: Config) -> Result<Self> {
        let store = DiskStore::open(&config.data).await?;
        let keypair = services::identity(&store).await?;
        let services = Services::open(
            store,
            keypair.clone(),
            services::Config {
                file_limit_bytes: config.file_limit_bytes,
                quota_bytes: config.quota_bytes,
                durable: true,
            },
        )
        .await?;
        let (carrier, sockets) = transport::native(&keypair)?;
        let external =
            config.addresses.iter().map(|url| address::websocket_of(url)).collect::<Result<Vec<_>>>()?;
        let distributed = Distributed::join(
            services,
            distributed::Config {
                keypair,
                carrier,
                relays: Some(config.circuits),
                listen: vec![any_websocket()],
                external,
                durable: true,
                find_peers: find_peers(parse(config.bootstrap)?),
            },
        )?;
        let announced = Announced::new(distributed.clone(), config.stun);
        let views = Views::new(announced, views::Config { body_limit_bytes: config.file_limit_bytes });
        Ok(Self { views, distributed, sockets })
    }

    /// What answers its HTTP requests.
    pub fn http(&self) -> impl Http + Clone + use<> {
        self.views.clone()
    }

    /// Hands a WebSocket that arrived at the HTTP listener to the network.
    pub fn accept(&self, socket: WebSocket, from: SocketAddr) {
        self.sockets.accept(socket::byte_stream(socket), from);
    }

    /// Says goodbye to its peers.
    pub async fn stop(self) {
        self.distributed.leave().await;
    }
}

/// The listen address of a swarm whose connections somebody else accepts.
fn any_websocket() -> Multiaddr {
    Multiaddr::empty().with(Protocol::Ws("/".into()))
}

#[derive(Debug, Clone)]
enum Bootstrap {
    Url(String),
    Address(Multiaddr),
}

fn parse(entries: Vec<String>) -> Result<Vec<Bootstrap>> {
    let parse = |entry: String| {
        if entry.starts_with('/') {
            let address =
                entry.parse().map_err(|error| Error::invalid(format!("bootstrap {entry:?}: {error}")))?;
            return Ok(Bootstrap::Address(address));
        }
        address::websocket_of(&entry)?;
        Ok(Bootstrap::Url(entry))
    };
    entries.into_iter().map(parse).collect()
}

fn find_peers(bootstrap: Vec<Bootstrap>) -> distributed::FindPeers {
    Arc::new(move || {
        let bootstrap = bootstrap.clone();
        boxed(async move {
            let mut found = Vec::new();
            for entry in bootstrap {
                match entry {
                    Bootstrap::Address(address) => found.push(address),
                    Bootstrap::Url(url) => match address::relay_at(&url).await {
                        Ok(RelayFound { addresses, .. }) => found.extend(addresses),
                        Err(error) => tracing::debug!(%url, %error, "bootstrap relay not found"),
                    },
                }
            }
            found
        })
    })
}
