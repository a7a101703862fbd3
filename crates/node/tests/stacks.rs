//! Every layer can be left out, and what is left keeps its promises.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test says what went wrong by panicking")]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use kadenza_api::Music;
use kadenza_distributed::identity::Keypair;
use kadenza_distributed::{self as distributed, Distributed, transport};
use kadenza_middleware::{Client, Middleware, Server};
use kadenza_services::store::MemoryStore;
use kadenza_services::{self as services, Services};
use kadenza_views::{self as views, Views};

const BODY_LIMIT_BYTES: u64 = 200_000_000;

async fn services(keypair: &Keypair) -> Services<MemoryStore> {
    let config =
        services::Config { file_limit_bytes: BODY_LIMIT_BYTES, quota_bytes: 1_000_000_000, durable: false };
    Services::open(MemoryStore::default(), keypair.clone(), config).await.unwrap()
}

/// A peer of a network that nobody else is in.
async fn peer() -> Distributed<Services<MemoryStore>> {
    static PORT: AtomicU64 = AtomicU64::new(1);
    let keypair = Keypair::generate_ed25519();
    let listen = format!("/memory/{}", PORT.fetch_add(1, Ordering::Relaxed)).parse().unwrap();
    let config = distributed::Config {
        carrier: transport::memory::memory(&keypair).unwrap(),
        keypair: keypair.clone(),
        relays: None,
        listen: vec![listen],
        external: Vec::new(),
        durable: false,
        find_peers: Arc::new(|| kadenza_platform::boxed(std::future::ready(Vec::new()))),
    };
    Distributed::join(services(&keypair).await, config).unwrap()
}

fn views<M: Music>(music: M) -> Views<M> {
    Views::new(music, views::Config { body_limit_bytes: BODY_LIMIT_BYTES })
}

mod services_alone {
    use super::*;

    async fn stack() -> impl Music {
        services(&Keypair::generate_ed25519()).await
    }

    kadenza_api::conformance!(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        stack
    );
}

mod without_middleware_and_views {
    use super::*;

    async fn stack() -> impl Music {
        peer().await
    }

    kadenza_api::conformance!(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        stack
    );
}

mod without_middleware {
    use super::*;

    async fn stack() -> impl Music {
        Client::new(views(peer().await))
    }

    kadenza_api::conformance!(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        stack
    );
}

mod without_distributed {
    use super::*;

    async fn stack() -> impl Music {
        Middleware::new(vec![Server::Here(views(services(&Keypair::generate_ed25519()).await))])
    }

    kadenza_api::conformance!(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        stack
    );
}

mod the_whole_stack {
    use super::*;

    async fn stack() -> impl Music {
        Middleware::new(vec![Server::Here(views(peer().await))])
    }

    kadenza_api::conformance!(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        stack
    );
}
