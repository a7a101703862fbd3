//! The task that owns the swarm: commands in, events out to whoever waits for them.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::time::Duration;

use futures::StreamExt;
use futures::future::{Either, select};
use kadenza_api::{Error, Music, Replicas, Result};
use kadenza_platform::Instant;
use kadenza_webrtc::{is_webrtc, webrtc_of};
use libp2p::core::muxing::StreamMuxerBox;
use libp2p::core::transport::Boxed;
use libp2p::core::upgrade;
use libp2p::multiaddr::Protocol;
use libp2p::request_response::{Event, Message, OutboundRequestId};
use libp2p::swarm::dial_opts::DialOpts;
use libp2p::swarm::{self, ConnectionError, SwarmEvent};
use libp2p::{Multiaddr, PeerId, Swarm, identify, ping};
use tokio::sync::{mpsc, oneshot, watch};

use super::behaviour::BehaviourEvent;
use super::{Behaviour, Command, Standing};
use crate::answer::Answering;
use crate::connections::{Connected, Lost, Silence, superfluous};
use crate::kademlia::libp2p::{Lookups, PROTOCOL as KADEMLIA, in_table, provided, provides};
use crate::peers::Peers;
use crate::protocol::rpc;
use crate::traffic::Traffic;

/// The swarm itself closes connections only when nothing has used them for this long; [`crate::connections`] chooses
/// sooner, and better.
const IDLE_LIMIT: Duration = Duration::from_secs(24 * 60 * 60);

/// Requests that may wait for their answer at once; further ones are refused.
const OPEN_REQUESTS_MAX: usize = 4096;

/// Liars remembered; a new identity costs nothing, so remembering more would not help.
const BLOCKED_MAX: usize = 1024;

/// Owns the swarm.
pub(crate) struct EventLoop<S> {
    swarm: Swarm<Behaviour>,
    commands: mpsc::Receiver<Command>,
    peers: watch::Sender<Peers>,
    traffic: Traffic,
    lookups: Lookups,
    calls: HashMap<OutboundRequestId, oneshot::Sender<Result<rpc::Answer>>>,
    answering: Answering<S>,
    /// Whether to ask relays for a circuit: a tab can be reached no other way.
    wants_circuit: bool,
    lost: Lost,
    /// Peers that lied, the oldest first.
    blocked: VecDeque<PeerId>,
}

impl<S: Music + Replicas + Clone> EventLoop<S> {
    /// A swarm over `transport` that listens on `listen` and is known to be reachable at `external`.
    pub(crate) fn new(
        transport: Boxed<(PeerId, StreamMuxerBox)>,
        behaviour: Behaviour,
        this: PeerId,
        (commands, peers, traffic): (mpsc::Receiver<Command>, watch::Sender<Peers>, Traffic),
        answering: Answering<S>,
    ) -> Self {
        let executor =
            |task: std::pin::Pin<Box<dyn Future<Output = ()> + Send>>| kadenza_platform::spawn(task);
        // Each stream speaks one protocol, so that its first message need not wait until the other end has agreed to it.
        let config = swarm::Config::with_executor(executor)
            .with_idle_connection_timeout(IDLE_LIMIT)
            .with_substream_upgrade_protocol_override(upgrade::Version::V1Lazy);
        let wants_circuit = behaviour.relay_client.is_enabled() && !behaviour.relay_server.is_enabled();
        Self {
            swarm: Swarm::new(transport, behaviour, this, config),
            commands,
            peers,
            traffic,
            lookups: Lookups::default(),
            calls: HashMap::new(),
            answering,
            wants_circuit,
            lost: Lost::default(),
            blocked: VecDeque::new(),
        }
    }

    /// Listens on `address`.
    ///
    /// # Errors
    /// [`Error::Invalid`] when no transport can.
    pub(crate) fn listen(&mut self, address: Multiaddr) -> Result<()> {
        let listening = self.swarm.listen_on(address.clone());
        listening.map_err(|error| Error::invalid(format!("cannot listen on {address}: {error}")))?;
        Ok(())
    }

    /// Tells others that this node is reachable at `address`.
    pub(crate) fn reachable_at(&mut self, address: Multiaddr) {
        self.swarm.add_external_address(address);
    }

    /// Runs until it is told to stop.
    pub(crate) async fn run(mut self) {
        loop {
            let next = {
                let command = std::pin::pin!(self.commands.recv());
                match select(command, self.swarm.next()).await {
                    Either::Left((command, _)) => Either::Left(command),
                    Either::Right((event, _)) => Either::Right(event),
                }
            };
            match next {
                Either::Left(Some(Command::Stop)) | Either::Left(None) | Either::Right(None) => return,
                Either::Left(Some(command)) => self.on_command(command),
                Either::Right(Some(event)) => self.on_event(event),
            }
        }
    }

    fn on_command(&mut self, command: Command) {
        let this = *self.swarm.local_peer_id();
        let behaviour = self.swarm.behaviour_mut();
        match command {
            Command::Call { answer, .. } if self.calls.len() >= OPEN_REQUESTS_MAX => too_busy(answer),
            Command::Call { peer, request, answer } => {
                self.calls.insert(behaviour.rpc.send_request(&peer, request), answer);
                self.used(peer);
            }
            // An asker that has gone needs no answer.
            Command::Answer { channel, answer } => drop(behaviour.rpc.send_response(channel, answer)),
            Command::Closest { key, count, answer } => {
                self.lookups.closest(&mut behaviour.kademlia, &key, count, answer);
            }
            Command::Providers { key, answers } => {
                self.lookups.providers(&mut behaviour.kademlia, &key, answers);
            }
            Command::Provided { key, answer } => {
                // An asker that has gone needs no answer.
                let _ = answer.send(provided(behaviour.kademlia.store_mut(), &key));
            }
            Command::Used { peer } => self.used(peer),
            Command::Provides { peer, keys, addresses } => {
                provides(behaviour.kademlia.store_mut(), (this, peer), keys, &addresses);
            }
            Command::Greeted { peer, hello } => {
                if hello.durable {
                    self.lost.hurry(Instant::now());
                }
                self.peers.send_modify(|peers| peers.greeted(peer, hello));
            }
            Command::Dial { addresses } => self.dial(addresses),
            Command::TriedToJoin => self.peers.send_modify(Peers::tried_to_join),
            Command::Block { peer } => self.block(peer),
            Command::CloseSuperfluous => self.close_superfluous(),
            Command::CloseSilent { round } => {
                self.close_silent(round);
                self.dial_lost();
            }
            // The loop itself sees to it.
            Command::Stop => {}
            Command::Standing { answer } => {
                let table = in_table(&mut behaviour.kademlia);
                let addresses = self.swarm.external_addresses().cloned().collect();
                let _ = answer.send(Standing { addresses, table });
            }
        }
    }

    /// Remembers that a peer is of use. Nobody waits for that.
    fn used(&self, peer: PeerId) {
        self.peers.send_if_modified(|peers| {
            peers.used(peer);
            false
        });
    }

    fn close_superfluous(&mut self) {
        let connections = self.peers.borrow().connections();
        for peer in superfluous(*self.swarm.local_peer_id(), &connections) {
            tracing::debug!(%peer, "closing a connection nobody needs");
            // It may have gone by itself just now.
            let _ = self.swarm.disconnect_peer_id(peer);
        }
    }

    /// A path that carries nothing any more, after a change of networks for one, is closed by nobody else.
    fn close_silent(&mut self, round: Duration) {
        let connections = self.peers.borrow().connections();
        for connected in connections {
            let Connected { peer, durable, .. } = connected;
            let Some(silence) = self.traffic.silence(peer) else { continue };
            match Silence::of(&connected, silence, round) {
                Silence::Borne => {}
                Silence::Doubted => {
                    // Any question will do, and nobody waits for its answer: that it comes is what counts.
                    let question = rpc::Request::Held(Vec::new());
                    self.swarm.behaviour_mut().rpc.send_request(&peer, question);
                }
                Silence::Over => {
                    tracing::debug!(%peer, "nothing comes from it any more");
                    let _ = self.swarm.disconnect_peer_id(peer);
                    if self.wants_circuit && !durable {
                        self.lost.lose(peer, Instant::now());
                    }
                }
            }
        }
    }

    /// Dials peers whose connections broke off, at the addresses they were last known at.
    fn dial_lost(&mut self) {
        for peer in self.lost.due(Instant::now()) {
            if let Err(error) = self.swarm.dial(peer) {
                tracing::trace!(%peer, %error, "not dialled again");
            }
        }
    }

    /// Closes every connection to a peer and takes no new one.
    fn block(&mut self, peer: PeerId) {
        let blocked = &mut self.swarm.behaviour_mut().blocked;
        if self.blocked.len() >= BLOCKED_MAX
            && let Some(oldest) = self.blocked.pop_front()
        {
            blocked.unblock_peer(oldest);
        }
        blocked.block_peer(peer);
        self.blocked.push_back(peer);
    }

    /// Dials bootstrap addresses, and asks those that already are connected for a circuit if there is none.
    fn dial(&mut self, addresses: Vec<Multiaddr>) {
        let mut of_peer = BTreeMap::<PeerId, Vec<Multiaddr>>::new();
        for address in addresses {
            let peer = address.iter().find_map(|part| match part {
                Protocol::P2p(peer) => Some(peer),
                _ => None,
            });
            match peer {
                Some(peer) => of_peer.entry(peer).or_default().push(address),
                None => tracing::warn!(%address, "a bootstrap address without a peer id is not dialled"),
            }
        }
        of_peer.remove(self.swarm.local_peer_id());
        for (peer, addresses) in of_peer {
            if self.swarm.is_connected(&peer) {
                addresses.first().into_iter().for_each(|address| self.ask_for_circuit(address));
            } else if let Err(error) = self.swarm.dial(DialOpts::peer_id(peer).addresses(addresses).build()) {
                tracing::debug!(%peer, %error, "cannot dial");
            }
        }
    }

    /// Asks the relay at `address` for a reservation unless this node listens there already.
    fn ask_for_circuit(&mut self, address: &Multiaddr) {
        let Some(relay) = address.iter().find(|part| matches!(part, Protocol::P2p(_))) else { return };
        let listens_there = |listener: &Multiaddr| {
            listener.iter().any(|part| part == relay)
                && listener.iter().any(|part| part == Protocol::P2pCircuit)
        };
        if !self.wants_circuit || self.swarm.listeners().any(listens_there) {
            return;
        }
        if let Err(error) =
            self.swarm.listen_on(address.clone().with(Protocol::P2pCircuit).with(Protocol::WebRTC))
        {
            tracing::debug!(%address, %error, "cannot ask for a circuit");
        }
    }

    fn on_event(&mut self, event: SwarmEvent<BehaviourEvent>) {
        match event {
            SwarmEvent::Behaviour(event) => self.on_behaviour(event),
            SwarmEvent::ConnectionEstablished { peer_id, endpoint, .. } => {
                let address = endpoint.get_remote_address().clone();
                tracing::debug!(peer = %peer_id, %address, "connected");
                if endpoint.is_dialer() && !endpoint.is_relayed() {
                    // Only what we dialled is a place a circuit could be asked of.
                    self.ask_for_circuit(&address);
                }
                self.lost.found(peer_id);
                self.peers.send_modify(|peers| peers.connected(peer_id, address));
            }
            SwarmEvent::ConnectionClosed { peer_id, num_established, cause, .. } => {
                tracing::debug!(peer = %peer_id, ?cause, "disconnected");
                let was_tab =
                    self.peers.borrow().is_ready(peer_id) && !self.peers.borrow().is_durable(peer_id);
                self.peers.send_modify(|peers| peers.disconnected(peer_id, num_established as usize));
                if num_established == 0 {
                    if self.wants_circuit && was_tab && cause.as_ref().is_some_and(broke_off) {
                        self.lost.lose(peer_id, Instant::now());
                    }
                    // A tab that left is not asked again by the next lookup; one that returns says so itself.
                    self.swarm.behaviour_mut().kademlia.remove_peer(&peer_id);
                }
            }
            // The client of circuits knows nothing of WebRTC, and nobody is reached over the circuit alone.
            SwarmEvent::ExternalAddrConfirmed { address } if webrtc_of(&address) != address => {
                self.swarm.remove_external_address(&address);
                self.swarm.add_external_address(webrtc_of(&address));
            }
            SwarmEvent::ExternalAddrExpired { address } if webrtc_of(&address) != address => {
                self.swarm.remove_external_address(&webrtc_of(&address));
            }
            SwarmEvent::ListenerClosed { addresses, reason, .. } => {
                tracing::debug!(?addresses, ?reason, "no longer reachable");
            }
            SwarmEvent::OutgoingConnectionError { peer_id, error, .. } => {
                tracing::debug!(?peer_id, %error, "could not connect");
            }
            _ => {}
        }
    }

    fn on_behaviour(&mut self, event: BehaviourEvent) {
        match event {
            BehaviourEvent::Identify(identify::Event::Received { peer_id, info, .. }) => {
                self.on_identified(peer_id, info);
            }
            BehaviourEvent::Ping(ping::Event { peer, result: Ok(round_trip), .. }) => {
                // Nobody waits for it, and it comes all the time.
                self.peers.send_if_modified(|peers| {
                    peers.measured(peer, round_trip);
                    false
                });
            }
            BehaviourEvent::Kademlia(event) => {
                self.lookups.on_event(&mut self.swarm.behaviour_mut().kademlia, event);
            }
            BehaviourEvent::Rpc(event) => self.on_rpc(event),
            _ => {}
        }
    }

    fn on_identified(&mut self, peer: PeerId, info: identify::Info) {
        if info.protocols.contains(&KADEMLIA) {
            let reachable = |address: &Multiaddr| {
                is_webrtc(address) || !address.iter().any(|part| part == Protocol::P2pCircuit)
            };
            for address in info.listen_addrs.into_iter().filter(reachable) {
                self.swarm.behaviour_mut().kademlia.add_address(&peer, address);
            }
        }
        if info.protocols.contains(&rpc::PROTOCOL) && !self.peers.borrow().is_ready(peer) {
            self.answering.greet(peer);
        }
    }

    fn on_rpc(&mut self, event: Event<rpc::Request, rpc::Answer>) {
        match event {
            Event::Message { peer, message: Message::Request { request, channel, .. }, .. } => {
                self.used(peer);
                self.answering.answer(peer, request, channel);
            }
            Event::Message { message: Message::Response { request_id, response }, .. } => {
                settle(&mut self.calls, request_id, Ok(response));
            }
            Event::OutboundFailure { peer, request_id, error, .. } => {
                settle(&mut self.calls, request_id, Err(unavailable(peer, &error)));
            }
            Event::InboundFailure { peer, error, .. } => {
                tracing::debug!(%peer, %error, "a call was not understood or its answer not taken");
            }
            Event::ResponseSent { .. } => {}
        }
    }
}

/// Whether a connection ended against the will of both ends.
fn broke_off(cause: &ConnectionError) -> bool {
    match cause {
        ConnectionError::IO(error) => !kadenza_webrtc::is_goodbye(error),
        ConnectionError::KeepAliveTimeout => false,
    }
}

fn settle<T>(
    open: &mut HashMap<OutboundRequestId, oneshot::Sender<Result<T>>>,
    id: OutboundRequestId,
    answer: Result<T>,
) {
    if let Some(asker) = open.remove(&id) {
        // An asker that has gone needs no answer.
        let _ = asker.send(answer);
    }
}

fn unavailable(peer: PeerId, error: &impl std::fmt::Display) -> Error {
    Error::unavailable(format!("peer {peer} did not answer: {error}"))
}

fn too_busy<T>(answer: oneshot::Sender<Result<T>>) {
    let _ = answer.send(Err(Error::unavailable("this node has too many questions open")));
}
