//! Uploads.

use kadenza_api::{Copies, Error, Outcome, Uploaded};
use kadenza_node::tab::FILE_LIMIT_BYTES;

use super::size;
use crate::state::{Counts, Uploads};
use crate::words::{Words, isolated, t};

/// How far all of them are.
pub fn summary(words: &Words, uploads: &Uploads) -> String {
    let Counts { asking, checking, elsewhere, .. } = uploads.counts();
    match uploads.items.len() {
        _ if uploads.looking > 0 => t!(words, "looking-through-folder"),
        0 => t!(words, "no-music-in-folder"),
        all if uploads.is_busy() => t!(words, "uploading", done = uploads.over(), all = all),
        _ if asking > 0 => t!(words, "files-asking", files = asking),
        _ if checking > 0 => t!(words, "files-checking", files = checking),
        _ if elsewhere > 0 => t!(words, "files-waiting-for-room", files = elsewhere),
        all => t!(words, "files-done", files = all),
    }
}

/// What all of them came to, once several are over: how many came to what.
pub fn outcomes(words: &Words, uploads: &Uploads) -> Vec<String> {
    let Counts { added, known, failed, skipped, .. } = uploads.counts();
    if uploads.over() < 2 {
        return Vec::new();
    }
    let said = [
        (added, t!(words, "uploads-added", files = added)),
        (known, t!(words, "uploads-known", files = known)),
        (failed, t!(words, "uploads-failed", files = failed)),
        (skipped, t!(words, "uploads-skipped", files = skipped)),
    ];
    said.into_iter().filter(|(files, _)| *files > 0).map(|(_, said)| said).collect()
}

/// What an upload came to.
pub fn outcome(words: &Words, uploaded: &Uploaded) -> String {
    let title = || isolated(uploaded.song.title());
    match uploaded.outcome {
        Outcome::NewSong => t!(words, "upload-added", title = title()),
        Outcome::NewRecording => t!(words, "upload-another", title = title()),
        Outcome::AlreadyHere => t!(words, "upload-known"),
    }
}

/// Where copies of an upload are, and whether its uploader may leave.
pub fn copies(words: &Words, copies: &Copies) -> String {
    let Copies { safe, relays, tabs, here } = *copies;
    let has_tabs = tabs > u32::from(here);
    match (safe, relays > 0, has_tabs) {
        (true, true, _) => t!(words, "copies-safe-relays", relays = relays),
        (true, false, true) => t!(words, "copies-safe-tabs", tabs = tabs),
        (true, false, false) => t!(words, "copies-safe"),
        (false, true, _) => t!(words, "copies-few-relays", relays = relays),
        (false, false, true) => t!(words, "copies-few-tabs", tabs = tabs),
        (false, false, false) => t!(words, "copies-here"),
    }
}

/// Why the upload of a file of so many bytes failed, and what to do about it.
pub fn upload_failure(words: &Words, bytes: u64, error: &Error) -> String {
    match error {
        Error::Storage { .. } => t!(words, "upload-no-room"),
        Error::Unavailable { .. } => t!(words, "upload-unavailable"),
        Error::NotFound { .. } => t!(words, "upload-gone"),
        Error::TooLarge { .. } if bytes > FILE_LIMIT_BYTES => {
            t!(words, "upload-too-large", size = size(words, bytes), limit = size(words, FILE_LIMIT_BYTES))
        }
        Error::TooLarge { .. } => t!(words, "upload-too-many"),
        _ if bytes == 0 => t!(words, "upload-empty"),
        _ => t!(words, "upload-not-music"),
    }
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;
    use crate::state::Language;

    #[wasm_bindgen_test]
    fn copies_say_whether_the_uploader_may_leave() {
        let here = Copies { here: true, relays: 0, tabs: 1, safe: false };
        let cases = [
            here,
            Copies { tabs: 2, ..here },
            Copies { here: false, ..here },
            Copies { relays: 1, safe: true, ..here },
            Copies { tabs: 4, safe: true, ..here },
        ];
        let [english, spanish] =
            Language::ALL.map(Words::of).map(|words| cases.each_ref().map(|each| copies(&words, each)));
        assert_eq!(
            english,
            [
                "Only in this tab yet – keep it open",
                "So far only in 2 tabs – keep this tab open",
                "So far only in 1 tab – keep this tab open",
                "Safe: on 1 relay",
                "Safe: in 4 tabs"
            ]
        );
        assert_eq!(
            spanish,
            [
                "Por ahora solo en esta pestaña: déjala abierta",
                "Por ahora solo en 2 pestañas: deja esta pestaña abierta",
                "Por ahora solo en 1 pestaña: deja esta pestaña abierta",
                "A salvo: en 1 repetidor",
                "A salvo: en 4 pestañas"
            ]
        );
    }

    #[wasm_bindgen_test]
    fn a_failed_upload_says_what_was_wrong_with_the_file() {
        let invalid = Error::invalid("a.txt is not audio");
        let too_large = Error::too_large("a.wav is too large");
        let [english, spanish] = Language::ALL.map(Words::of).map(|words| {
            [(0, &invalid), (9, &invalid), (300_000_000, &too_large), (9, &too_large)]
                .map(|(bytes, error)| upload_failure(&words, bytes, error))
        });
        for (said, what) in english.iter().zip(["empty", "MP3", "200.0 MB", "recordings"]) {
            assert!(said.contains(what), "{said}");
        }
        for (said, what) in spanish.iter().zip(["vacío", "MP3", "200,0 MB", "grabaciones"]) {
            assert!(said.contains(what), "{said}");
        }
    }
}
