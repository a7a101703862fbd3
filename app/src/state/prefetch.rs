//! What is fetched before it is asked for: the beginnings of the songs in view, and the song that is probably next.

use std::collections::HashSet;
use std::rc::Rc;
use std::time::Duration;

use kadenza_api::{Song, SongId};

use super::{Listing, Player};

/// The beginnings fetched for one list: a screenful on most screens, 3 MB.
pub const ROWS_MAX: usize = 12;

/// How many of them at once, so that what is clicked meanwhile does not have to share with many.
const AT_ONCE: usize = 2;

/// A beginning that takes longer says that this tab, its line, or those that have the song are busy: what may be wanted must
/// not slow down what is. 256 KiB in a second are 2 Mbit/s.
const QUICK_WITHIN: Duration = Duration::from_secs(1);

/// Before the end of a song the next one counts more than the one under the pointer, which may only rest there.
const ENDING_SECONDS: f64 = 30.0;

/// What may be wanted soon.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Prefetch {
    /// Whether anything is fetched ahead at all.
    pub enabled: bool,
    /// The song under the pointer, or the one the keyboard is at.
    pub pointed: Option<Rc<Song>>,
    /// The songs whose beginnings are being fetched.
    pub running: Vec<Rc<Song>>,
    in_view: Vec<Rc<Song>>,
    begun: HashSet<SongId>,
    /// Whether the last one took long: of each further list one is tried then, and the others if that one is quick.
    slow: bool,
}

impl Prefetch {
    /// Nothing yet; nothing ever, unless it is `enabled`.
    pub fn new(enabled: bool) -> Self {
        Self { enabled, ..Self::default() }
    }

    /// The song to have ready: the one somebody points at, else the one after the one that plays.
    pub fn next<'a>(&'a self, player: &'a Player) -> Option<&'a Rc<Song>> {
        if !self.enabled || (player.playing && !player.buffered) {
            return None;
        }
        let after = player.neighbour(1).filter(|_| player.playing);
        let is_ending = player.length - player.position < ENDING_SECONDS;
        let pointed = self.pointed.as_ref().filter(|song| !player.is_current(song));
        let next = if is_ending { after.or(pointed) } else { pointed.or(after) };
        next.filter(|song| player.formats.can_play(song))
    }

    pub(super) fn point(&mut self, song: Option<Rc<Song>>) {
        self.pointed = song;
    }

    pub(super) fn see(&mut self, songs: Vec<Rc<Song>>) {
        self.in_view = songs;
    }

    pub(super) fn ended(&mut self, id: SongId, took: Duration) {
        self.running.retain(|song| song.id() != id);
        self.slow = took > QUICK_WITHIN;
    }

    /// Another list is shown: there is a new budget, and the row somebody pointed at may be gone.
    pub(super) fn begin_anew(&mut self, listing: &Listing) {
        let mut in_view = std::mem::take(&mut self.in_view);
        in_view.retain(|song| listing.songs.iter().any(|listed| listed.id() == song.id()));
        *self = Self { enabled: self.enabled, in_view, slow: self.slow, ..Self::default() };
    }

    /// Whether [`Prefetch::plan`] would change anything.
    pub(super) fn is_planned(&self, is_free: bool, player: &Player) -> bool {
        if is_free { self.due(player).next().is_none() } else { self.running.is_empty() }
    }

    /// Chooses what to fetch now; nothing unless the tab `is_free` of anything somebody waits for.
    pub(super) fn plan(&mut self, is_free: bool, player: &Player) {
        if !is_free {
            // What was given up may be begun again.
            let given_up: HashSet<_> = self.running.drain(..).map(|song| song.id()).collect();
            self.begun.retain(|id| !given_up.contains(id));
            return;
        }
        let due: Vec<_> = self.due(player).cloned().collect();
        self.begun.extend(due.iter().map(|song| song.id()));
        self.running.extend(due);
    }

    fn due<'a>(&'a self, player: &'a Player) -> impl Iterator<Item = &'a Rc<Song>> {
        let (at_once, rows) = if self.slow { (1, 1) } else { (AT_ONCE, ROWS_MAX) };
        let room = at_once.saturating_sub(self.running.len()).min(rows.saturating_sub(self.begun.len()));
        let is_due = |song: &&Rc<Song>| {
            !self.begun.contains(&song.id()) && !player.is_current(song) && player.formats.can_play(song)
        };
        self.in_view.iter().filter(is_due).take(if self.enabled { room } else { 0 })
    }
}
