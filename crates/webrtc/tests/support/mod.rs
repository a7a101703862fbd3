//! Peers that meet at addresses of this process, and a WebRTC that connects by name.
#![allow(
    clippy::unwrap_used,
    missing_docs,
    unreachable_pub,
    reason = "a test says what went wrong by panicking"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{LazyLock, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use futures::future::{BoxFuture, poll_fn};
use futures::{AsyncWriteExt, FutureExt};
use kadenza_webrtc::{Agreed, Backend, Config, Connection, Error, PeerConnection, Role, Transport};
use libp2p::core::muxing::{StreamMuxer, StreamMuxerBox, StreamMuxerEvent, SubstreamBox};
use libp2p::core::transport::{
    Boxed, DialOpts, ListenerId, MemoryTransport, PortUse, TransportError, TransportEvent, upgrade,
};
use libp2p::core::{Endpoint, Multiaddr, Transport as _};
use libp2p::identity::Keypair;
use libp2p::multiaddr::Protocol;
use libp2p::{PeerId, noise, yamux};
use multistream_select::{Version, dialer_select_proto};

/// Ports of this process's memory transport, and names of fake connections.
static NEXT: AtomicU64 = AtomicU64::new(1000);

/// Offers and who answered them.
static ANSWERED: LazyLock<Mutex<BTreeMap<String, Answer>>> = LazyLock::new(Mutex::default);

#[derive(Debug, Clone, Copy)]
struct Answer {
    accepted: bool,
    agreed: bool,
}

/// The configuration of peers that would go on over the circuit.
pub fn relayed() -> Config {
    Config { relayed: Some("/test/relayed"), dial_limit: Duration::from_secs(5), ..Config::default() }
}

/// A backend: what becomes of its connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fake {
    Connects,
    FindsNoPath,
    Hangs,
    IsMissing,
}

/// How often two peers are connected.
#[derive(Debug, PartialEq, Eq)]
pub enum Relation {
    Never,
    Once,
    Repeatedly,
}

impl Fake {
    pub fn connects() -> Self {
        Self::Connects
    }

    pub fn finds_no_path() -> Self {
        Self::FindsNoPath
    }

    pub fn hangs() -> Self {
        Self::Hangs
    }

    pub fn is_missing() -> Self {
        Self::IsMissing
    }

    /// Whether the connection of two peers was made with extensions.
    pub fn agreed(one: &Peer, two: &Peer) -> bool {
        of(one, two).iter().any(|answer| answer.agreed)
    }

    /// How many connections two peers have made.
    pub fn connected(one: &Peer, two: &Peer) -> Relation {
        match of(one, two).iter().filter(|answer| answer.accepted).count() {
            0 => Relation::Never,
            1 => Relation::Once,
            _ => Relation::Repeatedly,
        }
    }
}

fn of(one: &Peer, two: &Peer) -> Vec<Answer> {
    let names: BTreeSet<u64> = [one.name, two.name].into();
    let answered = ANSWERED.lock().unwrap();
    let between = answered.iter().filter(|(offer, _)| {
        let named: BTreeSet<u64> = offer.split('/').skip(1).filter_map(|name| name.parse().ok()).collect();
        named.is_subset(&names)
    });
    between.map(|(_, answer)| *answer).collect()
}

/// A [`Fake`] of one peer.
#[derive(Debug, Clone, Copy)]
pub struct Named {
    fake: Fake,
    name: u64,
}

impl Backend for Named {
    type PeerConnection = FakeConnection;

    fn open(&self, _: Role, _: &[String]) -> Result<FakeConnection, Error> {
        if self.fake == Fake::IsMissing {
            return Err(Error::NoPath);
        }
        Ok(FakeConnection { named: *self, offer: None, candidates: 3, settled: false })
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        tokio::time::sleep(duration).boxed()
    }
}

#[derive(Debug)]
pub struct FakeConnection {
    named: Named,
    offer: Option<String>,
    candidates: u32,
    settled: bool,
}

impl FakeConnection {
    fn settle(&mut self, accepted: bool, agreed: Option<Agreed>) {
        self.settled = true;
        let offer = self.offer.clone().unwrap();
        ANSWERED.lock().unwrap().insert(offer, Answer { accepted, agreed: agreed.is_some() });
    }
}

impl PeerConnection for FakeConnection {
    fn offer(&mut self) -> BoxFuture<'_, Result<String, Error>> {
        let offer = format!("{}/{}", NEXT.fetch_add(1, Ordering::Relaxed), self.named.name);
        self.offer = Some(offer.clone());
        async { Ok(offer) }.boxed()
    }

    fn answer(&mut self, offer: String, agreed: Option<Agreed>) -> BoxFuture<'_, Result<String, Error>> {
        self.offer = Some(format!("{offer}/{}", self.named.name));
        self.settle(false, agreed);
        async { Ok(self.offer.clone().unwrap()) }.boxed()
    }

    fn accept(&mut self, answer: String, agreed: Option<Agreed>) -> BoxFuture<'_, Result<(), Error>> {
        self.offer = Some(answer);
        self.settle(self.named.fake == Fake::Connects, agreed);
        async { Ok(()) }.boxed()
    }

    fn add_candidate(&mut self, _: String) -> BoxFuture<'_, ()> {
        async {}.boxed()
    }

    fn poll_candidate(&mut self, cx: &mut Context<'_>) -> Poll<String> {
        if self.candidates == 0 {
            return Poll::Pending;
        }
        self.candidates -= 1;
        cx.waker().wake_by_ref();
        Poll::Ready("{}".into())
    }

    fn poll_connected(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        match self.named.fake {
            Fake::Connects if self.settled => Poll::Ready(Ok(())),
            Fake::FindsNoPath if self.settled => Poll::Ready(Err(Error::NoPath)),
            Fake::Connects | Fake::FindsNoPath => {
                cx.waker().wake_by_ref();
                Poll::Pending
            }
            Fake::Hangs | Fake::IsMissing => Poll::Pending,
        }
    }

    fn into_muxer(self, farewell: BoxFuture<'static, ()>) -> StreamMuxerBox {
        tokio::spawn(farewell);
        StreamMuxerBox::new(Silent)
    }
}

/// A connection on which nothing happens.
struct Silent;

impl StreamMuxer for Silent {
    type Substream = futures::io::Cursor<Vec<u8>>;
    type Error = io::Error;

    fn poll_inbound(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<Self::Substream>> {
        Poll::Pending
    }

    fn poll_outbound(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<Self::Substream>> {
        Poll::Pending
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<StreamMuxerEvent>> {
        Poll::Pending
    }
}

/// What stands in for the client of a circuit relay: its addresses lead to listeners of this process.
struct Circuits(Boxed<(PeerId, StreamMuxerBox)>);

type Inner = Boxed<(PeerId, StreamMuxerBox)>;

fn memory_of(address: &Multiaddr) -> Multiaddr {
    address.iter().filter(|part| matches!(part, Protocol::Memory(_))).collect()
}

impl libp2p::Transport for Circuits {
    type Output = (PeerId, StreamMuxerBox);
    type Error = io::Error;
    type ListenerUpgrade = <Inner as libp2p::Transport>::ListenerUpgrade;
    type Dial = <Inner as libp2p::Transport>::Dial;

    fn listen_on(&mut self, id: ListenerId, address: Multiaddr) -> Result<(), TransportError<io::Error>> {
        self.0.listen_on(id, memory_of(&address))
    }

    fn remove_listener(&mut self, id: ListenerId) -> bool {
        self.0.remove_listener(id)
    }

    fn dial(&mut self, address: Multiaddr, opts: DialOpts) -> Result<Self::Dial, TransportError<io::Error>> {
        self.0.dial(memory_of(&address), opts)
    }

    fn poll(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<TransportEvent<Self::ListenerUpgrade, io::Error>> {
        Pin::new(&mut self.0).poll(cx)
    }
}

fn circuits(keypair: &Keypair) -> Inner {
    MemoryTransport::default()
        .upgrade(upgrade::Version::V1Lazy)
        .authenticate(noise::Config::new(keypair).unwrap())
        .multiplex(yamux::Config::default())
        .boxed()
}

/// A peer with a transport of its own.
pub struct Peer {
    pub id: PeerId,
    name: u64,
    place: Multiaddr,
    transport: Transport<Named>,
}

type Established = Result<(PeerId, Open), Error>;

impl Peer {
    pub async fn new(fake: Fake) -> Self {
        Self::with(fake, Config::default()).await
    }

    pub async fn with(fake: Fake, config: Config) -> Self {
        let keypair = Keypair::generate_ed25519();
        let id = keypair.public().to_peer_id();
        let name = NEXT.fetch_add(1, Ordering::Relaxed);
        let named = Named { fake, name };
        let mut transport = Transport::new(id, Circuits(circuits(&keypair)).boxed(), named, config);
        let place = Multiaddr::from(Protocol::Memory(name));
        let listening = place.clone().with(Protocol::P2pCircuit).with(Protocol::WebRTC);
        transport.listen_on(ListenerId::next(), listening).unwrap();
        let listens = poll_fn(|cx| Pin::new(&mut transport).poll(cx)).await;
        assert!(matches!(listens, TransportEvent::NewAddress { .. }));
        Self { id, name, place, transport }
    }

    pub fn place(&self) -> Multiaddr {
        self.place.clone()
    }

    pub fn dial(&mut self, other: &Peer) -> impl Future<Output = Established> + use<> {
        self.dial_at(other.place(), other.id)
    }

    pub fn dial_at(&mut self, place: Multiaddr, peer: PeerId) -> impl Future<Output = Established> + use<> {
        let address = place.with(Protocol::P2pCircuit).with(Protocol::WebRTC).with(Protocol::P2p(peer));
        let opts = DialOpts { role: Endpoint::Dialer, port_use: PortUse::Reuse };
        let dial = self.transport.dial(address, opts).unwrap();
        async { dial.await.map(open) }
    }

    /// Answers the first that comes.
    pub async fn answer(&mut self) -> Established {
        loop {
            let event = poll_fn(|cx| Pin::new(&mut self.transport).poll(cx)).await;
            if let TransportEvent::Incoming { upgrade, .. } = event {
                return upgrade.await.map(open);
            }
        }
    }

    /// Answers whoever comes within `span`; says how many connections came of it.
    pub async fn answer_for(&mut self, span: Duration) -> usize {
        let mut answers = tokio::task::JoinSet::new();
        let answering = async {
            loop {
                let event = poll_fn(|cx| Pin::new(&mut self.transport).poll(cx)).await;
                if let TransportEvent::Incoming { upgrade, .. } = event {
                    answers.spawn(upgrade);
                }
            }
        };
        assert!(tokio::time::timeout(span, answering).await.is_err());
        answers.join_all().await.into_iter().filter(Result::is_ok).count()
    }
}

fn open((peer, connection): (PeerId, Connection)) -> (PeerId, Open) {
    (peer, Open { path: connection.path, muxer: connection.muxer })
}

/// A connection whose streams move.
pub struct Open {
    pub path: kadenza_webrtc::Path,
    muxer: StreamMuxerBox,
}

impl std::fmt::Debug for Open {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Open").field("path", &self.path).finish_non_exhaustive()
    }
}

impl Open {
    pub async fn open(&mut self) -> SubstreamBox {
        poll_fn(|cx| {
            let _ = Pin::new(&mut self.muxer).poll(cx);
            Pin::new(&mut self.muxer).poll_outbound(cx)
        })
        .await
        .unwrap()
    }

    pub async fn accept(&mut self) -> SubstreamBox {
        poll_fn(|cx| {
            let _ = Pin::new(&mut self.muxer).poll(cx);
            Pin::new(&mut self.muxer).poll_inbound(cx)
        })
        .await
        .unwrap()
    }

    /// Runs what uses a stream of this connection.
    pub async fn with<T>(&mut self, using: impl Future<Output = T>) -> T {
        let mut using = std::pin::pin!(using);
        poll_fn(|cx| {
            let _ = Pin::new(&mut self.muxer).poll(cx);
            let _ = Pin::new(&mut self.muxer).poll_inbound(cx);
            using.poll_unpin(cx)
        })
        .await
    }
}

/// Dials the peer at `place` as a stranger, says `bytes` where signalling is expected, and hangs up.
pub async fn signal(place: Multiaddr, bytes: Vec<u8>) {
    let opts = DialOpts { role: Endpoint::Dialer, port_use: PortUse::Reuse };
    let dial = circuits(&Keypair::generate_ed25519()).dial(place, opts).unwrap();
    let (_, muxer) = dial.await.unwrap();
    let mut circuit = Open { path: kadenza_webrtc::Path::Relayed, muxer };
    // The listener may hang up at any of these steps.
    let stream = circuit.open().await;
    let saying = async {
        let (_, mut stream) = dialer_select_proto(stream, ["/webrtc-signaling/0.0.1"], Version::V1).await?;
        stream.write_all(&bytes).await?;
        stream.close().await?;
        Ok::<_, io::Error>(())
    };
    let _ = tokio::time::timeout(Duration::from_secs(2), circuit.with(saying)).await;
}
