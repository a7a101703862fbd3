//! What the page says, in sentences: pure functions from data to words.

use kadenza_api::{Copies, Error, Outcome, Reach, Song, Uploaded, Visible};
use kadenza_node::tab::{Connection, Keeping};

use crate::state::{Group, Language, Listing, Phase, Room, Sharing, Shortcut, View};
use crate::words::{Words, t};

/// How much of a peer id is shown: enough to tell peers apart, and to compare by eye with another screen.
const PEER_END_CHARS: usize = 6;

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

/// What a language is called by those who speak it.
pub fn language(words: &Words, language: Language) -> String {
    match language {
        Language::English => t!(words, "language-english"),
        Language::Spanish => t!(words, "language-spanish"),
    }
}

/// How the library is looked at.
pub fn view(view: View) -> &'static str {
    match view {
        View::Songs => "Songs",
        View::Albums => "Albums",
        View::Artists => "Artists",
    }
}

/// What an album or artist is called.
pub fn group(view: View, name: &str) -> &str {
    match view {
        View::Albums if name.is_empty() => "Without an album",
        View::Artists if name.is_empty() => "Unknown artist",
        _ => name,
    }
}

/// What else there is to say of it.
pub fn group_detail(view: View, group: &Group) -> String {
    let songs = count(group.songs.len(), "song");
    match (view, &group.artist) {
        (View::Albums, Some(artist)) => format!("{artist} · {songs}"),
        (View::Albums, None) => format!("Various artists · {songs}"),
        _ => songs,
    }
}

/// What a shortcut does.
pub fn shortcut(shortcut: Shortcut) -> &'static str {
    match shortcut {
        Shortcut::Toggle => "Play or pause",
        Shortcut::Back => "5 seconds back",
        Shortcut::Forward => "5 seconds on",
        Shortcut::Previous => "Previous song",
        Shortcut::Next => "Next song",
        Shortcut::Louder => "Louder",
        Shortcut::Quieter => "Quieter",
        Shortcut::Mute => "Mute",
        Shortcut::Shuffle => "Shuffle",
        Shortcut::Repeat => "Repeat",
        Shortcut::Search => "Search",
        Shortcut::Queue => "Up next",
        Shortcut::Keys => "This list",
    }
}

/// A key as keyboards have it on them.
pub fn key(key: &str) -> &str {
    match key {
        " " => "Space",
        "ArrowLeft" => "←",
        "ArrowRight" => "→",
        key => key,
    }
}

/// How it is with listening together.
pub fn together(room: &Room) -> String {
    let playback = room.view.as_ref().and_then(|view| view.playback);
    match (room.together, playback, room.drift_ms) {
        (false, Some((_, true)), _) => {
            "The room is playing. Join to hear it at the same moment as everyone.".into()
        }
        (false, ..) => "Everyone who joins hears the same at the same moment.".into(),
        (true, None, _) => "Play a song, and everyone who has joined hears it.".into(),
        (true, Some((_, false)), _) => "Paused for everyone who has joined.".into(),
        (true, Some((_, true)), None) => "Getting in step…".into(),
        (true, Some((_, true)), Some(drift)) if drift.abs() < 1.0 => "In step with the room.".into(),
        (true, Some((_, true)), Some(drift)) => {
            let side = if drift > 0.0 { "behind" } else { "ahead of" };
            // Up to here nobody hears an echo.
            let step = if drift.abs() <= 50.0 { "In step" } else { "Getting in step" };
            format!("{step}: {:.0} ms {side} the room.", drift.abs())
        }
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

/// What it means that a peer is direct.
pub const DIRECT: &str = "straight from this browser to it";

/// What it means that a peer is relayed.
pub const RELAYED: &str = "through a relay, because no direct path between the two browsers was found";

/// What the network panel says where there are no peers.
pub const NOBODY: &str = "This tab keeps looking. What is stored in it can be played meanwhile.";

/// How many peers there are, and how they are reached.
pub fn standing(peers: &[Visible]) -> String {
    let relayed = peers.iter().filter(|peer| peer.reach == Reach::Relayed).count();
    let number = count(peers.len(), "peer");
    match (peers.len() - relayed, relayed) {
        (0, 0) => "Nobody is connected.".into(),
        (1, 0) => format!("{number}: direct"),
        (_, 0) => format!("{number}: all direct"),
        (0, 1) => format!("{number}: relayed"),
        (0, _) => format!("{number}: all relayed"),
        (direct, relayed) => format!("{number}: {direct} direct, {relayed} relayed"),
    }
}

/// A peer id, parted before the end that tells it from others: all begin alike.
pub fn split_peer(peer: &str) -> (&str, &str) {
    let end = peer.char_indices().rev().nth(PEER_END_CHARS - 1).map_or(0, |(at, _)| at);
    peer.split_at(end)
}

/// A round trip in milliseconds.
pub fn latency(ms: u64) -> String {
    if ms == 0 { "<1 ms".into() } else { format!("{ms} ms") }
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

/// Whether a song would survive if this tab were closed.
pub fn safety(copies: &Copies) -> &'static str {
    let elsewhere = copies.relays > 0 || copies.tabs > u32::from(copies.here);
    match (copies.safe, elsewhere, copies.here) {
        (true, _, _) => "It is safe: it stays when this tab is closed.",
        (false, true, _) => "There are other copies, but few: it is safer while this tab stays open.",
        (false, false, true) => {
            "This tab has the only copy that is known. Keep it open until others have one."
        }
        (false, false, false) => "Nobody who answers has a whole copy now.",
    }
}

/// That this tab has a copy.
pub fn own_copy(copies: &Copies) -> Option<String> {
    copies.here.then(|| "In this tab".into())
}

/// How many other tabs have one.
pub fn copies_in_tabs(copies: &Copies) -> Option<String> {
    let others = copies.tabs.saturating_sub(u32::from(copies.here));
    (others > 0)
        .then(|| format!("In {}", count(others as usize, if copies.here { "other tab" } else { "tab" })))
}

/// How many relays have one.
pub fn copies_on_relays(copies: &Copies) -> Option<String> {
    (copies.relays > 0).then(|| format!("On {}, kept on disk", count(copies.relays as usize, "relay")))
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

/// That this browser plays no recording of a song.
pub fn cannot_play(song: &Song) -> String {
    format!("This browser cannot play {}.", kind(&song.first().media_type))
}

/// A kind of audio as people call it.
fn kind(media_type: &str) -> String {
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

/// What the page says of a link that names no song.
pub const LINK_DAMAGED: &str = "This link is damaged: part of it is missing or was changed on the way here. Ask whoever sent it for another.";

/// Why the song of a link is not here.
pub fn link_failure(error: &Error) -> String {
    match error {
        Error::NotFound { .. } => {
            "Nobody who is reachable knows the song of this link. Whoever has it may be away.".into()
        }
        _ => format!("The song of this link could not be looked up. {}", sentence(&error.to_string())),
    }
}

/// Whether others are served, and why not.
pub fn serving(sharing: Sharing) -> &'static str {
    if sharing.metered {
        "Not serving others: your connection is metered, or saves data."
    } else {
        "Others can play what this tab has."
    }
}

/// A rate in bytes a second.
pub fn rate(bytes: u64) -> String {
    format!(
        "{}/s",
        if bytes.is_multiple_of(1_000_000) { format!("{} MB", bytes / 1_000_000) } else { size(bytes) }
    )
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
    fn the_network_is_summed_up_in_one_line() {
        let peer = |reach| Visible {
            peer: String::new(),
            address: String::new(),
            reach,
            durable: false,
            round_trip_ms: None,
            sent_bytes: 0,
            received_bytes: 0,
        };
        let (direct, relayed) = (peer(Reach::Direct), peer(Reach::Relayed));
        assert_eq!(standing(&[]), "Nobody is connected.");
        assert_eq!(standing(std::slice::from_ref(&direct)), "1 peer: direct");
        assert_eq!(standing(&[relayed.clone(), relayed.clone()]), "2 peers: all relayed");
        assert_eq!(standing(&[direct.clone(), relayed, direct]), "3 peers: 2 direct, 1 relayed");
    }

    #[wasm_bindgen_test]
    fn a_peer_is_known_by_the_end_of_its_id() {
        assert_eq!(split_peer("12D3KooWabcdef"), ("12D3KooW", "abcdef"));
        assert_eq!(split_peer("abc"), ("", "abc"));
        assert_eq!(split_peer("éééééééé"), ("éé", "éééééé"));
    }

    #[wasm_bindgen_test]
    fn kinds_of_audio_have_the_names_people_know() {
        let named = ["audio/mpeg", "audio/flac", "audio/mp4", "audio/x-aiff", "audio/ogg"].map(kind);
        assert_eq!(named, ["MP3", "FLAC", "M4A", "AIFF", "Ogg"]);
    }

    #[wasm_bindgen_test]
    fn rates_are_round_where_they_can_be() {
        assert_eq!([100_000, 1_000_000, 2_500_000].map(rate), ["100 kB/s", "1 MB/s", "2.5 MB/s"]);
    }

    #[wasm_bindgen_test]
    fn no_round_trip_takes_no_time() {
        assert_eq!((latency(0), latency(12)), ("<1 ms".into(), "12 ms".into()));
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

    #[wasm_bindgen_test]
    fn where_copies_are_is_said_in_words() {
        let alone = Copies { here: true, relays: 0, tabs: 1, safe: false };
        assert!(safety(&alone).contains("only copy"));
        assert_eq!(
            (own_copy(&alone), copies_in_tabs(&alone), copies_on_relays(&alone)),
            (Some("In this tab".into()), None, None)
        );
        let spread = Copies { tabs: 3, relays: 1, safe: true, ..alone };
        assert_eq!(copies_in_tabs(&spread).as_deref(), Some("In 2 other tabs"));
        assert_eq!(copies_on_relays(&spread).as_deref(), Some("On 1 relay, kept on disk"));
        let elsewhere = Copies { here: false, tabs: 1, relays: 0, safe: false };
        assert_eq!(copies_in_tabs(&elsewhere).as_deref(), Some("In 1 tab"));
    }
}
