//! What a node stores on behalf of others: spoken between Distributed and Services only.

use std::collections::BTreeSet;

use bytes::Bytes;
use futures::Future;
use kadenza_platform::{MaybeSend, MaybeSync};

use crate::{ContentId, Groups, RecordId, Result, RoomId, SealedRecord, Song, SongId};

/// A node's own shelf, as the Distributed layer sees it. Everything that comes in is checked here before it is
/// stored: ids recomputed, signatures and hashes verified, sizes bounded.
pub trait Replicas: MaybeSend + MaybeSync + 'static {
    /// Merges copies of songs into the store. Songs that fail their checks are left out; the rest count.
    /// Returns the ids of those that taught this node something new.
    fn merge(&self, songs: Vec<Song>) -> impl Future<Output = Result<Vec<SongId>>> + MaybeSend;

    /// Up to `limit` songs stored here with ids after `after`, in order of id.
    fn songs_after(
        &self,
        after: Option<SongId>,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<Song>>> + MaybeSend;

    /// Takes sealed records in. Those that fail their checks, and those there is no room for, are left out; the rest
    /// count. Returns the ids of those that were news to this node.
    fn merge_sealed(
        &self,
        records: Vec<SealedRecord>,
    ) -> impl Future<Output = Result<Vec<RecordId>>> + MaybeSend;

    /// Up to `limit` sealed records stored here with ids after `after`, of every room, in order of id.
    fn sealed_after(
        &self,
        after: Option<RecordId>,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<SealedRecord>>> + MaybeSend;

    /// Up to `limit` sealed records of one room with ids after `after`, in order of id.
    fn sealed_of(
        &self,
        room: RoomId,
        after: Option<RecordId>,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<SealedRecord>>> + MaybeSend;

    /// The sealed record of this id.
    ///
    /// # Errors
    /// [`crate::Error::NotFound`].
    fn sealed(&self, id: RecordId) -> impl Future<Output = Result<SealedRecord>> + MaybeSend;

    /// How many sealed records are stored here.
    fn sealed_count(&self) -> impl Future<Output = Result<u64>> + MaybeSend;

    /// Whether `content` is here whole, for good. While it is being committed, this waits.
    fn holds(&self, content: ContentId) -> impl Future<Output = Result<bool>> + MaybeSend;

    /// The ids of every content that is here whole.
    fn held(&self) -> impl Future<Output = Result<BTreeSet<ContentId>>> + MaybeSend;

    /// Those of `groups` that are not here yet, of a content that is `len` bytes long.
    fn missing(
        &self,
        content: ContentId,
        len: u64,
        groups: Groups,
    ) -> impl Future<Output = Result<Vec<u64>>> + MaybeSend;

    /// These groups with the hashes that prove them, encoded for another peer's [`Replicas::accept`] (bao
    /// combined encoding with 16 KiB groups, without a length prefix).
    ///
    /// # Errors
    /// [`crate::Error::NotFound`] when any of the groups is not here, or the content is not `len` bytes long:
    /// whoever asks has a record that is wrong about it, and must not take the holder for a liar.
    fn slice(
        &self,
        content: ContentId,
        len: u64,
        groups: Groups,
    ) -> impl Future<Output = Result<Bytes>> + MaybeSend;

    /// Verifies a slice against `content` and keeps its groups: from then on they are read and passed on. They
    /// are stored beside the caller, who waits only while much else is to be stored; the content becomes held
    /// once all have come. A store without room does not fail this: the verified bytes are returned all the same.
    /// Should it refuse later, what it was given of the content is missing again, and nothing is kept for a while.
    ///
    /// # Errors
    /// [`crate::Error::Invalid`] when the bytes are not those groups of that content: the sender lied.
    fn accept(
        &self,
        content: ContentId,
        len: u64,
        groups: Groups,
        slice: Bytes,
    ) -> impl Future<Output = Result<Accepted>> + MaybeSend;

    /// Bytes this node would still store for others.
    fn room(&self) -> impl Future<Output = Result<u64>> + MaybeSend;
}

/// Groups that proved themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// The audio bytes of the groups, in order.
    pub bytes: Bytes,
    /// Whether there is room for them: they are kept, and stored soon.
    pub kept: bool,
}
