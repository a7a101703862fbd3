//! Which kinds of audio this browser plays.

use kadenza_api::{Recording, Song};

/// Kinds that recordings may be of: those that are taken in, and others that peers of other versions may have.
const KINDS: [&str; 12] = [
    "audio/mpeg",
    "audio/flac",
    "audio/ogg",
    "audio/opus",
    "audio/mp4",
    "audio/aac",
    "audio/wav",
    "audio/webm",
    "audio/aiff",
    "audio/x-aiff",
    "audio/x-ms-wma",
    "audio/ape",
];

/// The kinds this browser plays. What it was not asked about counts as not played.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Formats(Vec<&'static str>);

impl Formats {
    /// Asks `plays` about each kind.
    pub fn new(plays: impl Fn(&str) -> bool) -> Self {
        Self(KINDS.into_iter().filter(|kind| plays(kind)).collect())
    }

    /// Those recordings of `song` that can be heard here, the usual one first.
    pub fn playable<'a>(&self, song: &'a Song) -> impl Iterator<Item = &'a Recording> {
        song.recordings().iter().filter(|recording| self.0.contains(&&*recording.media_type))
    }

    /// Whether any can.
    pub fn can_play(&self, song: &Song) -> bool {
        self.playable(song).next().is_some()
    }
}

impl Default for Formats {
    /// A browser that plays everything.
    fn default() -> Self {
        Self::new(|_| true)
    }
}
