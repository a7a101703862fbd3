//! The search in the search box, and the songs it has found so far.

use std::collections::HashSet;
use std::rc::Rc;

use kadenza_api::{Error, Found, Query, Result, Song};

/// How far a search has come.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Phase {
    /// Nobody has answered yet.
    #[default]
    Looking,
    /// This tab has answered, the network has not.
    LookingFurther,
    /// The network has answered.
    Complete,
    /// The network could not be asked, for this reason; what is listed is this tab's own.
    Incomplete(Error),
}

/// A search and its songs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Listing {
    /// The words in the search box.
    pub words: String,
    /// Which search is the current one: answers to others are stale.
    pub serial: u32,
    /// How far it has come.
    pub phase: Phase,
    /// The words that `songs` are the answer to. They lag behind `words` until the first answer.
    pub answered: String,
    /// The songs found, best first.
    pub songs: Vec<Rc<Song>>,
    /// How many there are in all, as far as is known.
    pub total: usize,
    /// Counts requests for a further page; zero or unchanged means none is under way.
    pub more: u32,
    /// Whether the answer to such a request is awaited.
    pub more_awaited: bool,
}

impl Listing {
    /// The query for the first page, or for as much of the list as is shown where it is asked for anew.
    pub fn query(&self) -> Query {
        let shown = if self.answered == self.words { self.songs.len() } else { 0 };
        Query { limit: shown.clamp(Query::default_limit(), Query::LIMIT_MAX), ..Query::new(&*self.words) }
    }

    /// The query for the page after those shown.
    pub fn further(&self) -> Query {
        Query { offset: self.songs.len(), ..Query::new(&*self.answered) }
    }

    /// Whether there are songs beyond those shown.
    pub fn has_more(&self) -> bool {
        self.songs.len() < self.total && self.songs.len() <= Query::OFFSET_MAX
    }

    pub(super) fn type_words(&mut self, words: String) {
        if words != self.words {
            self.words = words;
            self.refresh();
        }
    }

    pub(super) fn refresh(&mut self) {
        self.serial += 1;
        self.more_awaited = false;
        // Songs already listed stay in sight, as they are, while the same question is asked again.
        if self.answered != self.words || self.songs.is_empty() {
            self.phase = Phase::Looking;
        }
    }

    pub(super) fn ask_more(&mut self) {
        if self.has_more() && !self.more_awaited {
            self.more += 1;
            self.more_awaited = true;
        }
    }

    pub(super) fn found_here(&mut self, serial: u32, found: Found) {
        if serial != self.serial {
            return;
        }
        let listed = if self.answered == self.words { std::mem::take(&mut self.songs) } else { Vec::new() };
        let total = found.total.max(if listed.is_empty() { 0 } else { self.total });
        self.show(found.songs, listed, total);
        if self.phase == Phase::Looking {
            self.phase = Phase::LookingFurther;
        }
    }

    pub(super) fn found_everywhere(&mut self, serial: u32, answer: Result<Found>) {
        if serial != self.serial {
            return;
        }
        match answer {
            Ok(found) => {
                let limit = self.query().limit;
                let beyond = if self.answered == self.words {
                    self.songs.split_off(limit.min(self.songs.len()))
                } else {
                    Vec::new()
                };
                self.show(found.songs, beyond, found.total);
                self.phase = Phase::Complete;
            }
            Err(error) => self.phase = Phase::Incomplete(error),
        }
    }

    pub(super) fn found_more(&mut self, serial: u32, answer: Result<Found>) {
        if serial != self.serial {
            return;
        }
        self.more_awaited = false;
        match answer {
            // An answer without songs would leave a button that never does anything.
            Ok(found) if found.songs.is_empty() => self.total = self.songs.len(),
            Ok(found) => {
                let listed = std::mem::take(&mut self.songs);
                let shown: HashSet<_> = listed.iter().map(|song| song.id()).collect();
                let further = found.songs.into_iter().filter(|song| !shown.contains(&song.id())).map(Rc::new);
                self.songs = listed.into_iter().chain(further).collect();
                self.total = found.total.max(self.songs.len());
            }
            Err(error) => self.phase = Phase::Incomplete(error),
        }
    }

    /// Lists `first`, then those of `rest` that are not among them. A song that has not changed keeps its place in
    /// memory, so that its row need not be drawn again.
    fn show(&mut self, first: Vec<Song>, rest: Vec<Rc<Song>>, total: usize) {
        let known: Vec<_> = self.songs.iter().chain(&rest).cloned().collect();
        let fresh: HashSet<_> = first.iter().map(Song::id).collect();
        let keep =
            |song: Song| known.iter().find(|old| ***old == song).cloned().unwrap_or_else(|| Rc::new(song));
        let rest = rest.into_iter().filter(|song| !fresh.contains(&song.id()));
        self.songs = first.into_iter().map(keep).chain(rest).collect();
        self.total = total.max(self.songs.len());
        self.answered.clone_from(&self.words);
    }
}
