//! The search in the search box, and the songs it has found so far.

use std::collections::{HashMap, HashSet};
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

/// How far an answer has been read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Extent {
    /// Songs of it that are listed.
    pub read: usize,
    /// How many it has in all.
    pub total: usize,
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
    /// The songs found: the best first, then as they came.
    pub songs: Vec<Rc<Song>>,
    /// How many there are in all, as far as is known.
    pub total: usize,
    /// What this tab itself knows. It is read as far as somebody looks at the list.
    pub here: Extent,
    /// What the network knows. It is read further when somebody asks for that.
    pub everywhere: Extent,
    /// How many songs the list needs where it is looked at.
    pub wanted: usize,
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

    /// The queries for what this tab knows beyond what is listed, if that is wanted: as much again, so that working with
    /// the longer list costs no more than reading it, however long it is.
    pub fn own_pages(&self) -> Vec<Query> {
        let is_lacking = self.answered == self.words && self.songs.len() < self.wanted;
        let first = if is_lacking { self.here.read } else { self.own_total() };
        let end = self.own_total().min(first + self.songs.len().max(Query::LIMIT_MAX));
        let pages = (first..end).step_by(Query::LIMIT_MAX);
        pages
            .map(|offset| Query { offset, limit: Query::LIMIT_MAX, ..Query::new(&*self.words) }.here())
            .collect()
    }

    /// How many songs this tab knows, as far as they can be read.
    fn own_total(&self) -> usize {
        self.here.total.min(Query::OFFSET_MAX + Query::LIMIT_MAX)
    }

    /// How many songs the list will have when all is read that this tab knows.
    pub fn expected(&self) -> usize {
        self.songs.len() + self.own_total().saturating_sub(self.here.read)
    }

    /// The query for the network's songs after those that were read, to the end of one of its own pages.
    pub fn further(&self) -> Query {
        let offset = self.everywhere.read;
        Query { offset, limit: Query::LIMIT_MAX - offset % Query::LIMIT_MAX, ..Query::new(&*self.answered) }
    }

    /// Whether the network knows songs beyond those listed, which are all that this tab does.
    pub fn has_more(&self) -> bool {
        let Extent { read, total } = self.everywhere;
        self.songs.len() < self.total
            && read < total
            && read <= Query::OFFSET_MAX
            && self.here.read >= self.own_total()
    }

    pub(super) fn type_words(&mut self, words: String) {
        if words != self.words {
            self.words = words;
            self.wanted = 0;
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

    /// Another library is asked from now on: what is listed is not in it.
    pub(super) fn leave_library(&mut self) {
        self.songs.clear();
        (self.here, self.everywhere, self.total) = (Extent::default(), Extent::default(), 0);
        self.refresh();
    }

    pub(super) fn want(&mut self, songs: usize) {
        self.wanted = self.wanted.max(songs);
    }

    pub(super) fn ask_more(&mut self) {
        if self.expected() > self.songs.len() {
            self.want(self.songs.len() + 1);
        } else if self.has_more() && !self.more_awaited {
            self.more += 1;
            self.more_awaited = true;
        }
    }

    pub(super) fn found_here(&mut self, serial: u32, found: Found) {
        if serial != self.serial {
            return;
        }
        let read = found.songs.len();
        // Songs have come since: they may stand anywhere.
        let is_as_before = self.answered == self.words && self.here.total == found.total;
        let before = if is_as_before { self.here.read } else { 0 };
        self.show(found.songs);
        self.here = Extent { read: before.max(read), total: found.total };
        self.count();
        if self.phase == Phase::Looking {
            self.phase = Phase::LookingFurther;
        }
    }

    pub(super) fn found_further(&mut self, serial: u32, found: Found) {
        if serial == self.serial {
            let read = self.here.read + found.songs.len();
            // An answer without songs is the end, whatever was said before.
            let total = if found.songs.is_empty() { read } else { found.total };
            self.here = Extent { read, total };
            self.append(found.songs);
        }
    }

    pub(super) fn found_everywhere(&mut self, serial: u32, answer: Result<Found>) {
        if serial != self.serial {
            return;
        }
        match answer {
            Ok(found) => {
                let before = if self.answered == self.words { self.everywhere.read } else { 0 };
                let read = before.max(found.songs.len());
                self.show(found.songs);
                self.everywhere = Extent { read, total: found.total };
                self.count();
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
            Ok(found) => {
                let (listed, read) = (self.songs.len(), self.everywhere.read + found.songs.len());
                // An answer without songs would leave a button that never does anything.
                let total = if found.songs.is_empty() { read } else { found.total };
                self.everywhere = Extent { read, total };
                self.append(found.songs);
                // Nor does one whose songs this tab knew already answer anybody.
                if self.songs.len() == listed {
                    self.ask_more();
                }
            }
            Err(error) => self.phase = Phase::Incomplete(error),
        }
    }

    /// Lists `first`, then what else was found for the same words.
    fn show(&mut self, first: Vec<Song>) {
        let is_same_search = self.answered == self.words;
        let places: HashMap<_, _> = first.iter().map(Song::id).zip(0..).collect();
        let mut songs: Vec<_> = first.into_iter().map(Rc::new).collect();
        let mut rest = Vec::new();
        for listed in std::mem::take(&mut self.songs) {
            match places.get(&listed.id()) {
                // A song that has not changed keeps its place in memory, so that its row need not be drawn again.
                Some(&place) if songs[place] == listed => songs[place] = listed,
                Some(_) => {}
                None if is_same_search => rest.push(listed),
                None => {}
            }
        }
        songs.append(&mut rest);
        self.songs = songs;
        if !is_same_search {
            (self.here, self.everywhere) = Default::default();
        }
        self.answered.clone_from(&self.words);
    }

    /// Lists those of `found` that are not listed yet.
    fn append(&mut self, found: Vec<Song>) {
        let listed: HashSet<_> = self.songs.iter().map(|song| song.id()).collect();
        self.songs.extend(found.into_iter().filter(|song| !listed.contains(&song.id())).map(Rc::new));
        self.count();
    }

    fn count(&mut self) {
        self.total = self.songs.len().max(self.here.total).max(self.everywhere.total);
    }
}

#[cfg(test)]
mod tests {
    use kadenza_api::{ContentId, Recording, Scope};
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    fn song(number: usize) -> Song {
        let recording = Recording {
            time: 0,
            content: ContentId::of(number.to_string().as_bytes()),
            bytes: 1,
            media_type: "audio/wav".into(),
            duration_ms: 60_000,
            bitrate: 128,
            title: number.to_string(),
            artist: "Ada".into(),
            album: String::new(),
            track: None,
            year: None,
            cover: None,
            uploader: String::new(),
            signature: String::new(),
        };
        Song::new(vec![recording]).unwrap()
    }

    /// A tab that knows the songs of these numbers.
    struct Tab(std::ops::Range<usize>);

    impl Tab {
        fn answers(&self, query: &Query) -> Found {
            let page = self.0.clone().skip(query.offset).take(query.limit);
            Found { songs: page.map(song).collect(), total: self.0.len() }
        }

        /// Does what the page does until it rests; how often it has read on.
        fn read(&self, listing: &mut Listing) -> usize {
            for turns in 0.. {
                let pages = listing.own_pages();
                if pages.is_empty() {
                    return turns;
                }
                assert!(pages.iter().all(|page| page.scope == Scope::Here && page.check().is_ok()));
                let songs = pages.iter().flat_map(|page| self.answers(page).songs).collect();
                listing.found_further(listing.serial, Found { songs, total: self.0.len() });
            }
            unreachable!()
        }

        fn first(&self) -> Listing {
            let mut listing = Listing::default();
            listing.found_here(0, self.answers(&listing.query()));
            listing
        }
    }

    fn numbers(listing: &Listing) -> Vec<usize> {
        listing.songs.iter().map(|song| song.title().parse().unwrap()).collect()
    }

    #[wasm_bindgen_test]
    fn a_tab_reads_no_further_than_somebody_looks() {
        let tab = Tab(0..10_000);
        let mut listing = tab.first();
        assert_eq!((tab.read(&mut listing), listing.songs.len(), listing.expected()), (0, 50, 10_000));
        listing.want(100);
        assert_eq!((tab.read(&mut listing), listing.songs.len()), (1, 250));
    }

    #[wasm_bindgen_test]
    fn all_that_a_tab_knows_can_be_listed_in_a_few_turns_each_song_once() {
        let tab = Tab(0..10_000);
        let mut listing = tab.first();
        listing.want(usize::MAX);
        assert!(tab.read(&mut listing) <= 7);
        assert_eq!(numbers(&listing), (0..10_000).collect::<Vec<_>>());
        assert!(!listing.has_more());
    }

    #[wasm_bindgen_test]
    fn what_the_network_found_stands_first_and_hides_nothing_of_the_tabs_own() {
        let tab = Tab(0..300);
        let mut listing = tab.first();
        let songs = (280..330).map(song).collect();
        listing.found_everywhere(0, Ok(Found { songs, total: 900 }));
        listing.want(usize::MAX);
        tab.read(&mut listing);
        assert_eq!(numbers(&listing)[..50], (280..330).collect::<Vec<_>>());
        let mut all = numbers(&listing);
        all.sort_unstable();
        assert_eq!(all, (0..330).collect::<Vec<_>>());
        assert!(listing.has_more());
        assert_eq!((listing.further().offset, listing.further().limit), (50, 150));
    }

    #[wasm_bindgen_test]
    fn songs_that_came_meanwhile_are_listed_when_it_is_asked_anew() {
        let tab = Tab(0..600);
        let mut listing = tab.first();
        listing.want(usize::MAX);
        tab.read(&mut listing);
        listing.refresh();
        let grown = Tab(0..650);
        listing.found_here(listing.serial, grown.answers(&listing.query()));
        grown.read(&mut listing);
        assert_eq!(listing.songs.len(), 650);
        listing.refresh();
        listing.found_here(listing.serial, grown.answers(&listing.query()));
        assert_eq!(grown.read(&mut listing), 0, "nothing has come, so nothing is read again");
    }

    #[wasm_bindgen_test]
    fn nothing_of_another_library_stays_listed() {
        let mut listing = Tab(0..300).first();
        listing.want(usize::MAX);
        listing.leave_library();
        assert!(listing.songs.is_empty() && listing.own_pages().is_empty());
        listing.found_here(listing.serial, Tab(1_000..1_001).answers(&listing.query()));
        assert_eq!(numbers(&listing), [1_000]);
    }
}
