//! Verified content, `/kadenza/content/1.0.0`: a request names some groups of a content, the answer is those
//! groups in bao encoding, which proves them against the content's id.
//!
//! Request: content id (32 bytes), its length in bytes, first group, number of groups (8 bytes each, big endian).
//! Answer: one byte, [`HERE`] or [`NOT_HERE`], then the encoded slice up to the end of the stream.

use std::io;

use bytes::Bytes;
use futures::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use kadenza_api::{ContentId, GROUP_BYTES, Groups};
use libp2p::StreamProtocol;
use libp2p::request_response::{self, ProtocolSupport};

/// Protocol id.
pub(crate) const PROTOCOL: StreamProtocol = StreamProtocol::new("/kadenza/content/1.0.0");

/// The most groups in one request: 1 MiB of audio.
pub(crate) const GROUPS_LIMIT: u64 = 16;

/// The longest answer: the groups and, generously, 64 bytes of hashes for every KiB of them.
const ANSWER_LIMIT_BYTES: u64 = GROUPS_LIMIT * (GROUP_BYTES + GROUP_BYTES / 16) + 4096;

/// Requests that may be open at once on a connection.
const STREAMS_PER_CONNECTION: usize = 32;

const HERE: u8 = 1;
const NOT_HERE: u8 = 0;

/// The behaviour that carries content.
pub(crate) type Behaviour = request_response::Behaviour<Codec>;

/// Some groups of a content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Request {
    pub(crate) content: ContentId,
    /// How long the asker believes the content to be, in bytes.
    pub(crate) len: u64,
    pub(crate) groups: Groups,
}

/// The slice, or `None` where the node does not have all of it.
pub(crate) type Answer = Option<Bytes>;

/// A behaviour that speaks this protocol.
pub(crate) fn behaviour() -> Behaviour {
    let config = request_response::Config::default().with_max_concurrent_streams(STREAMS_PER_CONNECTION);
    Behaviour::with_codec(Codec, [(PROTOCOL, ProtocolSupport::Full)], config)
}

/// Reads and writes the protocol's messages.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Codec;

impl request_response::Codec for Codec {
    type Protocol = StreamProtocol;
    type Request = Request;
    type Response = Answer;

    async fn read_request<T>(&mut self, _: &StreamProtocol, io: &mut T) -> io::Result<Request>
    where
        T: AsyncRead + Unpin + Send,
    {
        let mut content = [0; 32];
        io.read_exact(&mut content).await?;
        let mut number = [0; 8];
        io.read_exact(&mut number).await?;
        let len = u64::from_be_bytes(number);
        io.read_exact(&mut number).await?;
        let first = u64::from_be_bytes(number);
        io.read_exact(&mut number).await?;
        let count = u64::from_be_bytes(number);
        let end = first.checked_add(count).filter(|_| (1..=GROUPS_LIMIT).contains(&count));
        let end =
            end.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "a request of too many groups"))?;
        Ok(Request { content: ContentId(content), len, groups: first..end })
    }

    async fn read_response<T>(&mut self, _: &StreamProtocol, io: &mut T) -> io::Result<Answer>
    where
        T: AsyncRead + Unpin + Send,
    {
        let mut status = [0];
        io.read_exact(&mut status).await?;
        if status[0] != HERE {
            return Ok(None);
        }
        let mut slice = Vec::new();
        io.take(ANSWER_LIMIT_BYTES).read_to_end(&mut slice).await?;
        Ok(Some(slice.into()))
    }

    async fn write_request<T>(&mut self, _: &StreamProtocol, io: &mut T, request: Request) -> io::Result<()>
    where
        T: AsyncWrite + Unpin + Send,
    {
        let Request { content, len, groups } = request;
        let count = groups.end.saturating_sub(groups.start);
        let message =
            [&content.0[..], &len.to_be_bytes(), &groups.start.to_be_bytes(), &count.to_be_bytes()].concat();
        io.write_all(&message).await
    }

    async fn write_response<T>(&mut self, _: &StreamProtocol, io: &mut T, answer: Answer) -> io::Result<()>
    where
        T: AsyncWrite + Unpin + Send,
    {
        match answer {
            None => io.write_all(&[NOT_HERE]).await,
            Some(slice) => {
                io.write_all(&[HERE]).await?;
                io.write_all(&slice).await
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::executor::block_on;
    use futures::io::Cursor;
    use libp2p::request_response::Codec as _;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_request_reads_back_what_it_writes(id: [u8; 32], len: u64, first in 0..u64::MAX - GROUPS_LIMIT, count in 1..=GROUPS_LIMIT) {
            let request = Request { content: ContentId(id), len, groups: first..first + count };
            let mut wire = Cursor::new(Vec::new());
            block_on(Codec.write_request(&PROTOCOL, &mut wire, request.clone())).unwrap();
            let read = block_on(Codec.read_request(&PROTOCOL, &mut Cursor::new(wire.into_inner()))).unwrap();
            prop_assert_eq!(read, request);
        }

        #[test]
        fn an_answer_reads_back_what_it_writes(slice: Option<Vec<u8>>) {
            let answer = slice.map(Bytes::from);
            let mut wire = Cursor::new(Vec::new());
            block_on(Codec.write_response(&PROTOCOL, &mut wire, answer.clone())).unwrap();
            let read = block_on(Codec.read_response(&PROTOCOL, &mut Cursor::new(wire.into_inner()))).unwrap();
            prop_assert_eq!(read, answer);
        }

        #[test]
        fn a_request_of_any_bytes_is_bounded_or_refused(bytes: Vec<u8>) {
            if let Ok(request) = block_on(Codec.read_request(&PROTOCOL, &mut Cursor::new(bytes))) {
                prop_assert!(request.groups.end - request.groups.start <= GROUPS_LIMIT);
            }
        }
    }

    #[test]
    fn an_answer_of_100_mb_is_cut_at_the_limit() {
        let mut endless =
            AsyncReadExt::chain(Cursor::new(vec![HERE]), futures::io::repeat(7).take(100_000_000));
        let answer = block_on(Codec.read_response(&PROTOCOL, &mut endless)).unwrap().unwrap();
        assert_eq!(answer.len() as u64, ANSWER_LIMIT_BYTES);
    }
}
