//! Records that name contents: songs, and what rooms have sealed. Both are placed on others and repaired there in the
//! same way; where they belong and what they are called differs.

use futures::Future;
use kadenza_api::{ContentId, RecordId, Recording, Replicas, Result, SealedRecord, Song, SongId};
use kadenza_platform::MaybeSend;
use serde::Serialize;

use crate::placement::{self, Key};
use crate::protocol::rpc::{FILE_LIMIT, MERGE_LIMIT, NamedBy, Request};

/// A record that names contents.
pub(crate) trait Record: Clone + Send + Sync + 'static {
    /// What it is called.
    type Id: Copy + Send + Sync;

    fn id(&self) -> Self::Id;

    /// What it is called where it may be of either kind.
    fn name(&self) -> NamedBy;

    /// The key whoever knows its name looks for it under.
    fn key(&self) -> Key;

    /// All keys it is filed under.
    fn keys(&self) -> Vec<Key>;

    /// The contents it names.
    fn contents(&self) -> Vec<ContentId>;

    /// Differs where the record does, so that whoever has it need not be handed it.
    fn fingerprint(&self) -> u64;

    /// The call that hands records over; no more than [`Record::page`] gives at once.
    fn handing_over(records: Vec<Self>) -> Request;

    /// As many of those stored here as one call hands over, in order of id, from beyond `after` on.
    fn page(
        services: &impl Replicas,
        after: Option<Self::Id>,
    ) -> impl Future<Output = Result<Vec<Self>>> + MaybeSend;
}

impl Record for Song {
    type Id = SongId;

    fn id(&self) -> SongId {
        Song::id(self)
    }

    fn name(&self) -> NamedBy {
        NamedBy::Song(self.id())
    }

    fn key(&self) -> Key {
        Key::song(self.id())
    }

    fn keys(&self) -> Vec<Key> {
        placement::keys(self)
    }

    fn contents(&self) -> Vec<ContentId> {
        self.recordings().iter().flat_map(contents_of).collect()
    }

    fn fingerprint(&self) -> u64 {
        fingerprint(self)
    }

    fn handing_over(songs: Vec<Self>) -> Request {
        Request::Merge(songs)
    }

    async fn page(services: &impl Replicas, after: Option<SongId>) -> Result<Vec<Self>> {
        services.songs_after(after, MERGE_LIMIT).await
    }
}

impl Record for SealedRecord {
    type Id = RecordId;

    fn id(&self) -> RecordId {
        SealedRecord::id(self)
    }

    fn name(&self) -> NamedBy {
        NamedBy::Sealed(self.id())
    }

    fn key(&self) -> Key {
        Key::room(self.room)
    }

    fn keys(&self) -> Vec<Key> {
        vec![self.key()]
    }

    fn contents(&self) -> Vec<ContentId> {
        self.contents.iter().map(|named| named.content).collect()
    }

    fn fingerprint(&self) -> u64 {
        fingerprint(self)
    }

    fn handing_over(records: Vec<Self>) -> Request {
        Request::File(records)
    }

    async fn page(services: &impl Replicas, after: Option<RecordId>) -> Result<Vec<Self>> {
        services.sealed_after(after, FILE_LIMIT).await
    }
}

/// The beginning of the BLAKE3 hash of a record's JSON.
fn fingerprint(record: &impl Serialize) -> u64 {
    // A record that is no JSON cannot be handed over either.
    let hash = ContentId::of(&serde_json::to_vec(record).unwrap_or_default());
    hash.0.iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte))
}

/// The contents that make up a recording: its audio and its cover.
pub(crate) fn contents_of(recording: &Recording) -> Vec<ContentId> {
    let cover = recording.cover.as_ref().map(|cover| cover.content);
    [recording.content].into_iter().chain(cover).collect()
}
