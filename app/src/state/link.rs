//! A link to a song, from the address bar to the player.

use kadenza_api::{Error, SongId};
use kadenza_node::room::LinkError;

use super::RoomLink;

/// What the part of an address after `#` begins with where it names a song. `static/early.js` knows it as well.
const SONG: &str = "#/song/";

/// How far the link that the page was opened with has come.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Link {
    /// There is none, or its song is in the player.
    #[default]
    None,
    /// Its song is asked for.
    Looking(SongId),
    /// It names a room.
    Room(RoomLink),
    /// It names no song: letters are missing, or there are others in between.
    Damaged,
    /// It names no room, for this reason.
    DamagedRoom(LinkError),
    /// Nobody knows its song, or nobody could be asked: the error says which.
    Missing(SongId, Error),
}

impl Link {
    /// The link in the part of an address after `#`, itself included.
    pub fn of(hash: &str) -> Self {
        match RoomLink::read(hash) {
            Some(Ok(room)) => return Self::Room(room),
            Some(Err(why)) => return Self::DamagedRoom(why),
            None => {}
        }
        match hash.strip_prefix(SONG).map(str::parse) {
            None => Self::None,
            Some(Ok(id)) => Self::Looking(id),
            Some(Err(_)) => Self::Damaged,
        }
    }

    /// The song that is asked for.
    pub fn wanted(&self) -> Option<SongId> {
        match self {
            Self::Looking(id) => Some(*id),
            _ => None,
        }
    }
}

/// The part of the address that [`Link::of`] reads back.
pub fn hash(id: SongId) -> String {
    format!("{SONG}{id}")
}
