//! Another node, used like an object in memory: the same verbs, answered over JSON calls.

use std::collections::BTreeSet;
use std::ops::Range;

use bytes::Bytes;
use kadenza_api::{
    ContentId, Error, Found, Music, Network, Query, RecordId, Result, RoomId, SealedRecord, Song, SongId,
    Upload, Uploaded,
};
use libp2p::{Multiaddr, PeerId};

use crate::content::holders::Holders;
use crate::placement::Key;
use crate::protocol::rpc::{
    Answer, FILED_PAGE, FoundHere, HELD_BY_LIMIT, HOLDERS_LIMIT, Hello, Keeping, NamedBy, Request, Version,
    Wanted,
};
use crate::record::Record;
use crate::swarm::Handle;

/// A peer elsewhere. Every answer is its own Services' answer, never its network's, so a question cannot
/// circle.
#[derive(Debug, Clone)]
pub(crate) struct Remote {
    peer: PeerId,
    handle: Handle,
    hearsay: Option<Holders>,
}

impl Remote {
    pub(crate) fn new(peer: PeerId, handle: Handle) -> Self {
        Self { peer, handle, hearsay: None }
    }

    /// Remembers there whom it names as holders of what it finds.
    pub(crate) fn naming_holders(self, known: Holders) -> Self {
        Self { hearsay: Some(known), ..self }
    }

    pub(crate) fn peer(&self) -> PeerId {
        self.peer
    }

    /// Introduces this node and learns what the other says of itself.
    pub(crate) async fn hello(&self, own: Hello) -> Result<Hello> {
        match self.call(Request::Hello(own)).await? {
            Answer::Hello(hello) => Ok(hello),
            other => Err(self.puzzling(&other)),
        }
    }

    /// Hands over records to keep. Says how many songs were news there, or how many sealed records are there now.
    pub(crate) async fn hand_over<R: Record>(&self, records: Vec<R>) -> Result<usize> {
        match self.call(R::handing_over(records)).await? {
            Answer::Merged(count) | Answer::Kept(count) => Ok(count),
            other => Err(self.puzzling(&other)),
        }
    }

    /// A page of the sealed records it has of a room. They are as unchecked as it gave them, but in order.
    pub(crate) async fn filed(&self, room: RoomId, after: Option<RecordId>) -> Result<Vec<SealedRecord>> {
        match self.call(Request::Filed { room, after }).await? {
            Answer::Filed(records) if is_page(&records, room, after) => Ok(records),
            other => Err(self.puzzling(&other)),
        }
    }

    /// Which of these records, no more than [`Record::page`] gives at once, it lacks or has otherwise.
    pub(crate) async fn lacking<R: Record>(&self, records: &[R]) -> Result<BTreeSet<NamedBy>> {
        let version = |record: &R| Version { name: record.name(), fingerprint: record.fingerprint() };
        match self.call(Request::Lacking(records.iter().map(version).collect())).await? {
            Answer::Lacking(lacking) => Ok(lacking.into_iter().collect()),
            other => Err(self.puzzling(&other)),
        }
    }

    /// Tells it that this node provides `keys`, at most [`PROVIDE_LIMIT`](crate::protocol::rpc::PROVIDE_LIMIT).
    pub(crate) async fn provide(&self, keys: Vec<Key>, addresses: Vec<Multiaddr>) -> Result<()> {
        match self.call(Request::Provide { keys, addresses }).await? {
            Answer::Provided => Ok(()),
            other => Err(self.puzzling(&other)),
        }
    }

    /// Which of these contents it holds whole.
    pub(crate) async fn held(&self, contents: Vec<ContentId>) -> Result<Vec<ContentId>> {
        match self.call(Request::Held(contents)).await? {
            Answer::Held(held) => Ok(held),
            other => Err(self.puzzling(&other)),
        }
    }

    /// Asks it to keep copies of contents, at most [`KEEP_LIMIT`](crate::protocol::rpc::KEEP_LIMIT), or how far it is with
    /// each. It takes a few seconds to answer while some are under way.
    pub(crate) async fn keep(&self, wanted: Vec<Wanted>) -> Result<Vec<Keeping>> {
        let count = wanted.len();
        match self.call(Request::Keep(wanted)).await? {
            Answer::Keep(keeping) if keeping.len() == count => Ok(keeping),
            other => Err(self.puzzling(&other)),
        }
    }

    async fn call(&self, request: Request) -> Result<Answer> {
        match self.handle.call(self.peer, request).await? {
            Answer::Error(error) => Err(error),
            answer => Ok(answer),
        }
    }

    fn puzzling(&self, answer: &Answer) -> Error {
        tracing::debug!(peer = %self.peer, ?answer, "answered another question");
        Error::unavailable(format!("peer {} answered another question than was asked", self.peer))
    }

    fn not_over_calls(&self, what: &str) -> Error {
        Error::invalid(format!("{what} of peer {} is not asked for over calls", self.peer))
    }
}

impl Music for Remote {
    /// Refused by contract: a recording is signed by the node it is uploaded at, and copies are made by
    /// [`Remote::keep`], for which the other end fetches the bytes.
    async fn upload(&self, _upload: Upload) -> Result<Uploaded> {
        Err(self.not_over_calls("an upload"))
    }

    async fn search(&self, query: Query) -> Result<Found> {
        match self.call(Request::Search(query.here())).await? {
            Answer::Found(answer) => {
                self.hearsay.iter().for_each(|known| hear(known, &answer));
                Ok(answer.found)
            }
            other => Err(self.puzzling(&other)),
        }
    }

    async fn song(&self, id: SongId) -> Result<Song> {
        match self.call(Request::Song(id)).await? {
            Answer::Song(song) if song.id() == id => Ok(song),
            other => Err(self.puzzling(&other)),
        }
    }

    /// Refused by contract: bytes travel as slices that prove themselves, see [`crate::content`].
    async fn read(&self, _content: ContentId, _len: u64, _range: Range<u64>) -> Result<Bytes> {
        Err(self.not_over_calls("plain content"))
    }

    /// Refused by contract: what a node says of its own peers is nobody else's business.
    async fn network(&self) -> Result<Network> {
        Err(self.not_over_calls("the network"))
    }
}

/// Whether these are some records of `room` after `after`, in order and no more than a page.
fn is_page(records: &[SealedRecord], room: RoomId, after: Option<RecordId>) -> bool {
    let ids: Vec<_> = after.into_iter().chain(records.iter().map(SealedRecord::id)).collect();
    records.len() <= FILED_PAGE
        && records.iter().all(|record| record.room == room)
        && ids.is_sorted_by(|one, next| one < next)
}

/// Takes note of who is said to hold the songs of an answer, and of nothing else it says.
fn hear(known: &Holders, answer: &FoundHere) {
    for recording in answer.found.songs.iter().flat_map(Song::recordings).take(HELD_BY_LIMIT) {
        let named = answer.holders.get(&recording.content).into_iter().flatten().take(HOLDERS_LIMIT);
        for holder in named.filter_map(|holder| holder.parse().ok()) {
            known.hear(recording.content, holder);
        }
    }
}

#[cfg(test)]
mod tests {
    use kadenza_api::Recording;
    use kadenza_api::testing::vault::Room;

    use super::*;
    use crate::protocol::testing::recording;

    #[test]
    fn holders_are_noted_of_what_was_found_and_of_nothing_else() {
        let (found, other) = (ContentId([1; 32]), ContentId([2; 32]));
        let recording = Recording { content: found, ..recording("Sirens", "Ada", "") };
        let song = Song::new(vec![recording]).unwrap();
        let peers: Vec<PeerId> = std::iter::repeat_with(PeerId::random).take(HOLDERS_LIMIT + 1).collect();
        let named: Vec<String> = peers.iter().map(PeerId::to_string).collect();
        let lies = [vec!["no peer".to_owned()], named[..HOLDERS_LIMIT - 1].to_vec(), named.clone()].concat();
        let answer = FoundHere {
            found: Found { songs: vec![song], total: 1 },
            holders: [(found, lies), (other, named)].into(),
        };
        let known = Holders::default();
        hear(&known, &answer);
        assert_eq!(known.of(found), &peers[..HOLDERS_LIMIT - 1]);
        assert_eq!(known.of(other), []);
    }

    #[test]
    fn a_page_that_is_out_of_order_too_long_or_of_another_room_is_none() {
        let (room, other) = (Room::new(1), Room::new(2));
        let mut records: Vec<_> =
            (0..FILED_PAGE as u32 + 1).map(|song| room.record(song, 1, vec![])).collect();
        records.sort_by_key(SealedRecord::id);
        let (page, first) = (&records[1..], records[0].id());
        assert!(is_page(page, room.id(), None) && is_page(page, room.id(), Some(first)));
        assert!(is_page(&[], room.id(), Some(first)));
        assert!(!is_page(page, room.id(), Some(page[0].id())), "what was given before");
        assert!(!is_page(&records, room.id(), None), "too many");
        assert!(!is_page(&[page[1].clone(), page[0].clone()], room.id(), None));
        assert!(!is_page(&[page[0].clone(), page[0].clone()], room.id(), None));
        assert!(!is_page(page, other.id(), None));
    }
}
