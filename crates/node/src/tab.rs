//! The peer inside a browser tab: Interface → Middleware → Views → Distributed → Services, in one page.

use std::ops::Range;

use bytes::Bytes;
use kadenza_api::{Body, ContentId, Found, Http, Music, Network, Query, Result, Song, SongId, Upload, Uploaded};
use kadenza_platform::BoxStream;

/// What a tab's peer needs to know before it starts.
#[derive(Debug, Clone)]
pub struct Config {
    /// Base URLs of relays, the page's own origin first.
    pub relays: Vec<String>,
}

/// How the tab stands with the network, for the page to put into words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Connection {
    /// Opening the store, finding a relay.
    Starting,
    /// Connected to this many peers.
    Connected {
        /// Relays and tabs together.
        peers: usize,
    },
    /// No peer is reachable; it goes on trying.
    Offline,
}

/// Where this tab keeps its songs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keeping {
    /// In the browser's storage: they are here after a reload.
    Browser,
    /// In memory: they are gone when the tab closes (a private window, for example).
    Memory,
}

/// The state of a tab's peer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Status {
    /// How it stands with the network.
    pub connection: Connection,
    /// Where it keeps songs.
    pub keeping: Keeping,
}

/// A running peer. Cloning it gives another handle to the same one. It speaks [`Music`] (what the page calls)
/// and [`Http`] (what the service worker forwards).
#[derive(Debug, Clone)]
pub struct Tab {}

impl Tab {
    /// Starts the peer of this tab. It returns as soon as the tab's own store is open; the network is joined in
    /// the background, see [`Tab::statuses`].
    ///
    /// # Errors
    /// [`kadenza_api::Error::Storage`] when not even an in-memory store can be made.
    pub async fn start(_config: Config) -> Result<Self> {
        Ok(Self {})
    }

    /// The status now and then each time it changes.
    pub fn statuses(&self) -> BoxStream<Status> {
        unimplemented!()
    }
}

impl Music for Tab {
    async fn upload(&self, _upload: Upload) -> Result<Uploaded> { unimplemented!() }
    async fn search(&self, _query: Query) -> Result<Found> { unimplemented!() }
    async fn song(&self, _id: SongId) -> Result<Song> { unimplemented!() }
    async fn read(&self, _content: ContentId, _len: u64, _range: Range<u64>) -> Result<Bytes> { unimplemented!() }
    async fn network(&self) -> Result<Network> { unimplemented!() }
}

impl Http for Tab {
    async fn send(&self, _request: http::Request<Body>) -> Result<http::Response<Body>> { unimplemented!() }
}
