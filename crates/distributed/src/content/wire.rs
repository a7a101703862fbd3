//! `/kadenza/content/2.0.0`: what goes over the stream between one who wants content and one who has it.
//!
//! The asker opens the stream and keeps it as long as the connection. It follows contents, asks for groups of them and
//! takes back what it no longer needs; the holder says which groups it has, again whenever it gets more, sends them in
//! bao encoding, which proves them against the content's id, and names others that follow the same content.
//!
//! A frame is its length (4 bytes, big endian) and a message: a kind (1 byte) and its fields, numbers big endian. A
//! content is spoken of by a handle the asker chose when it followed it.

use std::io;

use bytes::{Buf, BufMut, Bytes, BytesMut, TryGetError};
use futures::{AsyncRead, AsyncReadExt};
use kadenza_api::{ContentId, GROUP_BYTES, Groups};
use libp2p::{PeerId, StreamProtocol};

/// Protocol id.
pub(crate) const PROTOCOL: StreamProtocol = StreamProtocol::new("/kadenza/content/2.0.0");

/// The most groups in one message that asks for some or sends some: 256 KiB of audio.
pub(crate) const GROUPS_LIMIT: u64 = 16;

/// The most ranges in one [`ToAsker::Have`]: every other group of a content of 256 MB.
pub(crate) const RANGES_LIMIT: usize = 8192;

/// The most peers in one [`ToAsker::Others`].
pub(crate) const OTHERS_LIMIT: usize = 16;

/// The longest message from an asker.
pub(crate) const ASK_LIMIT_BYTES: usize = 64;

/// The longest message from a holder: groups and, generously, 64 bytes of hashes for every KiB of them; or ranges.
pub(crate) const ANSWER_LIMIT_BYTES: usize =
    (GROUPS_LIMIT * (GROUP_BYTES + GROUP_BYTES / 16)) as usize + 4096;

/// What the asker says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ToHolder {
    /// From now on, say which groups of this content you have. `len` is its length in bytes, as the asker believes.
    Follow { handle: u32, content: ContentId, len: u64 },
    /// Send these groups.
    Ask { handle: u32, groups: Groups },
    /// What of these groups has not been sent need not be.
    Cancel { handle: u32, groups: Groups },
    /// The content is of no interest any more.
    Leave { handle: u32 },
}

/// What the holder says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ToAsker {
    /// These groups are here, besides those named before.
    Have { handle: u32, groups: Vec<Groups> },
    /// Some of the groups asked for, in bao encoding.
    Slice { handle: u32, groups: Groups, bytes: Bytes },
    /// These groups will not be sent.
    Refused { handle: u32, groups: Groups },
    /// These peers follow the same content.
    Others { handle: u32, peers: Vec<PeerId> },
}

const FOLLOW: u8 = 1;
const ASK: u8 = 2;
const CANCEL: u8 = 3;
const LEAVE: u8 = 4;
const HAVE: u8 = 16;
const SLICE: u8 = 17;
const REFUSED: u8 = 18;
const OTHERS: u8 = 19;

/// What can stand in a frame.
pub(crate) trait Message: Sized {
    /// The longest one, in bytes.
    const LIMIT_BYTES: usize;

    fn write(&self, to: &mut BytesMut);

    /// # Errors
    /// [`io::ErrorKind::InvalidData`], saying what is wrong with it.
    fn read(from: Bytes) -> io::Result<Self>;
}

impl Message for ToHolder {
    const LIMIT_BYTES: usize = ASK_LIMIT_BYTES;

    fn write(&self, to: &mut BytesMut) {
        match self {
            Self::Follow { handle, content, len } => {
                head(to, FOLLOW, *handle);
                to.put_slice(&content.0);
                to.put_u64(*len);
            }
            Self::Ask { handle, groups } => with_groups(to, ASK, *handle, groups),
            Self::Cancel { handle, groups } => with_groups(to, CANCEL, *handle, groups),
            Self::Leave { handle } => head(to, LEAVE, *handle),
        }
    }

    fn read(mut from: Bytes) -> io::Result<Self> {
        let (kind, handle) = (from.try_get_u8().map_err(short)?, from.try_get_u32().map_err(short)?);
        let message = match kind {
            FOLLOW => {
                let mut content = [0; 32];
                from.try_copy_to_slice(&mut content).map_err(short)?;
                let len = from.try_get_u64().map_err(short)?;
                Self::Follow { handle, content: ContentId(content), len }
            }
            ASK => Self::Ask { handle, groups: groups(&mut from)? },
            CANCEL => Self::Cancel { handle, groups: range(&mut from)? },
            LEAVE => Self::Leave { handle },
            kind => return Err(bad(format!("a question of the unknown kind {kind}"))),
        };
        ended(&from, message)
    }
}

impl Message for ToAsker {
    const LIMIT_BYTES: usize = ANSWER_LIMIT_BYTES;

    fn write(&self, to: &mut BytesMut) {
        match self {
            Self::Have { handle, groups } => {
                head(to, HAVE, *handle);
                groups.iter().for_each(|groups| put_groups(to, groups));
            }
            Self::Slice { handle, groups, bytes } => {
                to.reserve(bytes.len() + 16);
                with_groups(to, SLICE, *handle, groups);
                to.put_slice(bytes);
            }
            Self::Refused { handle, groups } => with_groups(to, REFUSED, *handle, groups),
            Self::Others { handle, peers } => {
                head(to, OTHERS, *handle);
                for peer in peers {
                    let peer = peer.to_bytes();
                    // A peer id is a multihash of at most 66 bytes.
                    to.put_u8(u8::try_from(peer.len()).unwrap_or(u8::MAX));
                    to.put_slice(&peer);
                }
            }
        }
    }

    fn read(mut from: Bytes) -> io::Result<Self> {
        let (kind, handle) = (from.try_get_u8().map_err(short)?, from.try_get_u32().map_err(short)?);
        match kind {
            HAVE => {
                let mut have = Vec::new();
                while from.has_remaining() {
                    if have.len() >= RANGES_LIMIT {
                        return Err(bad(format!("more than {RANGES_LIMIT} ranges at once")));
                    }
                    have.push(range(&mut from)?);
                }
                Ok(Self::Have { handle, groups: have })
            }
            SLICE => Ok(Self::Slice { handle, groups: groups(&mut from)?, bytes: from }),
            REFUSED => {
                let message = Self::Refused { handle, groups: range(&mut from)? };
                ended(&from, message)
            }
            OTHERS => Ok(Self::Others { handle, peers: peers(from)? }),
            kind => Err(bad(format!("an answer of the unknown kind {kind}"))),
        }
    }
}

fn head(to: &mut BytesMut, kind: u8, handle: u32) {
    to.put_u8(kind);
    to.put_u32(handle);
}

fn with_groups(to: &mut BytesMut, kind: u8, handle: u32, groups: &Groups) {
    head(to, kind, handle);
    put_groups(to, groups);
}

fn put_groups(to: &mut BytesMut, groups: &Groups) {
    // A content has at most 2¹⁶ groups (1 GiB).
    let number = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
    to.put_u32(number(groups.start));
    to.put_u32(number(groups.end.saturating_sub(groups.start)));
}

fn range(from: &mut Bytes) -> io::Result<Groups> {
    let first = u64::from(from.try_get_u32().map_err(short)?);
    let count = u64::from(from.try_get_u32().map_err(short)?);
    Ok(first..first + count)
}

/// Groups that are asked for or sent at once.
fn groups(from: &mut Bytes) -> io::Result<Groups> {
    let groups = range(from)?;
    match groups.end - groups.start {
        1..=GROUPS_LIMIT => Ok(groups),
        count => Err(bad(format!("{count} groups at once, where 1 to {GROUPS_LIMIT} are allowed"))),
    }
}

fn peers(mut from: Bytes) -> io::Result<Vec<PeerId>> {
    let mut peers = Vec::new();
    while from.has_remaining() {
        let len = usize::from(from.try_get_u8().map_err(short)?);
        if len > from.len() || peers.len() >= OTHERS_LIMIT {
            return Err(bad("a list of peers that is too long"));
        }
        let peer = PeerId::from_bytes(&from.split_to(len));
        peers.push(peer.map_err(|error| bad(format!("a peer id that is none: {error}")))?);
    }
    Ok(peers)
}

fn ended<T>(rest: &Bytes, message: T) -> io::Result<T> {
    if rest.has_remaining() {
        return Err(bad(format!("{} bytes too many in a message", rest.len())));
    }
    Ok(message)
}

fn bad(what: impl Into<String>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what.into())
}

fn short(error: TryGetError) -> io::Error {
    bad(format!("a message that is cut off: {error}"))
}

/// Appends `message` as a frame.
pub(crate) fn put_frame(to: &mut BytesMut, message: &impl Message) {
    let start = to.len();
    to.put_u32(0);
    message.write(to);
    // Every message is far below 4 GiB.
    let len = u32::try_from(to.len() - start - 4).unwrap_or(u32::MAX);
    to[start..start + 4].copy_from_slice(&len.to_be_bytes());
}

/// Reads the next frame; `None` where the stream ended before one began.
///
/// # Errors
/// [`io::ErrorKind::InvalidData`] for a frame that is too long or no message; the stream's own error.
pub(crate) async fn next_frame<M: Message>(from: &mut (impl AsyncRead + Unpin)) -> io::Result<Option<M>> {
    let mut len = [0; 4];
    match from.read_exact(&mut len).await {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        read => read?,
    }
    let len = u32::from_be_bytes(len) as usize;
    if len > M::LIMIT_BYTES {
        return Err(bad(format!("a message of {len} bytes, where {} are allowed", M::LIMIT_BYTES)));
    }
    let mut message = vec![0; len];
    from.read_exact(&mut message).await?;
    M::read(message.into()).map(Some)
}

#[cfg(test)]
mod tests {
    use futures::executor::block_on;
    use futures::io::Cursor;
    use proptest::prelude::*;

    use super::*;

    fn any_groups() -> impl Strategy<Value = Groups> {
        (0..1u64 << 16, 1..=GROUPS_LIMIT).prop_map(|(first, count)| first..first + count)
    }

    /// However much is under way: all of it may have to be taken back.
    fn any_range() -> impl Strategy<Value = Groups> {
        (0..1u64 << 16, 0..1u64 << 16).prop_map(|(first, count)| first..first + count)
    }

    fn to_holder() -> impl Strategy<Value = ToHolder> {
        prop_oneof![
            any::<(u32, [u8; 32], u64)>().prop_map(|(handle, id, len)| ToHolder::Follow {
                handle,
                content: ContentId(id),
                len
            }),
            (any::<u32>(), any_groups()).prop_map(|(handle, groups)| ToHolder::Ask { handle, groups }),
            (any::<u32>(), any_range()).prop_map(|(handle, groups)| ToHolder::Cancel { handle, groups }),
            any::<u32>().prop_map(|handle| ToHolder::Leave { handle }),
        ]
    }

    fn to_asker() -> impl Strategy<Value = ToAsker> {
        prop_oneof![
            (any::<u32>(), prop::collection::vec(any_range(), 0..20))
                .prop_map(|(handle, groups)| ToAsker::Have { handle, groups }),
            (any::<u32>(), any_groups(), any::<Vec<u8>>()).prop_map(|(handle, groups, bytes)| {
                ToAsker::Slice { handle, groups, bytes: bytes.into() }
            }),
            (any::<u32>(), any_groups()).prop_map(|(handle, groups)| ToAsker::Refused { handle, groups }),
            (any::<u32>(), 0..=OTHERS_LIMIT).prop_map(|(handle, count)| ToAsker::Others {
                handle,
                peers: std::iter::repeat_with(PeerId::random).take(count).collect()
            }),
        ]
    }

    fn reads_back<M: Message + PartialEq + std::fmt::Debug>(messages: Vec<M>) {
        let mut wire = BytesMut::new();
        messages.iter().for_each(|message| put_frame(&mut wire, message));
        let mut wire = Cursor::new(wire);
        for message in messages {
            assert_eq!(block_on(next_frame::<M>(&mut wire)).unwrap(), Some(message));
        }
        assert_eq!(block_on(next_frame::<M>(&mut wire)).unwrap(), None);
    }

    proptest! {
        #[test]
        fn what_an_asker_says_reads_back(messages in prop::collection::vec(to_holder(), 0..5)) {
            reads_back(messages);
        }

        #[test]
        fn what_a_holder_says_reads_back(messages in prop::collection::vec(to_asker(), 0..5)) {
            reads_back(messages);
        }

        #[test]
        fn any_bytes_are_a_message_within_its_bounds_or_an_error(bytes: Vec<u8>) {
            let bytes = Bytes::from(bytes);
            if let Ok(ToHolder::Ask { groups, .. }) = ToHolder::read(bytes.clone()) {
                prop_assert!(groups.end - groups.start <= GROUPS_LIMIT);
            }
            let _ = ToAsker::read(bytes);
        }
    }

    #[test]
    fn a_frame_that_claims_4_gib_is_refused_before_it_is_read() {
        let mut wire = Cursor::new(vec![0xff; 64]);
        let error = block_on(next_frame::<ToAsker>(&mut wire)).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidData);
    }

    #[test]
    fn the_longest_lists_fit_in_a_frame() {
        const { assert!(5 + RANGES_LIMIT * 8 <= ANSWER_LIMIT_BYTES) };
    }
}
