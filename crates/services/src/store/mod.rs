//! What a node keeps, and the three places there are for it: memory, a disk, a browser's IndexedDB.
//!
//! A store knows nothing of music. It keeps small settings, song records and rooms' sealed ones as JSON, and contents. A content comes
//! into being in a staging area, page by page, and is committed together with the records that speak of it,
//! all or nothing. What is staged but never committed is gone when the store is opened again.

pub mod disk;
pub mod indexed_db;
mod memory;

use std::ops::Range;

use bytes::Bytes;
use futures::Future;
use kadenza_api::{ContentId, Error, Result, SealedRecord, Song};
use kadenza_platform::{MaybeSend, MaybeSync};
use serde::Serialize;
use serde::de::DeserializeOwned;

pub use memory::MemoryStore;

/// Bytes in a page, what a store writes at the least: 256 KiB. Browsers take 0.9 s of processor time to write
/// 100 MB in pieces of this size, and 1.7 s in pieces of 64 KiB; and it is what is fetched of a song beforehand.
pub const PAGE_BYTES: u64 = 256 * 1024;

/// The name of a staging area: bytes on their way to becoming a content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Stage(pub u64);

/// A staged content that is whole and verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// Where its bytes are now.
    pub stage: Stage,
    /// What they are called from now on.
    pub id: ContentId,
    /// How many they are.
    pub len: u64,
    /// The hashes that prove each of its groups, in the bytes of `proof`.
    pub outboard: Bytes,
}

/// Everything that one step adds to a store.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Commit {
    /// Contents that leave their staging areas.
    pub contents: Vec<Content>,
    /// Songs that are new or have more recordings than before.
    pub songs: Vec<Song>,
    /// Sealed records that are new.
    pub sealed: Vec<SealedRecord>,
}

/// What a store holds when it is opened.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Loaded {
    /// Every song record.
    pub songs: Vec<Song>,
    /// Every content with its length in bytes.
    pub contents: Vec<(ContentId, u64)>,
    /// Every sealed record.
    pub sealed: Vec<SealedRecord>,
}

/// A place that keeps bytes. Every failure is [`Error::Storage`] and leaves what was stored before as it was.
pub trait Store: MaybeSend + MaybeSync + 'static {
    /// Bytes that are read at once when a few are wanted: where each question costs much, more.
    const READ_BYTES: u64;

    /// Bytes of what comes from other nodes that may wait in memory for a quiet moment: where writing keeps the processor from
    /// what plays, some.
    const HELD_BACK_BYTES: u64;

    /// The setting of this name, if it was ever set.
    fn setting(&self, name: &str) -> impl Future<Output = Result<Option<Bytes>>> + MaybeSend;

    /// Sets the setting of this name. It is kept once this returns.
    fn set_setting(&self, name: &str, value: Bytes) -> impl Future<Output = Result<()>> + MaybeSend;

    /// Everything that was committed.
    fn load(&self) -> impl Future<Output = Result<Loaded>> + MaybeSend;

    /// Begins an empty staging area.
    fn stage(&self) -> impl Future<Output = Result<Stage>> + MaybeSend;

    /// Writes whole pages (the last of a content may be short) at `offset`, a multiple of [`PAGE_BYTES`]. Pages may
    /// come in any order, and again.
    fn write(&self, stage: Stage, offset: u64, bytes: Bytes) -> impl Future<Output = Result<()>> + MaybeSend;

    /// The staged bytes of `range`, all of which must have been written.
    fn read_staged(&self, stage: Stage, range: Range<u64>)
    -> impl Future<Output = Result<Bytes>> + MaybeSend;

    /// Gives a staging area up. It cannot fail: what cannot be removed now is removed when the store is opened.
    fn discard(&self, stage: Stage);

    /// Adds all of `commit` or nothing. It is kept once this returns; a disk has it synced.
    fn commit(&self, commit: Commit) -> impl Future<Output = Result<()>> + MaybeSend;

    /// The bytes of `range` of a committed content.
    fn read(&self, id: ContentId, range: Range<u64>) -> impl Future<Output = Result<Bytes>> + MaybeSend;

    /// The hashes that came with a committed content.
    fn outboard(&self, id: ContentId) -> impl Future<Output = Result<Bytes>> + MaybeSend;

    /// Puts other hashes in the place of those that came with a committed content.
    fn set_outboard(&self, id: ContentId, outboard: Bytes) -> impl Future<Output = Result<()>> + MaybeSend;
}

fn lost(what: impl std::fmt::Display) -> Error {
    Error::storage(format!("the store has lost {what}"))
}

/// A song or a sealed record as it is stored.
fn to_json(record: &impl Serialize) -> Result<Vec<u8>> {
    serde_json::to_vec(record).map_err(|e| Error::storage(format!("a record cannot be written as JSON: {e}")))
}

/// The song or the sealed record that is stored as this. One that cannot be read is left out, and said so: the others are
/// still good.
fn from_json<T: DeserializeOwned>(json: &[u8]) -> Option<T> {
    serde_json::from_slice(json).inspect_err(|e| tracing::warn!("a stored record cannot be read: {e}")).ok()
}

/// Puts the bytes of `range` together from pages of `page_bytes`.
fn gather<'a>(range: &Range<u64>, page_bytes: u64, page: impl Fn(u64) -> Option<&'a Bytes>) -> Option<Bytes> {
    let mut bytes = Vec::new();
    let mut at = range.start;
    while at < range.end {
        let start = at / page_bytes * page_bytes;
        let page = page(at / page_bytes)?;
        let from = usize::try_from(at - start).ok()?;
        let to = usize::try_from(range.end - start).ok()?.min(page.len());
        let piece = page.get(from..to).filter(|piece| !piece.is_empty())?;
        bytes.extend_from_slice(piece);
        at += piece.len() as u64;
    }
    Some(bytes.into())
}
