//! The transport: circuits in, direct connections out.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures::future::{BoxFuture, Either, select};
use libp2p_core::Multiaddr;
use libp2p_core::muxing::StreamMuxerBox;
use libp2p_core::transport::{Boxed, DialOpts, ListenerId, TransportError, TransportEvent};
use libp2p_identity::PeerId;
use tokio::sync::Semaphore;

use crate::address::{circuit_of, target, webrtc_of};
use crate::backend::{Backend, PeerConnection};
use crate::circuit::{Circuit, CircuitStream, Ran};
use crate::dials::{Dial, Dials};
use crate::signaling::{PROTOCOL, Role, SignalingError};
use crate::talk::Talk;
use crate::{Config, Error, Extensions, WrongPeer};

/// The longest frame taken from peers that announce longer ones than the specification's 16 KiB: 64 KiB, which is what
/// most write at once, and what a frame needs around it. A longer one would keep other streams waiting on a slow link.
const FRAME_BYTES: u32 = 64 * 1024 + 16;

/// What a stream may bring before it is read, at first. It grows with a reader that keeps up.
const WINDOW_BYTES: u32 = 256 * 1024;

/// How long the other end may take to finish with the circuit once both are connected.
const FAREWELL_LIMIT: Duration = Duration::from_secs(5);

/// Circuits asked for at once; further dials wait. `libp2p-relay` refuses more than ten that are not open yet, those of
/// others to us included.
const CIRCUITS_AT_ONCE: usize = 5;

/// How long a dial that the other end refused waits for the other's own to come through instead.
const MERGE_LIMIT: Duration = Duration::from_secs(5);

/// How the bytes of a connection get to the peer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Path {
    /// Straight from browser to browser.
    Direct,
    /// Over the circuit, since WebRTC failed.
    Relayed,
}

/// A connection to a peer.
pub struct Connection {
    /// How its bytes get there.
    pub path: Path,
    /// Its streams.
    pub muxer: StreamMuxerBox,
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection").field("path", &self.path).finish_non_exhaustive()
    }
}

/// Dials and listens on `<relay>/p2p-circuit/webrtc`.
pub struct Transport<B> {
    circuits: Boxed<(PeerId, StreamMuxerBox)>,
    shared: Shared<B>,
}

impl<B> fmt::Debug for Transport<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transport").field("config", &self.shared.config).finish_non_exhaustive()
    }
}

#[derive(Debug, Clone)]
struct Shared<B> {
    config: Config,
    backend: B,
    dials: Dials,
    circuits: Arc<Semaphore>,
}

type Established = (PeerId, Connection);

impl<B: Backend> Transport<B> {
    /// The transport of the peer `this`. `circuits` is what `libp2p-relay`'s client gives, authenticated and
    /// multiplexed: the peer ids it proves are the ones this transport reports, since the browser's own encryption is
    /// tied to what is signalled.
    pub fn new(this: PeerId, circuits: Boxed<(PeerId, StreamMuxerBox)>, backend: B, config: Config) -> Self {
        Self {
            circuits,
            shared: Shared {
                config,
                backend,
                dials: Dials::new(this),
                circuits: Arc::new(Semaphore::new(CIRCUITS_AT_ONCE)),
            },
        }
    }
}

impl<B: Backend> libp2p_core::Transport for Transport<B> {
    type Output = Established;
    type Error = Error;
    type ListenerUpgrade = BoxFuture<'static, Result<Established, Error>>;
    type Dial = BoxFuture<'static, Result<Established, Error>>;

    fn listen_on(&mut self, id: ListenerId, address: Multiaddr) -> Result<(), TransportError<Error>> {
        let circuit = circuit_of(&address).ok_or(TransportError::MultiaddrNotSupported(address))?;
        self.circuits.listen_on(id, circuit).map_err(|error| error.map(Error::from))
    }

    fn remove_listener(&mut self, id: ListenerId) -> bool {
        self.circuits.remove_listener(id)
    }

    fn dial(&mut self, address: Multiaddr, opts: DialOpts) -> Result<Self::Dial, TransportError<Error>> {
        let circuit = circuit_of(&address).filter(|_| opts.role.is_dialer());
        let Some((circuit, peer)) = circuit.and_then(|circuit| target(&circuit).map(|peer| (circuit, peer)))
        else {
            return Err(TransportError::MultiaddrNotSupported(address));
        };
        let dialled = self.circuits.dial(circuit, opts).map_err(|error| error.map(Error::from))?;
        Ok(Box::pin(self.shared.clone().dial(peer, Box::pin(dialled))))
    }

    fn poll(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<TransportEvent<Self::ListenerUpgrade, Error>> {
        let event = std::task::ready!(Pin::new(&mut self.circuits).poll(cx));
        let shared = &self.shared;
        Poll::Ready(match event {
            TransportEvent::NewAddress { listener_id, listen_addr } => {
                TransportEvent::NewAddress { listener_id, listen_addr: webrtc_of(&listen_addr) }
            }
            TransportEvent::AddressExpired { listener_id, listen_addr } => {
                TransportEvent::AddressExpired { listener_id, listen_addr: webrtc_of(&listen_addr) }
            }
            TransportEvent::Incoming { listener_id, upgrade, local_addr, send_back_addr } => {
                TransportEvent::Incoming {
                    listener_id,
                    upgrade: Box::pin(shared.clone().answer(Box::pin(upgrade))),
                    local_addr: webrtc_of(&local_addr),
                    // Identify tells the other end of it, and js-libp2p takes only what begins with a host.
                    send_back_addr: webrtc_of(&local_addr).iter().chain(&send_back_addr).collect(),
                }
            }
            other => other.map_upgrade(|_| unreachable_upgrade()).map_err(Error::from),
        })
    }
}

/// Of the events that are left, none holds an upgrade.
fn unreachable_upgrade() -> BoxFuture<'static, Result<Established, Error>> {
    Box::pin(std::future::ready(Err(Error::Closed)))
}

type Dialled = BoxFuture<'static, std::io::Result<(PeerId, StreamMuxerBox)>>;

impl<B: Backend> Shared<B> {
    /// Dials `peer`, whose circuit is being dialled.
    async fn dial(self, peer: PeerId, circuit: Dialled) -> Result<Established, Error> {
        let (dial, merged) = self.dials.begin(peer);
        let own = std::pin::pin!(self.within(self.config.dial_limit, self.offer(&dial, circuit)));
        let connection = match select(own, merged).await {
            Either::Left((Ok(connection), _)) | Either::Right((Ok(connection), _)) => connection,
            Either::Left((Err(Error::Merged), merged)) => {
                self.within(MERGE_LIMIT, async { merged.await.map_err(|_| Error::Merged) }).await?
            }
            Either::Left((Err(error), _)) => return Err(error),
            Either::Right((Err(_), own)) => own.await?,
        };
        Ok((peer, connection))
    }

    async fn offer(&self, dial: &Dial, circuit: Dialled) -> Result<Connection, Error> {
        let peer = dial.peer();
        let place = self.circuits.acquire().await;
        let (found, muxer) = circuit.await?;
        drop(place);
        if found != peer {
            return Err(Box::new(WrongPeer { expected: peer, found }).into());
        }
        let mut circuit = Circuit::new(muxer, Vec::new());
        match self.offer_direct(dial, &mut circuit).await {
            Ok((talk, connection)) => Ok(direct(&self.backend, circuit, talk, connection)),
            Err(error) => match self.config.relayed.filter(|_| may_be_relayed(&error)) {
                Some(relayed) => {
                    tracing::debug!(%peer, %error, "asking for the circuit instead");
                    let stream = circuit.open(relayed).await?;
                    relayed_over(circuit, stream).await
                }
                None => Err(error),
            },
        }
    }

    async fn offer_direct(
        &self,
        dial: &Dial,
        circuit: &mut Circuit,
    ) -> Result<(Talk, B::PeerConnection), Error> {
        let mut connection = self.backend.open(Role::Offerer, &self.config.ice_servers.urls())?;
        let mut talk = Talk::new(Role::Offerer, circuit.open(PROTOCOL).await?, self.announced());
        let meeting = async {
            talk.offer(&mut connection).await?;
            let described = || {
                dial.answered();
                false
            };
            talk.meet(&mut connection, described, || self.patience()).await
        };
        let met = match circuit.run(meeting).await {
            Ok(Ran::Done(met)) => met,
            Ok(Ran::Asked(..)) => Err(out_of_turn()),
            Err(error) => Err(error),
        };
        match met {
            Ok(()) => Ok((talk, connection)),
            // Hung up on before an answer: where the other's dial counts, this is how it says so.
            Err(Error::Circuit(_) | Error::Signaling(SignalingError::Ended))
                if !talk.is_answered() && self.dials.theirs_would_count(dial.peer()) =>
            {
                Err(Error::Merged)
            }
            Err(error) => Err(error),
        }
    }

    /// Answers a peer whose circuit has come in.
    async fn answer(self, circuit: Dialled) -> Result<Established, Error> {
        let answering = async {
            let (peer, muxer) = circuit.await?;
            let accepts = std::iter::once(PROTOCOL).chain(self.config.relayed).collect();
            let mut circuit = Circuit::new(muxer, accepts);
            let connection = match circuit.accept().await? {
                (PROTOCOL, stream) => self.answer_direct(peer, circuit, stream).await?,
                (_, stream) => relayed_over(circuit, stream).await?,
            };
            Ok((peer, connection))
        };
        let (peer, connection) = self.within(self.config.dial_limit, answering).await?;
        match self.dials.merge(peer, connection) {
            Some(connection) => Ok((peer, connection)),
            None => Err(Error::Merged),
        }
    }

    async fn answer_direct(
        &self,
        peer: PeerId,
        mut circuit: Circuit,
        stream: CircuitStream,
    ) -> Result<Connection, Error> {
        let mut connection = self.backend.open(Role::Answerer, &self.config.ice_servers.urls())?;
        let mut talk = Talk::new(Role::Answerer, stream, self.announced());
        // Only the offerer gives up early: it is the one that can ask for the circuit.
        let forever = || -> BoxFuture<'static, ()> { Box::pin(std::future::pending()) };
        let meeting = talk.meet(&mut connection, || self.dials.ours_counts(peer), forever);
        match circuit.run(meeting).await? {
            Ran::Done(Ok(())) => Ok(direct(&self.backend, circuit, talk, connection)),
            Ran::Done(Err(error)) if may_be_relayed(&error) && self.config.relayed.is_some() => {
                let (_, stream) = circuit.accept().await?;
                relayed_over(circuit, stream).await
            }
            Ran::Done(Err(error)) => Err(error),
            Ran::Asked(PROTOCOL, _) => Err(out_of_turn()),
            Ran::Asked(_, stream) => relayed_over(circuit, stream).await,
        }
    }

    fn announced(&self) -> Option<Extensions> {
        self.config.extended.then_some(Extensions { frame_bytes: FRAME_BYTES, window_bytes: WINDOW_BYTES })
    }

    /// How long to look for a direct path where the circuit could be used instead.
    fn patience(&self) -> BoxFuture<'static, ()> {
        match self.config.relayed {
            Some(_) => self.backend.sleep(self.config.direct_limit),
            None => Box::pin(std::future::pending()),
        }
    }

    async fn within<T>(
        &self,
        limit: Duration,
        future: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        match select(std::pin::pin!(future), self.backend.sleep(limit)).await {
            Either::Left((output, _)) => output,
            Either::Right(_) => Err(Error::Timeout),
        }
    }
}

/// Both are connected: the circuit is let go, without haste.
fn direct<B: Backend>(
    backend: &B,
    circuit: Circuit,
    talk: Talk,
    connection: B::PeerConnection,
) -> Connection {
    let (finishing, limit) = (circuit.finish(talk.into_stream()), backend.sleep(FAREWELL_LIMIT));
    let farewell = async move {
        select(std::pin::pin!(finishing), limit).await;
    };
    Connection { path: Path::Direct, muxer: connection.into_muxer(Box::pin(farewell)) }
}

async fn relayed_over(circuit: Circuit, stream: CircuitStream) -> Result<Connection, Error> {
    Ok(Connection { path: Path::Relayed, muxer: circuit.hand_over(stream).await? })
}

/// Whether another path may do where this failed.
fn may_be_relayed(error: &Error) -> bool {
    matches!(error, Error::NoPath | Error::Browser(_))
}

fn out_of_turn() -> Error {
    Error::Circuit("the peer opened a stream out of turn".into())
}
