//! Messages: a length prefix and a protobuf.

use prost::Message as _;

/// The longest message, its length prefix left out. A session description is half to two KiB.
pub(crate) const MESSAGE_MAX_BYTES: usize = 16 * 1024;

/// What a message holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, prost::Enumeration)]
#[repr(i32)]
pub(crate) enum Kind {
    Offer = 0,
    Answer = 1,
    Candidate = 2,
}

/// What a peer announces to understand beyond the specification, in a field that other peers pass over.
#[derive(Clone, Copy, PartialEq, Eq, prost::Message)]
pub struct Extensions {
    /// The longest frame it takes, in bytes.
    #[prost(uint32, tag = "1")]
    pub frame_bytes: u32,
    /// How many bytes of a stream it takes before it grants more.
    #[prost(uint32, tag = "2")]
    pub window_bytes: u32,
}

/// As it crosses the wire.
#[derive(Clone, PartialEq, prost::Message)]
struct Wire {
    #[prost(enumeration = "Kind", optional, tag = "1")]
    kind: Option<i32>,
    #[prost(string, optional, tag = "2")]
    data: Option<String>,
    #[prost(message, optional, tag = "100")]
    extensions: Option<Extensions>,
}

/// A message.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Message {
    /// The dialer's session description.
    Offer { sdp: String, extensions: Option<Extensions> },
    /// The other's.
    Answer { sdp: String, extensions: Option<Extensions> },
    /// A candidate, the JSON of the browser's own form of it; `None` where it says that there are no more.
    Candidate(Option<String>),
}

/// How a peer broke the protocol.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignalingError {
    /// It is no protobuf of a message.
    #[error("not a message: {0}")]
    Malformed(String),
    /// It is longer than any message needs to be.
    #[error("a message of {0} bytes is too long")]
    TooLong(usize),
    /// It has no type, or one that does not exist.
    #[error("a message without a known type")]
    UnknownType,
    /// A session description without content.
    #[error("an empty session description")]
    Empty,
    /// It may not come now.
    #[error("{0} was not expected now")]
    Unexpected(&'static str),
    /// More candidates than any browser has.
    #[error("more than {0} candidates")]
    TooManyCandidates(usize),
    /// The other end stopped in the middle.
    #[error("the peer stopped before both were connected")]
    Ended,
}

impl Message {
    /// As it goes onto the wire, with its length prefix.
    pub(crate) fn encode(self) -> Vec<u8> {
        let (kind, data, extensions) = match self {
            Self::Offer { sdp, extensions } => (Kind::Offer, sdp, extensions),
            Self::Answer { sdp, extensions } => (Kind::Answer, sdp, extensions),
            Self::Candidate(candidate) => (Kind::Candidate, candidate.unwrap_or_default(), None),
        };
        Wire { kind: Some(kind.into()), data: Some(data), extensions }.encode_length_delimited_to_vec()
    }

    /// Reads what followed the length prefix.
    ///
    /// # Errors
    /// [`SignalingError`] that says what is wrong with it.
    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, SignalingError> {
        if bytes.len() > MESSAGE_MAX_BYTES {
            return Err(SignalingError::TooLong(bytes.len()));
        }
        let wire = Wire::decode(bytes).map_err(|error| SignalingError::Malformed(error.to_string()))?;
        let kind = wire.kind.and_then(|kind| Kind::try_from(kind).ok()).ok_or(SignalingError::UnknownType)?;
        let data = wire.data.unwrap_or_default();
        if kind == Kind::Candidate {
            // What peers say when there are no more differs.
            return Ok(Self::Candidate(Some(data).filter(|data| !matches!(data.as_str(), "" | "null"))));
        }
        if data.is_empty() {
            return Err(SignalingError::Empty);
        }
        let extensions = wire.extensions;
        Ok(match kind {
            Kind::Offer => Self::Offer { sdp: data, extensions },
            _ => Self::Answer { sdp: data, extensions },
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn messages_are_the_bytes_the_specification_says() {
        let answer = Message::Answer { sdp: "v=0".into(), extensions: None };
        assert_eq!(answer.encode(), [7, 8, 1, 0x12, 3, b'v', b'=', b'0']);
        let offer = Message::Offer { sdp: "v".into(), extensions: None };
        assert_eq!(offer.encode()[..3], [5, 8, 0], "a type of zero is still written");
    }

    #[test]
    fn every_way_to_say_that_there_are_no_more_candidates_is_understood() {
        for data in [&[8, 2][..], &[8, 2, 0x12, 0], &[8, 2, 0x12, 4, b'n', b'u', b'l', b'l']] {
            assert_eq!(Message::decode(data), Ok(Message::Candidate(None)));
        }
    }

    #[test]
    fn a_peer_that_knows_no_extensions_reads_an_offer_that_announces_them() {
        #[derive(Clone, PartialEq, prost::Message)]
        struct Specified {
            #[prost(int32, optional, tag = "1")]
            kind: Option<i32>,
            #[prost(string, optional, tag = "2")]
            data: Option<String>,
        }
        let extensions = Some(Extensions { frame_bytes: 1, window_bytes: 2 });
        let bytes = Message::Offer { sdp: "v=0".into(), extensions }.encode();
        let read = Specified::decode_length_delimited(&bytes[..]).unwrap();
        assert_eq!(read.data.as_deref(), Some("v=0"));
    }

    fn messages() -> impl Strategy<Value = Message> {
        let extensions = || {
            any::<Option<(u32, u32)>>().prop_map(|pair| {
                pair.map(|(frame_bytes, window_bytes)| Extensions { frame_bytes, window_bytes })
            })
        };
        prop_oneof![
            (".+", extensions()).prop_map(|(sdp, extensions)| Message::Offer { sdp, extensions }),
            (".+", extensions()).prop_map(|(sdp, extensions)| Message::Answer { sdp, extensions }),
            prop::option::of("\\{.*\\}").prop_map(Message::Candidate),
        ]
    }

    proptest! {
        #[test]
        fn messages_read_back_as_they_were_written(message in messages()) {
            let bytes = message.clone().encode();
            let (body, length) = (prost::decode_length_delimiter(&bytes[..]).unwrap(), bytes.len());
            prop_assert_eq!(Message::decode(&bytes[length - body..]), Ok(message));
        }

        #[test]
        fn truncated_messages_are_refused_or_read_without_a_panic(message in messages(), keep in 0usize..100) {
            let bytes = message.encode();
            let _ = Message::decode(&bytes[1..keep.clamp(1, bytes.len())]);
        }

        #[test]
        fn hostile_bytes_are_refused_without_a_panic(bytes: Vec<u8>) {
            let _ = Message::decode(&bytes);
        }
    }
}
