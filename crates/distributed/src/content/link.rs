//! The asking end: one stream to each peer that has something of interest, shared by all downloads.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::BytesMut;
use futures::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use kadenza_api::ContentId;
use kadenza_platform::{spawn, timeout};
use libp2p::PeerId;
use libp2p_stream::Control;
use tokio::sync::mpsc;

use crate::content::wire::{PROTOCOL, ToAsker, ToHolder, next_frame, put_frame};

/// Messages to one peer that may wait to be sent. A peer that does not even take these is treated as gone.
const UNSENT_MAX: usize = 512;

/// How long a stream to a peer may take to open, dialling it included.
const OPEN_LIMIT: Duration = Duration::from_secs(10);

/// What a download hears from a peer.
#[derive(Debug)]
pub(crate) enum Heard {
    /// The peer said something.
    Said(ToAsker),
    /// There is no way to the peer, or none any more.
    Gone,
}

/// Where a download hears from its peers.
pub(crate) type Ear = mpsc::Sender<(PeerId, Heard)>;

enum Order {
    Follow { handle: u32, content: ContentId, len: u64, ear: Ear },
    Say(ToHolder),
}

/// The streams there are.
type Open = HashMap<PeerId, mpsc::Sender<Order>>;

/// The streams to other peers. Cloning gives another handle to the same ones.
#[derive(Clone)]
pub(crate) struct Links {
    control: Control,
    open: Arc<Mutex<Open>>,
    handles: Arc<AtomicU32>,
}

impl std::fmt::Debug for Links {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Links").finish_non_exhaustive()
    }
}

impl Links {
    pub(crate) fn new(control: Control) -> Self {
        Self { control, open: Arc::default(), handles: Arc::default() }
    }

    /// A handle no other download of this node has.
    pub(crate) fn handle(&self) -> u32 {
        self.handles.fetch_add(1, Ordering::Relaxed)
    }

    /// Follows a content at a peer, opening a stream to it if need be. What it says goes to `ear`.
    pub(crate) fn follow(
        &self,
        peer: PeerId,
        handle: u32,
        (content, len): (ContentId, u64),
        ear: &Ear,
    ) -> bool {
        self.order(peer, Order::Follow { handle, content, len, ear: ear.clone() })
    }

    /// Opens a stream to a peer, dialling it where need be, so that whoever follows something there later need not wait.
    pub(crate) fn open(&self, peer: PeerId) {
        let mut open = lock(&self.open);
        if open.get(&peer).is_none_or(mpsc::Sender::is_closed) {
            self.begin(&mut open, peer);
        }
    }

    fn begin(&self, open: &mut Open, peer: PeerId) -> mpsc::Sender<Order> {
        open.retain(|_, orders| !orders.is_closed());
        let (orders, queue) = mpsc::channel(UNSENT_MAX);
        open.insert(peer, orders.clone());
        spawn(run(self.control.clone(), peer, queue));
        orders
    }

    /// Says something to a peer. `false` where it cannot be told.
    pub(crate) fn say(&self, peer: PeerId, message: ToHolder) -> bool {
        self.order(peer, Order::Say(message))
    }

    fn order(&self, peer: PeerId, order: Order) -> bool {
        let mut open = lock(&self.open);
        if let Some(orders) = open.get(&peer).filter(|orders| !orders.is_closed()) {
            return orders.try_send(order).is_ok();
        }
        if matches!(order, Order::Say(_)) {
            return false;
        }
        self.begin(&mut open, peer).try_send(order).is_ok()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Who hears what is said with which handle.
type Ears = Mutex<HashMap<u32, Ear>>;

/// Opens a stream to a peer and carries orders and answers until it breaks.
async fn run(mut control: Control, peer: PeerId, mut orders: mpsc::Receiver<Order>) {
    let ears = Ears::default();
    match timeout(OPEN_LIMIT, control.open_stream(peer, PROTOCOL)).await {
        Ok(Ok(stream)) => {
            let (reading, writing) = stream.split();
            let end = tokio::select! {
                end = listen(peer, reading, &ears) => end,
                end = speak(writing, &mut orders, &ears) => end,
            };
            tracing::debug!(%peer, ?end, "the content stream ended");
        }
        Ok(Err(error)) => tracing::debug!(%peer, %error, "no content stream"),
        Err(_) => tracing::debug!(%peer, "no content stream in time"),
    }
    orders.close();
    while let Some(order) = orders.recv().await {
        if let Order::Follow { handle, ear, .. } = order {
            lock(&ears).insert(handle, ear);
        }
    }
    let ears = std::mem::take(&mut *lock(&ears));
    for ear in ears.into_values() {
        // A download that is over need not know.
        let _ = ear.send((peer, Heard::Gone)).await;
    }
}

async fn listen(peer: PeerId, mut from: impl AsyncRead + Unpin, ears: &Ears) -> std::io::Result<()> {
    while let Some(message) = next_frame::<ToAsker>(&mut from).await? {
        let (ToAsker::Have { handle, .. }
        | ToAsker::Slice { handle, .. }
        | ToAsker::Refused { handle, .. }
        | ToAsker::Others { handle, .. }) = &message;
        let ear = lock(ears).get(handle).cloned();
        // What comes for a download that is over is late, not wrong.
        if let Some(ear) = ear {
            let _ = ear.send((peer, Heard::Said(message))).await;
        }
    }
    Ok(())
}

async fn speak(
    mut to: impl AsyncWrite + Unpin,
    orders: &mut mpsc::Receiver<Order>,
    ears: &Ears,
) -> std::io::Result<()> {
    let mut unsent = BytesMut::new();
    while let Some(order) = orders.recv().await {
        write(order, &mut unsent, ears);
        while let Ok(order) = orders.try_recv() {
            write(order, &mut unsent, ears);
        }
        to.write_all(&unsent).await?;
        to.flush().await?;
        unsent.clear();
    }
    Ok(())
}

fn write(order: Order, unsent: &mut BytesMut, ears: &Ears) {
    match order {
        Order::Follow { handle, content, len, ear } => {
            lock(ears).insert(handle, ear);
            put_frame(unsent, &ToHolder::Follow { handle, content, len });
        }
        Order::Say(message) => {
            if let ToHolder::Leave { handle } = message {
                lock(ears).remove(&handle);
            }
            put_frame(unsent, &message);
        }
    }
}
