//! The one state of the page; what changes it is all in `reducer.rs`. Pure: no network, no browser.

mod failure;
mod formats;
mod groups;
mod keys;
mod language;
mod link;
mod listing;
mod order;
mod player;
mod prefetch;
mod reducer;
mod remembered;
mod ring;
mod room;
mod safety;
mod sharing;
mod standing;
mod storage;
mod uploads;
mod window;

use std::rc::Rc;

use kadenza_api::{Error, Song};
use kadenza_node::tab::{Connection, Keeping, Status};

pub use self::failure::{PlaybackError, Refusal};
pub use self::formats::Formats;
pub use self::groups::{Group, View};
pub use self::keys::{SHORTCUTS, Shortcut};
pub use self::language::Language;
pub use self::link::{Link, hash};
pub use self::listing::{Extent, Listing, Phase};
pub use self::order::{Repeat, Shuffle};
pub use self::player::{Player, Seek};
pub use self::prefetch::{Prefetch, ROWS_MAX};
pub use self::remembered::{Place, Remembered, Settings, remembered};
pub use self::ring::{Bucket, Dot, Ring, point, shared_bits, turns};
pub use self::room::{Deed, MemberView, QueueView, Room, RoomLink, RoomView};
pub use self::safety::Safety;
pub use self::sharing::{LIMIT_MIN, Sharing};
pub use self::standing::{Sought, Standing};
pub use self::storage::{Asked, StorageSheet, chosen_limit, storage_limits};
pub use self::uploads::{
    Counts, Destination, Entry, Held, KeepJob, Kept, NameField, Progress, Resumed, UPLOADS_MAX, UploadItem,
    Uploads,
};
pub use self::window::{Piece, Sight, Window};

/// What is known of the browser before anything happens.
#[derive(Debug, Clone, Default)]
pub struct Setup {
    /// What it plays.
    pub formats: Formats,
    /// How this tab shares, as the person has set it and the connection is.
    pub sharing: Sharing,
    /// The most bytes this tab may store, as the person has set it.
    pub storage_limit: Option<u64>,
    /// Whether anything is fetched before it is asked for.
    pub prefetches: bool,
    /// The link the page was opened with.
    pub link: Link,
    /// What is remembered of the last visit.
    pub remembered: Remembered,
    /// Whether single keys do something.
    pub keys: bool,
    /// Whether names are looked at before files go.
    pub checks: bool,
    /// The language it speaks.
    pub language: Language,
}

/// The state of the page.
#[derive(Debug, Clone, PartialEq)]
pub struct State {
    /// How this tab stands with the network.
    pub status: Status,
    /// This tab's peer id, once it is known.
    pub peer: Option<String>,
    /// Why the page cannot work at all.
    pub failure: Option<Error>,
    /// Whether a service worker may stream what this tab has.
    pub streams: bool,
    /// What the network panel shows.
    pub standing: Rc<Standing>,
    /// The search and what it found.
    pub listing: Rc<Listing>,
    /// The files on their way in.
    pub uploads: Rc<Uploads>,
    /// The song that plays.
    pub player: Rc<Player>,
    /// What is fetched before it is asked for.
    pub prefetch: Rc<Prefetch>,
    /// What others may have of this tab.
    pub sharing: Sharing,
    /// What it stores.
    pub storage: Rc<StorageSheet>,
    /// The link the page was opened with.
    pub link: Link,
    /// The room it is in.
    pub room: Rc<Room>,
    /// The song whose copies are looked at.
    pub safety: Option<Safety>,
    /// How the library is looked at.
    pub view: View,
    /// The album or artist that is looked at, by its name.
    pub opened: Option<String>,
    /// Whether single keys do something.
    pub keys: bool,
    /// Whether it is shown which.
    pub shows_keys: bool,
    /// The language it speaks.
    pub language: Language,
}

impl State {
    /// The page as it begins.
    pub fn new(setup: Setup) -> Self {
        let Setup { formats, sharing, storage_limit, prefetches, link, remembered, keys, checks, language } =
            setup;
        let mut player = Player { formats: Rc::new(formats), ..Player::default() };
        remembered.settings.into_iter().for_each(|settings| player.set_as(settings));
        if let Some(place) = remembered.place.filter(|_| link == Link::None) {
            player.wait_at(&place, remembered.list);
        }
        let mut state = Self {
            player: Rc::new(player),
            prefetch: Rc::new(Prefetch::new(prefetches)),
            sharing,
            storage: Rc::new(StorageSheet::new(storage_limit)),
            keys,
            language,
            ..Self::default()
        };
        state.uploads().checks = checks;
        state.go_to(link);
        state
    }

    /// The page at another address.
    fn go_to(&mut self, link: Link) {
        let (link, room) = match link {
            Link::Room(room) => (Link::None, Some(room)),
            link => (link, None),
        };
        // A song's link is opened where one is; a room is left by another address.
        if room != self.room.link {
            // What a room has is played in it, and remembered nowhere.
            if self.room.link.is_some() {
                self.player().clear();
            }
            self.room = Rc::new(Room::of(room));
            self.uploads().here = self.room.link.as_ref().map(RoomLink::id);
            self.listing().leave_library();
        }
        self.link = link;
    }
}

impl Default for State {
    fn default() -> Self {
        Self {
            status: Status { connection: Connection::Starting, keeping: Keeping::Browser },
            peer: None,
            failure: None,
            streams: true,
            standing: Rc::default(),
            listing: Rc::default(),
            uploads: Rc::default(),
            player: Rc::default(),
            prefetch: Rc::default(),
            sharing: Sharing::default(),
            storage: Rc::default(),
            link: Link::default(),
            room: Rc::default(),
            safety: None,
            view: View::default(),
            opened: None,
            keys: true,
            shows_keys: false,
            language: Language::default(),
        }
    }
}
impl State {
    fn standing(&mut self) -> &mut Standing {
        Rc::make_mut(&mut self.standing)
    }

    fn listing(&mut self) -> &mut Listing {
        Rc::make_mut(&mut self.listing)
    }

    fn uploads(&mut self) -> &mut Uploads {
        Rc::make_mut(&mut self.uploads)
    }

    fn player(&mut self) -> &mut Player {
        Rc::make_mut(&mut self.player)
    }

    fn prefetch(&mut self) -> &mut Prefetch {
        Rc::make_mut(&mut self.prefetch)
    }

    fn storage(&mut self) -> &mut StorageSheet {
        Rc::make_mut(&mut self.storage)
    }

    fn room(&mut self) -> &mut Room {
        Rc::make_mut(&mut self.room)
    }

    /// The song to have ready before it is chosen.
    pub fn next(&self) -> Option<&Rc<Song>> {
        if self.room.together {
            return self.room.next();
        }
        self.prefetch.next(&self.player).filter(|_| !self.sharing.metered)
    }

    /// The album or artist that is looked at.
    pub fn group(&self) -> Option<Group> {
        self.view.group(&self.listing.songs, self.opened.as_ref()?)
    }
}

#[cfg(test)]
mod tests;
