//! What the player leaves for the page's next visit. It comes back as a browser keeps it, which is untrusted.

use std::rc::Rc;

use kadenza_api::{Song, SongId};
use serde::{Deserialize, Serialize};

use super::order::{Repeat, Shuffle};
use super::player::Player;

/// Songs remembered, those around the one that plays: about a kilobyte each.
const SONGS_MAX: usize = 200;

/// The place in a song is remembered this often, in seconds.
const EVERY: u32 = 5;

/// How the player is set.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// From 0 to 1.
    pub volume: f64,
    /// Whether it is silent all the same.
    pub muted: bool,
    /// What is played once more.
    pub repeat: Repeat,
    /// The order of the list, where it is not its own.
    pub shuffle: Option<Shuffle>,
}

/// What played.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Place {
    /// The song.
    pub song: SongId,
    /// Where in it, in seconds.
    pub second: u32,
}

/// All of it, as far as it is there.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Remembered {
    /// How the player is set.
    pub settings: Option<Settings>,
    /// What played.
    pub place: Option<Place>,
    /// The songs.
    pub list: Vec<Song>,
}

impl Settings {
    /// Those of `player`.
    pub fn of(player: &Player) -> Self {
        let Player { volume, muted, repeat, shuffle, .. } = *player;
        Self { volume, muted, repeat, shuffle }
    }
}

impl Place {
    /// Where `player` is, to the last few seconds.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "casts from float saturate")]
    pub fn of(player: &Player) -> Option<Self> {
        let second = player.position as u32 / EVERY * EVERY;
        Some(Self { song: player.song.as_ref()?.id(), second })
    }
}

/// The songs of `player` that are remembered.
pub fn remembered(player: &Player) -> Vec<Rc<Song>> {
    let place = player.list.iter().position(|song| player.is_current(song)).unwrap_or(0);
    let first = place.saturating_sub(SONGS_MAX / 2).min(player.list.len().saturating_sub(SONGS_MAX));
    player.list.iter().skip(first).take(SONGS_MAX).cloned().collect()
}
