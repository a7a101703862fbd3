//! What the page says, in sentences: pure functions from data to words.

use kadenza_api::{Copies, Error, Outcome, Uploaded};
use kadenza_node::tab::{Connection, Keeping};

use crate::state::{Listing, Phase};

/// Seconds as a clock shows them: `1:05`, `1:00:00`.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "casts from float saturate")]
pub fn clock(seconds: f64) -> String {
    let seconds = seconds.max(0.0) as u64;
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes}:{seconds:02}") }
}

/// `1 song`, `2 songs`.
pub fn count(number: usize, thing: &str) -> String {
    format!("{number} {thing}{}", if number == 1 { "" } else { "s" })
}

/// Bytes as people read them.
#[expect(clippy::cast_precision_loss, reason = "it is rounded anyway")]
pub fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} bytes"),
        1_000..1_000_000 => format!("{:.0} kB", bytes as f64 / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} MB", bytes as f64 / 1e6),
        _ => format!("{:.1} GB", bytes as f64 / 1e9),
    }
}

/// Makes a sentence of an error's message: a capital at its beginning, a full stop at its end.
pub fn sentence(message: &str) -> String {
    let message = message.trim();
    // A file name at the beginning stays as it is.
    let word = message.split(' ').next().is_some_and(|word| word.chars().all(char::is_alphabetic));
    let mut chars = message.chars();
    let first: String = match chars.next() {
        Some(c) if word => c.to_uppercase().collect(),
        first => first.into_iter().collect(),
    };
    let stop = if message.is_empty() || message.ends_with(['.', '!', '?', '…']) { "" } else { "." };
    format!("{first}{}{stop}", chars.as_str())
}

/// How this tab stands with the network.
pub fn connection(connection: Connection) -> String {
    match connection {
        Connection::Starting => "Starting…".into(),
        Connection::Connected { peers } => format!("Connected to {}", count(peers, "peer")),
        Connection::Offline => "Offline – trying to reconnect".into(),
    }
}

/// What to know about where songs are kept, if anything.
pub fn keeping(keeping: Keeping) -> Option<&'static str> {
    match keeping {
        Keeping::Browser => None,
        Keeping::Memory => Some(
            "This browser does not let the page store music here, as in a private window. \
             Songs in this tab are gone when you close it.",
        ),
    }
}

/// How many songs there are, and whether more may come.
pub fn found(listing: &Listing) -> String {
    let songs = count(listing.total, "song");
    let words = listing.answered.trim();
    let found = if words.is_empty() { songs } else { format!("{songs} for “{words}”") };
    match listing.phase {
        Phase::Looking | Phase::LookingFurther => format!("{found} so far"),
        Phase::Complete | Phase::Incomplete(_) => found,
    }
}

/// What an upload came to, and the title it concerns where there is one to name.
pub fn outcome(uploaded: &Uploaded) -> (&'static str, Option<&str>) {
    match uploaded.outcome {
        Outcome::NewSong => ("Added", Some(uploaded.song.title())),
        Outcome::NewRecording => ("Another recording of", Some(uploaded.song.title())),
        Outcome::AlreadyHere => ("Already here", None),
    }
}

/// Where copies of an upload are, and whether its uploader may leave.
pub fn copies(copies: &Copies) -> String {
    let relays = (copies.relays > 0).then(|| format!("on {}", count(copies.relays as usize, "relay")));
    let tabs =
        (copies.tabs > 1 || (copies.tabs > 0 && !copies.here)).then(|| format!("in {} tabs", copies.tabs));
    match (copies.safe, relays, tabs) {
        (true, Some(relays), _) => format!("Safe: {relays}"),
        (true, None, Some(tabs)) => format!("Safe: {tabs}"),
        (true, None, None) => "Safe".into(),
        (false, Some(place), _) | (false, None, Some(place)) => {
            format!("So far only {place} – keep this tab open")
        }
        (false, None, None) => "Only in this tab yet – keep it open".into(),
    }
}

/// Why an upload failed, and what to do about it.
pub fn upload_failure(error: &Error) -> String {
    let remedy = match error {
        Error::Storage { .. } => " Make room in this browser’s storage, then try again.",
        Error::Unavailable { .. } => " Try again when you are connected.",
        _ => "",
    };
    format!("{}{remedy}", sentence(&error.to_string()))
}

/// Whether the same upload may succeed another time.
pub fn is_worth_retrying(error: &Error) -> bool {
    matches!(error, Error::Storage { .. } | Error::Unavailable { .. })
}

/// The document's title.
pub fn document_title(song: Option<(&str, &str)>) -> String {
    match song {
        Some((title, artist)) => format!("{title} – {artist} · Kadenza"),
        None => "Kadenza".into(),
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
    fn one_of_a_thing_has_no_plural() {
        assert_eq!(connection(Connection::Connected { peers: 1 }), "Connected to 1 peer");
        assert_eq!(connection(Connection::Connected { peers: 3 }), "Connected to 3 peers");
    }

    #[wasm_bindgen_test]
    fn an_error_message_becomes_a_sentence() {
        assert_eq!(sentence("the title is empty"), "The title is empty.");
        assert_eq!(sentence("Really?"), "Really?");
        assert_eq!(sentence("a.txt is not audio"), "a.txt is not audio.");
        assert_eq!(sentence(""), "");
    }

    #[wasm_bindgen_test]
    fn copies_say_whether_the_uploader_may_leave() {
        let here = Copies { here: true, relays: 0, tabs: 1, safe: false };
        assert_eq!(copies(&here), "Only in this tab yet – keep it open");
        assert_eq!(copies(&Copies { tabs: 2, ..here }), "So far only in 2 tabs – keep this tab open");
        assert_eq!(copies(&Copies { relays: 1, safe: true, ..here }), "Safe: on 1 relay");
        assert_eq!(copies(&Copies { tabs: 4, safe: true, ..here }), "Safe: in 4 tabs");
    }
}
