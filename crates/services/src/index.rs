//! Finding songs by their words: an inverted index in memory over the songs this node knows.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use kadenza_api::{Query, Song, SongId, search_words};
use kadenza_platform::Timestamp;

/// The most matches that are put in order; of more, the newest. No query can skip past them.
const RANKED_MAX: usize = Query::OFFSET_MAX + Query::LIMIT_MAX;

/// Which songs have which words, and which songs are new.
#[derive(Debug, Default)]
pub(crate) struct Index {
    words: BTreeMap<String, BTreeSet<SongId>>,
    newest: BTreeSet<(Reverse<Timestamp>, SongId)>,
}

impl Index {
    /// Adds a song, or another copy of one that was removed.
    pub(crate) fn insert(&mut self, song: &Song) {
        for word in song.words() {
            self.words.entry(word).or_default().insert(song.id());
        }
        self.newest.insert((Reverse(song.time()), song.id()));
    }

    /// Removes a song as it was when it was inserted.
    pub(crate) fn remove(&mut self, song: &Song) {
        for word in song.words() {
            if let Some(songs) = self.words.get_mut(&word) {
                songs.remove(&song.id());
                if songs.is_empty() {
                    self.words.remove(&word);
                }
            }
        }
        self.newest.remove(&(Reverse(song.time()), song.id()));
    }

    /// The songs that may answer `words`, the newest first, and how many there are in all.
    pub(crate) fn matches(&self, words: &str) -> (Vec<SongId>, usize) {
        let (wanted, unfinished) = search_words(words);
        let Some((last, whole)) = wanted.split_last() else {
            return (self.newest.iter().take(RANKED_MAX).map(|(_, id)| *id).collect(), self.newest.len());
        };
        let mut matching: Option<BTreeSet<SongId>> = None;
        let mut narrow = |songs: BTreeSet<SongId>| {
            matching = Some(match matching.take() {
                Some(matching) => matching.intersection(&songs).copied().collect(),
                None => songs,
            });
        };
        for word in whole {
            narrow(self.words.get(word).cloned().unwrap_or_default());
        }
        let ends = self
            .words
            .range(last.clone()..)
            .take_while(|(word, _)| if unfinished { word.starts_with(last.as_str()) } else { *word == last });
        narrow(ends.flat_map(|(_, songs)| songs.iter().copied()).collect());
        let matching = matching.unwrap_or_default();
        let total = matching.len();
        if total <= RANKED_MAX {
            return (matching.into_iter().collect(), total);
        }
        let newest = self.newest.iter().map(|(_, id)| *id).filter(|id| matching.contains(id));
        (newest.take(RANKED_MAX).collect(), total)
    }
}
