//! A hostile relay for `tests/hostile-relay.test.mjs`: whoever connects to its WebSocket as to a libp2p peer gets the
//! next of the yamux frames that no honest peer sends, and random ones when those are through. It prints where it
//! listens, and a line for each connection.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test that cannot go on says why")]

use std::pin::Pin;
use std::time::Duration;

use libp2p::Transport;
use libp2p::core::transport::{ListenerId, TransportEvent};
use libp2p::futures::{AsyncReadExt, AsyncWriteExt, StreamExt, stream::poll_fn};
use libp2p::identity::Keypair;
use tokio::time::timeout;

#[path = "../tests/relay/frames.rs"]
mod frames;
#[path = "../tests/relay/raw.rs"]
mod raw;

use frames::{End, pings, published, random};
use raw::Raw;

/// A tab that has not hung up by then is hung up on.
const PATIENCE: Duration = Duration::from_secs(1);

#[tokio::main]
async fn main() {
    let keypair = Keypair::generate_ed25519();
    let mut sockets = raw::sockets();
    sockets.listen_on(ListenerId::next(), "/ip4/127.0.0.1/tcp/0/ws".parse().unwrap()).unwrap();
    let mut events = poll_fn(move |cx| Pin::new(&mut sockets).poll(cx).map(Some));
    let mut bad = published(End::Listener).into_iter();
    for seed in 0.. {
        let upgrade = loop {
            match events.next().await.unwrap() {
                TransportEvent::NewAddress { listen_addr, .. } => {
                    println!("{listen_addr}/p2p/{}", keypair.public().to_peer_id());
                }
                TransportEvent::Incoming { upgrade, .. } => break upgrade,
                _ => {}
            }
        };
        let (what, bytes) = match bad.next() {
            Some(known) => known,
            None if seed % 10 == 0 => ("pings whose answers nobody reads", pings(100_000)),
            None => ("random frames", random(End::Listener, seed)),
        };
        let keypair = keypair.clone();
        tokio::spawn(async move {
            let Ok(socket) = upgrade.await else { return };
            if let Ok(Some(connection)) = timeout(PATIENCE, raw::accept(socket, &keypair)).await {
                println!("{what}");
                let _ = timeout(PATIENCE, say(&bytes, connection)).await;
            }
        });
    }
}

/// Sends bytes and reads until the other end hangs up.
async fn say(bytes: &[u8], mut connection: Box<dyn Raw>) -> std::io::Result<()> {
    connection.write_all(bytes).await?;
    connection.flush().await?;
    let mut answer = [0; 4096];
    while connection.read(&mut answer).await? > 0 {}
    Ok(())
}
