//! The one state of the page, and the one reducer that changes it. Pure: no network, no browser.

mod listing;
mod player;
mod standing;
mod uploads;

use std::rc::Rc;

use kadenza_node::tab::{Connection, Keeping, Status};
use yew::Reducible;

pub use self::listing::{Listing, Phase};
pub use self::player::{Player, Seek};
pub use self::standing::Standing;
pub use self::uploads::{Progress, UPLOADS_MAX, UploadItem, Uploads};
use crate::actions::Action;

/// The state of the page.
#[derive(Debug, Clone, PartialEq)]
pub struct State {
    /// How this tab stands with the network.
    pub status: Status,
    /// This tab's peer id, once it is known.
    pub peer: Option<String>,
    /// Why the page cannot work at all.
    pub failure: Option<String>,
    /// What the network panel shows.
    pub standing: Rc<Standing>,
    /// The search and what it found.
    pub listing: Rc<Listing>,
    /// The files on their way in.
    pub uploads: Rc<Uploads>,
    /// The song that plays.
    pub player: Rc<Player>,
}

impl Default for State {
    fn default() -> Self {
        Self {
            status: Status { connection: Connection::Starting, keeping: Keeping::Browser },
            peer: None,
            failure: None,
            standing: Rc::default(),
            listing: Rc::default(),
            uploads: Rc::default(),
            player: Rc::default(),
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

    fn status_changed(&mut self, status: Status) {
        let joined = |status: Status| matches!(status.connection, Connection::Connected { .. });
        if joined(status) && !joined(self.status) {
            self.listing().refresh();
        }
        self.status = status;
    }

    fn listed(&mut self, action: Action) {
        match action {
            Action::Typed(words) => self.listing().type_words(words),
            Action::RefreshAsked => self.listing().refresh(),
            Action::MoreAsked => self.listing().ask_more(),
            Action::FoundHere { serial, found } => self.listing().found_here(serial, found),
            Action::FoundEverywhere { serial, answer } => self.listing().found_everywhere(serial, answer),
            Action::FoundMore { serial, answer } => self.listing().found_more(serial, answer),
            _ => return,
        }
        let listing = self.listing.clone();
        if listing.answered == self.player.words {
            self.player().follow(&listing.songs);
        }
    }

    fn uploaded(&mut self, action: Action) {
        match action {
            Action::FilesPicked(picked) => self.uploads().add(picked),
            Action::UploadStarted(id) => self.uploads().set(id, Progress::Running { read: 0 }),
            Action::UploadRead { id, bytes } => self.uploads().read(id, bytes),
            Action::UploadEnded { id, result } => {
                if result.is_ok() {
                    self.listing().refresh();
                }
                self.uploads().end(id, result);
            }
            Action::TagsGiven { id, tags } => self.uploads().tag(id, tags),
            Action::UploadSkipped(id) => self.uploads().set(id, Progress::Skipped),
            Action::UploadRetried(id) => self.uploads().set(id, Progress::Waiting),
            Action::UploadsDismissed => self.uploads().dismiss(),
            _ => {}
        }
    }

    fn played(&mut self, action: Action) {
        match action {
            Action::SongChosen(song) => {
                let listing = self.listing.clone();
                self.player().choose(song, &listing.songs, &listing.answered);
            }
            Action::Toggled => self.player().toggle(),
            Action::Next => self.step(1),
            Action::Previous => self.step(-1),
            Action::AudioEnded => self.ended(),
            Action::Sought(second) => self.player().seek(second),
            Action::VolumeSet(volume) => self.player().volume = volume.clamp(0.0, 1.0),
            Action::SongRetried => self.player().retry(),
            Action::AudioPlaying => self.player().waiting = false,
            Action::AudioWaiting => self.player().waiting = true,
            Action::AudioPaused => self.player().playing = false,
            Action::AudioMoved(second) => self.player().moved(second),
            Action::AudioLength(seconds) => self.player().set_length(seconds),
            Action::AudioFailed(sentence) => self.player().failed(sentence),
            _ => {}
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
        if self.player.neighbour(1).is_some() {
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
            Action::StartFailed(error) => state.failure = Some(crate::wording::sentence(&error.to_string())),
            Action::PeerKnown(peer) => state.peer = Some(peer),
            Action::StatusChanged(status) => state.status_changed(status),
            Action::NetworkToggled(open) => state.standing().toggled(open),
            Action::NetworkSeen(network) => state.standing().seen(network),
            Action::Typed(_)
            | Action::RefreshAsked
            | Action::MoreAsked
            | Action::FoundHere { .. }
            | Action::FoundEverywhere { .. }
            | Action::FoundMore { .. } => state.listed(action),
            Action::FilesPicked(_)
            | Action::UploadStarted(_)
            | Action::UploadRead { .. }
            | Action::UploadEnded { .. }
            | Action::TagsGiven { .. }
            | Action::UploadSkipped(_)
            | Action::UploadRetried(_)
            | Action::UploadsDismissed => state.uploaded(action),
            _ => state.played(action),
        }
        Rc::new(state)
    }
}

#[cfg(test)]
mod tests;
