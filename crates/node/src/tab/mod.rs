//! The peer inside a browser tab: Interface → Middleware → Views → Distributed → Services, in one page, which may have
//! several.

mod holdings;
pub mod lock;
mod news;
mod room;
mod slot;
mod status;
mod store;

use std::cell::RefCell;
use std::ops::Range;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::channel::oneshot;
use kadenza_api::{
    Body, ContentId, Copies, Found, Http, Losses, Music, Network, Offering, Query, Result, Song, SongId,
    Upload, Uploaded,
};
use kadenza_distributed::transport::IceServers;
use kadenza_distributed::{self as distributed, Distributed, transport};
use kadenza_middleware::{HttpClient, Middleware, Server};
use kadenza_platform::{BoxStream, boxed, boxed_stream, timeout};
use kadenza_room::{Link, MemberName};
pub use kadenza_services::names_of;
use kadenza_services::{self as services, Services};
use kadenza_views::{self as views, Views};
use tokio::sync::watch;

pub use self::news::PeerChange;
use self::room::Place;
pub use self::room::TabRoom;
pub use kadenza_distributed::song_position;

use self::holdings::Shelf;
pub use self::holdings::{Holdings, Lasting};
pub use self::status::{Connection, Keeping, Status};
pub use self::store::Storage;
use self::store::{Opened, TabStore};
use crate::address::{self, RelayFound};

/// The largest file a tab takes: 200 MB, as a relay's default.
pub const FILE_LIMIT_BYTES: u64 = 200_000_000;

/// How long a peer that stops waits for work on its store, a commit for one, to end.
const CLOSE_LIMIT: Duration = Duration::from_secs(2);

/// What a tab's peer needs to know before it starts.
#[derive(Debug, Clone)]
pub struct Config {
    /// Base URLs of relays, the page's own origin first.
    pub relays: Vec<String>,
}

/// What a tab's layers stand on.
pub type Peer = Distributed<Services<TabStore>>;
type Stack = Middleware<Views<Peer>>;

/// A running peer. Cloning it gives another handle to the same one. It speaks [`Music`] (what the page calls)
/// and [`Http`] (what the service worker forwards).
#[derive(Debug, Clone)]
pub struct Tab {
    stack: Stack,
    peer: Peer,
    shelf: Shelf,
    place: Place,
    status: watch::Receiver<Status>,
    services: Services<TabStore>,
    /// Until somebody waits for it.
    closed: Rc<RefCell<Option<oneshot::Receiver<()>>>>,
}

impl Tab {
    /// Starts the peer of this tab, in the browser's storage. It returns as soon as the tab's own store is open; the
    /// network is joined in the background, see [`Tab::statuses`].
    ///
    /// # Errors
    /// [`kadenza_api::Error::Storage`] when not even an in-memory store can be made,
    /// [`kadenza_api::Error::Invalid`] for a relay's address that is none.
    pub async fn start(config: Config) -> Result<Self> {
        Self::start_in(&Storage::default(), config).await
    }

    /// As [`Tab::start`], with what it stores kept elsewhere.
    ///
    /// # Errors
    /// As there.
    pub async fn start_in(storage: &Storage, config: Config) -> Result<Self> {
        let mut servers = Vec::new();
        for relay in &config.relays {
            servers.push(Server::There(HttpClient::new(relay)?));
        }
        let Opened { store, keeping, quota_bytes, closed } = store::open(storage).await;
        let keypair = services::identity(&store).await?;
        let services = Services::open(
            store,
            keypair.clone(),
            services::Config { file_limit_bytes: FILE_LIMIT_BYTES, quota_bytes, durable: false },
        )
        .await?;
        let shelf = Shelf::new(services.clone(), keeping, quota_bytes);
        let ice_servers = IceServers::default();
        let carrier = transport::browser(&keypair, ice_servers.clone())?;
        let peer = Distributed::join(
            services.clone(),
            distributed::Config {
                keypair,
                carrier,
                relays: None,
                listen: Vec::new(),
                external: Vec::new(),
                durable: false,
                find_peers: find_peers(config.relays, ice_servers),
            },
        )?;
        let own = Views::new(peer.clone(), views::Config { body_limit_bytes: FILE_LIMIT_BYTES });
        servers.insert(0, Server::Here(own));
        let status = status::watch(peer.peer_count(), keeping);
        let closed = Rc::new(RefCell::new(Some(closed)));
        let (stack, place) = (Middleware::new(servers), Place::default());
        Ok(Self { stack, peer, shelf, place, status, services, closed })
    }

    /// The status now and then each time it changes.
    pub fn statuses(&self) -> BoxStream<Status> {
        let mut status = self.status.clone();
        status.mark_changed();
        boxed_stream(futures::stream::unfold(status, |mut status| async {
            status.changed().await.ok()?;
            let now = *status.borrow_and_update();
            Some((now, status))
        }))
    }

    /// Sets what this tab lets others have of what it holds: a person's upload limit, or nothing on a metered connection.
    pub fn offer(&self, offering: Offering) {
        self.peer.offer(offering);
    }

    /// Goes into the room of a link, called `name` there. Until [`Tab::leave_room`] the room is what this tab searches, uploads to
    /// and plays from.
    ///
    /// # Errors
    /// As [`kadenza_room::Room::open`].
    pub async fn enter(&self, link: Link, name: MemberName) -> Result<TabRoom> {
        self.place.enter(self.peer.clone(), link, name).await
    }

    /// Goes out of the room, back to the public library.
    pub async fn leave_room(&self) {
        self.place.leave().await;
    }

    /// The room this tab is in.
    pub fn room(&self) -> Option<TabRoom> {
        self.place.room()
    }

    /// The public library, whatever room this tab is in.
    pub fn public(&self) -> impl Music + Http + Clone + use<> {
        self.stack.clone()
    }

    /// Where whole copies of a content are now, as [`Distributed::copies`] has it.
    ///
    /// # Errors
    /// As there.
    pub async fn copies(&self, content: ContentId) -> Result<Copies> {
        self.peer.copies(content).await
    }

    /// What this tab stores, and how much it may.
    ///
    /// # Errors
    /// As [`Music::network`] of Services.
    pub async fn holdings(&self) -> Result<Holdings> {
        self.shelf.holdings().await
    }

    /// Sets the most bytes this tab stores, from now on; as many as the browser allows where `None`. What is stored
    /// stays, even if it is more than that.
    pub fn limit_storage(&self, bytes: Option<u64>) {
        self.shelf.limit(bytes);
    }

    /// Asks the browser not to clear what is stored when it needs the room. Says whether it agreed; it may ask the person.
    pub async fn ask_to_last(&self) -> bool {
        holdings::ask_to_last().await
    }

    /// Counts what would be gone with what is stored, as [`Distributed::losses`] has it.
    pub fn losses(&self) -> BoxStream<Result<Losses>> {
        self.peer.losses()
    }

    /// Leaves the room, the network and the store. Another peer can have the same storage once this has returned, if nobody
    /// has another handle to this one.
    pub async fn stop(self) {
        self.place.leave().await;
        self.peer.leave().await;
        let closed = self.closed.take();
        drop(self);
        if let Some(closed) = closed {
            // Work that takes longer than that ends by itself.
            let _ = timeout(CLOSE_LIMIT, closed).await;
        }
    }
}

fn find_peers(relays: Vec<String>, ice_servers: IceServers) -> distributed::FindPeers {
    Arc::new(move || {
        let (relays, ice_servers) = (relays.clone(), ice_servers.clone());
        boxed(async move {
            let mut found = Vec::new();
            for relay in relays {
                match address::relay_at(&relay).await {
                    Ok(RelayFound { addresses, stun }) => {
                        stun.iter().for_each(|url| ice_servers.add(url));
                        found.extend(addresses);
                    }
                    Err(error) => tracing::debug!(%relay, %error, "relay not found"),
                }
            }
            found
        })
    })
}

impl PartialEq for Tab {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.closed, &other.closed)
    }
}

impl Music for Tab {
    async fn upload(&self, upload: Upload) -> Result<Uploaded> {
        match self.room() {
            Some(room) => room.upload(upload).await,
            None => self.stack.upload(upload).await,
        }
    }

    async fn search(&self, query: Query) -> Result<Found> {
        match self.room() {
            Some(room) => room.search(query).await,
            None => self.stack.search(query).await,
        }
    }

    async fn song(&self, id: SongId) -> Result<Song> {
        match self.room() {
            Some(room) => room.song(id).await,
            None => self.stack.song(id).await,
        }
    }

    async fn read(&self, content: ContentId, len: u64, range: Range<u64>) -> Result<Bytes> {
        match self.room() {
            Some(room) => room.read(content, len, range).await,
            None => self.stack.read(content, len, range).await,
        }
    }

    async fn network(&self) -> Result<Network> {
        self.stack.network().await
    }
}

impl Http for Tab {
    async fn send(&self, request: http::Request<Body>) -> Result<http::Response<Body>> {
        match self.place.send(request).await {
            Ok(answer) => answer,
            Err(request) => self.stack.send(request).await,
        }
    }
}
