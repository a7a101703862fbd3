//! The handle to the swarm's task: cheap to clone, and the only way in.

use std::collections::BTreeSet;
use std::pin::pin;
use std::time::Duration;

use futures::future::select;
use kadenza_api::{Error, Result};
use kadenza_platform::{MaybeSend, spawn};
use libp2p::request_response::ResponseChannel;
use libp2p::{Multiaddr, PeerId};
use tokio::sync::{mpsc, oneshot, watch};

use crate::peers::Peers;
use crate::placement::Key;
use crate::protocol::rpc;
use crate::traffic::Traffic;

/// Commands waiting for the swarm's task. When it is full the caller waits.
const QUEUE: usize = 256;

/// What the swarm's task can be told.
#[derive(Debug)]
pub(crate) enum Command {
    Call { peer: PeerId, request: rpc::Request, answer: oneshot::Sender<Result<rpc::Answer>> },
    Answer { channel: ResponseChannel<rpc::Answer>, answer: rpc::Answer },
    Closest { key: Key, count: usize, answer: oneshot::Sender<Vec<PeerId>> },
    Provides { peer: PeerId, keys: Vec<Key>, addresses: Vec<Multiaddr> },
    Provided { key: Key, answer: oneshot::Sender<Vec<PeerId>> },
    Used { peer: PeerId },
    Providers { key: Key, answers: mpsc::Sender<PeerId> },
    Greeted { peer: PeerId, hello: rpc::Hello },
    Dial { addresses: Vec<Multiaddr> },
    TriedToJoin,
    Block { peer: PeerId },
    CloseSuperfluous,
    CloseSilent { round: Duration },
    Stop,
    Standing { answer: oneshot::Sender<Standing> },
}

/// What only the swarm's task knows of how this node stands.
#[derive(Debug)]
pub(crate) struct Standing {
    /// The addresses others reach it at.
    pub(crate) addresses: Vec<Multiaddr>,
    /// The peers in its routing table.
    pub(crate) table: BTreeSet<PeerId>,
}

/// Talks to the swarm's task. Everything ends in [`Error::Unavailable`] once that task has.
#[derive(Debug, Clone)]
pub(crate) struct Handle {
    this: PeerId,
    commands: mpsc::Sender<Command>,
    announcements: mpsc::Sender<Key>,
    peers: watch::Receiver<Peers>,
    traffic: Traffic,
}

/// The other ends of what a handle holds.
#[derive(Debug)]
pub(crate) struct Ends {
    /// For the swarm's task.
    pub(crate) commands: mpsc::Receiver<Command>,
    pub(crate) peers: watch::Sender<Peers>,
    /// For [`crate::announce`].
    pub(crate) announcements: mpsc::Receiver<Key>,
}

impl Handle {
    /// A handle, and its other ends.
    pub(crate) fn new(this: PeerId, traffic: Traffic) -> (Self, Ends) {
        let (commands, queue) = mpsc::channel(QUEUE);
        let (announcements, announced) = mpsc::channel(QUEUE);
        let (changed, peers) = watch::channel(Peers::default());
        let ends = Ends { commands: queue, peers: changed, announcements: announced };
        (Self { this, commands, announcements, peers, traffic }, ends)
    }

    /// This node's own peer id.
    pub(crate) fn this(&self) -> PeerId {
        self.this
    }

    /// The connected peers; the receiver also tells when they change.
    pub(crate) fn peers(&self) -> watch::Receiver<Peers> {
        self.peers.clone()
    }

    /// What goes to the connected peers and comes from them.
    pub(crate) fn traffic(&self) -> &Traffic {
        &self.traffic
    }

    /// Waits for the first try to join the network. What is asked right after the start would otherwise be
    /// answered from this node alone.
    pub(crate) async fn joined(&self) {
        // Without the network task there is nothing to wait for.
        let _ = self.peers().wait_for(Peers::has_tried_to_join).await;
    }

    /// Calls a peer, dialling it where there is no connection.
    pub(crate) async fn call(&self, peer: PeerId, request: rpc::Request) -> Result<rpc::Answer> {
        self.ask(|answer| Command::Call { peer, request, answer }).await?
    }

    /// Remembers that a peer is of use, so that its connection is kept. Nobody waits for that.
    pub(crate) fn used(&self, peer: PeerId) {
        // With the queue full, others say so often enough.
        let _ = self.commands.try_send(Command::Used { peer });
    }

    /// Runs `task` beside the network task, and ends it with that, whatever it waits for.
    pub(crate) fn run_beside(&self, task: impl Future<Output = ()> + MaybeSend + 'static) {
        let mut peers = self.peers();
        spawn(async move {
            // The network task never says anything else by that than that it has ended.
            let ended = peers.wait_for(|_| false);
            select(pin!(task), pin!(ended)).await;
        });
    }

    /// Has others told that this node provides a key. Waits while too many are still to be told.
    pub(crate) async fn announce_to_others(&self, key: Key) {
        if self.announcements.send(key).await.is_err() {
            tracing::debug!("nothing is announced any more");
        }
    }

    /// How this node stands.
    pub(crate) async fn standing(&self) -> Result<Standing> {
        self.ask(|answer| Command::Standing { answer }).await
    }

    /// Queues a command, waiting for room. Without the task it goes nowhere.
    pub(crate) async fn send(&self, command: Command) {
        if self.commands.send(command).await.is_err() {
            tracing::debug!("the network task has ended");
        }
    }

    /// Queues a command and waits for its answer.
    pub(crate) async fn ask<T>(&self, command: impl FnOnce(oneshot::Sender<T>) -> Command) -> Result<T> {
        let (answer, answered) = oneshot::channel();
        self.send(command(answer)).await;
        answered.await.map_err(|_| Error::unavailable("this node is not connected to the network"))
    }
}
