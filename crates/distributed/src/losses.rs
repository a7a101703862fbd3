//! What would be gone with this node's store: the songs here that nobody else has.

use std::collections::BTreeSet;

use futures::StreamExt;
use kadenza_api::{ContentId, Copies, Losses, Music, Replicas, Result};
use kadenza_platform::{BoxStream, boxed_stream, timeout};

use crate::copies::{ANSWER_LIMIT, ASKED_AT_ONCE, ASKED_MAX};
use crate::distributed::Distributed;
use crate::remote::Remote;

/// Songs that are asked for at once: little work for whoever is asked, and progress to be seen.
const SONGS_AT_ONCE: usize = 50;

/// Records read at once from this node's own store.
const PAGE: usize = 1000;

impl<S: Music + Replicas + Clone> Distributed<S> {
    /// Counts what would be gone with this node's store, a few songs at a time: how far it has come, until all songs are
    /// counted. It goes on only while it is polled.
    pub fn losses(&self) -> BoxStream<Result<Losses>> {
        let counting = self.clone();
        boxed_stream(futures::stream::try_unfold(None, move |so_far| {
            let node = counting.clone();
            async move { node.count_on(so_far).await }
        }))
    }

    async fn count_on(&self, so_far: Option<(Losses, Vec<ContentId>)>) -> Result<Option<Step>> {
        let Some((mut losses, mut left)) = so_far else {
            let songs = self.held_songs().await?;
            let losses = Losses { songs: songs.len() as u64, ..Losses::default() };
            return Ok(Some((losses, Some((losses, songs)))));
        };
        if left.is_empty() {
            return Ok(None);
        }
        let next = left.split_off(left.len().saturating_sub(SONGS_AT_ONCE));
        losses.counted += next.len() as u64;
        losses.only_here += self.only_here(next.into_iter().collect()).await?.len() as u64;
        Ok(Some((losses, Some((losses, left)))))
    }

    /// One content for each song that is here whole, and for each of a room's.
    async fn held_songs(&self) -> Result<Vec<ContentId>> {
        let (held, mut songs) = (self.services.held().await?, BTreeSet::new());
        let mut last = None;
        loop {
            let page = self.services.songs_after(last, PAGE).await?;
            let Some(end) = page.last() else { break };
            last = Some(end.id());
            let here = |content: &ContentId| held.contains(content);
            let contents = |song: &kadenza_api::Song| song.recordings().iter().map(|r| r.content).find(here);
            songs.extend(page.iter().filter_map(contents));
        }
        let mut last = None;
        loop {
            let page = self.services.sealed_after(last, PAGE).await?;
            let Some(end) = page.last() else { break };
            last = Some(end.id());
            // The audio comes first, then its cover.
            let contents =
                page.iter().filter_map(|record| record.contents.first()).map(|audio| audio.content);
            songs.extend(contents.filter(|content| held.contains(content)));
        }
        Ok(songs.into_iter().collect())
    }

    /// Those of `contents` that no other peer who answers within a few seconds has a whole copy of.
    async fn only_here(&self, contents: BTreeSet<ContentId>) -> Result<BTreeSet<ContentId>> {
        let wanted: Vec<_> = contents.iter().copied().collect();
        let mut only_here = contents;
        let connected: Vec<_> = {
            let peers = self.handle.peers();
            let peers = peers.borrow();
            peers.durable().chain(peers.fleeting()).take(ASKED_MAX).collect()
        };
        let answers = connected.into_iter().map(|peer| {
            let (remote, wanted) = (Remote::new(peer, self.handle.clone()), wanted.clone());
            async move { timeout(ANSWER_LIMIT, remote.held(wanted)).await }
        });
        let mut answers = futures::stream::iter(answers).buffer_unordered(ASKED_AT_ONCE);
        while !only_here.is_empty()
            && let Some(answer) = answers.next().await
        {
            let held = answer.ok().and_then(Result::ok).unwrap_or_default();
            only_here.retain(|content| !held.contains(content));
        }
        // Somebody may have one who is not connected.
        let mut lonely = BTreeSet::new();
        for content in only_here {
            let Copies { here, relays, tabs, .. } = self.copies(content).await?;
            if relays + tabs <= u32::from(here) {
                lonely.insert(content);
            }
        }
        Ok(lonely)
    }
}

/// How far it has come, and what there is still to count.
type Step = (Losses, Option<(Losses, Vec<ContentId>)>);
