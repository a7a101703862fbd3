//! The room the page is in, as it is shown.

use std::fmt;
use std::rc::Rc;

use kadenza_api::Song;
use kadenza_node::room::{Link, LinkError, QueueItemId, Reaction};

use super::Refusal;

/// What the part of an address after `#` begins with where it names a room.
const ROOM: &str = "#/room/";

/// A room's link, as the address has it. It is never shown by accident: whoever reads it is in.
#[derive(Clone, PartialEq, Eq)]
pub struct RoomLink(Rc<str>);

impl RoomLink {
    /// The link of a room.
    pub fn of(link: &Link) -> Self {
        Self(link.text().into())
    }

    /// The room's link in the part of an address after `#`, itself included; what is wrong with it where it is damaged.
    /// `None` where it names no room.
    pub fn read(hash: &str) -> Option<Result<Self, LinkError>> {
        let text = hash.strip_prefix(ROOM)?;
        Some(text.parse::<Link>().map(|link| Self::of(&link)))
    }

    /// Name and secret.
    ///
    /// # Errors
    /// [`LinkError`], saying what is damaged.
    pub fn parsed(&self) -> Result<Link, LinkError> {
        self.0.parse()
    }

    /// The part of the address after `#`, itself included.
    pub fn hash(&self) -> String {
        format!("{ROOM}{}", self.0)
    }
}

impl fmt::Debug for RoomLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RoomLink(..)")
    }
}

/// A member as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberView {
    /// Its peer id.
    pub peer: String,
    /// What it calls itself.
    pub name: String,
    /// Whether it is this tab.
    pub is_me: bool,
    /// How it reacts, the latest last.
    pub reactions: Vec<&'static str>,
}

/// An item of the queue as it is shown.
#[derive(Debug, Clone, PartialEq)]
pub struct QueueView {
    /// Which item.
    pub id: QueueItemId,
    /// Its song, where its record is here.
    pub song: Option<Rc<Song>>,
    /// What its adder is called, where that one is here.
    pub added_by: Option<String>,
}

/// The room as it is.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RoomView {
    /// Who is here, this tab first.
    pub members: Vec<MemberView>,
    /// What is played next.
    pub queue: Vec<QueueView>,
    /// The item that is played, or that was stopped, and whether it plays.
    pub playback: Option<(QueueItemId, bool)>,
    /// The song of that item, which may have been taken out of the queue.
    pub song: Option<Rc<Song>>,
}

/// What the page knows of its room.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Room {
    /// The room the page is in, or going into.
    pub link: Option<RoomLink>,
    /// Its name.
    pub name: String,
    /// What it is like, once the page is in.
    pub view: Option<Rc<RoomView>>,
    /// How often its library had changed when it was looked at.
    pub library: Option<u64>,
    /// Whether the public library is looked at, to add songs of it.
    pub shows_public: bool,
    /// Whether this tab plays what the room plays.
    pub together: bool,
    /// How far this tab's player is behind the room, in milliseconds.
    pub drift_ms: Option<f64>,
    /// The song that may be made public, when the person has read what that means.
    pub publishing: Option<Rc<Song>>,
    /// Why something was not done.
    pub failure: Option<Refusal>,
}

impl Room {
    /// The room of a link.
    pub fn of(link: Option<RoomLink>) -> Self {
        let name = link.as_ref().and_then(|link| link.parsed().ok()).map(|link| link.name().to_owned());
        Self { link, name: name.unwrap_or_default(), ..Self::default() }
    }

    /// The item that is played together.
    pub fn item(&self) -> Option<QueueItemId> {
        Some(self.view.as_ref()?.playback?.0)
    }

    /// The song after the one that is played.
    pub fn next(&self) -> Option<&Rc<Song>> {
        let view = self.view.as_ref()?;
        let current = view.queue.iter().position(|item| Some(item.id) == self.item());
        view.queue.get(current.map_or(0, |place| place + 1))?.song.as_ref()
    }

    /// Whether it plays.
    pub fn is_playing(&self) -> bool {
        self.view.as_ref().and_then(|view| view.playback).is_some_and(|(_, playing)| playing)
    }
}

/// What a person does in a room.
#[derive(Debug, Clone, PartialEq)]
pub enum Deed {
    /// Go into a new room of this name, and be called so there.
    Create {
        /// The room's name.
        room: String,
        /// The person's.
        me: String,
    },
    /// Be called something else.
    Rename(String),
    /// Put a song at the end of the queue.
    Queue(Rc<Song>),
    /// Play a song now.
    Play(Rc<Song>),
    /// Play an item of the queue.
    PlayItem(QueueItemId),
    /// Stop, or go on.
    Toggle,
    /// Go to a second.
    Seek(f64),
    /// Go on to the next.
    Skip,
    /// Have so many items be before this one.
    Move(QueueItemId, usize),
    /// Take an item out.
    Remove(QueueItemId),
    /// Show how one feels.
    React(Reaction),
    /// Put a song of the public library into the room, by reference.
    AddPublic(Rc<Song>),
    /// Put a song of the room into the public library.
    Publish(Rc<Song>),
}

#[cfg(test)]
mod tests {
    use kadenza_node::room::Secret;
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    #[wasm_bindgen_test]
    fn a_rooms_link_is_read_back_from_the_address() {
        let link = RoomLink::of(&Link::new("Summer 日本", Secret::new([7; 32])).unwrap());
        assert_eq!(RoomLink::read(&link.hash()), Some(Ok(link.clone())));
        assert_eq!(Room::of(Some(link)).name, "Summer 日本");
        assert_eq!(RoomLink::read("#/song/12"), None);
    }

    #[wasm_bindgen_test]
    fn a_damaged_link_says_what_is_wrong() {
        let hash = RoomLink::of(&Link::new("Summer", Secret::new([7; 32])).unwrap()).hash();
        let cut = RoomLink::read(&hash[..hash.len() - 3]);
        assert_eq!(cut, Some(Err(LinkError::TooShort { missing: 3 })));
    }
}
