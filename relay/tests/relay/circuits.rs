//! Circuits through the real process, between light peers that do nothing else.

use std::time::{Duration, Instant};

use crate::client::get;
use crate::running::{Running, relay};
use libp2p::core::transport::{OrTransport, upgrade::Version};
use libp2p::futures::StreamExt;
use libp2p::identity::Keypair;
use libp2p::multiaddr::Protocol;
use libp2p::swarm::{Config, NetworkBehaviour, SwarmEvent};
use libp2p::{Multiaddr, PeerId, Swarm, Transport, noise, ping, relay as circuits, tcp, websocket, yamux};
use tokio::sync::mpsc;

/// Longer than any test: no connection is closed for being idle.
const IDLE: Duration = Duration::from_secs(600);

/// Tabs that have said nothing by then will not.
const PATIENCE: Duration = Duration::from_secs(60);

/// A tab as the relay sees it.
#[derive(NetworkBehaviour)]
struct Light {
    circuits: circuits::client::Behaviour,
    ping: ping::Behaviour,
}

/// What the tabs say; each says it of itself.
#[derive(Debug)]
enum Said {
    Reserved,
    Opened,
    Closed,
    Failed(String),
}

/// Tabs of one relay.
struct Tabs {
    /// Each one's peer id, and where to tell it whom to dial.
    tabs: Vec<(PeerId, mpsc::Sender<Multiaddr>)>,
    said: mpsc::Receiver<Said>,
    relay: Multiaddr,
}

impl Tabs {
    /// So many tabs, each with a reservation. They ping over circuits after each `pause`.
    async fn arrive(relay: &Running, count: usize, pause: Duration) -> Self {
        let peer = get(relay.address, "/api/network", &[]).json()["peer"].as_str().unwrap().to_owned();
        let relay = Multiaddr::from(relay.address.ip())
            .with(Protocol::Tcp(relay.address.port()))
            .with(Protocol::Ws("/".into()))
            .with(Protocol::P2p(peer.parse().unwrap()))
            .with(Protocol::P2pCircuit);
        let (says, said) = mpsc::channel(count);
        let mut tabs = Vec::new();
        for _ in 0..count {
            let mut swarm = swarm(pause);
            swarm.listen_on(relay.clone()).unwrap();
            let (dial, dials) = mpsc::channel(1);
            tabs.push((*swarm.local_peer_id(), dial));
            tokio::spawn(run(swarm, dials, says.clone()));
        }
        let mut tabs = Self { tabs, said, relay };
        for _ in 0..count {
            let said = tabs.next().await;
            assert!(matches!(said, Said::Reserved), "{said:?}");
        }
        tabs
    }

    /// Has one tab open a circuit to another.
    async fn dial(&self, from: usize, to: usize) {
        let address = self.relay.clone().with(Protocol::P2p(self.tabs[to].0));
        self.tabs[from].1.send(address).await.unwrap();
    }

    async fn next(&mut self) -> Said {
        tokio::time::timeout(PATIENCE, self.said.recv()).await.unwrap().unwrap()
    }
}

fn assert_opened(said: Said) {
    assert!(matches!(said, Said::Opened), "{said:?}");
}

fn swarm(pause: Duration) -> Swarm<Light> {
    let keypair = Keypair::generate_ed25519();
    let peer = PeerId::from(keypair.public());
    let (through_relay, client) = circuits::client::new(peer);
    let sockets = websocket::Config::new(tcp::tokio::Transport::default());
    let transport = OrTransport::new(through_relay, sockets)
        .upgrade(Version::V1Lazy)
        .authenticate(noise::Config::new(&keypair).unwrap())
        .multiplex(yamux::Config::default())
        .boxed();
    let behaviour =
        Light { circuits: client, ping: ping::Behaviour::new(ping::Config::new().with_interval(pause)) };
    Swarm::new(transport, behaviour, peer, Config::with_tokio_executor().with_idle_connection_timeout(IDLE))
}

/// Drives a tab until the test ends.
async fn run(mut swarm: Swarm<Light>, mut dials: mpsc::Receiver<Multiaddr>, says: mpsc::Sender<Said>) {
    loop {
        tokio::select! {
            Some(address) = dials.recv() => swarm.dial(address).unwrap(),
            event = swarm.select_next_some() => {
                if let Some(said) = said(event) && says.send(said).await.is_err() {
                    return;
                }
            }
        }
    }
}

fn said(event: SwarmEvent<LightEvent>) -> Option<Said> {
    match event {
        SwarmEvent::Behaviour(LightEvent::Circuits(circuits::client::Event::ReservationReqAccepted {
            renewal: false,
            ..
        })) => Some(Said::Reserved),
        SwarmEvent::ConnectionEstablished { endpoint, .. }
            if endpoint.is_relayed() && endpoint.is_dialer() =>
        {
            Some(Said::Opened)
        }
        SwarmEvent::ConnectionClosed { endpoint, .. } if endpoint.is_relayed() && endpoint.is_dialer() => {
            Some(Said::Closed)
        }
        SwarmEvent::ConnectionClosed { cause, endpoint, .. } if !endpoint.is_relayed() => {
            Some(Said::Failed(format!("the relay hung up: {cause:?}")))
        }
        SwarmEvent::ListenerClosed { reason: Err(error), .. } => Some(Said::Failed(error.to_string())),
        SwarmEvent::OutgoingConnectionError { error, .. } => Some(Said::Failed(error.to_string())),
        _ => None,
    }
}

/// A relay with these limits, and the folder it needs.
fn running(flags: &[&str]) -> (Running, tempfile::TempDir) {
    let data = tempfile::tempdir().unwrap();
    let mut command = relay();
    command.args(["--listen", "127.0.0.1:0"]).args(flags).arg("--data").arg(data.path());
    (Running::start(&mut command), data)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_hundred_tabs_arrive_within_a_minute_behind_one_address_and_reach_each_other() {
    let (relay, _data) = running(&[]);
    let started = Instant::now();
    let mut tabs = Tabs::arrive(&relay, 500, IDLE).await;
    assert!(started.elapsed() < Duration::from_secs(60), "{:?}", started.elapsed());
    for from in 0..100 {
        tabs.dial(from, 499 - from).await;
    }
    for _ in 0..100 {
        assert_opened(tabs.next().await);
    }
}

/// A connection takes ten requests for a circuit at once, to either of its ends; the library loses the eleventh.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_tab_reaches_fifty_others_and_is_reached_by_fifty_a_few_at_a_time() {
    const AT_ONCE: usize = 8;
    let (relay, _data) = running(&[]);
    let mut tabs = Tabs::arrive(&relay, 101, IDLE).await;
    for (first, reaches) in [(1, true), (51, false)] {
        for other in first..first + 50 {
            if other >= first + AT_ONCE {
                assert_opened(tabs.next().await);
            }
            if reaches { tabs.dial(0, other).await } else { tabs.dial(other, 0).await }
        }
        for _ in 0..AT_ONCE {
            assert_opened(tabs.next().await);
        }
    }
}

#[tokio::test]
async fn a_circuit_ends_when_it_has_carried_its_bytes() {
    let (relay, _data) = running(&["--circuit-bytes", "50KB"]);
    let mut tabs = Tabs::arrive(&relay, 2, Duration::from_millis(1)).await;
    tabs.dial(0, 1).await;
    assert_opened(tabs.next().await);
    assert!(matches!(tabs.next().await, Said::Closed));
}

#[tokio::test]
async fn circuits_past_the_limit_are_refused() {
    let (relay, _data) = running(&["--circuits", "2"]);
    let mut tabs = Tabs::arrive(&relay, 4, IDLE).await;
    for to in [1, 2] {
        tabs.dial(0, to).await;
        assert_opened(tabs.next().await);
    }
    tabs.dial(0, 3).await;
    assert!(
        matches!(tabs.next().await, Said::Failed(why) if why.contains("ResourceLimit") || why.contains("limit"))
    );
}
