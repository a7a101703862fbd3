//! What a tab stores and how long that lasts, for the page to put into words, and how much it may be.

use js_sys::Promise;
use kadenza_api::{Music, Result, Stored};
use kadenza_services::Services;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use web_sys::StorageManager;

use super::Keeping;
use super::store::TabStore;

/// How long what is stored lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lasting {
    /// Until somebody deletes it.
    Persistent,
    /// Until the browser needs the room, or the site was not visited for long.
    Evictable,
    /// Until the tab is closed.
    Memory,
}

/// What a tab stores.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holdings {
    /// How much there is, and how much there may be.
    pub stored: Stored,
    /// The most bytes there may ever be: what the browser allowed when the tab started.
    pub allowed_bytes: u64,
    /// How long it lasts.
    pub lasting: Lasting,
}

/// A tab's own Services, as far as the page has a say in them.
#[derive(Debug, Clone)]
pub(super) struct Shelf {
    services: Services<TabStore>,
    keeping: Keeping,
    allowed_bytes: u64,
}

impl Shelf {
    pub(super) fn new(services: Services<TabStore>, keeping: Keeping, allowed_bytes: u64) -> Self {
        Self { services, keeping, allowed_bytes }
    }

    pub(super) async fn holdings(&self) -> Result<Holdings> {
        let stored = self.services.network().await?.stored;
        let lasting = match self.keeping {
            Keeping::Memory => Lasting::Memory,
            Keeping::Browser if is_persistent().await => Lasting::Persistent,
            Keeping::Browser => Lasting::Evictable,
        };
        Ok(Holdings { stored, allowed_bytes: self.allowed_bytes, lasting })
    }

    pub(super) fn limit(&self, bytes: Option<u64>) {
        self.services.set_quota(bytes.map_or(self.allowed_bytes, |bytes| bytes.min(self.allowed_bytes)));
    }
}

/// See [`super::Tab::ask_to_last`]. A browser that cannot be asked has not agreed.
pub(super) async fn ask_to_last() -> bool {
    answer(StorageManager::persist).await
}

async fn is_persistent() -> bool {
    answer(StorageManager::persisted).await
}

async fn answer(question: impl Fn(&StorageManager) -> std::result::Result<Promise, JsValue>) -> bool {
    let Some(window) = web_sys::window() else { return false };
    let Ok(answer) = question(&window.navigator().storage()) else { return false };
    JsFuture::from(answer).await.is_ok_and(|agreed| agreed.is_truthy())
}
