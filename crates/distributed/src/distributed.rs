//! The layer itself.

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::StreamExt;
use futures::stream::FuturesUnordered;
use kadenza_api::{
    ContentId, Error, Found, GROUP_BYTES, Music, Network, Offering, Query, Replicas, Result, Scope, Song,
    SongId, Upload, Uploaded,
};
use kadenza_platform::{spawn, timeout};
use libp2p::identity::Keypair;
use libp2p::{Multiaddr, PeerId};
use tokio::sync::watch;

use crate::announce::announce;
use crate::answer::Answering;
use crate::bootstrap::{FindPeers, keep_connected};
use crate::connections::{close_silent, close_superfluous};
use crate::content::fetch::{Fetches, Network as Ways};
use crate::content::holders::Holders;
use crate::content::link::Links;
use crate::content::server::{Followers, Server, serve};
use crate::meeting::Meetings;
use crate::peers::Peers;
use crate::placement::{self, Key, RECORD_REPLICAS};
use crate::protocol::rpc::Hello;
use crate::remote::Remote;
use crate::swarm::{Behaviour, CircuitLimits, Command, Ends, EventLoop, Handle, Standing};
use crate::transport::Carrier;

/// A node that has not answered by then is not waited for.
const ANSWER_LIMIT: Duration = Duration::from_secs(2);

/// Reads are tried again this often when a content becomes whole in between.
const READ_TRIES: usize = 3;

/// What a peer needs to know to join.
#[allow(missing_debug_implementations, reason = "transports have none")]
pub struct Config {
    /// The peer's identity.
    pub keypair: Keypair,
    /// What carries its connections, see [`crate::transport`].
    pub carrier: Carrier,
    /// How much it relays for others, if anything.
    pub relays: Option<CircuitLimits>,
    /// Where it listens.
    pub listen: Vec<Multiaddr>,
    /// Where others are known to reach it.
    pub external: Vec<Multiaddr>,
    /// Whether what it stores outlives it.
    pub durable: bool,
    /// Where bootstrap peers are.
    pub find_peers: FindPeers,
}

/// This peer in the network, over its own Services.
#[derive(Debug)]
pub struct Distributed<S> {
    pub(crate) services: S,
    pub(crate) handle: Handle,
    pub(crate) fetches: Fetches<S>,
    pub(crate) meetings: Meetings,
    pub(crate) durable: bool,
    offering: Arc<watch::Sender<Offering>>,
}

impl<S: Clone> Clone for Distributed<S> {
    fn clone(&self) -> Self {
        Self {
            services: self.services.clone(),
            handle: self.handle.clone(),
            fetches: self.fetches.clone(),
            meetings: self.meetings.clone(),
            durable: self.durable,
            offering: self.offering.clone(),
        }
    }
}

impl<S: Music + Replicas + Clone> Distributed<S> {
    /// Joins the network, in tasks of its own that run until [`Distributed::leave`].
    ///
    /// # Errors
    /// [`Error::Invalid`] when it cannot listen where it should.
    pub fn join(services: S, config: Config) -> Result<Self> {
        let this = PeerId::from(config.keypair.public());
        let Carrier { transport, traffic, relay_client } = config.carrier;
        let (handle, Ends { commands, peers, announcements }) = Handle::new(this, traffic.clone());
        let behaviour = Behaviour::new(&config.keypair, relay_client, config.relays);
        let streams = behaviour.streams.new_control();
        let followers = Followers::default();
        let ways = Ways {
            handle: handle.clone(),
            links: Links::new(streams.clone()),
            followers: followers.clone(),
            holders: Holders::default(),
        };
        let fetches = Fetches::new(services.clone(), ways);
        let offering = Arc::new(watch::Sender::new(Offering::default()));
        let meetings = Meetings::new(streams.clone(), handle.clone());
        serve(Server::new(services.clone(), offering.subscribe(), followers, handle.clone()), streams);
        let hello = Hello { durable: config.durable };
        let answering =
            Answering::new(services.clone(), fetches.clone(), handle.clone(), (hello, offering.subscribe()));
        let mut swarm = EventLoop::new(transport, behaviour, this, (commands, peers, traffic), answering);
        for address in config.listen {
            swarm.listen(address)?;
        }
        for address in config.external {
            swarm.reachable_at(address);
        }
        spawn(swarm.run());
        handle.run_beside(announce(handle.clone(), announcements));
        handle.run_beside(keep_connected(handle.clone(), config.find_peers));
        handle.run_beside(close_silent(handle.clone()));
        if !config.durable {
            handle.run_beside(close_superfluous(handle.clone()));
        }
        let distributed = Self { services, handle, fetches, meetings, durable: config.durable, offering };
        distributed.handle.run_beside(distributed.clone().repair());
        Ok(distributed)
    }

    /// Closes all connections and ends the tasks. What is asked of the network afterwards is unavailable.
    pub async fn leave(&self) {
        self.handle.send(Command::Stop).await;
    }

    /// Sets what this node lets others have of what it holds. It applies from now on, to what is under way as well.
    pub fn offer(&self, offering: Offering) {
        self.offering.send_replace(offering);
    }

    /// How many peers are connected and ready, now and each time it changes.
    pub fn peer_count(&self) -> PeerCount {
        PeerCount(self.handle.peers())
    }

    /// Asks others for a song's record, keeps what they answer, and returns it as they have it.
    pub(crate) async fn song_elsewhere(&self, id: SongId) -> Result<Song> {
        self.handle.joined().await;
        // Somebody waits for this one song, and may come from a link: there is time for a longer look.
        let asked = self.nodes_near(&Key::song(id), ANSWER_LIMIT).await;
        let mut answers: FuturesUnordered<_> = asked
            .into_iter()
            .map(|peer| {
                let remote = Remote::new(peer, self.handle.clone());
                async move { timeout(ANSWER_LIMIT, remote.song(id)).await }
            })
            .collect();
        while let Some(answer) = answers.next().await {
            if let Ok(Ok(song)) = answer {
                self.services.merge(vec![song.clone()]).await?;
                // What did not pass Services' checks is not there, and the next answer may be honest.
                if self.services.song(id).await.is_ok() {
                    return Ok(song);
                }
            }
        }
        Err(Error::not_found(format!("no song has the id {id}")))
    }
}

impl<S: Music + Replicas + Clone> Music for Distributed<S> {
    async fn upload(&self, upload: Upload) -> Result<Uploaded> {
        self.upload_and_place(upload).await
    }

    async fn search(&self, query: Query) -> Result<Found> {
        query.check()?;
        match query.scope {
            Scope::Here => self.services.search(query).await,
            Scope::Network => self.search_network(query).await,
        }
    }

    async fn song(&self, id: SongId) -> Result<Song> {
        match self.services.song(id).await {
            Err(Error::NotFound { .. }) => {
                self.song_elsewhere(id).await?;
                self.services.song(id).await
            }
            known => known,
        }
    }

    async fn read(&self, content: ContentId, len: u64, range: Range<u64>) -> Result<Bytes> {
        for _ in 0..READ_TRIES {
            match self.services.read(content, len, range.clone()).await {
                Err(Error::NotFound { .. }) => {}
                known => return known,
            }
            self.handle.joined().await;
            match self.fetches.group(content, len, &range).await {
                Ok(piece) => {
                    let at = |byte: u64| usize::try_from(byte.saturating_sub(piece.first * GROUP_BYTES));
                    let (Ok(from), Ok(to)) = (at(range.start), at(range.end)) else { break };
                    return Ok(piece.bytes.slice(from..to.min(piece.bytes.len())));
                }
                // It has just been stored.
                Err(Error::Unavailable { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Err(Error::unavailable(format!("content {content} cannot be read now; try again")))
    }

    async fn network(&self) -> Result<Network> {
        let own = self.services.network().await?;
        let Standing { addresses, table } = self.handle.standing().await?;
        Ok(Network {
            peer: Some(self.handle.this().to_string()),
            addresses: addresses.iter().map(ToString::to_string).collect(),
            position: placement::peer_position(self.handle.this()),
            bucket_size: RECORD_REPLICAS as u32,
            durable: self.durable,
            peers: self.handle.peers().borrow().visible(self.handle.traffic(), &table),
            ..own
        })
    }
}

/// The number of peers as it changes.
#[derive(Debug, Clone)]
pub struct PeerCount(watch::Receiver<Peers>);

impl PeerCount {
    /// The number now.
    pub fn now(&self) -> usize {
        self.0.borrow().ready().count()
    }

    /// Those peers.
    pub fn peers(&self) -> Vec<PeerId> {
        self.0.borrow().ready().collect()
    }

    /// Waits until the set of peers changes; `false` once the peer has stopped.
    pub async fn changed(&mut self) -> bool {
        self.0.changed().await.is_ok()
    }
}
