//! Which songs answer a query, and in what order: the same on the node that searches its own index and on the
//! one that merges the answers of many.

use std::cmp::Reverse;

use crate::{Query, Song, fold};

/// How much more the beginning of a word misses than all of it in the last field.
pub const BEGUN: u32 = 3;

/// The words of a song's title, artist and album, the field that counts most first.
pub fn field_words(song: &Song) -> [Vec<String>; 3] {
    [song.title(), song.artist(), song.album()].map(fold::words)
}

/// How well `song` answers `query`, the better the smaller; `None` where it does not. Words of the title count
/// most, whole words more than beginnings.
pub fn relevance(query: &Query, song: &Song) -> Option<u32> {
    let (wanted, unfinished) = fold::search_words(&query.words);
    let fields = field_words(song);
    let last = wanted.len().saturating_sub(1);
    let mut misses = 0;
    for (i, word) in wanted.iter().enumerate() {
        let may_be_prefix = unfinished && i == last;
        let whole = fields.iter().zip(0..).find(|(field, _)| field.contains(word)).map(|(_, rank)| rank);
        let begun = || {
            let mut begun = fields.iter().zip(BEGUN..);
            begun.find(|(field, _)| field.iter().any(|w| w.starts_with(word.as_str()))).map(|(_, rank)| rank)
        };
        misses += whole.or_else(|| if may_be_prefix { begun() } else { None })?;
    }
    Some(misses)
}

/// Keeps the songs that answer `query`, the best first, the newest of equals first.
pub fn rank(query: &Query, songs: Vec<Song>) -> Vec<Song> {
    let mut ranked: Vec<_> =
        songs.into_iter().filter_map(|song| Some((relevance(query, &song)?, song))).collect();
    ranked.sort_by_key(|(relevance, song)| (*relevance, Reverse(song.time()), song.id()));
    ranked.into_iter().map(|(_, song)| song).collect()
}
