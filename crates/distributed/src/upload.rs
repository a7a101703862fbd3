//! Placing a record and its contents on others: the record where its keys lead, the bytes on durable peers and on those
//! closest to them. Uploading a song, or filing one for a room, does it once and waits until it is safe; repair does it
//! again later.

use std::collections::BTreeSet;
use std::time::Duration;

use futures::StreamExt;
use futures::stream::FuturesUnordered;
use kadenza_api::{ContentId, Copies, Error, Music, Outcome, Replicas, Result, Song, Upload, Uploaded};
use kadenza_platform::{Instant, boxed, sleep, spawn, timeout};
use libp2p::PeerId;

use crate::distributed::Distributed;
use crate::kademlia::Kademlia;
use crate::placement::{self, CONTENT_REPLICAS, Key, RECORD_REPLICAS};
use crate::protocol::rpc::{Keeping, NamedBy, Wanted};
use crate::record::{Record, contents_of};
use crate::remote::Remote;

/// A node that does not take a record within this is left to repair.
const RECORD_LIMIT: Duration = Duration::from_secs(5);

/// A lookup held up by peers that have just left is not waited for longer: repair will do the rest.
const LOOKUP_LIMIT: Duration = Duration::from_secs(2);

/// How long an upload waits for its bytes to be safe elsewhere. Past that it is acknowledged as held here
/// only, and copying goes on.
const SAFE_LIMIT: Duration = Duration::from_secs(120);

/// Lookups of a record's keys at once.
const LOOKUPS_AT_ONCE: usize = 8;

/// A node that is fetching copies answers when it has them or after a few seconds. It is not asked more often than this,
/// whatever it answers.
const ASKED_EVERY: Duration = Duration::from_secs(1);

/// Contents a peer is asked to keep at once. It fetches as many from this node at the same time.
const KEPT_AT_ONCE: usize = 8;

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
        let contents = contents_of(&uploaded.recording);
        uploaded.copies = self.place(&uploaded.song, contents, uploaded.copies).await;
        Ok(uploaded)
    }

    /// Announces `contents`, which are some of those the record names, hands the record to others and has them copy the
    /// contents. Says where copies are, of the record if there are no contents, beside this node's `own`.
    pub(crate) async fn place(&self, record: &impl Record, contents: Vec<ContentId>, own: Copies) -> Copies {
        self.handle.joined().await;
        for content in &contents {
            self.handle.announce(Key::content(*content)).await;
        }
        let keepers = contents.first().map(|content| self.targets(*content)).unwrap_or_default();
        let takers = self.place_record(record, &keepers).await;
        if contents.is_empty() {
            let peers = self.handle.peers();
            let taken = takers.into_iter().map(|taker| peers.borrow().is_durable(taker));
            return taken.fold(own, |copies, durable| with_copy(copies, own, durable));
        }
        self.place_contents(record.name(), contents, keepers, own).await
    }

    /// Hands a record to the peers closest to each of its keys and to those that are to keep its contents. Returns those
    /// that say they took it.
    async fn place_record<R: Record>(&self, record: &R, keepers: &[PeerId]) -> Vec<PeerId> {
        let own = record.key();
        let nearest = timeout(LOOKUP_LIMIT, self.handle.closest(own.clone(), RECORD_REPLICAS))
            .await
            .unwrap_or_default();
        let mut targets: BTreeSet<PeerId> =
            self.handle.peers().borrow().ready().take(RECORD_REPLICAS).collect();
        targets.extend(keepers);
        let network_is_small = nearest.len() < RECORD_REPLICAS;
        targets.extend(nearest);
        if !network_is_small {
            // In a network of fewer than k peers each of them is among the k closest to every key.
            let others = record.keys().into_iter().filter(|key| *key != own);
            let lookups = futures::stream::iter(others)
                .map(|key| timeout(LOOKUP_LIMIT, self.handle.closest(key, RECORD_REPLICAS)));
            let found: Vec<_> = lookups.buffer_unordered(LOOKUPS_AT_ONCE).collect().await;
            targets.extend(found.into_iter().flatten().flatten());
        }
        let handing_over = targets.into_iter().map(|peer| {
            let remote = Remote::new(peer, self.handle.clone());
            async move {
                let taken = timeout(RECORD_LIMIT, remote.hand_over(vec![record.clone()])).await;
                matches!(taken, Ok(Ok(1..))).then_some(peer)
            }
        });
        futures::future::join_all(handing_over).await.into_iter().flatten().collect()
    }

    /// Has `keepers` copy contents that a record names. Returns once they are safe or the time is up; copies still under
    /// way then go on by themselves.
    async fn place_contents(
        &self,
        named_by: NamedBy,
        contents: Vec<ContentId>,
        keepers: Vec<PeerId>,
        own: Copies,
    ) -> Copies {
        let mut copying: FuturesUnordered<_> = FuturesUnordered::new();
        for peer in keepers {
            let remote = Remote::new(peer, self.handle.clone());
            let durable = self.handle.peers().borrow().is_durable(peer);
            let wanted = contents.iter().map(|content| Wanted { named_by, content: *content }).collect();
            copying.push(boxed(async move { keep_on(&remote, wanted).await.map(|()| durable) }));
        }
        let mut copies = own;
        while let Some(kept) = copying.next().await {
            match kept {
                Ok(durable) => copies = with_copy(copies, own, durable),
                Err(error) => tracing::debug!(%error, "a copy was not made"),
            }
            if copies.safe {
                break;
            }
        }
        spawn(async move { while copying.next().await.is_some() {} });
        copies
    }

    /// The peers to keep a content, of those around now.
    pub(crate) fn targets(&self, content: ContentId) -> Vec<PeerId> {
        let peers = self.handle.peers();
        let peers = peers.borrow();
        placement::keepers(content, peers.ready().map(|peer| (peer, peers.is_durable(peer))))
    }
}

/// `copies` and one more elsewhere, where this node's `own` are among them.
pub(crate) fn with_copy(mut copies: Copies, own: Copies, durable: bool) -> Copies {
    match durable {
        true => copies.relays += 1,
        false => copies.tabs += 1,
    }
    let elsewhere = copies.tabs.saturating_sub(own.tabs) as usize;
    copies.safe = copies.relays > 0 || elsewhere >= CONTENT_REPLICAS;
    copies
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

/// Asks a peer to keep copies of contents until it has them.
///
/// # Errors
/// [`Error::Unavailable`] when it refuses one of them, or takes too long.
pub(crate) async fn keep_on(remote: &Remote, mut wanted: Vec<Wanted>) -> Result<()> {
    let since = Instant::now();
    let mut refused = 0;
    while !wanted.is_empty() {
        let asked = Instant::now();
        let some: Vec<_> = wanted.drain(..wanted.len().min(KEPT_AT_ONCE)).collect();
        let keeping = remote.keep(some.clone()).await?;
        refused += keeping.iter().filter(|keeping| **keeping == Keeping::Refused).count();
        let left = some.into_iter().zip(&keeping).filter(|(_, keeping)| **keeping == Keeping::Fetching);
        let left: Vec<_> = left.map(|(one, _)| one).collect();
        if left.is_empty() {
            continue;
        }
        if since.elapsed() > SAFE_LIMIT {
            return Err(Error::unavailable(format!("{} is still copying", remote.peer())));
        }
        wanted.splice(0..0, left);
        sleep(ASKED_EVERY.saturating_sub(asked.elapsed())).await;
    }
    match refused {
        0 => Ok(()),
        _ => Err(Error::unavailable(format!("{} does not keep {refused} contents", remote.peer()))),
    }
}
