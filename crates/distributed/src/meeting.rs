//! Meetings: whoever goes to a place is announced there, finds who else is, and has one stream with each of them.
//!
//! Where two open a stream to each other at the same moment, the one opened by the smaller peer id stays.

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use futures::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, StreamExt};
use kadenza_api::{Guest, Meet, Music, Place, Replicas};
use kadenza_platform::{BoxStream, Instant, boxed_stream, sleep, spawn, timeout};
use libp2p::{PeerId, Stream, StreamProtocol};
use libp2p_stream::Control;
use tokio::sync::mpsc;

use crate::distributed::Distributed;
use crate::kademlia::Kademlia;
use crate::placement::Key;
use crate::swarm::Handle;

/// Protocol id. Whoever opens a stream says first, in 32 bytes, which place it is about.
const PROTOCOL: StreamProtocol = StreamProtocol::new("/kadenza/meeting/1.0.0");

/// Places this node is at, at once: a room, and one that is being left.
const PLACES_MAX: usize = 8;

/// Guests that came and were not looked at yet.
const GUESTS_QUEUE: usize = 16;

/// Peers of one place that streams are opened to.
const PEERS_MAX: usize = 64;

/// How often it is looked who else is there: soon after coming, then every few seconds.
const LOOK_FIRST: Duration = Duration::from_millis(250);
const LOOK_LAST: Duration = Duration::from_secs(5);

/// Streams are opened one so long after the other: each connection takes a good part of a second's work at both ends, and from
/// the first one on a member hears all there is to hear.
const OPEN_NEXT: Duration = Duration::from_millis(800);

/// Whoever comes looks for others before it is announced itself, which takes as many messages: those who are there are found
/// sooner so. And how often it is announced anew: nodes that restart forget.
const ANNOUNCE_AFTER: Duration = Duration::from_millis(500);
const ANNOUNCE_EVERY: Duration = Duration::from_secs(60);

/// How long opening a stream may take, dialling included.
const OPEN_LIMIT: Duration = Duration::from_secs(10);

/// How long whoever opened a stream may take to say what it is about, and how many may be about to.
const PLACE_LIMIT: Duration = Duration::from_secs(5);
const UNNAMED_MAX: usize = 64;

/// A peer no stream could be opened to, or whose stream ended, is tried again after this, and after twice as long each
/// further time.
const RETRY_FIRST: Duration = Duration::from_millis(500);
const RETRY_LAST: Duration = Duration::from_secs(30);

/// The places this node is at. Cloning gives another handle to the same ones.
#[derive(Clone)]
pub(crate) struct Meetings {
    control: Control,
    handle: Handle,
    places: Arc<Mutex<HashMap<Place, There>>>,
    /// How many streams there were.
    streams: Arc<AtomicU64>,
}

impl std::fmt::Debug for Meetings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Meetings").finish_non_exhaustive()
    }
}

/// This node at one place.
#[derive(Debug)]
struct There {
    guests: mpsc::Sender<Guest>,
    peers: BTreeMap<PeerId, Known>,
}

/// How it is with a peer that was found at a place, or came.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Known {
    Opening,
    /// There is a stream, number so and so, opened here or there.
    Here {
        stream: u64,
        opened_here: bool,
    },
    /// To be tried again then, and after a further failure after that pause.
    Gone {
        again: Instant,
        pause: Duration,
    },
}

impl Meetings {
    /// Takes the streams that others open, in a task of its own that ends with the network task.
    pub(crate) fn new(control: Control, handle: Handle) -> Self {
        let meetings = Self { control, handle, places: Arc::default(), streams: Arc::default() };
        meetings.handle.run_beside(meetings.clone().receive());
        meetings
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Place, There>> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn receive(mut self) {
        let Ok(streams) = self.control.accept(PROTOCOL) else {
            tracing::error!("meetings are held by another already");
            return;
        };
        streams
            .for_each_concurrent(UNNAMED_MAX, |(peer, stream)| {
                let meetings = self.clone();
                async move {
                    if timeout(PLACE_LIMIT, meetings.welcome(peer, stream)).await.is_err() {
                        tracing::debug!(%peer, "a guest did not say in time where to");
                    }
                }
            })
            .await;
    }

    async fn welcome(&self, peer: PeerId, mut stream: Stream) {
        let mut place = Place::default();
        if stream.read_exact(&mut place).await.is_ok() {
            self.bring(place, peer, stream, false).await;
        }
    }

    /// Looks for others at a place, and opens streams to them, until the place is left.
    async fn look_around(self, place: Place) {
        let key = Key::place(&place);
        let mut pause = LOOK_FIRST;
        self.handle.joined().await;
        self.handle.run_beside(self.clone().stay_announced(place));
        while self.is_at(&place) {
            let mut found = self.handle.providers(key.clone());
            let limit = Instant::now();
            while let Ok(Some(peer)) = timeout(LOOK_LAST.saturating_sub(limit.elapsed()), found.next()).await
            {
                if self.is_to_be_tried(&place, peer) {
                    spawn(self.clone().open(place, peer));
                    sleep(OPEN_NEXT).await;
                }
            }
            sleep(pause).await;
            pause = (pause * 2).min(LOOK_LAST);
        }
    }

    /// Is found at a place by those who look for others, until it is left.
    async fn stay_announced(self, place: Place) {
        sleep(ANNOUNCE_AFTER).await;
        while self.is_at(&place) {
            self.handle.announce(Key::place(&place)).await;
            sleep(ANNOUNCE_EVERY).await;
        }
    }

    /// Whether somebody still waits for guests there.
    fn is_at(&self, place: &Place) -> bool {
        let mut places = self.lock();
        places.retain(|_, there| !there.guests.is_closed());
        places.contains_key(place)
    }

    fn is_to_be_tried(&self, place: &Place, peer: PeerId) -> bool {
        let mut places = self.lock();
        let Some(there) = places.get_mut(place).filter(|_| peer != self.handle.this()) else { return false };
        let trying = match there.peers.get(&peer) {
            None if there.peers.len() < PEERS_MAX => Known::Opening,
            Some(Known::Gone { again, pause }) if *again <= Instant::now() => {
                Known::Gone { again: Instant::now() + OPEN_LIMIT, pause: *pause }
            }
            _ => return false,
        };
        there.peers.insert(peer, trying);
        true
    }

    async fn open(mut self, place: Place, peer: PeerId) {
        self.handle.used(peer);
        let opened = timeout(OPEN_LIMIT, async {
            let mut stream = self.control.open_stream(peer, PROTOCOL).await.map_err(io::Error::other)?;
            stream.write_all(&place).await?;
            stream.flush().await?;
            Ok::<_, io::Error>(stream)
        });
        match opened.await {
            Ok(Ok(stream)) => self.bring(place, peer, stream, true).await,
            failed => {
                tracing::debug!(%peer, ?failed, "no stream to somebody at the same place");
                self.lost(&place, peer, None);
            }
        }
    }

    /// Brings a guest, unless there is a better stream with them.
    async fn bring(&self, place: Place, peer: PeerId, stream: Stream, opened_here: bool) {
        let number = self.streams.fetch_add(1, Ordering::Relaxed);
        let guests = {
            let mut places = self.lock();
            let Some(there) = places.get_mut(&place) else { return };
            // The one that the smaller id opened stays, on both sides.
            let is_preferred = opened_here == (self.handle.this() < peer);
            match there.peers.get(&peer) {
                Some(Known::Here { opened_here: other, .. }) if *other != opened_here && !is_preferred => {
                    return;
                }
                Some(Known::Opening) if !opened_here && !is_preferred => return,
                None if there.peers.len() >= PEERS_MAX => return,
                _ => {}
            }
            there.peers.insert(peer, Known::Here { stream: number, opened_here });
            there.guests.clone()
        };
        self.handle.used(peer);
        let visit = Visit { meetings: self.clone(), place, peer, number };
        let stream = Box::new(Visited { stream, _visit: visit });
        // A place that is being left needs no guests.
        let _ = guests.send(Guest { peer: peer.to_bytes(), opened_here, stream }).await;
    }

    /// A stream ended, or could not be opened where `stream` is none.
    fn lost(&self, place: &Place, peer: PeerId, stream: Option<u64>) {
        let mut places = self.lock();
        let Some(known) = places.get_mut(place).and_then(|there| there.peers.get_mut(&peer)) else { return };
        let pause = match known {
            Known::Here { stream: number, .. } if stream == Some(*number) => RETRY_FIRST,
            // Another has taken its place.
            Known::Here { .. } => return,
            Known::Opening => RETRY_FIRST,
            Known::Gone { pause, .. } => (*pause * 2).min(RETRY_LAST),
        };
        *known = Known::Gone { again: Instant::now() + pause, pause };
    }
}

/// Tells that a stream ended, when it is dropped.
struct Visit {
    meetings: Meetings,
    place: Place,
    peer: PeerId,
    number: u64,
}

impl Drop for Visit {
    fn drop(&mut self) {
        self.meetings.lost(&self.place, self.peer, Some(self.number));
    }
}

/// A stream with somebody at a place.
struct Visited {
    stream: Stream,
    _visit: Visit,
}

impl AsyncRead for Visited {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Visited {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_close(cx)
    }
}

impl<S: Music + Replicas + Clone> Meet for Distributed<S> {
    fn this(&self) -> Vec<u8> {
        self.handle.this().to_bytes()
    }

    fn meet(&self, place: Place) -> BoxStream<Guest> {
        let (guests, coming) = mpsc::channel(GUESTS_QUEUE);
        {
            let mut places = self.meetings.lock();
            places.retain(|_, there| !there.guests.is_closed());
            if places.len() < PLACES_MAX {
                places.insert(place, There { guests, peers: BTreeMap::new() });
            }
        }
        self.handle.run_beside(self.meetings.clone().look_around(place));
        boxed_stream(futures::stream::unfold(coming, |mut coming| async {
            let guest = coming.recv().await?;
            Some((guest, coming))
        }))
    }
}
