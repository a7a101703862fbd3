//! The one state of the page, and the one reducer that changes it. Pure: no network, no browser.

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
use yew::Reducible;

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
use crate::actions::Action;

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

    fn looked_into(&mut self, action: Action) {
        match action {
            Action::NetworkToggled(open) => self.standing().toggled(open),
            Action::NetworkSeen(network) => self.standing().seen(network),
            Action::PeerPicked(peer) => self.standing().picked = peer,
            Action::SongSought(song) => self.standing().sought = song.map(Sought::of),
            Action::StorageToggled(open) => self.storage().toggled(open),
            Action::StorageSeen(storage) => self.storage().seen(storage),
            Action::StorageLimitSet(limit) => self.storage().limit = limit,
            Action::LossesCounted(losses) => self.storage().counted(losses),
            Action::LastingAsked => self.storage().asked = Asked::Waiting,
            Action::LastingAnswered(agreed) => self.storage().answered(agreed),
            _ => {}
        }
    }

    fn storage(&mut self) -> &mut StorageSheet {
        Rc::make_mut(&mut self.storage)
    }

    fn status_changed(&mut self, status: Status) {
        let joined = |status: Status| matches!(status.connection, Connection::Connected { .. });
        if joined(status) && !joined(self.status) {
            self.listing().refresh();
        }
        self.status = status;
    }

    fn listed(&mut self, action: Action) {
        let before = self.listing.clone();
        match action {
            Action::Typed(words) => {
                self.opened = None;
                self.listing().type_words(words);
            }
            Action::RefreshAsked => self.listing().refresh(),
            Action::MoreAsked => self.listing().ask_more(),
            Action::ViewSet(view) => (self.view, self.opened) = (view, None),
            Action::GroupOpened(name) => self.opened = name,
            Action::FoundHere { serial, found } => self.listing().found_here(serial, found),
            Action::FoundFurther { serial, found } => self.listing().found_further(serial, found),
            Action::RowsWanted(rows) => self.listing().want(rows),
            Action::FoundEverywhere { serial, answer } => self.listing().found_everywhere(serial, answer),
            Action::FoundMore { serial, answer } => self.listing().found_more(serial, answer),
            _ => return,
        }
        // Albums and artists are of all songs.
        if self.view != View::Songs && self.listing.wanted < usize::MAX {
            self.listing().want(usize::MAX);
        }
        let listing = self.listing.clone();
        if listing.answered != before.answered {
            self.prefetch().begin_anew(&listing);
        }
        if listing.answered == self.player.words && listing.songs != before.songs {
            self.player().follow(&listing.songs);
        }
    }

    fn uploaded(&mut self, action: Action) {
        match action {
            Action::FolderDropped => self.uploads().looking += 1,
            Action::LookingStopped => self.uploads().looking = 0,
            Action::FilesPicked(picked) => {
                let destination = self.room.destination();
                self.uploads().add(picked, &destination);
            }
            Action::UploadsResumed(files) => self.uploads().resume(files),
            Action::UploadKept { id, kept } => self.uploads().keep(id, kept),
            Action::UploadStarted(id) => self.uploads().start(id),
            Action::UploadRead { id, bytes } => self.uploads().read(id, bytes),
            Action::UploadEnded { id, result } => {
                if result.is_ok() {
                    self.listing().refresh();
                }
                self.uploads().end(id, result);
            }
            Action::TagsGiven { id, tags } => self.uploads().tag(id, tags),
            Action::UploadSkipped(id) => self.uploads().leave_out(|item| item.id == id),
            Action::UploadsCancelled => {
                let uploads = self.uploads();
                uploads.looking = 0;
                uploads.leave_out(|_| true);
            }
            Action::UploadRetried(id) => self.uploads().retry(|item| item.id == id),
            Action::UploadsRetried => self.uploads().retry(|_| true),
            Action::UploadsDismissed => self.uploads().dismiss(),
            Action::ChecksSet(checks) => self.uploads().checks = checks,
            Action::CheckAsked(id) => self.uploads().check(|item| id.is_none_or(|id| id == item.id)),
            Action::NamesShown(shown) => self.uploads().shows_names = shown,
            Action::NamesRead { id, names } => self.uploads().looked_into(id, names),
            Action::NameGiven { ids, field, text } => self.uploads().rename(&ids, field, &text),
            Action::CheckedLeftOut => {
                self.uploads().leave_out(|item| matches!(item.progress, Progress::Checking { .. }));
            }
            Action::NamesConfirmed => self.uploads().confirm(),
            _ => {}
        }
    }

    fn linked(&mut self, action: Action) {
        match action {
            Action::LinkOpened(link) => self.go_to(link),
            Action::LinkAnswered { id, answer } if self.link.wanted() == Some(id) => match answer {
                Ok(song) => self.choose(Rc::new(song)),
                Err(error) => self.link = Link::Missing(id, error),
            },
            Action::LinkRetried => {
                if let Link::Missing(id, _) = self.link {
                    self.link = Link::Looking(id);
                }
            }
            Action::LinkDismissed => self.link = Link::None,
            _ => {}
        }
    }

    fn room(&mut self) -> &mut Room {
        Rc::make_mut(&mut self.room)
    }

    fn in_room(&mut self, action: Action) {
        match action {
            Action::RoomSeen { view, library } => {
                let is_news = self.room.library != Some(library);
                let room = self.room();
                (room.view, room.library) = (Some(view), Some(library));
                if is_news {
                    self.listing().refresh();
                }
                self.follow_room();
            }
            Action::TogetherSet(together) => {
                let room = self.room();
                (room.together, room.drift_ms) = (together, None);
                if !together {
                    self.player().let_go();
                }
                self.follow_room();
            }
            Action::PublicShown(shows) => {
                self.room().shows_public = shows;
                self.listing().leave_library();
            }
            Action::PublishAsked(song) => self.room().publishing = song,
            Action::PublishBegun { song, source } => self.uploads().publish(&song, source),
            Action::DriftSeen(drift_ms) => self.room().drift_ms = drift_ms,
            Action::RoomRefused(why) => self.room().failure = Some(why),
            Action::RoomRefusalRead => self.room().failure = None,
            _ => {}
        }
    }

    /// Has the player hold what the room plays.
    fn follow_room(&mut self) {
        let Some(view) = self.room.view.clone().filter(|_| self.room.together) else { return };
        let playing = self.room.is_playing();
        self.player().steer(view.song.clone(), playing);
    }

    fn prefetched(&mut self, action: Action) {
        match action {
            Action::SongPointed(song) => self.prefetch().point(song),
            Action::RowsSeen(songs) => self.prefetch().see(songs),
            Action::PrefetchEnded(id) => self.prefetch().ended(id),
            _ => {}
        }
    }

    /// Whether nobody waits for anything, so that the line may be used for what may be wanted later.
    fn is_free(&self) -> bool {
        let player = &self.player;
        matches!(self.status.connection, Connection::Connected { .. })
            && !self.sharing.metered
            && !self.uploads.is_busy()
            && self.link.wanted().is_none()
            && (!player.playing || player.buffered)
    }

    fn plan(&mut self) {
        let (is_free, player) = (self.is_free(), self.player.clone());
        if !self.prefetch.is_planned(is_free, &player) {
            self.prefetch().plan(is_free, &player);
        }
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

    /// Plays a song; a link to another one is forgotten.
    fn choose(&mut self, song: Rc<Song>) {
        self.link = Link::None;
        let listing = self.listing.clone();
        let group = self.group().filter(|group| group.songs.contains(&song));
        if let Some(group) = group {
            return self.player().choose_of(song, group.songs);
        }
        let is_listed = listing.songs.iter().any(|listed| listed.id() == song.id());
        let alone = [song.clone()];
        let list = if is_listed { &*listing.songs } else { &alone };
        self.player().choose(song, list, &listing.answered);
    }

    fn played(&mut self, action: Action) {
        match action {
            // The room says when it plays, and goes on to the next song by itself.
            Action::AudioPaused | Action::AudioEnded if self.player.steered => {}
            Action::SongChosen(song) => self.choose(song),
            Action::Toggled => self.player().toggle(),
            Action::Next => self.step(1),
            Action::Previous => self.step(-1),
            Action::AudioEnded => self.ended(),
            Action::Sought(second) => self.player().seek(second),
            Action::VolumeSet(volume) => self.player().set_volume(volume),
            Action::MuteToggled => {
                let player = self.player();
                player.muted = !player.muted;
            }
            Action::QueueAdded(song) => self.queue(song),
            Action::QueueJumped(song) => self.player().jump(song),
            Action::QueueMoved { song, to } => self.player().move_to(song, to),
            Action::QueueRemoved(song) => self.player().take_out(song),
            Action::RepeatSet(repeat) => self.player().repeat = repeat,
            Action::ShuffleSet(seed) => self.player().set_shuffle(seed),
            Action::SongRetried => self.player().retry(),
            Action::AudioPlaying => self.player().waiting = false,
            Action::AudioWaiting => self.player().waiting = true,
            Action::AudioPaused => self.player().playing = false,
            Action::AudioBuffered(buffered) => self.player().buffered = buffered,
            Action::AudioMoved(second) => self.player().moved(second),
            Action::AudioLength(seconds) => self.player().set_length(seconds),
            Action::AudioFailed(error) => self.player().failed(error),
            _ => {}
        }
    }

    /// Has a song follow the one that plays, or play where none does.
    fn queue(&mut self, song: Rc<Song>) {
        if self.player.song.is_some() {
            self.player().play_next(song);
        } else {
            self.choose(song);
        }
    }

    fn step(&mut self, by: isize) {
        self.player().step(by);
        // The last song in sight plays, so the page after it will be wanted next.
        if self.player.neighbour(1).is_none() && self.listing.answered == self.player.words {
            self.listing().ask_more();
        }
    }

    fn ended(&mut self) {
        if self.player.repeat == Repeat::One {
            self.player().again();
        } else if self.player.neighbour(1).is_some() {
            self.step(1);
        } else {
            self.player().playing = false;
        }
    }
}

impl Reducible for State {
    type Action = Action;

    fn reduce(self: Rc<Self>, action: Action) -> Rc<Self> {
        let mut state = (*self).clone();
        match action {
            Action::StartFailed(error) => state.failure = Some(error),
            Action::PeerKnown(peer) => state.peer = Some(peer),
            Action::StatusChanged(status) => state.status_changed(status),
            Action::StreamingMissing => state.streams = false,
            Action::NetworkToggled(_)
            | Action::NetworkSeen(_)
            | Action::PeerPicked(_)
            | Action::SongSought(_)
            | Action::StorageToggled(_)
            | Action::StorageSeen(_)
            | Action::StorageLimitSet(_)
            | Action::LossesCounted(_)
            | Action::LastingAsked
            | Action::LastingAnswered(_) => state.looked_into(action),
            Action::Typed(_)
            | Action::RefreshAsked
            | Action::MoreAsked
            | Action::ViewSet(_)
            | Action::GroupOpened(_)
            | Action::FoundHere { .. }
            | Action::FoundFurther { .. }
            | Action::RowsWanted(_)
            | Action::FoundEverywhere { .. }
            | Action::FoundMore { .. } => state.listed(action),
            Action::FolderDropped
            | Action::LookingStopped
            | Action::FilesPicked(_)
            | Action::UploadsResumed(_)
            | Action::UploadKept { .. }
            | Action::UploadStarted(_)
            | Action::UploadRead { .. }
            | Action::UploadEnded { .. }
            | Action::TagsGiven { .. }
            | Action::UploadSkipped(_)
            | Action::UploadsCancelled
            | Action::UploadRetried(_)
            | Action::UploadsRetried
            | Action::UploadsDismissed
            | Action::ChecksSet(_)
            | Action::CheckAsked(_)
            | Action::NamesShown(_)
            | Action::NamesRead { .. }
            | Action::NameGiven { .. }
            | Action::CheckedLeftOut
            | Action::NamesConfirmed => state.uploaded(action),
            Action::LinkOpened(_)
            | Action::LinkAnswered { .. }
            | Action::LinkRetried
            | Action::LinkDismissed => state.linked(action),
            Action::SongPointed(_) | Action::RowsSeen(_) | Action::PrefetchEnded(_) => {
                state.prefetched(action)
            }
            Action::RoomSeen { .. }
            | Action::TogetherSet(_)
            | Action::PublicShown(_)
            | Action::PublishAsked(_)
            | Action::PublishBegun { .. }
            | Action::DriftSeen(_)
            | Action::RoomRefused(_)
            | Action::RoomRefusalRead => state.in_room(action),
            Action::ConnectionMetered(metered) => state.sharing.metered = metered,
            Action::KeepingSet(keeps) => state.sharing.keeps = keeps,
            Action::UploadLimitSet(limit) => state.sharing.set_limit(limit),
            Action::SafetyAsked(song) => state.safety = song.map(Safety::of),
            Action::SafetySeen(copies) => {
                if let Some(safety) = &mut state.safety {
                    safety.copies = Some(copies);
                }
            }
            Action::KeysSet(on) => state.keys = on,
            Action::LanguageSet(language) => state.language = language,
            Action::KeysShown(shown) => state.shows_keys = shown,
            _ => state.played(action),
        }
        state.plan();
        Rc::new(state)
    }
}

#[cfg(test)]
mod tests;
