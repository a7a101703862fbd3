//! Finding songs by their words: an inverted index in memory over the songs this node knows.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use kadenza_api::{BEGUN, Song, SongId, field_words, search_words};
use kadenza_platform::Timestamp;

/// Which songs have which words, and which songs are new.
#[derive(Debug, Default)]
pub(crate) struct Index {
    /// The songs of each word, and the first of their fields that has it.
    words: BTreeMap<String, BTreeMap<SongId, u32>>,
    newest: BTreeSet<(Reverse<Timestamp>, SongId)>,
}

impl Index {
    /// Adds a song, or another copy of one that was removed.
    pub(crate) fn insert(&mut self, song: &Song) {
        for (words, field) in field_words(song).into_iter().zip(0..) {
            for word in words {
                self.words.entry(word).or_default().entry(song.id()).or_insert(field);
            }
        }
        self.newest.insert((Reverse(song.time()), song.id()));
    }

    /// Removes a song as it was when it was inserted.
    pub(crate) fn remove(&mut self, song: &Song) {
        for word in field_words(song).into_iter().flatten() {
            if let Some(songs) = self.words.get_mut(&word) {
                songs.remove(&song.id());
                if songs.is_empty() {
                    self.words.remove(&word);
                }
            }
        }
        self.newest.remove(&(Reverse(song.time()), song.id()));
    }

    /// All songs, the newest first.
    pub(crate) fn newest(&self) -> impl Iterator<Item = SongId> {
        self.newest.iter().map(|(_, id)| *id)
    }

    /// The songs that answer `words`, in any order, and how well each does, as [`kadenza_api::relevance`] has it; `None` where
    /// there are no words, which every song answers.
    pub(crate) fn matches(&self, words: &str) -> Option<Vec<(SongId, u32)>> {
        let (wanted, unfinished) = search_words(words);
        let (last, whole) = wanted.split_last()?;
        let mut matching = if unfinished { self.beginning_with(last) } else { self.with(last) };
        for word in whole {
            let songs = self.words.get(word);
            matching.retain_mut(|(id, relevance)| match songs.and_then(|songs| songs.get(id)) {
                Some(field) => {
                    *relevance += field;
                    true
                }
                None => false,
            });
        }
        Some(matching)
    }

    fn with(&self, word: &str) -> Vec<(SongId, u32)> {
        self.words.get(word).into_iter().flatten().map(|(id, field)| (*id, *field)).collect()
    }

    /// The songs of all words that begin so, each once: what it answers best counts.
    fn beginning_with(&self, beginning: &str) -> Vec<(SongId, u32)> {
        let words =
            self.words.range(beginning.to_owned()..).take_while(|(word, _)| word.starts_with(beginning));
        let mut matching: Vec<_> = words
            .flat_map(|(word, songs)| {
                let begun = if word == beginning { 0 } else { BEGUN };
                songs.iter().map(move |(id, field)| (*id, begun + field))
            })
            .collect();
        matching.sort_unstable();
        matching.dedup_by_key(|(id, _)| *id);
        matching
    }
}
