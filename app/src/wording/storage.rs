//! What is stored here, and how long it lasts.

use kadenza_api::{Losses, Result};
use kadenza_node::tab::Lasting;

use super::{error, size};
use crate::state::Asked;
use crate::words::{Words, t};

/// How much may be stored.
pub fn storage_limit(words: &Words, limit: Option<u64>, allowed_bytes: u64) -> String {
    match limit {
        Some(bytes) => t!(words, "storage-at-most", size = size(words, bytes)),
        None => t!(words, "storage-all", size = size(words, allowed_bytes)),
    }
}

/// How long it lasts, and what came of asking for more.
pub fn lasting(words: &Words, lasting: Lasting, asked: Asked) -> String {
    match (lasting, asked) {
        (Lasting::Persistent, _) => t!(words, "lasting-persistent"),
        (Lasting::Memory, _) => t!(words, "kept-in-memory"),
        (Lasting::Evictable, Asked::No) => t!(words, "lasting-evictable"),
        (Lasting::Evictable, Asked::Waiting) => t!(words, "lasting-asking"),
        (Lasting::Evictable, Asked::Refused) => t!(words, "lasting-refused"),
    }
}

/// What would be gone with it.
pub fn losses(words: &Words, losses: Option<&Result<Losses>>) -> String {
    match losses {
        None => t!(words, "losses-counting"),
        Some(Err(why)) => t!(words, "losses-unknown", why = error(words, why)),
        Some(Ok(Losses { songs: 0, .. })) => t!(words, "losses-nothing-here"),
        Some(Ok(Losses { songs, counted, only_here })) if counted < songs => {
            t!(words, "losses-so-far", counted = *counted, songs = *songs, only = *only_here)
        }
        Some(Ok(Losses { songs, only_here: 0, .. })) => t!(words, "losses-none", songs = *songs),
        Some(Ok(Losses { songs, only_here, .. })) if only_here == songs => {
            t!(words, "losses-all", songs = *songs)
        }
        Some(Ok(Losses { songs, only_here, .. })) => {
            t!(words, "losses-some", only = *only_here, songs = *songs)
        }
    }
}
