//! What this node stores on behalf of others: every record and every byte is checked before it is stored.

use std::collections::BTreeSet;

use bytes::Bytes;
use kadenza_api::{
    Accepted, CONTENT_MAX_BYTES, ContentId, Error, Groups, RecordId, Recording, Replicas, Result, RoomId,
    SealedRecord, Song, SongId,
};

use crate::partials::not_here;
use crate::proof::{self, check_groups, group_count};
use crate::record::verify;
use crate::services::{Inner, Services, lock};
use crate::shelf::SONGS_MAX;
use crate::store::Store;
use crate::task::detached;

/// The most songs one merge takes, each of them a few signatures to check.
const MERGE_MAX: usize = 1000;

/// The most sealed records one merge takes, up to 16 KiB and a signature each.
const MERGE_SEALED_MAX: usize = 100;

impl<S: Store> Inner<S> {
    /// The recordings of `song` that are news here, if all of them are as their uploaders signed them.
    fn news_of(&self, song: &Song) -> Result<Vec<Recording>> {
        let known = self.shelf().song(song.id());
        let is_known =
            |recording: &Recording| known.as_ref().is_some_and(|song| song.recordings().contains(recording));
        let news: Vec<_> =
            song.recordings().iter().filter(|recording| !is_known(recording)).cloned().collect();
        news.iter().try_for_each(verify)?;
        Ok(news)
    }

    async fn merge(&self, songs: Vec<Song>) -> Result<Vec<SongId>> {
        let mut room = SONGS_MAX.saturating_sub(self.shelf().song_count());
        let mut news = Vec::new();
        for song in songs {
            let new = self.shelf().song(song.id()).is_none();
            if new && room == 0 {
                tracing::warn!("song {} is left out: {SONGS_MAX} songs are known here", song.id());
                continue;
            }
            match self.news_of(&song) {
                Ok(recordings) => {
                    room -= usize::from(new);
                    news.extend(recordings);
                }
                Err(refusal) => tracing::debug!("song {} is left out: {refusal}", song.id()),
            }
        }
        let grown = self.commit(Vec::new(), news).await?;
        Ok(grown.iter().map(Song::id).collect())
    }

    async fn slice(&self, content: ContentId, len: u64, groups: Groups) -> Result<Bytes> {
        check_groups(&groups, len)?;
        loop {
            // In this order: a content is on the shelf before it ceases to be a partial.
            let partial = lock(&self.partials).find((content, len));
            let held = self.shelf().content(content);
            match (held, partial) {
                (Some(held), _) if held == len => return self.slice_of_held((content, len), &groups).await,
                (Some(_), _) | (None, None) => return Err(not_here(content)),
                (None, Some(partial)) => {
                    if let Some(slice) = self.slice_of_partial(&partial, &groups).await? {
                        return Ok(slice);
                    }
                }
            }
        }
    }
}

impl<S: Store> Replicas for Services<S> {
    async fn merge(&self, songs: Vec<Song>) -> Result<Vec<SongId>> {
        if songs.len() > MERGE_MAX {
            return Err(Error::invalid(format!(
                "{} songs at once; at most {MERGE_MAX} are merged",
                songs.len()
            )));
        }
        let inner = self.inner.clone();
        detached(async move { inner.merge(songs).await }).await
    }

    async fn songs_after(&self, after: Option<SongId>, limit: usize) -> Result<Vec<Song>> {
        Ok(self.inner.shelf().songs_after(after, limit))
    }

    async fn merge_sealed(&self, records: Vec<SealedRecord>) -> Result<Vec<RecordId>> {
        if records.len() > MERGE_SEALED_MAX {
            return Err(Error::invalid(format!(
                "{} sealed records at once; at most {MERGE_SEALED_MAX} are merged",
                records.len()
            )));
        }
        let inner = self.inner.clone();
        let filing = detached(async move { inner.file(records).await }).await?;
        for refusal in filing.refused {
            tracing::debug!("a sealed record is left out: {refusal}");
        }
        Ok(filing.news)
    }

    async fn sealed_after(&self, after: Option<RecordId>, limit: usize) -> Result<Vec<SealedRecord>> {
        Ok(self.inner.shelf().filed.after(after, limit))
    }

    async fn sealed_of(
        &self,
        room: RoomId,
        after: Option<RecordId>,
        limit: usize,
    ) -> Result<Vec<SealedRecord>> {
        Ok(self.inner.shelf().filed.of(room, after, limit))
    }

    async fn sealed(&self, id: RecordId) -> Result<SealedRecord> {
        let record = self.inner.shelf().filed.get(id).cloned();
        record.ok_or_else(|| Error::not_found(format!("no sealed record has the id {id}")))
    }

    async fn sealed_count(&self) -> Result<u64> {
        Ok(self.inner.shelf().filed.len() as u64)
    }

    async fn holds(&self, content: ContentId) -> Result<bool> {
        self.inner.settled(content).await;
        Ok(self.inner.shelf().content(content).is_some())
    }

    async fn held(&self) -> Result<BTreeSet<ContentId>> {
        Ok(self.inner.shelf().contents().map(|(id, _)| id).collect())
    }

    async fn missing(&self, content: ContentId, len: u64, groups: Groups) -> Result<Vec<u64>> {
        let groups = groups.start..groups.end.min(group_count(len.min(CONTENT_MAX_BYTES)));
        // In this order: a content is on the shelf before it ceases to be a partial.
        let missing = self.inner.missing_of((content, len), groups);
        Ok(if self.inner.shelf().content(content).is_some() { Vec::new() } else { missing })
    }

    async fn slice(&self, content: ContentId, len: u64, groups: Groups) -> Result<Bytes> {
        self.inner.slice(content, len, groups).await
    }

    async fn accept(&self, content: ContentId, len: u64, groups: Groups, slice: Bytes) -> Result<Accepted> {
        let proved = proof::decode(content, len, &groups, &slice)?;
        let held = self.inner.shelf().content(content);
        if let Some(held) = held {
            // These groups do not prove the length; another than the true one is not worth keeping.
            return Ok(Accepted { bytes: proved.bytes, kept: held == len });
        }
        let kept = self.inner.keep((content, len), &groups, &proved).await;
        if let Err(refusal) = &kept {
            tracing::debug!("groups of {content} are passed on but not kept: {refusal}");
        }
        Ok(Accepted { bytes: proved.bytes, kept: kept.is_ok() })
    }

    async fn room(&self) -> Result<u64> {
        let is_refusing = lock(&self.inner.partials).is_refusing();
        Ok(if is_refusing { 0 } else { self.inner.ledger.room() })
    }
}
