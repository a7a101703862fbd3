//! What the page says: pure functions from data to messages of the catalogue ([`crate::words`]). They pick the message
//! and what stands in it; the words are in `locales/`.

mod errors;
mod network;
mod room;
mod songs;
mod storage;
mod uploads;

use crate::state::{Language, Shortcut};
use crate::words::{Words, t};

pub use self::errors::{
    error, link_failure, playback_failure, room_link_failure, room_refusal, start_failure,
};
pub use self::network::{
    connection, latency, part_of_ring, place_on_ring, reach, reach_hint, serving, split_peer, standing,
};
pub use self::room::{nameless, together};
pub use self::songs::{
    all, cannot_play, copies_in_tabs, copies_on_relays, document_title, found, group, group_detail, keeping,
    own_copy, safety, view,
};
pub use self::storage::{lasting, losses, storage_limit};
pub use self::uploads::{copies, outcome, outcomes, summary, upload_failure};

/// Seconds as a clock shows them: `1:05`, `1:00:00`.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "casts from float saturate")]
pub fn clock(seconds: f64) -> String {
    let seconds = seconds.max(0.0) as u64;
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes}:{seconds:02}") }
}

/// Bytes as people read them.
#[expect(clippy::cast_precision_loss, reason = "it is rounded anyway")]
pub fn size(words: &Words, bytes: u64) -> String {
    match bytes {
        0..1_000 => t!(words, "bytes", number = bytes),
        1_000..1_000_000 => t!(words, "kilobytes", number = bytes as f64 / 1e3),
        1_000_000..1_000_000_000 => t!(words, "megabytes", number = bytes as f64 / 1e6),
        _ => t!(words, "gigabytes", number = bytes as f64 / 1e9),
    }
}

/// A rate in bytes a second.
#[expect(clippy::cast_precision_loss, reason = "it is rounded anyway")]
pub fn rate(words: &Words, bytes: u64) -> String {
    match bytes {
        0..1_000_000 => t!(words, "kilobytes-a-second", number = bytes as f64 / 1e3),
        _ => t!(words, "megabytes-a-second", number = bytes as f64 / 1e6),
    }
}

/// What a language is called by those who speak it.
pub fn language(words: &Words, language: Language) -> String {
    match language {
        Language::English => t!(words, "language-english"),
        Language::Spanish => t!(words, "language-spanish"),
    }
}

/// What a shortcut does.
pub fn shortcut(words: &Words, shortcut: Shortcut) -> String {
    match shortcut {
        Shortcut::Toggle => t!(words, "key-toggle"),
        Shortcut::Back => t!(words, "key-back"),
        Shortcut::Forward => t!(words, "key-forward"),
        Shortcut::Previous => t!(words, "key-previous"),
        Shortcut::Next => t!(words, "key-next"),
        Shortcut::Louder => t!(words, "key-louder"),
        Shortcut::Quieter => t!(words, "key-quieter"),
        Shortcut::Mute => t!(words, "key-mute"),
        Shortcut::Shuffle => t!(words, "key-shuffle"),
        Shortcut::Repeat => t!(words, "key-repeat"),
        Shortcut::Search => t!(words, "key-search"),
        Shortcut::Queue => t!(words, "key-queue"),
        Shortcut::Keys => t!(words, "key-keys"),
    }
}

/// A key as keyboards have it on them.
pub fn key(words: &Words, key: &str) -> String {
    match key {
        " " => t!(words, "key-space"),
        "ArrowLeft" => "←".into(),
        "ArrowRight" => "→".into(),
        key => key.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    #[wasm_bindgen_test]
    fn times_read_like_a_clock() {
        let read: Vec<_> = [-1.0, 0.0, 5.9, 65.0, 3600.0, f64::NAN].map(clock).into();
        assert_eq!(read, ["0:00", "0:00", "0:05", "1:05", "1:00:00", "0:00"]);
    }

    #[wasm_bindgen_test]
    fn sizes_are_written_as_the_language_writes_numbers() {
        let sizes = [0, 1, 999, 1_500, 999_400, 3_400_000, 12_340_000_000];
        let [english, spanish] =
            Language::ALL.map(Words::of).map(|words| sizes.map(|bytes| size(&words, bytes)));
        assert_eq!(english, ["0 bytes", "1 byte", "999 bytes", "2 kB", "999 kB", "3.4 MB", "12.3 GB"]);
        assert_eq!(spanish, ["0 bytes", "1 byte", "999 bytes", "2 kB", "999 kB", "3,4 MB", "12,3 GB"]);
    }

    #[wasm_bindgen_test]
    fn rates_are_round_where_they_can_be() {
        let rates = |language| [100_000, 1_000_000, 2_500_000].map(|bytes| rate(&Words::of(language), bytes));
        assert_eq!(rates(Language::English), ["100 kB/s", "1 MB/s", "2.5 MB/s"]);
        assert_eq!(rates(Language::Spanish), ["100 kB/s", "1 MB/s", "2,5 MB/s"]);
    }

    #[wasm_bindgen_test]
    fn a_language_has_its_own_name_in_every_language() {
        for words in Language::ALL.map(Words::of) {
            assert_eq!(Language::ALL.map(|each| language(&words, each)), ["English", "Español"]);
        }
    }
}
