//! Answering other peers, from this node's own Services and never from its network.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use kadenza_api::{ContentId, Error, Music, Offering, Replicas, Result, SealedRecord, Song};
use kadenza_platform::{spawn, timeout};
use libp2p::request_response::ResponseChannel;
use libp2p::{Multiaddr, PeerId};
use tokio::sync::{Semaphore, watch};

use crate::content::fetch::Fetches;
use crate::kademlia::Kademlia;
use crate::placement::Key;
use crate::protocol::rpc::{
    ADDRESSES_LIMIT, Answer, FILE_LIMIT, FILED_PAGE, FoundHere, HELD_BY_LIMIT, HELD_LIMIT, HOLDERS_LIMIT,
    Hello, KEEP_LIMIT, KEY_LIMIT_BYTES, Keeping, MERGE_LIMIT, NamedBy, PROVIDE_LIMIT, Request, Version,
    Wanted,
};
use crate::record::Record;
use crate::remote::Remote;
use crate::swarm::{Command, Handle};

/// Questions answered at once, each in a task of its own so that a slow one holds up nobody; more are dropped
/// and the asker tries elsewhere.
const ANSWERING_MAX: usize = 512;

/// Whoever asked for copies to be kept is answered after this at the latest, so that it knows how far they are; and how many
/// are made to wait at once.
const KEEPING_LIMIT: Duration = Duration::from_secs(4);
const WAITING_MAX: usize = 128;

/// A peer that does not say hello back within this is asked again when it identifies itself again.
const HELLO_LIMIT: Duration = Duration::from_secs(10);

/// Answers questions in tasks of their own.
#[derive(Debug)]
pub(crate) struct Answering<S> {
    services: S,
    fetches: Fetches<S>,
    handle: Handle,
    hello: Hello,
    offering: watch::Receiver<Offering>,
    permits: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
}

impl<S: Clone> Clone for Answering<S> {
    fn clone(&self) -> Self {
        Self {
            services: self.services.clone(),
            fetches: self.fetches.clone(),
            handle: self.handle.clone(),
            hello: self.hello,
            offering: self.offering.clone(),
            permits: self.permits.clone(),
            waiting: self.waiting.clone(),
        }
    }
}

impl<S: Music + Replicas + Clone> Answering<S> {
    pub(crate) fn new(
        services: S,
        fetches: Fetches<S>,
        handle: Handle,
        own: (Hello, watch::Receiver<Offering>),
    ) -> Self {
        let (hello, offering) = own;
        let [permits, waiting] = [ANSWERING_MAX, WAITING_MAX].map(|most| Arc::new(Semaphore::new(most)));
        Self { services, fetches, handle, hello, offering, permits, waiting }
    }

    /// Introduces this node to a peer that has just identified itself.
    pub(crate) fn greet(&self, peer: PeerId) {
        let remote = Remote::new(peer, self.handle.clone());
        let (handle, own, fetches) = (self.handle.clone(), self.hello, self.fetches.clone());
        spawn(async move {
            match timeout(HELLO_LIMIT, remote.hello(own)).await {
                Ok(Ok(hello)) => {
                    handle.send(Command::Greeted { peer, hello }).await;
                    // A relay meets too many to prepare for all of them.
                    if !own.durable {
                        fetches.prepare(peer);
                    }
                }
                other => tracing::debug!(%peer, ?other, "no hello"),
            }
        });
    }

    /// Answers a call.
    pub(crate) fn answer(&self, peer: PeerId, request: Request, channel: ResponseChannel<Answer>) {
        let Ok(permit) = self.permits.clone().try_acquire_owned() else { return };
        let answering = self.clone();
        spawn(async move {
            let answer = answering.call(peer, request).await.unwrap_or_else(Answer::Error);
            answering.handle.send(Command::Answer { channel, answer }).await;
            drop(permit);
        });
    }

    async fn call(&self, peer: PeerId, request: Request) -> Result<Answer> {
        match request {
            Request::Hello(hello) => {
                self.handle.send(Command::Greeted { peer, hello }).await;
                Ok(Answer::Hello(self.hello))
            }
            Request::Search(query) => {
                let found = self.services.search(query.here()).await?;
                Ok(Answer::Found(FoundHere { holders: self.holders_of(&found.songs).await, found }))
            }
            Request::Song(id) => Ok(Answer::Song(self.services.song(id).await?)),
            Request::Merge(songs) if songs.len() > MERGE_LIMIT => {
                Err(Error::too_large(format!("at most {MERGE_LIMIT} songs in one call")))
            }
            Request::Merge(songs) => Ok(Answer::Merged(self.services.merge(songs).await?.len())),
            Request::Lacking(records) if records.len() > MERGE_LIMIT => {
                Err(Error::too_large(format!("at most {MERGE_LIMIT} records in one call")))
            }
            Request::Lacking(records) => Ok(Answer::Lacking(self.lacking(records).await)),
            Request::Held(contents) if contents.len() > HELD_LIMIT => {
                Err(Error::too_large(format!("at most {HELD_LIMIT} contents in one call")))
            }
            Request::Held(contents) => {
                let mut held = Vec::new();
                for content in contents {
                    if self.services.holds(content).await? {
                        held.push(content);
                    }
                }
                Ok(Answer::Held(held))
            }
            Request::Keep(wanted) if wanted.len() > KEEP_LIMIT => {
                Err(Error::too_large(format!("at most {KEEP_LIMIT} contents to keep in one call")))
            }
            Request::Keep(wanted) => Ok(Answer::Keep(self.keep_all(peer, wanted).await?)),
            Request::Provide { keys, addresses } => {
                check_announcement(&keys, &addresses)?;
                self.handle.send(Command::Provides { peer, keys, addresses }).await;
                Ok(Answer::Provided)
            }
            Request::File(records) if records.len() > FILE_LIMIT => {
                Err(Error::too_large(format!("at most {FILE_LIMIT} sealed records in one call")))
            }
            Request::File(records) => Ok(Answer::Kept(self.file(records).await?)),
            Request::Filed { room, after } => {
                Ok(Answer::Filed(self.services.sealed_of(room, after, FILED_PAGE).await?))
            }
        }
    }

    /// Who holds the songs on top of an answer, as far as this node knows.
    async fn holders_of(&self, songs: &[Song]) -> BTreeMap<ContentId, Vec<String>> {
        let contents = songs.iter().flat_map(Song::recordings).map(|recording| recording.content);
        let mut known = BTreeMap::new();
        for content in contents.take(HELD_BY_LIMIT) {
            let mut holders = self.fetches.holders().of(content);
            if self.offering.borrow().serves && self.services.holds(content).await.unwrap_or(false) {
                holders.insert(0, self.handle.this());
            }
            holders.extend(self.handle.provided(Key::content(content)).await);
            let mut seen = BTreeSet::new();
            holders.retain(|holder| seen.insert(*holder));
            holders.truncate(HOLDERS_LIMIT);
            known.insert(content, holders.iter().map(PeerId::to_string).collect());
        }
        known
    }

    /// Keeps sealed records; says how many of them are here now.
    async fn file(&self, records: Vec<SealedRecord>) -> Result<usize> {
        let ids: BTreeSet<_> = records.iter().map(SealedRecord::id).collect();
        self.services.merge_sealed(records).await?;
        let mut kept = 0;
        for id in ids {
            kept += usize::from(self.services.sealed(id).await.is_ok());
        }
        Ok(kept)
    }

    /// Which of these records are not here, or otherwise.
    async fn lacking(&self, records: Vec<Version>) -> Vec<NamedBy> {
        let mut lacking = Vec::new();
        for Version { name, fingerprint } in records {
            let own = match name {
                NamedBy::Song(id) => self.services.song(id).await.map(|song| song.fingerprint()),
                NamedBy::Sealed(id) => self.services.sealed(id).await.map(|record| record.fingerprint()),
            };
            if !own.is_ok_and(|own| own == fingerprint) {
                lacking.push(name);
            }
        }
        lacking
    }

    /// Keeps copies of contents, and waits a while for those that are under way.
    async fn keep_all(&self, from: PeerId, wanted: Vec<Wanted>) -> Result<Vec<Keeping>> {
        let mut keeping = Vec::new();
        for one in &wanted {
            keeping.push(self.keep(from, *one).await.unwrap_or_else(|error| {
                tracing::debug!(content = %one.content, %error, "is not kept");
                Keeping::Refused
            }));
        }
        let Ok(_waiting) = self.waiting.try_acquire() else { return Ok(keeping) };
        let under_way = || wanted.iter().zip(&keeping).filter(|(_, keeping)| **keeping == Keeping::Fetching);
        let fetches = under_way().map(|(one, _)| self.fetches.ended(one.content));
        // Those that go on after that are told as such.
        let _ = timeout(KEEPING_LIMIT, futures::future::join_all(fetches)).await;
        for (one, keeping) in wanted.iter().zip(&mut keeping) {
            if *keeping == Keeping::Fetching && self.services.holds(one.content).await? {
                *keeping = Keeping::Held;
            }
        }
        Ok(keeping)
    }

    /// Keeps a copy of a content that a signed record names, and of nothing else.
    async fn keep(&self, from: PeerId, Wanted { named_by, content }: Wanted) -> Result<Keeping> {
        if self.services.holds(content).await? {
            return Ok(Keeping::Held);
        }
        let len = self.named_len(named_by, content).await?;
        let keeps = self.offering.borrow().keeps;
        if !keeps || self.services.room().await? < len || self.fetches.keep(content, len, from).await.is_err()
        {
            return Ok(Keeping::Refused);
        }
        Ok(Keeping::Fetching)
    }

    /// The length in bytes of a content, as the record has it that names it.
    async fn named_len(&self, named_by: NamedBy, content: ContentId) -> Result<u64> {
        match named_by {
            NamedBy::Song(id) => {
                let song = self.services.song(id).await?;
                let named = song.recordings().iter().find_map(|recording| {
                    let cover = recording.cover.as_ref().filter(|cover| cover.content == content);
                    cover
                        .map(|cover| cover.bytes)
                        .or((recording.content == content).then_some(recording.bytes))
                });
                let unnamed =
                    || Error::invalid(format!("no recording of song {id} has the content {content}"));
                named.ok_or_else(unnamed)
            }
            NamedBy::Sealed(id) => {
                let named = self.services.sealed(id).await?.len_of(content);
                named.ok_or_else(|| Error::invalid(format!("sealed record {id} has no content {content}")))
            }
        }
    }
}

/// Refuses an announcement that is longer than any honest one.
fn check_announcement(keys: &[Key], addresses: &[Multiaddr]) -> Result<()> {
    let limits = [
        (keys.len() > PROVIDE_LIMIT, format!("at most {PROVIDE_LIMIT} keys are announced in one call")),
        (
            addresses.len() > ADDRESSES_LIMIT,
            format!("at most {ADDRESSES_LIMIT} addresses come with an announcement"),
        ),
        (
            keys.iter().any(|key| key.bytes().len() > KEY_LIMIT_BYTES),
            format!("a key has at most {KEY_LIMIT_BYTES} bytes"),
        ),
    ];
    match limits.into_iter().find(|(is_passed, _)| *is_passed) {
        Some((_, limit)) => Err(Error::too_large(limit)),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use kadenza_api::SongId;

    use super::*;

    #[test]
    fn an_announcement_longer_than_any_honest_one_is_refused() {
        let address: Multiaddr = "/ip4/10.0.0.1/tcp/1/ws".parse().unwrap();
        let (key, long) = (Key::song(SongId([1; 20])), Key::place(&[1; 32]));
        assert!(long.bytes().len() <= KEY_LIMIT_BYTES);
        let check =
            |keys, addresses| check_announcement(&vec![key.clone(); keys], &vec![address.clone(); addresses]);
        assert_eq!(check(PROVIDE_LIMIT, ADDRESSES_LIMIT), Ok(()));
        assert!(matches!(check(PROVIDE_LIMIT + 1, 1), Err(Error::TooLarge { .. })));
        assert!(matches!(check(1, ADDRESSES_LIMIT + 1), Err(Error::TooLarge { .. })));
        let longer: Key = serde_json::from_value("07".repeat(KEY_LIMIT_BYTES + 1).into()).unwrap();
        assert!(matches!(check_announcement(&[longer], &[]), Err(Error::TooLarge { .. })));
    }
}
