//! What this node knows and holds, in memory: every song record, rooms' sealed ones, and which contents are here whole.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

use kadenza_api::{ContentId, Found, Query, Song, SongId};

use crate::filed::Filed;
use crate::index::Index;
use crate::store::Loaded;

/// The most songs a node knows: with a thousand bytes or two for each, more would not fit a tab's memory.
pub(crate) const SONGS_MAX: usize = 100_000;

/// The songs and contents of a store.
#[derive(Debug, Default)]
pub(crate) struct Shelf {
    songs: BTreeMap<SongId, Arc<Song>>,
    contents: BTreeMap<ContentId, u64>,
    index: Index,
    /// Apart from songs, so that nothing that lists or searches comes across it.
    pub(crate) filed: Filed,
}

impl Shelf {
    pub(crate) fn new(loaded: Loaded) -> Self {
        let mut shelf = Self { contents: loaded.contents.into_iter().collect(), ..Self::default() };
        loaded.songs.into_iter().for_each(|song| shelf.put_song(song));
        loaded.sealed.into_iter().for_each(|record| shelf.filed.put(record.id(), record));
        shelf
    }

    /// Puts a song in the place of any earlier copy of it.
    pub(crate) fn put_song(&mut self, song: Song) {
        if let Some(earlier) = self.songs.get(&song.id()) {
            self.index.remove(earlier);
        }
        self.index.insert(&song);
        self.songs.insert(song.id(), Arc::new(song));
    }

    pub(crate) fn put_content(&mut self, id: ContentId, len: u64) {
        self.contents.insert(id, len);
    }

    pub(crate) fn song(&self, id: SongId) -> Option<Arc<Song>> {
        self.songs.get(&id).cloned()
    }

    pub(crate) fn songs_after(&self, after: Option<SongId>, limit: usize) -> Vec<Song> {
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        self.songs.range((from, Bound::Unbounded)).take(limit).map(|(_, song)| Song::clone(song)).collect()
    }

    pub(crate) fn song_count(&self) -> usize {
        self.songs.len()
    }

    /// The songs of which a recording is here whole.
    pub(crate) fn held_songs(&self) -> impl Iterator<Item = &Song> {
        let is_held = |song: &&Song| song.recordings().iter().any(|r| self.contents.contains_key(&r.content));
        self.songs.values().map(|song| &**song).filter(is_held)
    }

    /// Takes a content off, and says how long it was.
    pub(crate) fn take_content(&mut self, id: ContentId) -> Option<u64> {
        self.contents.remove(&id)
    }

    /// The length in bytes of a content that is here whole.
    pub(crate) fn content(&self, id: ContentId) -> Option<u64> {
        self.contents.get(&id).copied()
    }

    pub(crate) fn contents(&self) -> impl Iterator<Item = (ContentId, u64)> {
        self.contents.iter().map(|(id, len)| (*id, *len))
    }

    /// Answers a query that is within its bounds.
    pub(crate) fn search(&self, query: &Query) -> Found {
        let Some(matches) = self.index.matches(&query.words) else {
            let page = self.index.newest().skip(query.offset).take(query.limit);
            let songs = page.filter_map(|id| self.songs.get(&id)).map(|song| Song::clone(song)).collect();
            return Found { songs, total: self.songs.len() };
        };
        let mut ranked: Vec<_> = matches
            .into_iter()
            .filter_map(|(id, relevance)| {
                let song = self.songs.get(&id)?;
                Some((relevance, Reverse(song.time()), id, song))
            })
            .collect();
        let total = ranked.len();
        let end = query.offset + query.limit;
        if end < total {
            // What is beyond the page need not be put in order.
            ranked.select_nth_unstable_by_key(end, |(relevance, time, id, _)| (*relevance, *time, *id));
            ranked.truncate(end);
        }
        ranked.sort_unstable_by_key(|(relevance, time, id, _)| (*relevance, *time, *id));
        let page = ranked.into_iter().skip(query.offset);
        Found { songs: page.map(|(.., song)| Song::clone(song)).collect(), total }
    }
}

#[cfg(test)]
mod tests {
    use libp2p_identity::Keypair;
    use proptest::prelude::*;

    use super::*;
    use crate::record::tests::signed;

    fn song(title: &str, artist: &str, album: &str, time: u64) -> Song {
        let recording = signed(&Keypair::generate_ed25519(), |r| {
            (r.title, r.artist, r.album) = (title.into(), artist.into(), album.into());
            (r.time, r.content) = (time, ContentId::of(format!("{title}{time}").as_bytes()));
        });
        Song::new(vec![recording]).unwrap()
    }

    fn shelf(songs: &[Song]) -> Shelf {
        Shelf::new(Loaded { songs: songs.to_vec(), ..Loaded::default() })
    }

    fn titles(shelf: &Shelf, words: &str) -> Vec<String> {
        shelf.search(&Query::new(words)).songs.iter().map(|song| song.title().to_owned()).collect()
    }

    #[test]
    fn titles_count_most_then_artists_then_albums_then_beginnings_then_the_newest() {
        let shelf = shelf(&[
            song("a", "x", "rain", 9),
            song("b", "rain", "", 8),
            song("rain", "x", "", 7),
            song("rain rain", "y", "", 6),
            song("rainbow", "x", "", 10),
        ]);
        assert_eq!(titles(&shelf, "rain"), ["rain", "rain rain", "b", "a", "rainbow"]);
        assert_eq!(titles(&shelf, ""), ["rainbow", "a", "b", "rain", "rain rain"]);
    }

    #[test]
    fn an_older_copy_that_comes_later_is_found_by_its_own_spelling_and_age() {
        let mut shelf = shelf(&[song("Rain", "x", "", 5), song("Snow", "x", "", 4)]);
        shelf.put_song(song("RAIN", "x", "", 1));
        assert_eq!(titles(&shelf, ""), ["Snow", "RAIN"]);
        assert_eq!(titles(&shelf, "rain"), ["RAIN"]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(30))]
        #[test]
        fn the_index_finds_what_ranking_every_song_finds(
            songs in prop::collection::vec(("[ab]{1,2}( [ab]{1,3})?", "[ac]{1,2}", "[a ]{0,2}", 0..9u64), 0..12),
            words in "[abc ]{0,5}",
        ) {
            let songs: Vec<_> = songs.iter().map(|(t, a, b, time)| song(t, a, b, *time)).collect();
            let shelf = shelf(&songs);
            let known = shelf.songs_after(None, usize::MAX);
            let query = Query::new(words);
            let found = shelf.search(&query);
            prop_assert_eq!(found.total, found.songs.len());
            let (limit, offset) = (2, found.total / 2);
            let page = shelf.search(&Query { limit, offset, ..query.clone() });
            prop_assert_eq!(page.total, found.total);
            prop_assert_eq!(&page.songs[..], &found.songs[offset..(offset + limit).min(found.total)]);
            prop_assert_eq!(found.songs, kadenza_api::rank(&query, known));
        }
    }
}
