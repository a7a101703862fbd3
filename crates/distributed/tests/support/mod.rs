//! Small networks in one process.
#![allow(dead_code, missing_docs, unreachable_pub, reason = "each test binary uses a part of it")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test says what went wrong by panicking")]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use kadenza_api::{Music, Replicas};
use kadenza_distributed::identity::Keypair;
use kadenza_distributed::{Config, Distributed, Multiaddr, PeerId, transport};
use kadenza_platform::timeout;
use kadenza_services::store::MemoryStore;
use kadenza_services::{self as services, Services};

use self::source::{Manner, Source};

pub mod source;
pub mod wire;

/// Ports of this process's memory transport.
static NEXT_PORT: AtomicU64 = AtomicU64::new(1);

/// Nothing in one process takes longer.
pub const PATIENCE: Duration = Duration::from_secs(30);

pub type Shelf = Services<MemoryStore>;

/// A node and what is below it.
#[derive(Debug, Clone)]
pub struct Node<S = Shelf> {
    pub layer: Distributed<S>,
    pub services: S,
    pub address: Multiaddr,
    pub peer: PeerId,
}

pub fn key() -> Keypair {
    Keypair::generate_ed25519()
}

pub async fn shelf(keypair: &Keypair, durable: bool) -> Shelf {
    let config = services::Config { file_limit_bytes: 200_000_000, quota_bytes: 1_000_000_000, durable };
    Services::open(MemoryStore::default(), keypair.clone(), config).await.unwrap()
}

/// A node over its own empty shelf.
pub async fn node(durable: bool, bootstrap: Option<&Multiaddr>) -> Node {
    let keypair = key();
    let services = shelf(&keypair, durable).await;
    node_over(services, keypair, durable, bootstrap)
}

/// A node over a given shelf.
pub fn node_over<S: Music + Replicas + Clone>(
    services: S,
    keypair: Keypair,
    durable: bool,
    bootstrap: Option<&Multiaddr>,
) -> Node<S> {
    let carrier = transport::memory::memory(&keypair).unwrap();
    join(services, keypair, durable, bootstrap, carrier)
}

/// A node that serves in a manner of its own what is on its shelf.
pub fn source(
    source: Source,
    keypair: Keypair,
    durable: bool,
    bootstrap: Option<&Multiaddr>,
) -> Node<Source> {
    let carrier = transport::memory::memory(&keypair).unwrap();
    let carrier = if source.manner == Manner::Drips { source::dripping(carrier) } else { carrier };
    join(source, keypair, durable, bootstrap, carrier)
}

fn join<S: Music + Replicas + Clone>(
    services: S,
    keypair: Keypair,
    durable: bool,
    bootstrap: Option<&Multiaddr>,
    carrier: transport::Carrier,
) -> Node<S> {
    let port = NEXT_PORT.fetch_add(1, Ordering::Relaxed);
    let listen: Multiaddr = format!("/memory/{port}").parse().unwrap();
    let peer = PeerId::from(keypair.public());
    let found: Vec<Multiaddr> = bootstrap.into_iter().cloned().collect();
    let layer = Distributed::join(
        services.clone(),
        Config {
            carrier,
            keypair,
            relays: None,
            listen: vec![listen.clone()],
            external: vec![listen.clone()],
            durable,
            find_peers: Arc::new(move || kadenza_platform::boxed(std::future::ready(found.clone()))),
        },
    )
    .unwrap();
    let address = format!("{listen}/p2p/{peer}").parse().unwrap();
    Node { layer, services, address, peer }
}

/// Waits until a node is connected to `count` others.
pub async fn connected<S: Music + Replicas + Clone>(node: &Node<S>, count: usize) {
    let mut peers = node.layer.peer_count();
    let waiting = async { while peers.now() < count && peers.changed().await {} };
    timeout(PATIENCE, waiting).await.expect("the network did not come together");
}

/// Waits until `condition` holds, looking again whenever something else has had time to run.
pub async fn eventually<F: Future<Output = bool>>(what: &str, mut condition: impl FnMut() -> F) {
    let waiting = async {
        while !condition().await {
            kadenza_platform::sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(PATIENCE, waiting).await.unwrap_or_else(|_| panic!("it never happened that {what}"));
}

/// A durable node and `others` fleeting ones that know it, all connected to it.
pub async fn network(others: usize) -> Vec<Node> {
    let mut nodes = vec![node(true, None).await];
    let first = nodes[0].address.clone();
    for _ in 0..others {
        nodes.push(node(false, Some(&first)).await);
    }
    for node in &nodes {
        connected(node, others).await;
    }
    nodes
}
