//! Searching across the network: this node's songs and, in parallel, those of the nodes closest to the rarest
//! word's key; answers are merged by song.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures::StreamExt;
use futures::stream::FuturesUnordered;
use kadenza_api::{Found, Music, Query, Replicas, Result, Song, SongId, rank};
use kadenza_platform::{boxed, timeout};
use libp2p::PeerId;

use crate::distributed::Distributed;
use crate::kademlia::Kademlia;
use crate::placement::{self, Key};
use crate::remote::Remote;

/// A node that has not answered by then is left out of the answer.
const ANSWER_LIMIT: Duration = Duration::from_secs(2);

/// How long the lookup of the closest nodes may take before those already connected are asked instead.
pub(crate) const LOOKUP_LIMIT: Duration = Duration::from_secs(1);

/// Nodes asked for one search, one room or one song.
const ASKED_MAX: usize = 10;

/// Songs on top of an answer whose holders are connected to before anybody clicks, and how many of these.
const LIKELY: usize = 4;
const PREPARED_MAX: usize = 4;

impl<S: Music + Replicas + Clone> Distributed<S> {
    /// Searches everywhere.
    pub(crate) async fn search_network(&self, query: Query) -> Result<Found> {
        self.handle.joined().await;
        let whole = Query { offset: 0, limit: Query::LIMIT_MAX, ..query.clone() };
        let pages = (query.offset + query.limit).div_ceil(Query::LIMIT_MAX);
        let mut answers: FuturesUnordered<_> = FuturesUnordered::new();
        let own = self.services.clone();
        let here = whole.clone().here();
        answers.push(boxed(async move { pages_of(&own, here, pages).await }));
        for peer in self.nodes_for(&query).await {
            let holders = self.fetches.holders().clone();
            let remote = Remote::new(peer, self.handle.clone()).naming_holders(holders);
            let query = whole.clone();
            answers.push(boxed(async move {
                let answer = timeout(ANSWER_LIMIT, pages_of(&remote, query, pages)).await;
                answer.unwrap_or_else(|_| Ok(Found::default()))
            }));
        }
        let (mut songs, mut total) = (BTreeMap::<SongId, Song>::new(), 0);
        while let Some(answer) = answers.next().await {
            // One node's refusal does not spoil the others' answers.
            let Ok(found) = answer else { continue };
            total = total.max(found.total);
            for song in found.songs {
                let merged = songs.get(&song.id()).map_or(Ok(song.clone()), |known| known.merge(&song))?;
                songs.insert(merged.id(), merged);
            }
        }
        let ranked = rank(&query, songs.into_values().collect());
        let total = total.max(ranked.len());
        self.prepare_for(&ranked);
        Ok(Found { songs: ranked.into_iter().skip(query.offset).take(query.limit).collect(), total })
    }

    /// Opens ways to those who are said to hold the songs on top: one of these is probably played. A relay plays none.
    fn prepare_for(&self, ranked: &[Song]) {
        if self.durable {
            return;
        }
        let contents =
            ranked.iter().take(LIKELY).flat_map(Song::recordings).map(|recording| recording.content);
        let holders: BTreeSet<PeerId> =
            contents.flat_map(|content| self.fetches.holders().of(content)).collect();
        let others = holders.into_iter().filter(|holder| *holder != self.handle.this());
        others.take(PREPARED_MAX).for_each(|holder| self.fetches.prepare(holder));
    }

    /// The nodes to ask: those closest to the query's key, the durable ones first where there are no words.
    async fn nodes_for(&self, query: &Query) -> Vec<PeerId> {
        let Some(key) = placement::lookup_key(query) else {
            let peers = self.handle.peers();
            let peers = peers.borrow();
            return peers.durable().chain(peers.fleeting()).take(ASKED_MAX).collect();
        };
        self.nodes_near(&key, LOOKUP_LIMIT).await
    }

    /// Nodes to ask about what is filed under `key`: the closest to it, of those found `within` this time and those already
    /// connected.
    pub(crate) async fn nodes_near(&self, key: &Key, within: Duration) -> Vec<PeerId> {
        let nearest = timeout(within, self.handle.closest(key.clone(), ASKED_MAX)).await;
        let mut nodes = nearest.unwrap_or_default();
        nodes.extend(self.handle.peers().borrow().ready());
        placement::closest(key, nodes, ASKED_MAX)
    }
}

/// The first `pages` pages of what one node finds.
async fn pages_of(node: &impl Music, first: Query, pages: usize) -> Result<Found> {
    let mut all = Found::default();
    for page in 0..pages.max(1) {
        let offset = page * Query::LIMIT_MAX;
        if page > 0 && offset >= all.total {
            break;
        }
        let found = node.search(Query { offset, ..first.clone() }).await?;
        all.total = found.total;
        all.songs.extend(found.songs);
    }
    Ok(all)
}
