//! The song that plays, where it is, and what comes before and after it.

use std::rc::Rc;

use kadenza_api::{Recording, Song, SongId};

use super::order::{Repeat, Shuffle, arranged};
use super::remembered::{Place, Settings};
use super::{Formats, PlaybackError};

/// Loads of one song before its failure is shown: the first, and one more by itself.
const ATTEMPTS_MAX: u32 = 2;

/// A wish to be at another second of the song.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Seek {
    /// Counts wishes, so that going to the same second twice is two of them.
    pub serial: u32,
    /// The second.
    pub to: f64,
}

/// The player.
#[derive(Debug, Clone, PartialEq)]
pub struct Player {
    /// The list the song was chosen from.
    pub list: Vec<Rc<Song>>,
    /// The same in the order it is played.
    pub queue: Vec<Rc<Song>>,
    /// Whether a person has put songs into it, out of it, or elsewhere: it does not follow the search any more.
    pub edited: bool,
    /// The words that list was the answer to.
    pub words: String,
    /// The song.
    pub song: Option<Rc<Song>>,
    /// Counts loads of the audio element, so that loading the same song again is another one.
    pub loads: u32,
    /// Loads of this song so far.
    pub attempts: u32,
    /// Whether it plays, as far as the listener is concerned.
    pub playing: bool,
    /// Whether the audio element waits for bytes.
    pub waiting: bool,
    /// Where it is, in seconds.
    pub position: f64,
    /// How long it is, in seconds.
    pub length: f64,
    /// The last wish to be elsewhere.
    pub seek: Seek,
    /// Whether enough of it is here to leave the line to others.
    pub buffered: bool,
    /// From 0 to 1.
    pub volume: f64,
    /// Whether it is silent all the same.
    pub muted: bool,
    /// What is played once more.
    pub repeat: Repeat,
    /// The order of the list, where it is not its own.
    pub shuffle: Option<Shuffle>,
    /// What this browser plays.
    pub formats: Rc<Formats>,
    /// Why it does not play.
    pub failure: Option<PlaybackError>,
    /// Whether a room says when and where it plays.
    pub steered: bool,
}

impl Default for Player {
    fn default() -> Self {
        Self {
            list: Vec::new(),
            queue: Vec::new(),
            edited: false,
            words: String::new(),
            song: None,
            loads: 0,
            attempts: 0,
            playing: false,
            waiting: false,
            position: 0.0,
            length: 0.0,
            seek: Seek::default(),
            buffered: false,
            volume: 1.0,
            muted: false,
            repeat: Repeat::Off,
            shuffle: None,
            formats: Rc::default(),
            failure: None,
            steered: false,
        }
    }
}

impl Player {
    /// Whether `song` is the one that plays.
    pub fn is_current(&self, song: &Song) -> bool {
        self.song.as_ref().is_some_and(|current| current.id() == song.id())
    }

    /// The song so many places after the current one, without those that cannot be heard here.
    pub fn neighbour(&self, by: isize) -> Option<&Rc<Song>> {
        let songs = &self.queue;
        let place = songs.iter().position(|song| self.is_current(song))?;
        let (before, after) = (&songs[..place], &songs[place + 1..]);
        // Where the list is repeated, its beginning follows its end.
        let again = usize::from(self.repeat == Repeat::All);
        let can_play = |song: &&Rc<Song>| self.formats.can_play(song);
        let further = by.checked_sub(by.signum())?.unsigned_abs();
        if by > 0 {
            after.iter().chain(songs.iter().take(again * (place + 1))).filter(can_play).nth(further)
        } else {
            let end = songs.iter().skip(place).rev().take(again * songs.len());
            before.iter().rev().chain(end).filter(can_play).nth(further)
        }
    }

    /// The recording to ask for: the oldest that this browser plays, another where that has failed.
    pub fn recording(&self) -> Option<&Recording> {
        let song = self.song.as_ref()?;
        let playable: Vec<_> = self.formats.playable(song).collect();
        playable.get(self.attempts.saturating_sub(1) as usize % playable.len().max(1)).copied()
    }

    pub(super) fn choose(&mut self, song: Rc<Song>, list: &[Rc<Song>], words: &str) {
        words.clone_into(&mut self.words);
        if let Some(shuffle) = &mut self.shuffle {
            shuffle.first = Some(song.id());
        }
        self.take_list(list.to_vec());
        if !self.is_current(&song) || self.failure.is_some() {
            self.load(song);
        } else if self.playing {
            self.seek(0.0);
        }
        self.playing = self.failure.is_none();
    }

    /// Plays a song of an album or artist, and those after it next, whatever the search finds meanwhile.
    pub(super) fn choose_of(&mut self, song: Rc<Song>, songs: Vec<Rc<Song>>) {
        self.choose(song, &songs, "");
        self.edited = true;
    }

    /// Holds what a room plays.
    pub(super) fn steer(&mut self, song: Option<Rc<Song>>, playing: bool) {
        self.steered = true;
        if let Some(song) = song
            && !self.is_current(&song)
        {
            self.take_list(vec![song.clone()]);
            self.load(song);
        }
        self.playing = playing && self.failure.is_none();
    }

    /// The room does not say any more what plays; it stops.
    pub(super) fn let_go(&mut self) {
        (self.steered, self.playing) = (false, false);
    }

    pub(super) fn toggle(&mut self) {
        if self.failure.is_some() {
            self.retry();
        } else {
            self.playing = self.song.is_some() && !self.playing;
        }
        // What was remembered of the last visit is not loaded before it is to be heard.
        if self.playing && self.loads == 0 {
            (self.loads, self.attempts, self.waiting) = (1, 1, true);
        }
    }

    pub(super) fn step(&mut self, by: isize) {
        match self.neighbour(by).cloned() {
            Some(song) => {
                self.load(song);
                self.playing = self.failure.is_none();
            }
            None if by < 0 => self.seek(0.0),
            None => {}
        }
    }

    /// Plays the same song from its beginning.
    pub(super) fn again(&mut self) {
        self.seek(0.0);
        self.loads += 1;
        self.playing = true;
    }

    pub(super) fn set_shuffle(&mut self, seed: Option<u32>) {
        let first = self.song.as_ref().map(|song| song.id());
        self.shuffle = seed.map(|seed| Shuffle { seed, first });
        self.queue = arranged(&self.list, self.shuffle);
    }

    fn take_list(&mut self, list: Vec<Rc<Song>>) {
        self.queue = arranged(&list, self.shuffle);
        (self.list, self.edited) = (list, false);
    }

    /// Takes over an order that a person has made.
    fn take_order(&mut self, queue: Vec<Rc<Song>>) {
        (self.list, self.queue) = (queue.clone(), queue);
        (self.edited, self.shuffle) = (true, None);
    }

    /// The songs after the one that plays.
    pub fn up_next(&self) -> &[Rc<Song>] {
        let place = self.queue.iter().position(|song| self.is_current(song));
        place.map_or(&[], |place| &self.queue[place + 1..])
    }

    /// Has a song follow the one that plays; from elsewhere in the queue, if it is there.
    pub(super) fn play_next(&mut self, song: Rc<Song>) {
        if self.is_current(&song) {
            return;
        }
        let mut queue = self.without(song.id());
        let place = queue.iter().position(|other| self.is_current(other)).map_or(0, |place| place + 1);
        queue.insert(place, song);
        self.take_order(queue);
    }

    /// Puts a song that follows to another place among those that do.
    pub(super) fn move_to(&mut self, id: SongId, to: usize) {
        let Some(song) = self.up_next().iter().find(|song| song.id() == id).cloned() else { return };
        let mut queue = self.without(id);
        let first = queue.iter().position(|other| self.is_current(other)).map_or(0, |place| place + 1);
        queue.insert((first + to).min(queue.len()), song);
        self.take_order(queue);
    }

    /// Takes a song out of the queue, unless it plays.
    pub(super) fn take_out(&mut self, id: SongId) {
        if self.song.as_ref().is_none_or(|song| song.id() != id) {
            self.take_order(self.without(id));
        }
    }

    fn without(&self, id: SongId) -> Vec<Rc<Song>> {
        self.queue.iter().filter(|song| song.id() != id).cloned().collect()
    }

    /// Plays a song of the queue.
    pub(super) fn jump(&mut self, id: SongId) {
        if let Some(song) = self.queue.iter().find(|song| song.id() == id).cloned() {
            self.load(song);
            self.playing = self.failure.is_none();
        }
    }

    /// How loud the elements are, from 0 to 1.
    pub fn loudness(&self) -> f64 {
        if self.muted { 0.0 } else { self.volume }
    }

    pub(super) fn set_volume(&mut self, volume: f64) {
        (self.volume, self.muted) = (volume.clamp(0.0, 1.0), false);
    }

    /// Set as it was at the last visit.
    pub(super) fn set_as(&mut self, settings: Settings) {
        self.set_volume(settings.volume);
        (self.muted, self.repeat, self.shuffle) = (settings.muted, settings.repeat, settings.shuffle);
    }

    /// Waits where the last visit ended.
    #[expect(clippy::cast_precision_loss, reason = "a song is shorter than 285,000 years")]
    pub(super) fn wait_at(&mut self, place: &Place, list: Vec<Song>) {
        let list: Vec<_> = list.into_iter().map(Rc::new).collect();
        let Some(song) = list.iter().find(|song| song.id() == place.song).cloned() else { return };
        self.take_list(list);
        self.edited = true;
        self.length = song.first().duration_ms as f64 / 1000.0;
        self.position = f64::from(place.second).min(self.length);
        self.song = Some(song);
    }

    /// Nothing is to be played any more.
    pub(super) fn clear(&mut self) {
        self.take_list(Vec::new());
        (self.song, self.playing, self.steered, self.failure) = (None, false, false, None);
        self.words.clear();
    }

    pub(super) fn seek(&mut self, second: f64) {
        self.position = second.clamp(0.0, self.length.max(0.0));
        self.seek = Seek { serial: self.seek.serial + 1, to: self.position };
    }

    pub(super) fn moved(&mut self, second: f64) {
        self.position = second;
        if self.playing && second > 0.0 {
            self.failure = None;
        }
    }

    pub(super) fn set_length(&mut self, seconds: f64) {
        if seconds.is_finite() && seconds > 0.0 {
            self.length = seconds;
        }
    }

    pub(super) fn failed(&mut self, error: PlaybackError) {
        self.waiting = false;
        if self.song.is_none() {
            return;
        }
        if self.attempts < ATTEMPTS_MAX {
            self.attempts += 1;
            self.loads += 1;
            self.buffered = false;
        } else {
            self.playing = false;
            self.failure = Some(error);
        }
    }

    pub(super) fn retry(&mut self) {
        if self.song.as_ref().is_some_and(|song| self.formats.can_play(song)) {
            self.failure = None;
            self.playing = true;
            self.attempts += 1;
            self.loads += 1;
        }
    }

    /// Takes over a newer state of the list the song was chosen from.
    pub(super) fn follow(&mut self, list: &[Rc<Song>]) {
        if !self.edited && list.iter().any(|song| self.is_current(song)) {
            self.take_list(list.to_vec());
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "a song is shorter than 285,000 years")]
    fn load(&mut self, song: Rc<Song>) {
        self.length = song.first().duration_ms as f64 / 1000.0;
        self.failure = (!self.formats.can_play(&song))
            .then(|| PlaybackError::Unplayable { media_type: song.first().media_type.clone() });
        self.song = Some(song);
        self.loads += 1;
        self.attempts = 1;
        self.position = 0.0;
        self.buffered = false;
        self.waiting = true;
    }
}
