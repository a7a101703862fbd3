//! Where a tab keeps its songs: the browser's storage, or memory where that is not to be had.

use std::ops::Range;

use bytes::Bytes;
use futures::channel::oneshot;
use kadenza_api::{ContentId, Error, Result};
use kadenza_services::store::indexed_db::IndexedDbStore;
use kadenza_services::store::{Commit, Loaded, MemoryStore, Stage, Store};
use wasm_bindgen_futures::JsFuture;

use super::Keeping;
use super::slot::Slot;

/// What a tab without browser storage holds at the most: 256 MB.
const MEMORY_QUOTA_BYTES: u64 = 256_000_000;

/// What a tab holds where the browser does not say how much it allows: 1 GB.
const DEFAULT_QUOTA_BYTES: u64 = 1_000_000_000;

/// The share of what the browser allows that is used; the rest is for its own overhead and other slots.
const QUOTA_SHARE: f64 = 0.8;

/// What the name of every slot begins with.
const SLOTS: &str = "kadenza";

/// The longest name of a storage, in characters.
const NAME_CHARS: usize = 64;

/// Where a peer is to keep what it stores, its identity included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Storage(Option<String>);

impl Default for Storage {
    /// In the browser's storage, as the page of a relay has it.
    fn default() -> Self {
        Self(Some(SLOTS.to_owned()))
    }
}

impl Storage {
    /// In memory: another peer each time, and its songs are gone when it stops.
    pub fn memory() -> Self {
        Self(None)
    }

    /// In the browser's storage under a name of its own, so that several peers of a page each find theirs again.
    ///
    /// # Errors
    /// [`Error::Invalid`] that says what a name is made of.
    pub fn named(name: &str) -> Result<Self> {
        let fits = |char: char| char.is_ascii_alphanumeric() || char == '-' || char == '_';
        if name.is_empty() || name.len() > NAME_CHARS || !name.chars().all(fits) {
            return Err(Error::invalid(format!(
                "the name of a storage is 1 to {NAME_CHARS} letters, digits, - or _, not {name:?}"
            )));
        }
        Ok(Self(Some(format!("{SLOTS}-{name}"))))
    }
}

/// One of the two.
#[derive(Debug)]
enum Kind {
    Browser(IndexedDbStore),
    Memory(MemoryStore),
}

/// A peer's store. Dropped, it gives its slot back.
#[derive(Debug)]
pub struct TabStore {
    // In this order: the database is closed before another peer may open it.
    kind: Kind,
    _slot: Option<Slot>,
    _closing: oneshot::Sender<()>,
}

/// A store that was opened, and what is to be known of it.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) store: TabStore,
    pub(super) keeping: Keeping,
    /// The most bytes it may hold.
    pub(super) quota_bytes: u64,
    /// Is ready, with an error, once nobody holds the store any more.
    pub(super) closed: oneshot::Receiver<()>,
}

impl Opened {
    fn new(kind: Kind, slot: Option<Slot>, keeping: Keeping, quota_bytes: u64) -> Self {
        let (closing, closed) = oneshot::channel();
        Self { store: TabStore { kind, _slot: slot, _closing: closing }, keeping, quota_bytes, closed }
    }
}

/// Opens a store where it is to be, or in memory where that cannot be had.
pub(super) async fn open(storage: &Storage) -> Opened {
    let slot = match &storage.0 {
        Some(name) => Slot::claim(name).await,
        None => None,
    };
    if let Some(slot) = slot {
        match IndexedDbStore::open(slot.database()).await {
            Ok(store) => {
                let quota = browser_quota().await.unwrap_or(DEFAULT_QUOTA_BYTES);
                return Opened::new(Kind::Browser(store), Some(slot), Keeping::Browser, quota);
            }
            // The page tells the listener, by `Keeping::Memory`.
            Err(error) => tracing::warn!(%error, "this browser keeps nothing for the page"),
        }
    }
    Opened::new(Kind::Memory(MemoryStore::default()), None, Keeping::Memory, MEMORY_QUOTA_BYTES)
}

/// What the browser allows this origin.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "casts from float saturate")]
async fn browser_quota() -> Option<u64> {
    let estimate = web_sys::window()?.navigator().storage().estimate().ok()?;
    let estimate: web_sys::StorageEstimate = JsFuture::from(estimate).await.ok()?.into();
    Some((estimate.get_quota()? * QUOTA_SHARE) as u64)
}

/// Does the same on whichever it is.
macro_rules! on {
    ($self:ident, $store:ident => $call:expr) => {
        match &$self.kind {
            Kind::Browser($store) => $call,
            Kind::Memory($store) => $call,
        }
    };
}

impl Store for TabStore {
    const READ_BYTES: u64 = IndexedDbStore::READ_BYTES;

    const HELD_BACK_BYTES: u64 = IndexedDbStore::HELD_BACK_BYTES;

    async fn setting(&self, name: &str) -> Result<Option<Bytes>> {
        on!(self, store => store.setting(name).await)
    }

    async fn set_setting(&self, name: &str, value: Bytes) -> Result<()> {
        on!(self, store => store.set_setting(name, value).await)
    }

    async fn load(&self) -> Result<Loaded> {
        on!(self, store => store.load().await)
    }

    async fn stage(&self) -> Result<Stage> {
        on!(self, store => store.stage().await)
    }

    async fn write(&self, stage: Stage, offset: u64, bytes: Bytes) -> Result<()> {
        on!(self, store => store.write(stage, offset, bytes).await)
    }

    async fn read_staged(&self, stage: Stage, range: Range<u64>) -> Result<Bytes> {
        on!(self, store => store.read_staged(stage, range).await)
    }

    fn discard(&self, stage: Stage) {
        on!(self, store => store.discard(stage));
    }

    async fn commit(&self, commit: Commit) -> Result<()> {
        on!(self, store => store.commit(commit).await)
    }

    async fn read(&self, id: ContentId, range: Range<u64>) -> Result<Bytes> {
        on!(self, store => store.read(id, range).await)
    }

    async fn outboard(&self, id: ContentId) -> Result<Bytes> {
        on!(self, store => store.outboard(id).await)
    }

    async fn set_outboard(&self, id: ContentId, outboard: Bytes) -> Result<()> {
        on!(self, store => store.set_outboard(id, outboard).await)
    }
}
