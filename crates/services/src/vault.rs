//! What rooms have this node keep: sealed records and contents, which it checks and cannot read.

use std::collections::BTreeMap;
use std::sync::Arc;

use kadenza_api::{
    CONTENT_MAX_BYTES, ContentId, Copies, Error, Examined, ROOM_RECORDS_MAX, RecordId, Result, RoomId, Scope,
    SealedRecord, Source, Upload, Vault,
};
use kadenza_platform::boxed_stream;

use crate::partials::not_here;
use crate::services::{Inner, Services, TakenIn};
use crate::staged::{Whole, pieces_of};
use crate::store::{Commit, Store};
use crate::task::detached;

/// What sealing adds to a file, which has limits of its own: a tag of 16 bytes for every 64 KiB, the last of which may
/// be short.
const TAG_BYTES: u64 = 16;
const TAGGED_BYTES: u64 = 64 * 1024;

/// What became of records that were to be filed.
#[derive(Debug, Default)]
pub(crate) struct Filing {
    /// Those that were not here before, and are now.
    pub(crate) news: Vec<RecordId>,
    /// Why others were not taken.
    pub(crate) refused: Vec<Error>,
}

impl<S: Store> Inner<S> {
    /// Adds sealed records to the store and then to the shelf, those that pass their checks and fit.
    pub(crate) async fn file(&self, records: Vec<SealedRecord>) -> Result<Filing> {
        let mut filing = Filing::default();
        let mut checked = Vec::new();
        for record in records {
            let id = record.id();
            // What is here was checked when it came.
            match if self.has(id) { Ok(()) } else { record.check() } {
                Ok(()) => checked.push((id, record)),
                Err(refusal) => filing.refused.push(refusal.into()),
            }
        }
        let _committing = self.committing.lock().await;
        let mut coming = BTreeMap::new();
        for (id, record) in checked {
            if self.has(id) || coming.contains_key(&id) {
                continue;
            }
            match self.shelf().filed.check_room(&record, &coming) {
                Ok(()) => drop(coming.insert(id, record)),
                Err(refusal) => filing.refused.push(refusal),
            }
        }
        if !coming.is_empty() {
            let sealed = coming.values().cloned().collect();
            self.store.commit(Commit { sealed, ..Commit::default() }).await?;
        }
        filing.news = coming.keys().copied().collect();
        let mut shelf = self.shelf();
        coming.into_iter().for_each(|(id, record)| shelf.filed.put(id, record));
        Ok(filing)
    }

    fn has(&self, id: RecordId) -> bool {
        self.shelf().filed.get(id).is_some()
    }

    /// Files one record of contents that are here.
    async fn file_own(&self, record: SealedRecord) -> Result<Copies> {
        record.check()?;
        for named in &record.contents {
            self.settled(named.content).await;
            if self.shelf().content(named.content) != Some(named.len) {
                return Err(not_here(named.content));
            }
        }
        let filing = self.file(vec![record]).await?;
        filing.refused.into_iter().next().map_or_else(|| Ok(self.copies()), Err)
    }
}

impl<S: Store> Vault for Services<S> {
    async fn examine(&self, upload: Upload) -> Result<Examined> {
        let TakenIn { recording, audio, cover } = self.inner.take_in(&upload).await?;
        Ok(Examined { recording, audio: source_of(audio), cover })
    }

    async fn store(&self, source: Source) -> Result<(ContentId, u64)> {
        let limit = self.inner.config.file_limit_bytes;
        let limit = limit.saturating_add((limit / TAGGED_BYTES + 1) * TAG_BYTES).min(CONTENT_MAX_BYTES);
        let whole = self.inner.receive(&source, limit, "the sealed content").await?;
        let (content, len) = (whole.proof.id(), whole.proof.len());
        self.inner.make_own([content]).await;
        let inner = self.inner.clone();
        detached(async move { inner.commit(vec![whole], Vec::new()).await }).await?;
        Ok((content, len))
    }

    async fn file(&self, record: SealedRecord) -> Result<Copies> {
        let inner = self.inner.clone();
        detached(async move { inner.file_own(record).await }).await
    }

    async fn filed(&self, room: RoomId, _scope: Scope) -> Result<Vec<SealedRecord>> {
        Ok(self.inner.shelf().filed.of(room, None, ROOM_RECORDS_MAX))
    }
}

/// The staged bytes of a file, for as long as somebody holds on to them.
fn source_of<S: Store>(audio: Whole<S>) -> Source {
    let len = audio.proof.len();
    let audio = Arc::new(audio);
    Source::new(Some(len), move || boxed_stream(pieces_of(audio.clone())))
}
