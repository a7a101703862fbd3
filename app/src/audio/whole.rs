//! A room's song where no service worker can stream it, as in a private window: the relay cannot read what it keeps, so the
//! song is put together here and played once all of it has come.

use js_sys::{Array, Uint8Array};
use kadenza_api::{Error, Music, Recording, Result};
use kadenza_node::tab::TabRoom;
use wasm_bindgen::JsValue;
use web_sys::{Blob, BlobPropertyBag, Url};

/// What an address begins with that [`address`] made.
const SCHEME: &str = "blob:";

/// Fetches all of a recording. The address it can be played at is good until it is given to [`forget`].
///
/// # Errors
/// As [`Music::read`]; [`Error::Storage`] where the browser has no room for it.
pub(super) async fn address(room: &TabRoom, recording: &Recording) -> Result<String> {
    let (parts, mut at) = (Array::new(), 0);
    while at < recording.bytes {
        let bytes = room.read(recording.content, recording.bytes, at..recording.bytes).await?;
        at += bytes.len() as u64;
        parts.push(&Uint8Array::from(&*bytes));
    }
    let kind = BlobPropertyBag::new();
    kind.set_type(&recording.media_type);
    // It does not fit into this window.
    let refused = |why: JsValue| Error::storage(format!("{why:?}"));
    let whole = Blob::new_with_u8_array_sequence_and_options(&parts, &kind).map_err(refused)?;
    Url::create_object_url_with_blob(&whole).map_err(refused)
}

/// Lets go of the bytes behind an address, if [`address`] made it.
pub(super) fn forget(address: &str) {
    if address.starts_with(SCHEME) {
        // It fails only for what is no address.
        drop(Url::revoke_object_url(address));
    }
}
