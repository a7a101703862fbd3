//! In which order the songs of a list are played, and what follows the last one.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::rc::Rc;

use kadenza_api::{Song, SongId};
use serde::{Deserialize, Serialize};

/// What is played once more.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Repeat {
    /// Nothing.
    #[default]
    Off,
    /// The whole list.
    All,
    /// The song that plays.
    One,
}

impl Repeat {
    /// What comes when the button is pressed once more.
    pub fn next(self) -> Self {
        match self {
            Self::Off => Self::All,
            Self::All => Self::One,
            Self::One => Self::Off,
        }
    }
}

/// A list in an order of its own: the same seed is the same order, however often the list is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shuffle {
    /// Which order.
    pub seed: u32,
    /// The song it begins with.
    pub first: Option<SongId>,
}

/// The songs of a list in the order they are played.
pub(super) fn arranged(list: &[Rc<Song>], shuffle: Option<Shuffle>) -> Vec<Rc<Song>> {
    let mut songs = list.to_vec();
    if let Some(Shuffle { seed, first }) = shuffle {
        songs.sort_by_cached_key(|song| {
            let mut hasher = DefaultHasher::new();
            (seed, song.id().0).hash(&mut hasher);
            (Some(song.id()) != first, hasher.finish())
        });
    }
    songs
}
