//! Yamux frames that are none, known ones and random ones: they close a connection, never the relay.

use std::time::Duration;

use libp2p::core::upgrade::Version;
use libp2p::futures::future::join_all;
use libp2p::futures::{AsyncReadExt, AsyncWriteExt, StreamExt};
use libp2p::identity::Keypair;
use libp2p::multiaddr::Protocol;
use libp2p::swarm::{Config, SwarmEvent};
use libp2p::{Multiaddr, Swarm, Transport, noise, ping, yamux};
use tokio::time::timeout;

use crate::client::get;
use crate::frames::{End, pings, published, random};
use crate::raw::{self, Raw};
use crate::running::Running;

const PATIENCE: Duration = Duration::from_secs(20);

/// Random connections, of 16 frames each, and how many of them come at once.
const CONNECTIONS: u64 = 400;
const AT_ONCE: usize = 8;

fn address(relay: &Running) -> Multiaddr {
    Multiaddr::from(relay.address.ip())
        .with(Protocol::Tcp(relay.address.port()))
        .with(Protocol::Ws("/".into()))
}

/// Whether somebody who means no harm gets what they came for.
async fn still_works(relay: &Running, after: &str) {
    assert_eq!(get(relay.address, "/healthz", &[]).status, 200, "after {after}");
    let keypair = Keypair::generate_ed25519();
    let transport = raw::sockets()
        .upgrade(Version::V1Lazy)
        .authenticate(noise::Config::new(&keypair).unwrap())
        .multiplex(yamux::Config::default())
        .boxed();
    let mut honest = Swarm::new(
        transport,
        ping::Behaviour::default(),
        keypair.public().into(),
        Config::with_tokio_executor().with_idle_connection_timeout(PATIENCE),
    );
    honest.dial(address(relay)).unwrap();
    let pinged = async {
        loop {
            match honest.select_next_some().await {
                SwarmEvent::Behaviour(ping::Event { result: Ok(_), .. }) => return,
                SwarmEvent::OutgoingConnectionError { error, .. } => panic!("after {after}: {error}"),
                _ => {}
            }
        }
    };
    timeout(PATIENCE, pinged).await.unwrap_or_else(|_| panic!("no ping is answered after {after}"));
}

/// Sends bytes, as far as the relay takes them, and reads until it hangs up. Whether it has within `patience`.
async fn is_closed_by(bytes: &[u8], mut connection: Box<dyn Raw>, patience: Duration) -> bool {
    let exchange = async {
        let sent = async {
            connection.write_all(bytes).await?;
            connection.flush().await
        };
        // It may have hung up in the middle.
        let _ = sent.await;
        let mut answer = [0; 4096];
        while connection.read(&mut answer).await.is_ok_and(|read| read > 0) {}
    };
    timeout(patience, exchange).await.is_ok()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_known_frame_that_brought_yamux_down_closes_its_connection_and_nothing_else() {
    let data = tempfile::tempdir().unwrap();
    let relay = Running::on(data.path());
    let frames = published(End::Dialer).into_iter().map(async |(what, bytes)| {
        let connection = raw::dial(address(&relay)).await;
        assert!(is_closed_by(&bytes, connection, PATIENCE).await, "it stays connected after {what}");
        still_works(&relay, what).await;
    });
    // Yamux says farewell and then waits; that nothing more comes is noticed after seconds, so all come at once.
    join_all(frames).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn somebody_who_pings_and_never_reads_costs_the_relay_little_memory() {
    let data = tempfile::tempdir().unwrap();
    let relay = Running::on(data.path());
    still_works(&relay, "the start").await;
    let before = relay.resident_bytes();
    let mut connection = raw::dial(address(&relay)).await;
    for _ in 0..300 {
        // Once it is not read from itself, the relay may stop to listen, or hang up.
        if !matches!(timeout(Duration::from_secs(2), connection.write_all(&pings(10_000))).await, Ok(Ok(())))
        {
            break;
        }
    }
    let grown = relay.resident_bytes().saturating_sub(before);
    assert!(grown < 32_000_000, "pings took {grown} bytes");
    still_works(&relay, "pings nobody reads the answers to").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn thousands_of_random_frames_never_bring_the_relay_down() {
    let data = tempfile::tempdir().unwrap();
    let relay = Running::on(data.path());
    let mut connections = libp2p::futures::stream::iter(0..CONNECTIONS)
        .map(|seed| {
            let address = address(&relay);
            // Tasks of their own: what one encrypts must not keep the others from their handshakes.
            tokio::spawn(async move {
                let connection = raw::dial(address).await;
                // Random frames may be right.
                is_closed_by(&random(End::Dialer, seed), connection, Duration::from_secs(1)).await
            })
        })
        .buffer_unordered(AT_ONCE);
    let (mut closed, mut done) = (0, 0);
    while let Some(is_closed) = connections.next().await {
        (closed, done) = (closed + u64::from(is_closed.unwrap()), done + 1);
        if done % 100 == 0 {
            still_works(&relay, "random frames").await;
        }
    }
    assert!(closed > CONNECTIONS / 2, "only {closed} connections were closed: the frames are too good");
}
