//! JSON remote procedure calls, `/kadenza/rpc/1.0.0`: one request and one answer a stream.

use std::collections::BTreeMap;

use kadenza_api::{ContentId, Error, Found, Query, Song, SongId};
use libp2p::StreamProtocol;
use libp2p::request_response::{self, ProtocolSupport};
use serde::{Deserialize, Serialize};

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

/// The most contents asked about in one [`Request::Held`].
pub(crate) const HELD_LIMIT: usize = 1000;

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
    /// Which of these contents the node holds whole.
    Held(Vec<ContentId>),
    /// Asks the node to keep a copy of a content of a song it has the record of; it fetches the bytes from
    /// the caller. Asking again tells how far it is.
    Keep {
        /// The song whose record names the content.
        song: SongId,
        /// The recording's or the cover's bytes.
        content: ContentId,
    },
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
    Held(Vec<ContentId>),
    Keep(Keeping),
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
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_call_is_json_a_person_can_read() {
        let request = Request::Song(SongId([1; 20]));
        let json = serde_json::json!({"method": "song", "params": "01".repeat(20)});
        assert_eq!(serde_json::to_value(&request).unwrap(), json);
    }

    proptest! {
        #[test]
        fn every_call_reads_back_what_it_writes(id: [u8; 32], song: [u8; 20], durable: bool, words in ".*") {
            let content = ContentId(id);
            for request in [
                Request::Hello(Hello { durable }),
                Request::Search(Query::new(words)),
                Request::Song(SongId(song)),
                Request::Held(vec![content; 3]),
                Request::Keep { song: SongId(song), content },
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
