//! What went wrong, and what to do about it. What the layers below say of an error is English, and for programs; the page
//! goes by its kind.

use kadenza_api::Error;
use kadenza_node::room::{ActionError, Conflict, LinkError, NameError, QUEUE_ITEMS, SECRET_CHARS};

use super::songs::kind;
use crate::state::{PlaybackError, Refusal};
use crate::words::{Words, t};

/// An error anywhere.
pub fn error(words: &Words, error: &Error) -> String {
    match error {
        Error::NotFound { .. } => t!(words, "error-not-found"),
        Error::TooLarge { .. } => t!(words, "error-too-large"),
        Error::Unavailable { .. } => t!(words, "error-unavailable"),
        Error::Storage { .. } => t!(words, "error-storage"),
        _ => t!(words, "error-invalid"),
    }
}

/// Why the page cannot work at all.
pub fn start_failure(words: &Words, failure: &Error) -> String {
    t!(words, "start-failed", why = error(words, failure))
}

/// Why the song of a link is not here.
pub fn link_failure(words: &Words, failure: &Error) -> String {
    match failure {
        Error::NotFound { .. } => t!(words, "link-unknown"),
        failure => t!(words, "link-failed", why = error(words, failure)),
    }
}

/// What is wrong with the link of a room.
pub fn room_link_failure(words: &Words, failure: &LinkError) -> String {
    match *failure {
        LinkError::NoSecret => t!(words, "room-link-no-secret"),
        LinkError::TooShort { missing } => {
            t!(words, "room-link-short", missing = missing, of = SECRET_CHARS)
        }
        LinkError::TooLong { extra } => t!(words, "room-link-long", extra = extra),
        LinkError::Character { character, .. } => {
            t!(words, "room-link-character", character = character.to_string())
        }
        LinkError::Changed => t!(words, "room-link-changed"),
        LinkError::NameEncoding | LinkError::Name(_) => t!(words, "room-link-name"),
    }
}

/// Why a song does not play.
pub fn playback_failure(words: &Words, failure: &PlaybackError) -> String {
    match failure {
        PlaybackError::Unplayable { media_type } => t!(words, "cannot-play", kind = kind(media_type)),
        PlaybackError::Damaged => t!(words, "playback-damaged"),
        PlaybackError::Stopped => t!(words, "playback-stopped"),
        PlaybackError::NotLoaded => t!(words, "playback-not-loaded"),
        PlaybackError::NotFetched(failure) => error(words, failure),
    }
}

/// Why something was not done in a room.
pub fn room_refusal(words: &Words, refusal: &Refusal) -> String {
    match refusal {
        Refusal::NotOpen => t!(words, "room-not-open"),
        Refusal::JustStarted => t!(words, "page-just-started"),
        Refusal::PublicAlready => t!(words, "public-already"),
        Refusal::NoRandomness => t!(words, "no-randomness"),
        Refusal::Name(failure) => name_failure(words, failure),
        Refusal::Link(failure) => room_link_failure(words, failure),
        Refusal::Action(ActionError::Conflict(conflict)) => self::conflict(words, *conflict),
        Refusal::Action(ActionError::Throttled(_)) => t!(words, "too-fast"),
        Refusal::Action(ActionError::NoTime) => t!(words, "room-clock-unset"),
        Refusal::Failed(failure) => error(words, failure),
    }
}

fn name_failure(words: &Words, failure: &NameError) -> String {
    match *failure {
        NameError::Empty => t!(words, "name-empty"),
        NameError::TooLong { chars, limit } => t!(words, "name-long", chars = chars, limit = limit),
        NameError::NotText(_) => t!(words, "name-not-text"),
    }
}

fn conflict(words: &Words, conflict: Conflict) -> String {
    match conflict {
        Conflict::Full => t!(words, "queue-full", limit = QUEUE_ITEMS),
        Conflict::NoItem => t!(words, "queue-item-gone"),
        Conflict::Taken => t!(words, "queue-item-taken"),
        Conflict::Crowded => t!(words, "queue-crowded"),
        Conflict::NothingPlayed => t!(words, "nothing-played"),
    }
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;
    use crate::state::Language;

    #[wasm_bindgen_test]
    fn an_error_is_worded_by_its_kind_and_never_in_the_words_of_the_layer_that_had_it() {
        let unavailable = Error::unavailable("no server is available: http://127.0.0.1:1 did not answer");
        for words in Language::ALL.map(Words::of) {
            for said in [
                error(&words, &unavailable),
                start_failure(&words, &unavailable),
                link_failure(&words, &unavailable),
            ] {
                assert!(said.ends_with('.') && !said.contains("127.0.0.1"), "{said}");
            }
        }
        let spanish = Words::of(Language::Spanish);
        assert!(link_failure(&spanish, &unavailable).starts_with("No se pudo buscar la canción"));
        assert!(link_failure(&spanish, &Error::not_found("no song")).starts_with("Nadie accesible"));
    }

    #[wasm_bindgen_test]
    fn what_is_wrong_with_a_rooms_link_is_said_with_its_numbers() {
        let [english, spanish] = Language::ALL
            .map(Words::of)
            .map(|words| room_link_failure(&words, &LinkError::TooShort { missing: 3 }));
        assert!(english.contains("3 of its last 46 characters are missing"), "{english}");
        assert!(spanish.contains("faltan 3 de sus últimos 46 caracteres"), "{spanish}");
    }
}
