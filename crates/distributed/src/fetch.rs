//! Fetching content: one task a content asks the sources the [`Schedule`] names, has Services verify and keep
//! what comes, and hands groups to the readers that wait for them.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use futures::StreamExt;
use futures::stream::FuturesUnordered;
use kadenza_api::{ContentId, Error, GROUP_BYTES, Groups, Replicas, Result, groups_of};
use kadenza_platform::{BoxFuture, BoxStream, Instant, boxed, sleep, spawn, timeout};
use libp2p::PeerId;
use tokio::sync::{mpsc, oneshot};

use crate::kademlia::Kademlia;
use crate::placement::Key;
use crate::remote::Remote;
use crate::schedule::Schedule;
use crate::swarm::{Command, Handle};

/// Contents fetched at once; a further one has to wait for its turn.
const FETCHES_MAX: usize = 32;

/// A source that does not answer one request within this is asked no more: long enough for 256 KiB on a slow
/// link through a circuit.
const ANSWER_LIMIT: Duration = Duration::from_secs(8);

/// Readers of one content that may wait at once.
const READERS_QUEUE: usize = 64;

/// A fetch nobody has read from for this long, and that nobody asked to keep whole, stops.
const READER_GONE: Duration = Duration::from_secs(60);

/// How long a fetch goes on although every source is gone, and how often it looks for them again: a laptop that changes
/// networks is away for a few seconds, a train in a tunnel for half a minute.
const PATIENCE: Duration = Duration::from_secs(90);
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// Where nothing can be kept: groups fetched ahead of the reader (1 MiB), and the pieces of up to 256 KiB that
/// are remembered for it.
const UNKEPT_AHEAD: u64 = 16;
const UNKEPT_REMEMBERED: usize = 8;

/// Verified bytes of a group and perhaps of some after it.
#[derive(Debug, Clone)]
pub(crate) struct Piece {
    /// The first group.
    pub(crate) first: u64,
    /// The groups' bytes.
    pub(crate) bytes: Bytes,
}

impl Piece {
    fn has(&self, group: u64) -> bool {
        (self.first..self.first + (self.bytes.len() as u64).div_ceil(GROUP_BYTES)).contains(&group)
    }
}

enum Wish {
    /// A reader waits for this group.
    Group(u64, oneshot::Sender<Result<Piece>>),
    /// The content is to be kept whole, whoever reads.
    Whole { from: PeerId },
}

/// The fetches under way.
#[derive(Debug)]
pub(crate) struct Fetches<S> {
    services: S,
    handle: Handle,
    open: Arc<Mutex<HashMap<ContentId, mpsc::Sender<Wish>>>>,
}

impl<S: Clone> Clone for Fetches<S> {
    fn clone(&self) -> Self {
        Self { services: self.services.clone(), handle: self.handle.clone(), open: self.open.clone() }
    }
}

impl<S: Replicas + Clone> Fetches<S> {
    pub(crate) fn new(services: S, handle: Handle) -> Self {
        Self { services, handle, open: Arc::default() }
    }

    /// Waits for one group of a content, starting to fetch it where nobody has.
    ///
    /// # Errors
    /// [`Error::NotFound`] when nobody reachable has it.
    pub(crate) async fn group(&self, content: ContentId, len: u64, group: u64) -> Result<Piece> {
        let (reader, piece) = oneshot::channel();
        self.wish(content, len, Wish::Group(group, reader)).await?;
        piece.await.map_err(|_| not_found(content))?
    }

    /// Fetches a content to keep it, from `from` first. Returns at once.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when too much is being fetched.
    pub(crate) async fn keep(&self, content: ContentId, len: u64, from: PeerId) -> Result<()> {
        self.wish(content, len, Wish::Whole { from }).await
    }

    async fn wish(&self, content: ContentId, len: u64, wish: Wish) -> Result<()> {
        let wishes = self.task(content, len)?;
        let Err(mpsc::error::SendError(wish)) = wishes.send(wish).await else { return Ok(()) };
        // The task ended between our look-up and now; a new one takes the wish.
        let wishes = self.task(content, len)?;
        wishes.send(wish).await.map_err(|_| Error::unavailable(format!("fetching {content} was given up")))
    }

    fn task(&self, content: ContentId, len: u64) -> Result<mpsc::Sender<Wish>> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.retain(|_, wishes| !wishes.is_closed());
        if let Some(wishes) = open.get(&content) {
            return Ok(wishes.clone());
        }
        if open.len() >= FETCHES_MAX {
            return Err(Error::unavailable("too many songs are being fetched at once; try again"));
        }
        let (wishes, queue) = mpsc::channel(READERS_QUEUE);
        open.insert(content, wishes.clone());
        spawn(Fetch::run(self.services.clone(), self.handle.clone(), content, len, queue));
        Ok(wishes)
    }
}

/// One content being fetched.
struct Fetch<S> {
    services: S,
    handle: Handle,
    content: ContentId,
    len: u64,
    schedule: Schedule,
    readers: Vec<(u64, oneshot::Sender<Result<Piece>>)>,
    /// The last pieces, when nothing is kept.
    remembered: VecDeque<Piece>,
    keeps: bool,
    whole: bool,
    /// When verified bytes came last, and from whom.
    came: Option<Instant>,
    proven: Option<PeerId>,
}

/// Who was asked for what, what came, and how long it took.
type Asked = (PeerId, Groups, Result<Bytes>, Duration);

impl<S: Replicas + Clone> Fetch<S> {
    async fn run(services: S, handle: Handle, content: ContentId, len: u64, wishes: mpsc::Receiver<Wish>) {
        let missing = services.missing(content, len, groups_of(&(0..len), len)).await;
        let schedule = match missing {
            Ok(missing) => Schedule::new(missing),
            Err(error) => {
                tracing::debug!(%content, %error, "cannot fetch");
                return;
            }
        };
        let fetch = Self {
            services,
            handle,
            content,
            len,
            schedule,
            readers: Vec::new(),
            remembered: VecDeque::new(),
            keeps: true,
            whole: false,
            came: None,
            proven: None,
        };
        fetch.drive(wishes).await;
    }

    /// Serves wishes until the content is whole, nobody wants it, or nobody has it.
    async fn drive(mut self, mut wishes: mpsc::Receiver<Wish>) {
        self.add_known_sources();
        let mut providers: Option<BoxStream<PeerId>> =
            Some(self.handle.providers(Key::content(self.content)));
        let mut asked: FuturesUnordered<BoxFuture<Asked>> = FuturesUnordered::new();
        loop {
            while let Some((peer, groups)) = self.schedule.next() {
                asked.push(self.ask(peer, groups));
            }
            if self.keeps && self.schedule.is_complete() {
                return self.finish(wishes).await;
            }
            let is_stranded = self.schedule.is_stranded() && !self.schedule.is_complete();
            if is_stranded && providers.is_none() && !self.may_come_back() {
                tracing::debug!(content = %self.content, "nobody reachable holds this");
                return;
            }
            let found = async {
                match &mut providers {
                    Some(providers) => providers.next().await,
                    None => std::future::pending().await,
                }
            };
            let arrived = async {
                match asked.next().await {
                    Some(asked) => asked,
                    None => std::future::pending().await,
                }
            };
            let again = async {
                match is_stranded && self.came.is_some() {
                    true => sleep(LOOK_AGAIN).await,
                    false => std::future::pending().await,
                }
            };
            let event = tokio::select! {
                wish = timeout(READER_GONE, wishes.recv()) => Event::Wish(wish.ok().flatten()),
                found = found => Event::Provider(found),
                arrived = arrived => Event::Arrived(arrived),
                () = again => Event::Again,
            };
            match event {
                Event::Wish(Some(wish)) => self.on_wish(wish),
                Event::Wish(None) if self.whole => {}
                Event::Wish(None) => return,
                Event::Provider(Some(peer)) if peer != self.handle.this() => self.schedule.add_source(peer),
                Event::Provider(Some(_)) => {}
                Event::Provider(None) => providers = None,
                // A look-up among peers that are gone takes long; who had it just now may be back before.
                Event::Again => {
                    self.schedule.forgive();
                    self.add_known_sources();
                    providers.get_or_insert_with(|| self.handle.providers(Key::content(self.content)));
                }
                Event::Arrived(asked) => self.on_arrived(asked).await,
            }
        }
    }

    /// Those that need not be looked up: relays, and whoever had it until now.
    fn add_known_sources(&mut self) {
        for peer in self.handle.peers().borrow().durable().take(3).chain(self.proven) {
            self.schedule.add_source(peer);
        }
    }

    /// Whether to go on although nobody is left: somebody was there until just now, and the network may be back at any
    /// moment. As long as that, a song that is being listened to waits.
    fn may_come_back(&self) -> bool {
        self.came.is_some_and(|came| came.elapsed() < PATIENCE) && (self.whole || !self.readers.is_empty())
    }

    fn ask(&self, peer: PeerId, groups: Groups) -> BoxFuture<Asked> {
        let remote = Remote::new(peer, self.handle.clone());
        let (content, len) = (self.content, self.len);
        boxed(async move {
            let begun = Instant::now();
            let slice = timeout(ANSWER_LIMIT, remote.slice(content, len, groups.clone())).await;
            let slice = slice.unwrap_or_else(|_| Err(Error::unavailable("no answer in time")));
            (remote.peer(), groups, slice, begun.elapsed())
        })
    }

    fn on_wish(&mut self, wish: Wish) {
        match wish {
            Wish::Whole { from } => {
                self.whole = true;
                self.schedule.add_source(from);
            }
            Wish::Group(group, reader) => {
                self.schedule.aim(group);
                if let Some(piece) = self.remembered.iter().find(|piece| piece.has(group)) {
                    // A reader that has gone needs no bytes.
                    let _ = reader.send(Ok(piece.clone()));
                    return;
                }
                if !self.keeps {
                    self.schedule.want_again(group);
                } else if self.schedule.has(group) {
                    // It came between the reader's look into the store and now.
                    let _ = reader.send(Err(stored(self.content)));
                    return;
                }
                self.readers.push((group, reader));
            }
        }
    }

    async fn on_arrived(&mut self, (peer, groups, slice, took): Asked) {
        let Ok(slice) = slice else { return self.schedule.failed(peer, &groups) };
        let accepted = self.services.accept(self.content, self.len, groups.clone(), slice).await;
        match accepted {
            Ok(accepted) => {
                self.schedule.arrived(peer, &groups, took);
                (self.came, self.proven) = (Some(Instant::now()), Some(peer));
                if !accepted.kept && self.keeps {
                    tracing::info!(content = %self.content, "no room to keep what is played");
                    self.keeps = false;
                    self.schedule.stay_within(UNKEPT_AHEAD);
                }
                self.hand_out(Piece { first: groups.start, bytes: accepted.bytes });
            }
            Err(error) => {
                tracing::warn!(%peer, content = %self.content, %error, "a peer sent bytes that are not what was asked for");
                self.schedule.lied(peer, &groups);
                self.handle.send(Command::Block { peer }).await;
            }
        }
    }

    fn hand_out(&mut self, piece: Piece) {
        for (group, reader) in std::mem::take(&mut self.readers) {
            if piece.has(group) {
                // A reader that has gone needs no bytes.
                let _ = reader.send(Ok(piece.clone()));
            } else if !reader.is_closed() {
                self.readers.push((group, reader));
            }
        }
        if self.keeps {
            return;
        }
        if self.remembered.len() >= UNKEPT_REMEMBERED {
            self.remembered.pop_front();
        }
        self.remembered.push_back(piece);
    }

    /// The content is whole: readers find it in the store, and others find it here.
    async fn finish(mut self, mut wishes: mpsc::Receiver<Wish>) {
        wishes.close();
        while let Some(wish) = wishes.recv().await {
            self.on_wish(wish);
        }
        for (_, reader) in self.readers {
            let _ = reader.send(Err(stored(self.content)));
        }
        if self.services.holds(self.content).await.unwrap_or(false) {
            self.handle.announce(Key::content(self.content)).await;
        }
    }
}

enum Event {
    Wish(Option<Wish>),
    Provider(Option<PeerId>),
    Arrived(Asked),
    Again,
}

/// Tells a reader to look into the store again.
fn stored(content: ContentId) -> Error {
    Error::unavailable(format!("content {content} has just been stored; read it there"))
}

fn not_found(content: ContentId) -> Error {
    Error::not_found(format!("nobody reachable holds the content {content}"))
}
