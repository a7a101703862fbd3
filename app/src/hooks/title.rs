//! The tab's title in the browser: the song that plays.

use yew::prelude::*;

use crate::state::Player;
use crate::wording;
use crate::words::Words;

/// Keeps the document's title.
#[hook]
pub fn use_document_title(words: &Words, player: &Player) {
    let song = player.song.as_ref().filter(|_| player.playing);
    let title = wording::document_title(words, song.map(|song| (song.title(), song.artist())));
    use_effect_with(title, |title| {
        if let Some(document) = web_sys::window().and_then(|window| window.document()) {
            document.set_title(title);
        }
    });
}
