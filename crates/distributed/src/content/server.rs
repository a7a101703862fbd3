//! The answering end: what other peers ask of this node's own content, on one stream each.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::BytesMut;
use futures::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, StreamExt};
use kadenza_api::{ContentId, GROUP_BYTES, Groups, Offering, Replicas, groups_of};
use kadenza_platform::{Instant, sleep};
use libp2p::PeerId;
use libp2p_stream::{Control, IncomingStreams};
use tokio::sync::{Notify, mpsc, watch};

use crate::content::groups::GroupSet;
use crate::content::serving::{Pace, Queue};
use crate::content::wire::{OTHERS_LIMIT, PROTOCOL, RANGES_LIMIT, ToAsker, ToHolder, next_frame, put_frame};
use crate::swarm::Handle;

/// Askers served at once; a relay has one stream with each tab.
const ASKERS_MAX: usize = 4096;

/// Contents one asker may follow at once.
const FOLLOWED_MAX: usize = 128;

/// What an asker may leave unread: refusals, and contents there is something to say of. One that reads has next to none.
const UNREAD_MAX: usize = 1024;

/// The longest content there is, 1 GiB: what is said to be longer is not here.
const CONTENT_MAX_BYTES: u64 = 1 << 30;

/// Groups sent in one message: 128 KiB; where bytes are limited, what takes a tenth of a second and at least one.
const SENT_AT_ONCE: u64 = 8;
const LIMITED_PARTS: u64 = 10;

/// Peers a download may be told of and not have looked at.
const MET_QUEUE: usize = 32;

/// Serves content. Cloning gives another handle to the same server.
#[derive(Debug)]
pub(crate) struct Server<S> {
    services: S,
    offering: watch::Receiver<Offering>,
    followers: Followers,
    handle: Handle,
    pace: Arc<tokio::sync::Mutex<Pace>>,
    begun: Instant,
}

impl<S: Clone> Clone for Server<S> {
    fn clone(&self) -> Self {
        Self {
            services: self.services.clone(),
            offering: self.offering.clone(),
            followers: self.followers.clone(),
            handle: self.handle.clone(),
            pace: self.pace.clone(),
            begun: self.begun,
        }
    }
}

impl<S: Replicas + Clone> Server<S> {
    pub(crate) fn new(
        services: S,
        offering: watch::Receiver<Offering>,
        followers: Followers,
        handle: Handle,
    ) -> Self {
        Self { services, offering, followers, handle, pace: Arc::default(), begun: Instant::now() }
    }

    /// Accepts streams until the network task ends.
    pub(crate) async fn run(self, mut control: Control) {
        let streams: Result<IncomingStreams, _> = control.accept(PROTOCOL);
        let Ok(streams) = streams else {
            tracing::error!("content is served by another already");
            return;
        };
        streams
            .for_each_concurrent(ASKERS_MAX, |(peer, stream)| {
                let server = self.clone();
                async move {
                    let (reading, writing) = stream.split();
                    let asker = Arc::new(Asker { peer, state: Mutex::default(), more: Notify::new() });
                    let end = tokio::select! {
                        end = server.listen(&asker, reading) => end,
                        end = server.speak(&asker, writing) => end,
                    };
                    tracing::trace!(%peer, ?end, "an asker's stream ended");
                    server.followers.leave_all(&asker);
                }
            })
            .await;
    }

    async fn listen(&self, asker: &Arc<Asker>, mut from: impl AsyncRead + Unpin) -> std::io::Result<()> {
        while let Some(message) = next_frame(&mut from).await? {
            self.handle.used(asker.peer);
            match message {
                ToHolder::Follow { handle, content, len } => self.follow(asker, handle, content, len).await,
                ToHolder::Ask { handle, groups } => asker.change(|state| {
                    if !state.queue.push(handle, groups.clone()) {
                        state.refused.push((handle, groups));
                    }
                }),
                ToHolder::Cancel { handle, groups } => {
                    asker.change(|state| state.queue.cancel(handle, &groups));
                }
                ToHolder::Leave { handle } => {
                    let content = asker.lock().leave(handle);
                    content.into_iter().for_each(|content| self.followers.leave(content, asker, handle));
                }
            }
            if asker.lock().is_overrun() {
                return Err(std::io::Error::other("an asker that does not read what it is answered"));
            }
        }
        Ok(())
    }

    async fn follow(&self, asker: &Arc<Asker>, handle: u32, content: ContentId, len: u64) {
        let followed = asker.lock().follow(handle, (content, len));
        match followed {
            // Groups that come from now on are told by whoever stores them.
            Some(true) => self.followers.enter(content, asker, handle),
            // It asks once more.
            Some(false) => {}
            None => return asker.change(|state| state.pending(handle).has_answer = true),
        }
        let here = self.here(content, len).await;
        asker.change(|state| {
            let pending = state.pending(handle);
            pending.has_answer = true;
            pending.have.extend(here);
        });
    }

    /// The groups of a content that others can have from here.
    async fn here(&self, content: ContentId, len: u64) -> Vec<Groups> {
        if len > CONTENT_MAX_BYTES || !self.offering.borrow().serves {
            return Vec::new();
        }
        let all = groups_of(&(0..len), len);
        let mut here = GroupSet::all(all.end);
        if !self.services.holds(content).await.unwrap_or(false) {
            let Ok(missing) = self.services.missing(content, len, all).await else { return Vec::new() };
            missing.into_iter().for_each(|group| here.remove(group));
        }
        here.ranges()
    }

    async fn speak(&self, asker: &Asker, mut to: impl AsyncWrite + Unpin) -> std::io::Result<()> {
        let mut unsent = BytesMut::new();
        loop {
            asker.lock().put_news(&mut unsent);
            let is_limited = self.offering.borrow().limit_bytes_per_second.is_some();
            if unsent.is_empty() || !is_limited {
                self.put_slice(asker, &mut unsent).await;
            }
            if unsent.is_empty() {
                to.flush().await?;
                // A permit is kept for what changed since the look.
                asker.more.notified().await;
            }
            to.write_all(&unsent).await?;
            unsent.clear();
            if is_limited {
                // It waits for its next turn; what it has sent must not.
                to.flush().await?;
            }
        }
    }

    /// Appends the next groups asked for, when their turn has come.
    async fn put_slice(&self, asker: &Asker, unsent: &mut BytesMut) {
        let Offering { serves, limit_bytes_per_second: limit, .. } = *self.offering.borrow();
        let Some(limit) = limit else {
            if let Some(next) = asker.next(SENT_AT_ONCE) {
                self.put(next, serves, unsent).await;
            }
            return;
        };
        if !asker.has_asked() {
            return;
        }
        // Turns are taken in order, so that every asker gets the same share; whoever takes groups back in the meantime
        // does not pay for them.
        let mut pace = self.pace.lock().await;
        sleep(pace.wait(self.begun.elapsed())).await;
        let most = (limit / LIMITED_PARTS / GROUP_BYTES).clamp(1, SENT_AT_ONCE);
        if let Some(next) = asker.next(most) {
            let before = unsent.len();
            self.put(next, serves, unsent).await;
            pace.sent(unsent.len() - before, limit, self.begun.elapsed());
        }
    }

    async fn put(&self, (handle, content, groups): Next, serves: bool, unsent: &mut BytesMut) {
        let slice = match content {
            Some((content, len)) if serves => self.services.slice(content, len, groups.clone()).await.ok(),
            _ => None,
        };
        match slice {
            Some(bytes) => put_frame(unsent, &ToAsker::Slice { handle, groups, bytes }),
            None => put_frame(unsent, &ToAsker::Refused { handle, groups }),
        }
    }
}

/// Groups to send, and of which content, if that is still followed.
type Next = (u32, Option<(ContentId, u64)>, Groups);

/// A peer that asks.
#[derive(Debug)]
struct Asker {
    peer: PeerId,
    state: Mutex<State>,
    more: Notify,
}

#[derive(Debug, Default)]
struct State {
    followed: BTreeMap<u32, (ContentId, u64)>,
    queue: Queue,
    news: BTreeMap<u32, News>,
    refused: Vec<(u32, Groups)>,
}

/// What one asker has not been told of one content.
#[derive(Debug, Default)]
struct News {
    /// Whether the asker waits to hear what is here, be it nothing.
    has_answer: bool,
    have: Vec<Groups>,
    others: Vec<PeerId>,
}

impl Asker {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.lock());
        self.more.notify_one();
    }

    fn has_asked(&self) -> bool {
        !self.lock().queue.is_empty()
    }

    fn next(&self, most: u64) -> Option<Next> {
        let mut state = self.lock();
        let (handle, groups) = state.queue.next(most)?;
        Some((handle, state.followed.get(&handle).copied(), groups))
    }
}

impl State {
    fn is_overrun(&self) -> bool {
        self.news.len().max(self.refused.len()) > UNREAD_MAX
    }

    fn pending(&mut self, handle: u32) -> &mut News {
        self.news.entry(handle).or_default()
    }

    /// Whether this handle is new; `None` where it stands for another content, or there are too many.
    fn follow(&mut self, handle: u32, content: (ContentId, u64)) -> Option<bool> {
        match self.followed.get(&handle) {
            Some(followed) => (*followed == content).then_some(false),
            None if self.followed.len() < FOLLOWED_MAX => {
                self.followed.insert(handle, content);
                Some(true)
            }
            None => None,
        }
    }

    fn leave(&mut self, handle: u32) -> Option<ContentId> {
        self.queue.cancel(handle, &(0..u64::MAX));
        self.news.remove(&handle);
        self.refused.retain(|(of, _)| *of != handle);
        self.followed.remove(&handle).map(|(content, _)| content)
    }

    fn put_news(&mut self, unsent: &mut BytesMut) {
        for (handle, groups) in std::mem::take(&mut self.refused) {
            put_frame(unsent, &ToAsker::Refused { handle, groups });
        }
        for (handle, news) in std::mem::take(&mut self.news) {
            if news.has_answer && news.have.is_empty() {
                put_frame(unsent, &ToAsker::Have { handle, groups: Vec::new() });
            }
            for groups in news.have.chunks(RANGES_LIMIT) {
                put_frame(unsent, &ToAsker::Have { handle, groups: groups.to_vec() });
            }
            for peers in news.others.chunks(OTHERS_LIMIT) {
                put_frame(unsent, &ToAsker::Others { handle, peers: peers.to_vec() });
            }
        }
    }
}

/// Who follows which content at this node, and which of them this node is itself after. Cloning gives another handle.
#[derive(Debug, Clone, Default)]
pub(crate) struct Followers(Arc<Mutex<Registry>>);

#[derive(Debug, Default)]
struct Registry {
    following: HashMap<ContentId, Vec<(Arc<Asker>, u32)>>,
    downloads: HashMap<ContentId, mpsc::Sender<PeerId>>,
}

impl Followers {
    fn lock(&self) -> MutexGuard<'_, Registry> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// These groups are here now.
    pub(crate) fn came(&self, content: ContentId, groups: &Groups) {
        for (asker, handle) in self.lock().following.get(&content).into_iter().flatten() {
            asker.change(|state| {
                let have = &mut state.pending(*handle).have;
                match have.last_mut() {
                    Some(last) if last.end == groups.start => last.end = groups.end,
                    _ => have.push(groups.clone()),
                }
            });
        }
    }

    /// This node fetches a content: it will hear of the peers that do so too.
    pub(crate) fn downloading(&self, content: ContentId) -> mpsc::Receiver<PeerId> {
        let (sender, met) = mpsc::channel(MET_QUEUE);
        let mut registry = self.lock();
        registry.downloads.retain(|_, sender| !sender.is_closed());
        for (asker, _) in registry.following.get(&content).into_iter().flatten() {
            // More are met than a download can use.
            let _ = sender.try_send(asker.peer);
        }
        registry.downloads.insert(content, sender);
        met
    }

    /// Introduces those that are after the same content to each other.
    fn enter(&self, content: ContentId, asker: &Arc<Asker>, handle: u32) {
        let mut registry = self.lock();
        if let Some(download) = registry.downloads.get(&content) {
            let _ = download.try_send(asker.peer);
        }
        let following = registry.following.entry(content).or_default();
        let others: Vec<PeerId> =
            following.iter().rev().take(OTHERS_LIMIT).map(|(other, _)| other.peer).collect();
        for (other, handle) in following.iter().rev().take(OTHERS_LIMIT) {
            other.change(|state| state.pending(*handle).others.push(asker.peer));
        }
        asker.change(|state| state.pending(handle).others.extend(others));
        following.push((asker.clone(), handle));
    }

    fn leave(&self, content: ContentId, asker: &Arc<Asker>, handle: u32) {
        let mut registry = self.lock();
        if let Some(following) = registry.following.get_mut(&content) {
            following.retain(|(other, of)| !(Arc::ptr_eq(other, asker) && *of == handle));
            if following.is_empty() {
                registry.following.remove(&content);
            }
        }
    }

    fn leave_all(&self, asker: &Arc<Asker>) {
        let followed = std::mem::take(&mut asker.lock().followed);
        for (handle, (content, _)) in followed {
            self.leave(content, asker, handle);
        }
    }
}

/// Starts serving.
pub(crate) fn serve<S: Replicas + Clone>(server: Server<S>, control: Control) {
    let handle = server.handle.clone();
    handle.run_beside(server.run(control));
}
