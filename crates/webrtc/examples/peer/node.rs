//! The swarm: how the transport is put together, and one task that owns it.

use std::cell::{Ref, RefCell};
use std::collections::HashMap;
use std::fmt;
use std::rc::Rc;
use std::time::Duration;

use futures::channel::{mpsc, oneshot};
use futures::future::Either;
use futures::{SinkExt, StreamExt};
use kadenza_webrtc::browser::{Browser, WebSockets};
use kadenza_webrtc::{Config, IceServers, Path, Transport as WebRtc, is_webrtc, webrtc_of};
use libp2p::core::muxing::StreamMuxerBox;
use libp2p::core::transport::{Boxed, OrTransport, upgrade};
use libp2p::identity::Keypair;
use libp2p::kad::store::MemoryStore;
use libp2p::kad::{self, GetRecordOk, QueryId, QueryResult, Quorum, Record};
use libp2p::multiaddr::Protocol;
use libp2p::swarm::behaviour::toggle::Toggle;
use libp2p::swarm::dial_opts::DialOpts;
use libp2p::swarm::{self, ConnectionId, NetworkBehaviour, SwarmEvent};
use libp2p::{
    Multiaddr, PeerId, Stream, StreamProtocol, Swarm, Transport, identify, noise, ping, relay, yamux,
};
use serde::Serialize;
use wasm_bindgen_futures::spawn_local;

use crate::protocols::{said, serve};

const KAD: &str = "/bench/kad/1.0.0";

/// Commands that wait for the swarm's task.
const QUEUE: usize = 64;

/// How long the relay may take to take this peer in.
const START_LIMIT: Duration = Duration::from_secs(20);

type Outcome<T> = Result<T, String>;

#[derive(NetworkBehaviour)]
struct Behaviour {
    relay: relay::client::Behaviour,
    identify: identify::Behaviour,
    ping: ping::Behaviour,
    kademlia: Toggle<kad::Behaviour<MemoryStore>>,
    streams: libp2p_stream::Behaviour,
}

/// What a peer said of itself.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Identified {
    agent: String,
    protocols: Vec<String>,
    addresses: Vec<String>,
}

/// A connection, for people to see.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Connected {
    peer: String,
    address: String,
    direction: &'static str,
    path: &'static str,
    #[serde(skip)]
    id: ConnectionId,
}

pub(crate) type Connections = Vec<Connected>;

enum Command {
    Dial(Multiaddr, oneshot::Sender<Outcome<PeerId>>),
    Disconnect(PeerId, oneshot::Sender<Outcome<()>>),
    Closed(PeerId, oneshot::Sender<f64>),
    Identified(PeerId, oneshot::Sender<Identified>),
    Put(Record, oneshot::Sender<Outcome<String>>),
    Get(kad::RecordKey, oneshot::Sender<Outcome<String>>),
}

/// A handle to the swarm's task.
#[derive(Clone)]
pub(crate) struct Node {
    pub(crate) id: PeerId,
    pub(crate) address: Multiaddr,
    control: libp2p_stream::Control,
    commands: mpsc::Sender<Command>,
    connections: Rc<RefCell<Connections>>,
}

impl fmt::Debug for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Node").field("id", &self.id).finish_non_exhaustive()
    }
}

/// What can be chosen.
#[derive(Debug)]
pub(crate) struct Options {
    pub(crate) ice_servers: Vec<String>,
    /// Whether it announces what goes past the specification.
    pub(crate) extended: bool,
    /// Whether it takes part in the DHT, which connects it with peers that nobody told it to dial.
    pub(crate) kad: bool,
}

/// WebRTC over circuits, and WebSockets for the relay.
fn transport(
    keypair: &Keypair,
    circuits: relay::client::Transport,
    config: Config,
) -> Outcome<Boxed<(PeerId, StreamMuxerBox)>> {
    let noise = noise::Config::new(keypair).map_err(said)?;
    let circuits = circuits
        .upgrade(upgrade::Version::V1Lazy)
        .authenticate(noise.clone())
        .multiplex(yamux::Config::default())
        .boxed();
    let webrtc = WebRtc::new(keypair.public().to_peer_id(), circuits, Browser, config)
        .map(|(peer, connection), _| (peer, connection.path, connection.muxer));
    let sockets = WebSockets
        .upgrade(upgrade::Version::V1Lazy)
        .authenticate(noise)
        .multiplex(yamux::Config::default())
        .map(|(peer, muxer), _| (peer, Path::Direct, StreamMuxerBox::new(muxer)));
    let either = OrTransport::new(webrtc, sockets).map(|either, _| match either {
        Either::Left((peer, _, muxer)) | Either::Right((peer, _, muxer)) => (peer, muxer),
    });
    Ok(either.boxed())
}

impl Node {
    /// Starts a peer and waits until it listens on `<relay>/p2p-circuit/webrtc`.
    pub(crate) async fn start(relay: Multiaddr, options: Options) -> Outcome<Self> {
        let keypair = Keypair::generate_ed25519();
        let id = keypair.public().to_peer_id();
        let servers = IceServers::default();
        options.ice_servers.iter().for_each(|url| servers.add(url));
        let (circuits, client) = relay::client::new(id);
        let config = Config { ice_servers: servers, extended: options.extended, ..Config::default() };
        let transport = transport(&keypair, circuits, config)?;
        let streams = libp2p_stream::Behaviour::new();
        let mut control = streams.new_control();
        serve(&mut control)?;
        let behaviour = Behaviour {
            relay: client,
            identify: identify::Behaviour::new(
                identify::Config::new("bench/1.0.0".into(), keypair.public())
                    .with_push_listen_addr_updates(true),
            ),
            ping: ping::Behaviour::default(),
            kademlia: options.kad.then(|| kademlia(id)).into(),
            streams,
        };
        let config =
            swarm::Config::with_wasm_executor().with_idle_connection_timeout(Duration::from_secs(600));
        let mut swarm = Swarm::new(transport, behaviour, id, config);
        swarm.dial(relay.clone()).map_err(said)?;
        let (commands, queue) = mpsc::channel(QUEUE);
        let (listens, address) = oneshot::channel();
        let connections = Rc::new(RefCell::new(Vec::new()));
        let task = Task {
            swarm,
            relay,
            listens: Some(listens),
            connections: connections.clone(),
            dials: HashMap::new(),
            closing: Vec::new(),
            identified: HashMap::new(),
            identifying: Vec::new(),
            queries: HashMap::new(),
        };
        spawn_local(task.run(queue));
        let limit = futures_timer::Delay::new(START_LIMIT);
        match futures::future::select(address, limit).await {
            Either::Left((Ok(address), _)) => Ok(Self { id, address, control, commands, connections }),
            Either::Left((Err(_), _)) => Err("the relay cannot be reached".into()),
            Either::Right(_) => Err("the relay has not taken us in".into()),
        }
    }

    pub(crate) fn connections(&self) -> Ref<'_, Connections> {
        self.connections.borrow()
    }

    pub(crate) async fn open(&self, peer: PeerId, protocol: String) -> Outcome<Stream> {
        let protocol = StreamProtocol::try_from_owned(protocol).map_err(said)?;
        self.control.clone().open_stream(peer, protocol).await.map_err(said)
    }

    pub(crate) async fn dial(&self, address: Multiaddr) -> Outcome<PeerId> {
        self.ask(|answer| Command::Dial(address, answer)).await?
    }

    pub(crate) async fn disconnect(&self, peer: PeerId) -> Outcome<()> {
        self.ask(|answer| Command::Disconnect(peer, answer)).await?
    }

    pub(crate) async fn closed(&self, peer: PeerId) -> Outcome<f64> {
        self.ask(|answer| Command::Closed(peer, answer)).await
    }

    pub(crate) async fn identified(&self, peer: PeerId) -> Outcome<Identified> {
        self.ask(|answer| Command::Identified(peer, answer)).await
    }

    pub(crate) async fn put(&self, key: String, value: String) -> Outcome<()> {
        let record = Record::new(key_of(&key), value.into_bytes());
        self.ask(|answer| Command::Put(record, answer)).await?.map(drop)
    }

    pub(crate) async fn get(&self, key: String) -> Outcome<String> {
        self.ask(|answer| Command::Get(key_of(&key), answer)).await?
    }

    async fn ask<T>(&self, command: impl FnOnce(oneshot::Sender<T>) -> Command) -> Outcome<T> {
        let (answer, answered) = oneshot::channel();
        self.commands.clone().send(command(answer)).await.map_err(said)?;
        answered.await.map_err(said)
    }
}

fn kademlia(id: PeerId) -> kad::Behaviour<MemoryStore> {
    let config = kad::Config::new(StreamProtocol::new(KAD));
    let mut kademlia = kad::Behaviour::with_config(id, MemoryStore::new(id), config);
    kademlia.set_mode(Some(kad::Mode::Server));
    kademlia
}

fn key_of(key: &str) -> kad::RecordKey {
    kad::RecordKey::new(&format!("/bench/{key}").into_bytes())
}

struct Task {
    swarm: Swarm<Behaviour>,
    relay: Multiaddr,
    listens: Option<oneshot::Sender<Multiaddr>>,
    connections: Rc<RefCell<Connections>>,
    dials: HashMap<ConnectionId, oneshot::Sender<Outcome<PeerId>>>,
    closing: Vec<(PeerId, oneshot::Sender<f64>)>,
    identified: HashMap<PeerId, Identified>,
    identifying: Vec<(PeerId, oneshot::Sender<Identified>)>,
    queries: HashMap<QueryId, oneshot::Sender<Outcome<String>>>,
}

impl Task {
    async fn run(mut self, mut commands: mpsc::Receiver<Command>) {
        loop {
            futures::select_biased! {
                event = self.swarm.select_next_some() => self.on_event(event),
                command = commands.next() => match command {
                    Some(command) => self.on_command(command),
                    None => return,
                },
            }
        }
    }

    fn on_command(&mut self, command: Command) {
        match command {
            Command::Dial(address, answer) => {
                let options: DialOpts = address.into();
                let id = options.connection_id();
                match self.swarm.dial(options) {
                    Ok(()) => drop(self.dials.insert(id, answer)),
                    Err(error) => drop(answer.send(Err(said(error)))),
                }
            }
            Command::Disconnect(peer, answer) => {
                let done = self.swarm.disconnect_peer_id(peer);
                drop(answer.send(done.map_err(|()| "not connected".into())));
            }
            Command::Closed(peer, answer) if !self.swarm.is_connected(&peer) => _ = answer.send(clock()),
            Command::Closed(peer, answer) => self.closing.push((peer, answer)),
            Command::Identified(peer, answer) => match self.identified.get(&peer) {
                Some(known) => drop(answer.send(known.clone())),
                None => self.identifying.push((peer, answer)),
            },
            Command::Put(record, answer) => {
                let query = self
                    .kademlia()
                    .and_then(|kademlia| kademlia.put_record(record, Quorum::One).map_err(said));
                self.await_query(query, answer);
            }
            Command::Get(key, answer) => {
                let query = self.kademlia().map(|kademlia| kademlia.get_record(key));
                self.await_query(query, answer);
            }
        }
    }

    fn kademlia(&mut self) -> Outcome<&mut kad::Behaviour<MemoryStore>> {
        self.swarm.behaviour_mut().kademlia.as_mut().ok_or_else(|| "it takes no part in the DHT".into())
    }

    fn await_query(&mut self, query: Outcome<QueryId>, answer: oneshot::Sender<Outcome<String>>) {
        match query {
            Ok(id) => drop(self.queries.insert(id, answer)),
            Err(error) => drop(answer.send(Err(error))),
        }
    }

    fn on_event(&mut self, event: SwarmEvent<BehaviourEvent>) {
        match event {
            SwarmEvent::ConnectionEstablished { peer_id, connection_id, endpoint, .. } => {
                let address = endpoint.get_remote_address().clone();
                if peer_id == relay_of(&self.relay) && self.listens.is_some() {
                    let listening = self.relay.clone().with(Protocol::P2pCircuit).with(Protocol::WebRTC);
                    if self.swarm.listen_on(listening).is_err() {
                        self.listens = None;
                    }
                }
                self.connections.borrow_mut().push(Connected {
                    peer: peer_id.to_string(),
                    path: if is_webrtc(&address) || !endpoint.is_relayed() { "direct" } else { "relayed" },
                    address: address.to_string(),
                    direction: if endpoint.is_dialer() { "outbound" } else { "inbound" },
                    id: connection_id,
                });
                if let Some(dial) = self.dials.remove(&connection_id) {
                    drop(dial.send(Ok(peer_id)));
                }
            }
            SwarmEvent::ConnectionClosed { peer_id, connection_id, num_established, .. } => {
                self.connections.borrow_mut().retain(|connection| connection.id != connection_id);
                if num_established == 0 {
                    self.identified.remove(&peer_id);
                    for (_, answer) in self.closing.extract_if(.., |(peer, _)| *peer == peer_id) {
                        let _ = answer.send(clock());
                    }
                }
            }
            SwarmEvent::OutgoingConnectionError { connection_id, error, .. } => {
                if let Some(dial) = self.dials.remove(&connection_id) {
                    drop(dial.send(Err(said(error))));
                }
            }
            SwarmEvent::NewListenAddr { address, .. } if is_webrtc(&address) => {
                if let Some(listens) = self.listens.take() {
                    drop(listens.send(address));
                }
            }
            // The circuit itself is not where to dial: only its WebRTC form is.
            SwarmEvent::ExternalAddrConfirmed { address } if webrtc_of(&address) != address => {
                self.swarm.remove_external_address(&address);
                self.swarm.add_external_address(webrtc_of(&address));
            }
            SwarmEvent::Behaviour(event) => self.on_behaviour(event),
            _ => {}
        }
    }

    fn on_behaviour(&mut self, event: BehaviourEvent) {
        match event {
            BehaviourEvent::Identify(identify::Event::Received { peer_id, info, .. }) => {
                let speaks = info.protocols.iter().any(|protocol| protocol.as_ref() == KAD);
                if let Some(kademlia) = self.kademlia().ok().filter(|_| speaks) {
                    for address in &info.listen_addrs {
                        kademlia.add_address(&peer_id, address.clone());
                    }
                }
                let known = Identified {
                    agent: info.agent_version,
                    protocols: info.protocols.iter().map(ToString::to_string).collect(),
                    addresses: info.listen_addrs.iter().map(ToString::to_string).collect(),
                };
                for (_, answer) in self.identifying.extract_if(.., |(peer, _)| *peer == peer_id) {
                    drop(answer.send(known.clone()));
                }
                self.identified.insert(peer_id, known);
            }
            BehaviourEvent::Kademlia(kad::Event::OutboundQueryProgressed { id, result, step, .. }) => {
                let outcome = match result {
                    QueryResult::GetRecord(Ok(GetRecordOk::FoundRecord(found))) => {
                        Ok(String::from_utf8_lossy(&found.record.value).into_owned())
                    }
                    QueryResult::PutRecord(Ok(_)) => Ok(String::new()),
                    QueryResult::GetRecord(Err(error)) => Err(said(error)),
                    QueryResult::PutRecord(Err(error)) => Err(said(error)),
                    _ if step.last => Err("found nothing".into()),
                    _ => return,
                };
                if let Some(answer) = self.queries.remove(&id) {
                    drop(answer.send(outcome));
                }
            }
            _ => {}
        }
    }
}

fn relay_of(address: &Multiaddr) -> PeerId {
    let peer = address.iter().find_map(|part| match part {
        Protocol::P2p(peer) => Some(peer),
        _ => None,
    });
    peer.unwrap_or_else(PeerId::random)
}

/// Milliseconds since the epoch, by the page's monotonic clock.
fn clock() -> f64 {
    let performance = web_sys::window().and_then(|window| window.performance());
    performance.map_or(0.0, |performance| performance.time_origin() + performance.now())
}
