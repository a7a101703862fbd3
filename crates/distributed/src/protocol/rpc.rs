//! JSON remote procedure calls, `/kadenza/rpc/1.0.0`: one request and one answer a stream.

use std::collections::BTreeMap;

use kadenza_api::{ContentId, Error, Found, Query, RecordId, RoomId, SealedRecord, Song, SongId};
use libp2p::request_response::{self, ProtocolSupport};
use libp2p::{Multiaddr, StreamProtocol};
use serde::{Deserialize, Serialize};

use crate::placement::Key;

/// Protocol id.
pub(crate) const PROTOCOL: StreamProtocol = StreamProtocol::new("/kadenza/rpc/1.0.0");

/// The longest request, in bytes. A batch of song records fits well below it.
const REQUEST_LIMIT_BYTES: u64 = 1024 * 1024;

/// The longest answer, in bytes.
const ANSWER_LIMIT_BYTES: u64 = 4 * 1024 * 1024;

/// Calls that may be open at once on a connection.
const STREAMS_PER_CONNECTION: usize = 64;

/// The most songs in one [`Request::Merge`].
pub(crate) const MERGE_LIMIT: usize = 100;

/// The most sealed records in one [`Request::File`]: of the longest there are, up to 23 KB of JSON, they fit the longest
/// request.
pub(crate) const FILE_LIMIT: usize = 40;

/// The most sealed records in the answer to one [`Request::Filed`]: of the longest there are, they fit the longest answer.
pub(crate) const FILED_PAGE: usize = 100;

/// The most contents asked about in one [`Request::Held`].
pub(crate) const HELD_LIMIT: usize = 1000;

/// The most contents one [`Request::Keep`] asks for, and the most keys one [`Request::Provide`] announces.
pub(crate) const KEEP_LIMIT: usize = 32;
pub(crate) const PROVIDE_LIMIT: usize = 100;

/// The most addresses that come with an announcement, and the longest key of one, in bytes.
pub(crate) const ADDRESSES_LIMIT: usize = 16;
pub(crate) const KEY_LIMIT_BYTES: usize = 64;

/// The most holders named of one content.
pub(crate) const HOLDERS_LIMIT: usize = 4;

/// The most contents whose holders are named in one answer: those of the songs on top.
pub(crate) const HELD_BY_LIMIT: usize = 50;

/// The behaviour that carries the calls.
pub(crate) type Behaviour = request_response::json::Behaviour<Request, Answer>;

/// A call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "method", content = "params", rename_all = "kebab-case")]
pub(crate) enum Request {
    /// The caller introduces itself; the answer introduces the other.
    Hello(Hello),
    /// Songs the node itself has that match.
    Search(Query),
    /// A song the node itself has.
    Song(SongId),
    /// Song records to keep.
    Merge(Vec<Song>),
    /// Which of these records, at most [`MERGE_LIMIT`], the node has not or has otherwise than the caller.
    Lacking(Vec<Version>),
    /// Which of these contents the node holds whole.
    Held(Vec<ContentId>),
    /// Asks the node to keep copies of contents that records it has name; it fetches the bytes from the caller or from
    /// whoever else holds them. The answer comes once none of them is under way any more, or after a few seconds; asking
    /// again tells how far it is.
    Keep(Vec<Wanted>),
    /// The caller provides these keys of the network, in hex, and can be reached at these addresses.
    Provide {
        /// The keys, before hashing.
        keys: Vec<Key>,
        /// Multiaddrs.
        addresses: Vec<Multiaddr>,
    },
    /// Sealed records to keep.
    File(Vec<SealedRecord>),
    /// Sealed records of a room that the node itself has, up to [`FILED_PAGE`] with ids after `after`, in order of id.
    Filed {
        /// The room.
        room: RoomId,
        /// The last one known already.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        after: Option<RecordId>,
    },
}

/// A record in the state the caller has it in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Version {
    /// The record.
    #[serde(flatten)]
    pub(crate) name: NamedBy,
    /// Differs where the record does.
    pub(crate) fingerprint: u64,
}

/// A content to be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Wanted {
    /// The record that names the content.
    #[serde(flatten)]
    pub(crate) named_by: NamedBy,
    /// The audio's or the cover's bytes.
    pub(crate) content: ContentId,
}

/// The record that names a content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum NamedBy {
    /// A song's.
    Song(SongId),
    /// A room's.
    Sealed(RecordId),
}

/// What a peer says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Hello {
    /// Whether it keeps what it stores across its own restart.
    pub(crate) durable: bool,
}

/// The answer to a call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "answer", content = "value", rename_all = "kebab-case")]
pub(crate) enum Answer {
    Hello(Hello),
    Found(FoundHere),
    Song(Song),
    /// How many records taught the node something new.
    Merged(usize),
    Lacking(Vec<NamedBy>),
    Held(Vec<ContentId>),
    /// How far the node is with each content, in the order they were asked for.
    Keep(Vec<Keeping>),
    /// The announcement is noted.
    Provided,
    /// How many of the sealed records the node has now.
    Kept(usize),
    Filed(Vec<SealedRecord>),
    Error(Error),
}

/// What a node found among its own songs, and who holds them as far as it knows: so that whoever searched need not look
/// that up when a song is clicked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FoundHere {
    #[serde(flatten)]
    pub(crate) found: Found,
    /// Peer ids in their text form, at most [`HOLDERS_LIMIT`] of a content.
    #[serde(default)]
    pub(crate) holders: BTreeMap<ContentId, Vec<String>>,
}

/// How far a node is with keeping a content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Keeping {
    /// It holds it whole; on disk where it is durable.
    Held,
    /// It is fetching it.
    Fetching,
    /// It will not: it has no room, or too much to do.
    Refused,
}

/// A behaviour that speaks this protocol.
pub(crate) fn behaviour() -> Behaviour {
    let codec = request_response::json::codec::Codec::default()
        .set_request_size_maximum(REQUEST_LIMIT_BYTES)
        .set_response_size_maximum(ANSWER_LIMIT_BYTES);
    let config = request_response::Config::default().with_max_concurrent_streams(STREAMS_PER_CONNECTION);
    Behaviour::with_codec(codec, [(PROTOCOL, ProtocolSupport::Full)], config)
}

#[cfg(test)]
mod tests {
    use kadenza_api::testing::vault::Room;
    use kadenza_api::{BlindedSong, CONTENT_MAX_BYTES, SEALED_RECORD_BYTES, SealedContent};
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_call_is_json_a_person_can_read() {
        let request = Request::Song(SongId([1; 20]));
        let json = serde_json::json!({"method": "song", "params": "01".repeat(20)});
        assert_eq!(serde_json::to_value(&request).unwrap(), json);
        let keep = |named_by| Request::Keep(vec![Wanted { named_by, content: ContentId([2; 32]) }]);
        for (request, name, id) in [
            (keep(NamedBy::Song(SongId([1; 20]))), "song", "01".repeat(20)),
            (keep(NamedBy::Sealed(RecordId([1; 32]))), "sealed", "01".repeat(32)),
        ] {
            let json =
                serde_json::json!({"method": "keep", "params": [{name: id, "content": "02".repeat(32)}]});
            assert_eq!(serde_json::to_value(&request).unwrap(), json);
        }
    }

    #[test]
    fn the_longest_records_fit_a_call_and_its_answer() {
        let longest = SealedRecord {
            room: RoomId([255; 32]),
            song: BlindedSong([255; 20]),
            contents: vec![SealedContent { content: ContentId([255; 32]), len: CONTENT_MAX_BYTES }; 2],
            bytes: vec![255; SEALED_RECORD_BYTES],
            signature: [255; 64],
        };
        let call = serde_json::to_vec(&Request::File(vec![longest.clone(); FILE_LIMIT])).unwrap();
        assert!(call.len() as u64 <= REQUEST_LIMIT_BYTES, "{}", call.len());
        let answer = serde_json::to_vec(&Answer::Filed(vec![longest; FILED_PAGE])).unwrap();
        assert!(answer.len() as u64 <= ANSWER_LIMIT_BYTES, "{}", answer.len());
    }

    proptest! {
        #[test]
        fn every_call_reads_back_what_it_writes(id: [u8; 32], song: [u8; 20], durable: bool, words in ".*") {
            let (content, room) = (ContentId(id), Room::new(1));
            for request in [
                Request::Hello(Hello { durable }),
                Request::Search(Query::new(words)),
                Request::Song(SongId(song)),
                Request::Held(vec![content; 3]),
                Request::Lacking(vec![Version { name: NamedBy::Song(SongId(song)), fingerprint: u64::MAX }]),
                Request::Keep(vec![
                    Wanted { named_by: NamedBy::Song(SongId(song)), content },
                    Wanted { named_by: NamedBy::Sealed(RecordId(id)), content },
                ]),
                Request::Provide {
                    keys: vec![Key::content(content), Key::song(SongId(song))],
                    addresses: vec!["/ip4/10.0.0.1/tcp/1/ws".parse().unwrap()],
                },
                Request::File(vec![room.record(7, 1, vec![SealedContent { content, len: 1 }])]),
                Request::Filed { room: RoomId(id), after: None },
                Request::Filed { room: RoomId(id), after: Some(RecordId(id)) },
            ] {
                let json = serde_json::to_vec(&request).unwrap();
                prop_assert_eq!(serde_json::from_slice::<Request>(&json).unwrap(), request);
            }
        }

        #[test]
        fn bytes_that_are_no_call_are_refused_without_a_panic(bytes: Vec<u8>) {
            if let Ok(request) = serde_json::from_slice::<Request>(&bytes) {
                prop_assert!(serde_json::to_vec(&request).is_ok());
            }
        }
    }
}
