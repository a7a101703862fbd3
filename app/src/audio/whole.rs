//! A song where no service worker can stream it, as in a private window, and no relay either: it cannot read what it keeps of
//! a room, or is not reached. The song is put together here and played once all of it has come.

use kadenza_api::{Error, Music, Recording, Result};
use kadenza_node::blob;
use wasm_bindgen::JsValue;
use web_sys::Url;

/// What an address begins with that [`address`] made.
const SCHEME: &str = "blob:";

/// Fetches all of a recording. The address it can be played at is good until it is given to [`forget`].
///
/// # Errors
/// As [`blob::whole`].
pub(super) async fn address(music: &impl Music, recording: &Recording) -> Result<String> {
    // It does not fit into this window.
    let refused = |why: JsValue| Error::storage(format!("{why:?}"));
    Url::create_object_url_with_blob(&blob::whole(music, recording).await?).map_err(refused)
}

/// Lets go of the bytes behind an address, if [`address`] made it.
pub(super) fn forget(address: &str) {
    if address.starts_with(SCHEME) {
        // It fails only for what is no address.
        drop(Url::revoke_object_url(address));
    }
}
