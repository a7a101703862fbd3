//! One content being fetched: a thin shell that does what its [`Download`] says.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;
use futures::StreamExt;
use kadenza_api::{ContentId, Error, Groups, Replicas, groups_of};
use kadenza_platform::{BoxStream, Instant, sleep};
use libp2p::PeerId;
use tokio::sync::mpsc;

use super::{Network, Piece, Reader, Wish};
use crate::content::download::Download;
use crate::content::groups::GroupSet;
use crate::content::link::Heard;
use crate::content::wire::{ToAsker, ToHolder};
use crate::kademlia::Kademlia;
use crate::placement::Key;
use crate::swarm::Command;

/// Messages from all sources of one content that may wait to be looked at: up to 4 MiB.
const HEARD_QUEUE: usize = 64;

/// A fetch nobody has read from for this long, and that nobody asked to keep whole, stops.
const READER_GONE: Duration = Duration::from_secs(60);

/// How long a fetch goes on although every source is gone: a laptop that changes networks is away for a few seconds, a
/// train in a tunnel for half a minute.
const PATIENCE: Duration = Duration::from_secs(90);

/// Where another tab is known to have it, sources are looked for only if it takes longer than this: to ask twenty peers
/// who else has a song costs more than a song does.
const LOOK_FURTHER: Duration = Duration::from_secs(1);

/// How often sources are looked for while a reader waits for what nobody who answers is known to have.
const LOOK_AGAIN: Duration = Duration::from_millis(500);

/// Where nothing can be kept: groups fetched ahead of the reader and remembered for it, 1 MiB each.
const UNKEPT_AHEAD: u64 = 64;
const UNKEPT_REMEMBERED: u64 = 64;

/// Groups that came are told to those who follow the content no more often than this: each alone would cost more than it
/// tells where they come fast, and a page that tells others waits for its browser's network thread.
const TELL_EVERY: Duration = Duration::from_millis(120);

/// Relays asked for a content beside those that are known to hold it.
const DURABLE_MAX: usize = 3;

/// One content being fetched.
pub(super) struct Fetch<S> {
    services: S,
    network: Network,
    content: ContentId,
    len: u64,
    download: Download,
    begun: Instant,
    /// What this download is called in messages.
    name: u32,
    ear: mpsc::Sender<(PeerId, Heard)>,
    readers: Vec<(u64, Reader)>,
    /// The last pieces, when nothing is kept.
    remembered: VecDeque<Piece>,
    keeps: bool,
    whole: bool,
    /// Groups that came and that followers have not been told of, and when these were told last.
    untold: Vec<Groups>,
    told: Option<Instant>,
    /// When verified bytes came last, and from whom.
    came: Option<Instant>,
    proven: Option<PeerId>,
}

enum Event {
    Wish(Option<Wish>),
    Provider(Option<PeerId>),
    Met(Option<PeerId>),
    Heard(PeerId, Heard),
    LookAgain,
    Wake,
}

impl<S: Replicas + Clone> Fetch<S> {
    pub(super) async fn run(
        services: S,
        network: Network,
        content: ContentId,
        len: u64,
        wishes: mpsc::Receiver<Wish>,
    ) {
        let all = groups_of(&(0..len), len);
        let mut held = GroupSet::all(all.end);
        match services.missing(content, len, all).await {
            Ok(missing) => missing.into_iter().for_each(|group| held.remove(group)),
            Err(error) => {
                tracing::debug!(%content, %error, "cannot fetch");
                return;
            }
        }
        let (ear, heard) = mpsc::channel(HEARD_QUEUE);
        let mut fetch = Self {
            services,
            content,
            len,
            download: Download::new(network.handle.this(), held),
            begun: Instant::now(),
            name: network.links.handle(),
            ear,
            network,
            readers: Vec::new(),
            remembered: VecDeque::new(),
            keeps: true,
            whole: false,
            untold: Vec::new(),
            told: None,
            came: None,
            proven: None,
        };
        fetch.drive(wishes, heard).await;
        for peer in fetch.download.followed().collect::<Vec<_>>() {
            fetch.network.links.say(peer, ToHolder::Leave { handle: fetch.name });
        }
    }

    /// Serves wishes until the content is whole, nobody wants it, or nobody has it.
    async fn drive(&mut self, mut wishes: mpsc::Receiver<Wish>, mut heard: mpsc::Receiver<(PeerId, Heard)>) {
        let mut met = self.network.followers.downloading(self.content);
        let (mut providers, mut has_looked_up) = (None::<BoxStream<PeerId>>, false);
        self.add_known_sources().await;
        let (mut read, mut looked) = (Instant::now(), Instant::now());
        loop {
            self.forget_readers();
            self.act();
            if self.keeps && self.download.is_complete() {
                return self.finish(wishes).await;
            }
            let is_stranded = self.download.is_stranded();
            let looks_again = is_stranded && self.came.is_some() || self.download.is_starving();
            // What is kept for others comes from whoever asked for that, as long as it does.
            let takes_long = !self.download.has_fleeting_source() || self.begun.elapsed() > LOOK_FURTHER;
            if !has_looked_up && (is_stranded || !self.readers.is_empty() && takes_long) {
                (providers, has_looked_up) = (Some(self.look_up()), true);
            }
            if is_stranded && providers.is_none() && !self.may_come_back() {
                tracing::debug!(content = %self.content, "nobody reachable holds this");
                return;
            }
            let now = self.begun.elapsed();
            let tells = self.tell_followers();
            let wakes = self.download.wakes(now).map(|wakes| wakes.saturating_sub(now));
            let wakes = wakes.into_iter().chain(tells).min();
            let event = tokio::select! {
                biased;
                wish = wishes.recv() => Event::Wish(wish),
                Some((peer, heard)) = heard.recv() => Event::Heard(peer, heard),
                found = next_of(&mut providers) => Event::Provider(found),
                peer = met.recv() => Event::Met(peer),
                () = sleep(wakes.unwrap_or(READER_GONE)) => Event::Wake,
                () = sleep(LOOK_AGAIN.saturating_sub(looked.elapsed())), if looks_again => Event::LookAgain,
            };
            match event {
                Event::Wish(Some(wish)) => {
                    read = Instant::now();
                    self.look_into_the_store(&wish).await;
                    self.on_wish(wish);
                }
                Event::Wish(None) => return,
                Event::Provider(Some(peer)) => self.add_source(peer),
                Event::Provider(None) => providers = None,
                Event::Met(peer) => peer.into_iter().for_each(|peer| self.meet(peer)),
                Event::Heard(peer, heard) => self.on_heard(peer, heard).await,
                // A look-up among peers that are gone takes long; who had it just now may be back before.
                Event::LookAgain => {
                    looked = Instant::now();
                    self.add_known_sources().await;
                    self.download.ask_what_they_have();
                    providers.get_or_insert_with(|| self.look_up());
                }
                Event::Wake => {}
            }
            if read.elapsed() > READER_GONE && self.readers.is_empty() && !self.whole {
                return;
            }
        }
    }

    /// A player that jumps elsewhere does not say so; it only stops waiting.
    fn forget_readers(&mut self) {
        let download = &mut self.download;
        self.readers.retain(|(group, reader)| {
            let waits = !reader.is_closed();
            if !waits {
                download.gave_up(*group);
            }
            waits
        });
    }

    fn look_up(&self) -> BoxStream<PeerId> {
        self.network.handle.providers(Key::content(self.content))
    }

    /// Those that need not be looked up: whoever was heard of or had it until now, and relays.
    async fn add_known_sources(&mut self) {
        let mut known = self.network.holders.of(self.content);
        known.extend(self.network.handle.provided(Key::content(self.content)).await);
        known.extend(self.proven);
        known.extend(self.network.handle.peers().borrow().durable().take(DURABLE_MAX));
        known.into_iter().for_each(|peer| self.add_source(peer));
    }

    fn add_source(&mut self, peer: PeerId) {
        self.network.handle.used(peer);
        let (durable, round_trip) = {
            let peers = self.network.handle.peers();
            let peers = peers.borrow();
            (peers.is_durable(peer), peers.round_trip(peer))
        };
        self.download.add_source(peer, durable, round_trip, self.begun.elapsed());
    }

    /// A peer is after the same content.
    fn meet(&mut self, peer: PeerId) {
        self.add_source(peer);
        self.download.fetches(peer, self.begun.elapsed());
    }

    /// Whether to go on although nobody is left: somebody was there until just now, and the network may be back at any
    /// moment. As long as that, a song that is being listened to waits.
    fn may_come_back(&self) -> bool {
        self.came.is_some_and(|came| came.elapsed() < PATIENCE) && (self.whole || !self.readers.is_empty())
    }

    /// Tells followers what came, when it is time. Otherwise, how long it is until then.
    fn tell_followers(&mut self) -> Option<Duration> {
        if self.untold.is_empty() {
            return None;
        }
        let since = self.told.map_or(TELL_EVERY, |told| told.elapsed());
        if since < TELL_EVERY {
            return Some(TELL_EVERY.saturating_sub(since));
        }
        self.told = Some(Instant::now());
        for groups in std::mem::take(&mut self.untold) {
            self.network.followers.came(self.content, &groups);
        }
        None
    }

    /// Does what the download says.
    fn act(&mut self) {
        while let Some(output) = self.download.next(self.begun.elapsed()) {
            let links = &self.network.links;
            let (peer, message) = output.message(self.name, (self.content, self.len));
            let told = match message {
                ToHolder::Follow { .. } => links.follow(peer, self.name, (self.content, self.len), &self.ear),
                message => links.say(peer, message),
            };
            if !told {
                self.download.gone(peer, self.begun.elapsed());
            }
        }
    }

    /// A reader comes for a group that was kept: it has just been stored, or could not be after all.
    async fn look_into_the_store(&mut self, wish: &Wish) {
        let Wish::Read { groups, .. } = wish else { return };
        if self.keeps && self.download.has(groups.start) {
            let first = groups.start..groups.start + 1;
            let missing = self.services.missing(self.content, self.len, first).await;
            missing.into_iter().flatten().for_each(|group| self.download.lost(group));
        }
    }

    fn on_wish(&mut self, wish: Wish) {
        match wish {
            Wish::Whole { from } => {
                self.whole = true;
                self.download.want_everything();
                self.add_source(from);
            }
            Wish::Read { groups, plays, reader } => {
                if plays {
                    self.download.want_everything();
                }
                let first = groups.start;
                if let Some(piece) = self.remembered.iter().find(|piece| piece.has(first)) {
                    // A reader that has gone needs no bytes.
                    let _ = reader.send(Ok(piece.clone()));
                    return;
                }
                if self.keeps && self.download.has(first) {
                    // It came between the reader's look into the store and now.
                    let _ = reader.send(Err(stored(self.content)));
                    return;
                }
                self.download.want(&groups, self.begun.elapsed());
                self.readers.push((first, reader));
            }
        }
    }

    async fn on_heard(&mut self, peer: PeerId, heard: Heard) {
        let now = self.begun.elapsed();
        match heard {
            Heard::Gone => self.download.gone(peer, now),
            Heard::Said(ToAsker::Have { groups, .. }) => {
                if self.download.have(peer, &groups, now) {
                    self.network.holders.note(self.content, peer);
                }
            }
            Heard::Said(ToAsker::Refused { groups, .. }) => self.download.refused(peer, &groups, now),
            Heard::Said(ToAsker::Others { peers, .. }) => peers.into_iter().for_each(|peer| self.meet(peer)),
            Heard::Said(ToAsker::Slice { groups, bytes, .. }) => self.on_slice(peer, groups, bytes).await,
        }
    }

    async fn on_slice(&mut self, peer: PeerId, groups: Groups, slice: Bytes) {
        let now = self.begun.elapsed();
        match self.services.accept(self.content, self.len, groups.clone(), slice).await {
            Ok(accepted) => {
                self.download.arrived(peer, &groups, now);
                (self.came, self.proven) = (Some(Instant::now()), Some(peer));
                if accepted.kept {
                    self.untold.push(groups.clone());
                } else if self.keeps {
                    tracing::info!(content = %self.content, "no room to keep what is played");
                    self.keeps = false;
                    self.download.stay_within(UNKEPT_AHEAD);
                }
                self.hand_out(Piece { first: groups.start, bytes: accepted.bytes });
            }
            Err(error) => {
                tracing::warn!(%peer, content = %self.content, %error, "a peer sent bytes that are not what was asked for");
                self.download.lied(peer, now);
                self.network.handle.send(Command::Block { peer }).await;
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
        self.remembered.push_back(piece);
        let groups = |piece: &Piece| piece.groups().end - piece.first;
        while self.remembered.iter().map(groups).sum::<u64>() > UNKEPT_REMEMBERED {
            let forgotten = self.remembered.pop_front().into_iter().flat_map(|piece| piece.groups());
            forgotten.for_each(|group| self.download.lost(group));
        }
    }

    /// The content is whole: readers find it in the store, and others find it here.
    async fn finish(&mut self, mut wishes: mpsc::Receiver<Wish>) {
        self.network.followers.came(self.content, &groups_of(&(0..self.len), self.len));
        wishes.close();
        while let Some(wish) = wishes.recv().await {
            self.on_wish(wish);
        }
        for (_, reader) in std::mem::take(&mut self.readers) {
            let _ = reader.send(Err(stored(self.content)));
        }
        if self.services.holds(self.content).await.unwrap_or(false) {
            self.network.handle.announce(Key::content(self.content)).await;
        }
    }
}

/// The next of a stream, if there is one.
async fn next_of(stream: &mut Option<BoxStream<PeerId>>) -> Option<PeerId> {
    match stream {
        Some(stream) => stream.next().await,
        None => std::future::pending().await,
    }
}

/// Tells a reader to look into the store again.
fn stored(content: ContentId) -> Error {
    Error::unavailable(format!("content {content} has just been stored; read it there"))
}
