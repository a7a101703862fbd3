//! What each action makes of the page's state.

use std::rc::Rc;

use kadenza_api::Song;
use kadenza_node::tab::{Connection, Status};
use yew::Reducible;

use super::{Asked, Link, Progress, Repeat, Safety, Sought, State, View};
use crate::actions::Action;

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
            Action::SongPointed(_) | Action::RowsSeen(_) | Action::PrefetchEnded { .. } => {
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

impl State {
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
            Action::PrefetchEnded { id, took } => self.prefetch().ended(id, took),
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
