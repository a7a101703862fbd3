//! Where things belong: which keys a song is filed under, and which of some peers are closest to a key.
//!
//! Distances are Kademlia's XOR metric over SHA-256 of key and peer id, as `libp2p-kad` has it (kad-dht
//! specification, section "Distance").

use kadenza_api::{ContentId, Place, Query, RoomId, Song, SongId, search_words};
use libp2p::PeerId;
use libp2p::kad::{KBucketDistance, KBucketKey};
use serde::{Deserialize, Serialize};

/// Peers a song's record and its postings live on, and a room's sealed records: Kademlia's k.
pub(crate) const RECORD_REPLICAS: usize = 20;

/// Peers that may leave at any time (tabs) a content is kept on, beside every durable peer with room. Three,
/// for where there is a relay its disk holds one more.
pub(crate) const CONTENT_REPLICAS: usize = 3;

/// The longest beginning of a word that is a key of its own. Longer beginnings are looked up under their
/// first three characters: a posting there names the whole song, so its holder can filter.
const PREFIX_CHARS: usize = 3;

/// A key in the network's key space, before hashing. In JSON it is hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) struct Key(#[serde(with = "hex::serde")] Vec<u8>);

impl Key {
    pub(crate) fn song(id: SongId) -> Self {
        Self([&b"song/"[..], &id.0].concat())
    }

    pub(crate) fn content(id: ContentId) -> Self {
        Self([&b"content/"[..], &id.0].concat())
    }

    /// Where those who know a place meet.
    pub(crate) fn place(place: &Place) -> Self {
        Self([&b"place/"[..], place].concat())
    }

    pub(crate) fn room(id: RoomId) -> Self {
        Self([&b"room/"[..], &id.0].concat())
    }

    fn word(word: &str) -> Self {
        Self([b"word/", word.as_bytes()].concat())
    }

    fn prefix(word: &str) -> Self {
        Self::word(&word.chars().take(PREFIX_CHARS).collect::<String>())
    }

    /// The bytes that are hashed.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }

    fn position(&self) -> u32 {
        first_bits(&KBucketKey::new(self.0.clone()))
    }

    fn distance(&self, peer: PeerId) -> KBucketDistance {
        KBucketKey::new(self.0.clone()).distance(&KBucketKey::from(peer))
    }
}

/// Where a song's record belongs: the first 32 bits of its key in Kademlia's key space, as
/// [`kadenza_api::Visible::position`] has those of peers.
pub fn song_position(id: SongId) -> u32 {
    Key::song(id).position()
}

/// Where a peer is, likewise.
pub(crate) fn peer_position(peer: PeerId) -> u32 {
    first_bits(&KBucketKey::from(peer))
}

fn first_bits<T>(key: &KBucketKey<T>) -> u32 {
    key.hashed_bytes().first_chunk().map_or(0, |bytes| u32::from_be_bytes(*bytes))
}

/// Every key a song is filed under: its id, each of its words, and their beginnings of up to three characters.
pub(crate) fn keys(song: &Song) -> Vec<Key> {
    let mut keys = vec![Key::song(song.id())];
    for word in song.words() {
        let starts = word.char_indices().skip(1).take(PREFIX_CHARS).map(|(end, _)| &word[..end]);
        keys.extend(starts.map(Key::word));
        keys.push(Key::word(&word));
    }
    keys.sort();
    keys.dedup();
    keys
}

/// The one key a query is looked up under: its longest finished word, the rarest as a rule, or the beginning
/// of the only word there is. `None` for a query without words.
pub(crate) fn lookup_key(query: &Query) -> Option<Key> {
    let (mut words, unfinished) = search_words(&query.words);
    let last = if unfinished { words.pop() } else { None };
    let longest = words.iter().max_by_key(|word| word.chars().count());
    longest.map(|word| Key::word(word)).or_else(|| last.map(|word| Key::prefix(&word)))
}

/// How many of `others` are closer to `peer` than `this` is.
pub(crate) fn turn(peer: PeerId, this: PeerId, others: impl IntoIterator<Item = PeerId>) -> u32 {
    let target = KBucketKey::from(peer);
    let distance = |other: PeerId| target.distance(&KBucketKey::from(other));
    let own = distance(this);
    let closer = others.into_iter().filter(|other| *other != peer && distance(*other) < own).count();
    u32::try_from(closer).unwrap_or(u32::MAX)
}

/// The peers to keep a content, of those around and whether each is durable: every durable one, and the closest few of the
/// others.
pub(crate) fn keepers(content: ContentId, around: impl Iterator<Item = (PeerId, bool)>) -> Vec<PeerId> {
    let (durable, fleeting): (Vec<_>, Vec<_>) = around.partition(|(_, durable)| *durable);
    let fleeting =
        closest(&Key::content(content), fleeting.into_iter().map(|(peer, _)| peer), CONTENT_REPLICAS);
    durable.into_iter().map(|(peer, _)| peer).chain(fleeting).collect()
}

/// The `count` peers closest to `key`, the closest first.
pub(crate) fn closest(key: &Key, peers: impl IntoIterator<Item = PeerId>, count: usize) -> Vec<PeerId> {
    let mut peers: Vec<_> = peers.into_iter().collect();
    peers.sort_by_cached_key(|peer| key.distance(*peer));
    peers.dedup();
    peers.truncate(count);
    peers
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peers(count: usize) -> Vec<PeerId> {
        std::iter::repeat_with(PeerId::random).take(count).collect()
    }

    #[test]
    fn the_closest_peers_do_not_depend_on_the_order_they_are_known_in() {
        let mut known = peers(50);
        let key = Key::word("wesnoth");
        let before = closest(&key, known.clone(), RECORD_REPLICAS);
        known.reverse();
        assert_eq!(closest(&key, known, RECORD_REPLICAS), before);
        assert_eq!(before.len(), RECORD_REPLICAS);
    }

    #[test]
    fn positions_are_as_close_as_keys_are() {
        let song = SongId([7; 20]);
        let mut known = peers(50);
        let closest = closest(&Key::song(song), known.clone(), 50);
        known.sort_by_key(|peer| peer_position(*peer) ^ song_position(song));
        assert_eq!(known, closest);
    }

    #[test]
    fn the_keys_a_query_looks_under_are_keys_the_song_is_filed_under() {
        let recording = crate::protocol::testing::recording("Northern Lights", "Ada", "");
        let filed = keys(&Song::new(vec![recording]).unwrap());
        for query in ["n", "no", "nor", "north", "northern", "northern ", "lights nor", "ad", "ADA lights"] {
            let key = lookup_key(&Query::new(query)).unwrap();
            assert!(filed.contains(&key), "{query}");
        }
        assert_eq!(lookup_key(&Query::new("  ")), None);
    }
}
