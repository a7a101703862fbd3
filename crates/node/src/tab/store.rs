//! Where a tab keeps its songs: the browser's storage, or memory where that is not to be had.

use std::ops::Range;

use bytes::Bytes;
use kadenza_api::{ContentId, Result};
use kadenza_services::store::indexed_db::IndexedDbStore;
use kadenza_services::store::{Commit, Loaded, MemoryStore, Stage, Store};
use wasm_bindgen_futures::JsFuture;

use super::{Keeping, slot};

/// What a tab without browser storage holds at the most: 256 MB.
const MEMORY_QUOTA_BYTES: u64 = 256_000_000;

/// What a tab holds where the browser does not say how much it allows: 1 GB.
const DEFAULT_QUOTA_BYTES: u64 = 1_000_000_000;

/// The share of what the browser allows that is used; the rest is for its own overhead and other slots.
const QUOTA_SHARE: f64 = 0.8;

/// One of the two.
#[derive(Debug)]
pub enum TabStore {
    Browser(IndexedDbStore),
    Memory(MemoryStore),
}

/// Opens this tab's store; says which it is, and how many bytes it may hold.
pub(super) async fn open() -> Result<(TabStore, Keeping, u64)> {
    if let Some(name) = slot::claim().await {
        match IndexedDbStore::open(&name).await {
            Ok(store) => {
                let quota = browser_quota().await.unwrap_or(DEFAULT_QUOTA_BYTES);
                return Ok((TabStore::Browser(store), Keeping::Browser, quota));
            }
            // The page tells the listener, by `Keeping::Memory`.
            Err(error) => tracing::warn!(%error, "this browser keeps nothing for the page"),
        }
    }
    Ok((TabStore::Memory(MemoryStore::default()), Keeping::Memory, MEMORY_QUOTA_BYTES))
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
        match $self {
            TabStore::Browser($store) => $call,
            TabStore::Memory($store) => $call,
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
