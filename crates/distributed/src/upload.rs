//! Placing an uploaded song on others: its record where its keys lead, its bytes on durable peers and on those
//! closest to them. Uploading does it once and waits until the song is safe; repair does it again later.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures::StreamExt;
use futures::stream::FuturesUnordered;
use kadenza_api::{
    ContentId, Copies, Error, Music, Outcome, Recording, Replicas, Result, Song, SongId, Upload, Uploaded,
};
use kadenza_platform::{Instant, boxed, sleep, spawn, timeout};
use libp2p::PeerId;

use crate::distributed::Distributed;
use crate::kademlia::Kademlia;
use crate::placement::{self, CONTENT_REPLICAS, Key, RECORD_REPLICAS};
use crate::protocol::rpc::Keeping;
use crate::remote::Remote;

/// A node that does not take a record within this is left to repair.
const RECORD_LIMIT: Duration = Duration::from_secs(5);

/// A lookup held up by peers that have just left is not waited for longer: repair will do the rest.
const LOOKUP_LIMIT: Duration = Duration::from_secs(2);

/// How long an upload waits for its bytes to be safe elsewhere. Past that it is acknowledged as held here
/// only, and copying goes on.
const SAFE_LIMIT: Duration = Duration::from_secs(120);

/// Lookups of a song's keys at once.
const LOOKUPS_AT_ONCE: usize = 8;

/// How often a node that is fetching a copy is asked how far it is: soon at first, then less and less.
const POLL_FIRST: Duration = Duration::from_millis(50);
const POLL_LAST: Duration = Duration::from_secs(2);

impl<S: Music + Replicas + Clone> Distributed<S> {
    /// Stores the upload here, then on others, and says where copies are.
    pub(crate) async fn upload_and_place(&self, upload: Upload) -> Result<Uploaded> {
        let mut uploaded = self.services.upload(upload).await?;
        let id = uploaded.song.id();
        if let Ok(known) = self.song_elsewhere(id).await {
            uploaded.outcome = outcome(&uploaded, &known);
            uploaded.song = self.services.song(id).await?;
            let stored = uploaded.song.recording(uploaded.recording.content);
            uploaded.recording = stored.unwrap_or(&uploaded.recording).clone();
        }
        self.announce(&uploaded.recording).await;
        self.place_record(&uploaded.song).await;
        uploaded.copies = self.place_content(id, &uploaded.recording, uploaded.copies).await;
        Ok(uploaded)
    }

    async fn announce(&self, recording: &Recording) {
        for content in contents(recording) {
            self.handle.announce(Key::content(content)).await;
        }
    }

    /// Hands the song's record to the peers closest to each of its keys.
    async fn place_record(&self, song: &Song) {
        let own = Key::song(song.id());
        let nearest = timeout(LOOKUP_LIMIT, self.handle.closest(own)).await.unwrap_or_default();
        let mut targets: BTreeSet<PeerId> =
            self.handle.peers().borrow().ready().take(RECORD_REPLICAS).collect();
        let network_is_small = nearest.len() < RECORD_REPLICAS;
        targets.extend(nearest);
        if !network_is_small {
            // In a network of fewer than k peers each of them is among the k closest to every key.
            let lookups = futures::stream::iter(placement::keys(song))
                .map(|key| timeout(LOOKUP_LIMIT, self.handle.closest(key)));
            let found: Vec<_> = lookups.buffer_unordered(LOOKUPS_AT_ONCE).collect().await;
            targets.extend(found.into_iter().flatten().flatten());
        }
        let merges = targets.into_iter().map(|peer| {
            let remote = Remote::new(peer, self.handle.clone());
            async move { timeout(RECORD_LIMIT, remote.merge(vec![song.clone()])).await }
        });
        futures::future::join_all(merges).await;
    }

    /// Copies the recording's bytes, and its cover's, to others. Returns once they are safe or the time is up;
    /// copies still under way then go on by themselves.
    async fn place_content(&self, song: SongId, recording: &Recording, own: Copies) -> Copies {
        let mut copying: FuturesUnordered<_> = FuturesUnordered::new();
        for peer in self.targets(recording.content) {
            let remote = Remote::new(peer, self.handle.clone());
            let durable = self.handle.peers().borrow().is_durable(peer);
            let (contents, since) = (contents(recording), Instant::now());
            copying.push(boxed(async move {
                for content in contents {
                    keep_on(&remote, song, content, since).await?;
                }
                Ok::<_, Error>(durable)
            }));
        }
        let mut copies = own;
        while let Some(kept) = copying.next().await {
            match kept {
                Ok(true) => copies.relays += 1,
                Ok(false) => copies.tabs += 1,
                Err(error) => tracing::debug!(%error, "a copy was not made"),
            }
            let elsewhere = copies.tabs.saturating_sub(own.tabs) as usize;
            copies.safe = copies.relays > 0 || elsewhere >= CONTENT_REPLICAS;
            if copies.safe {
                break;
            }
        }
        spawn(async move { while copying.next().await.is_some() {} });
        copies
    }

    /// The peers to keep a content: every durable one, and the closest few of the others.
    pub(crate) fn targets(&self, content: ContentId) -> Vec<PeerId> {
        let peers = self.handle.peers();
        let peers = peers.borrow();
        let fleeting = placement::closest(&Key::content(content), peers.fleeting(), CONTENT_REPLICAS);
        peers.durable().chain(fleeting).collect()
    }

    /// Hands over what a peer should have and has not: records of songs filed near it, and content where it is
    /// one of the peers to keep it. `songs` are at most one call's worth; `has_records` says that it was handed
    /// their records before.
    pub(crate) async fn replenish(&self, peer: PeerId, songs: Vec<Song>, has_records: bool) -> Result<()> {
        let remote = Remote::new(peer, self.handle.clone());
        let around: Vec<_> = self.handle.peers().borrow().ready().chain([self.handle.this()]).collect();
        let belongs = |song: &Song| {
            let near =
                |key: &Key| placement::closest(key, around.iter().copied(), RECORD_REPLICAS).contains(&peer);
            if around.len() <= RECORD_REPLICAS {
                return !has_records;
            }
            placement::keys(song).iter().any(near)
        };
        let mut wanted = BTreeMap::new();
        for song in &songs {
            for content in song.recordings().iter().flat_map(contents) {
                if self.targets(content).contains(&peer) && self.services.holds(content).await? {
                    wanted.insert(content, song.id());
                }
            }
        }
        let records: Vec<_> = songs
            .into_iter()
            .filter(|song| belongs(song) || wanted.values().any(|id| *id == song.id()))
            .collect();
        if !records.is_empty() {
            remote.merge(records).await?;
        }
        if !wanted.is_empty() {
            for held in remote.held(wanted.keys().copied().collect()).await? {
                wanted.remove(&held);
            }
        }
        for (content, song) in wanted {
            keep_on(&remote, song, content, Instant::now()).await?;
        }
        Ok(())
    }
}

/// What was new about an upload, now that others have been asked: what they had before is not news. This
/// upload's own record may have reached them already, by repair, and is not meant.
fn outcome(uploaded: &Uploaded, known: &Song) -> Outcome {
    let mut others =
        known.recordings().iter().filter(|recording| **recording != uploaded.recording).peekable();
    let had_some = others.peek().is_some();
    if others.any(|recording| recording.content == uploaded.recording.content) {
        Outcome::AlreadyHere
    } else if had_some && uploaded.outcome == Outcome::NewSong {
        Outcome::NewRecording
    } else {
        uploaded.outcome
    }
}

/// The contents that make up a recording: its audio and its cover.
fn contents(recording: &Recording) -> Vec<ContentId> {
    let cover = recording.cover.as_ref().map(|cover| cover.content);
    [recording.content].into_iter().chain(cover).collect()
}

/// Asks a peer to keep a copy until it has one, refuses, or the time since `since` is up.
async fn keep_on(remote: &Remote, song: SongId, content: ContentId, since: Instant) -> Result<()> {
    let mut pause = POLL_FIRST;
    loop {
        match remote.keep(song, content).await? {
            Keeping::Held => return Ok(()),
            Keeping::Refused => return Err(Error::unavailable(format!("{} has no room", remote.peer()))),
            Keeping::Fetching if since.elapsed() > SAFE_LIMIT => {
                return Err(Error::unavailable(format!("{} is still copying", remote.peer())));
            }
            Keeping::Fetching => sleep(pause).await,
        }
        pause = (pause * 2).min(POLL_LAST);
    }
}
