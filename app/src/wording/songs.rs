//! Songs: the list, what this browser plays of it, and where copies are.

use kadenza_api::{Copies, Song};
use kadenza_node::tab::Keeping;

use crate::state::{Group, Listing, Phase, View};
use crate::words::{Words, isolated, t};

/// How the library is looked at.
pub fn view(words: &Words, view: View) -> String {
    match view {
        View::Songs => t!(words, "songs"),
        View::Albums => t!(words, "albums"),
        View::Artists => t!(words, "artists"),
    }
}

/// What leads back to all of them.
pub fn all(words: &Words, view: View) -> String {
    match view {
        View::Songs => t!(words, "all-songs"),
        View::Albums => t!(words, "all-albums"),
        View::Artists => t!(words, "all-artists"),
    }
}

/// What an album or artist is called.
pub fn group(words: &Words, view: View, name: &str) -> String {
    match view {
        View::Albums if name.is_empty() => t!(words, "album-nameless"),
        View::Artists if name.is_empty() => t!(words, "artist-nameless"),
        _ => name.to_owned(),
    }
}

/// What else there is to say of it.
pub fn group_detail(words: &Words, view: View, group: &Group) -> String {
    let songs = group.songs.len();
    match (view, &group.artist) {
        (View::Albums, Some(artist)) => t!(words, "songs-by", artist = artist.as_str(), songs = songs),
        (View::Albums, None) => t!(words, "songs-by-various", songs = songs),
        _ => t!(words, "song-count", songs = songs),
    }
}

/// How many songs there are, and whether more may come.
pub fn found(words: &Words, listing: &Listing) -> String {
    let (songs, query) = (listing.total, listing.answered.trim());
    let may_grow = matches!(listing.phase, Phase::Looking | Phase::LookingFurther);
    match (query.is_empty(), may_grow) {
        (true, false) => t!(words, "song-count", songs = songs),
        (true, true) => t!(words, "song-count-so-far", songs = songs),
        (false, false) => t!(words, "songs-found", songs = songs, query = isolated(query)),
        (false, true) => t!(words, "songs-found-so-far", songs = songs, query = isolated(query)),
    }
}

/// That this browser plays no recording of a song.
pub fn cannot_play(words: &Words, song: &Song) -> String {
    t!(words, "cannot-play", kind = kind(&song.first().media_type))
}

/// A kind of audio as people call it, in every language.
pub(super) fn kind(media_type: &str) -> String {
    match media_type {
        "audio/mpeg" => "MP3".into(),
        "audio/ogg" => "Ogg".into(),
        "audio/opus" => "Opus".into(),
        "audio/mp4" => "M4A".into(),
        "audio/webm" => "WebM".into(),
        "audio/x-ms-wma" => "WMA".into(),
        other => {
            let kind = other.strip_prefix("audio/").unwrap_or(other);
            kind.strip_prefix("x-").unwrap_or(kind).to_uppercase()
        }
    }
}

/// What to know about where songs are kept, if anything.
pub fn keeping(words: &Words, keeping: Keeping) -> Option<String> {
    match keeping {
        Keeping::Browser => None,
        Keeping::Memory => Some(t!(words, "kept-in-memory")),
    }
}

/// The document's title while a song plays: what it is called, and who plays it.
pub fn document_title(words: &Words, song: Option<(&str, &str)>) -> String {
    match song {
        Some((title, artist)) => t!(words, "document-title", title = title, artist = artist),
        None => "Kadenza".into(),
    }
}

/// Whether a song would survive if this tab were closed.
pub fn safety(words: &Words, copies: &Copies) -> String {
    let elsewhere = copies.relays > 0 || copies.tabs > u32::from(copies.here);
    match (copies.safe, elsewhere, copies.here) {
        (true, _, _) => t!(words, "safety-safe"),
        (false, true, _) => t!(words, "safety-few"),
        (false, false, true) => t!(words, "safety-only-here"),
        (false, false, false) => t!(words, "safety-none"),
    }
}

/// That this tab has a copy.
pub fn own_copy(words: &Words, copies: &Copies) -> Option<String> {
    copies.here.then(|| t!(words, "copy-here"))
}

/// How many other tabs have one.
pub fn copies_in_tabs(words: &Words, copies: &Copies) -> Option<String> {
    match copies.tabs.saturating_sub(u32::from(copies.here)) {
        0 => None,
        others if copies.here => Some(t!(words, "copies-in-other-tabs", tabs = others)),
        tabs => Some(t!(words, "copies-in-tabs", tabs = tabs)),
    }
}

/// How many relays have one.
pub fn copies_on_relays(words: &Words, copies: &Copies) -> Option<String> {
    (copies.relays > 0).then(|| t!(words, "copies-on-relays", relays = copies.relays))
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;
    use crate::state::Language;

    #[wasm_bindgen_test]
    fn what_was_found_is_counted_in_every_language() {
        let listing = |total, query: &str, phase| Listing {
            total,
            answered: query.into(),
            phase,
            ..Listing::default()
        };
        let listings = [
            listing(1, "", Phase::Complete),
            listing(2, " ", Phase::LookingFurther),
            listing(1, "coast", Phase::Looking),
            listing(12_345, "coast", Phase::Complete),
        ];
        let [english, spanish] = Language::ALL
            .map(Words::of)
            .map(|words| listings.each_ref().map(|listing| found(&words, listing)));
        assert_eq!(
            english,
            [
                "1 song",
                "2 songs so far",
                "1 song for “\u{2068}coast\u{2069}” so far",
                "12,345 songs for “\u{2068}coast\u{2069}”"
            ]
        );
        assert_eq!(
            spanish,
            [
                "1 canción",
                "2 canciones por ahora",
                "1 canción para «\u{2068}coast\u{2069}» por ahora",
                "12.345 canciones para «\u{2068}coast\u{2069}»"
            ]
        );
    }

    #[wasm_bindgen_test]
    fn kinds_of_audio_have_the_names_people_know() {
        let named = ["audio/mpeg", "audio/flac", "audio/mp4", "audio/x-aiff", "audio/ogg"].map(kind);
        assert_eq!(named, ["MP3", "FLAC", "M4A", "AIFF", "Ogg"]);
    }

    #[wasm_bindgen_test]
    fn where_copies_are_is_said_in_words() {
        let words = Words::default();
        let alone = Copies { here: true, relays: 0, tabs: 1, safe: false };
        assert!(safety(&words, &alone).contains("only copy"));
        assert_eq!(
            (own_copy(&words, &alone), copies_in_tabs(&words, &alone), copies_on_relays(&words, &alone)),
            (Some("In this tab".into()), None, None)
        );
        let spread = Copies { tabs: 3, relays: 1, safe: true, ..alone };
        assert_eq!(copies_in_tabs(&words, &spread).as_deref(), Some("In 2 other tabs"));
        assert_eq!(copies_on_relays(&words, &spread).as_deref(), Some("On 1 relay, kept on disk"));
        let elsewhere = Copies { here: false, tabs: 1, relays: 0, safe: false };
        assert_eq!(copies_in_tabs(&words, &elsewhere).as_deref(), Some("In 1 tab"));
    }
}
