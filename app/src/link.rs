//! Links to songs, into the clipboard.

use kadenza_api::SongId;
use wasm_bindgen_futures::JsFuture;

use crate::state::hash;

/// Where a link went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Copied {
    /// Where it was meant to.
    ToClipboard,
    /// Where it can be copied by hand: the browser has no clipboard for the page, as on an insecure address.
    ToAddressBar,
}

/// Copies the link to a song.
pub async fn copy(song: SongId) -> Copied {
    match to_clipboard(song).await {
        Some(()) => Copied::ToClipboard,
        None => {
            // It is the address of what plays already, so nothing else happens.
            let location = web_sys::window().map(|window| window.location());
            drop(location.map(|location| location.set_hash(&hash(song))));
            Copied::ToAddressBar
        }
    }
}

async fn to_clipboard(song: SongId) -> Option<()> {
    let origin = web_sys::window()?.location().origin().ok()?;
    copy_text(&format!("{origin}/{}", hash(song))).await
}

/// Copies a text. `None` where the browser does not let the page.
pub async fn copy_text(text: &str) -> Option<()> {
    let window = web_sys::window().filter(web_sys::Window::is_secure_context)?;
    JsFuture::from(window.navigator().clipboard().write_text(text)).await.ok()?;
    Some(())
}
