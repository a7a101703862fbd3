//! Content: bytes named by their own hash, and the streams they travel in.

use std::fmt;
use std::ops::Range;
use std::str::FromStr;
use std::sync::{Arc, Mutex};

use bytes::{Bytes, BytesMut};
use futures::StreamExt;
use kadenza_platform::{BoxStream, MaybeSend, MaybeSync, boxed_stream};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::{Error, Result};

/// Bytes in a group, the smallest piece that is verified and asked for by itself: 16 KiB, so that the first bytes
/// after a seek prove themselves soon on a slow link.
pub const GROUP_BYTES: u64 = 16 * 1024;

/// The most bytes one [`crate::Music::read`] returns: 1 MiB. Longer reads are answered short.
pub const READ_LIMIT_BYTES: u64 = 1024 * 1024;

/// The longest content the network deals with, whatever is claimed of one: 1 GiB.
pub const CONTENT_MAX_BYTES: u64 = 1 << 30;

/// A range of group numbers of one content.
pub type Groups = Range<u64>;

/// The numbers of the groups that hold the bytes of `range`, within a content of `len` bytes.
pub fn groups_of(range: &Range<u64>, len: u64) -> Groups {
    let end = range.end.min(len);
    if range.start >= end {
        return 0..0;
    }
    range.start / GROUP_BYTES..end.div_ceil(GROUP_BYTES)
}

/// The BLAKE3 root over some bytes (BLAKE3 specification, section 2.6): their name, and what every group of
/// them is verified against.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ContentId(pub [u8; 32]);

impl ContentId {
    /// The id of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        Self(*blake3::hash(bytes).as_bytes())
    }
}

impl fmt::Display for ContentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for ContentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ContentId({self})")
    }
}

impl FromStr for ContentId {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let mut id = [0; 32];
        hex::decode_to_slice(text, &mut id)
            .map_err(|_| Error::invalid("a content id is 64 hexadecimal digits"))?;
        Ok(Self(id))
    }
}

impl Serialize for ContentId {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ContentId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

/// Bytes that arrive bit by bit, in order. Chunks may have any length.
pub type ByteStream = BoxStream<Result<Bytes>>;

/// Reads a whole stream into memory, `limit` bytes at the most.
///
/// # Errors
/// [`Error::TooLarge`] as soon as more than `limit` bytes have come, or the stream's own error.
pub async fn collect(mut stream: ByteStream, limit: u64) -> Result<Bytes> {
    let mut whole = BytesMut::new();
    while let Some(chunk) = stream.next().await {
        let chunk = chunk?;
        if (whole.len() + chunk.len()) as u64 > limit {
            return Err(Error::too_large(format!("more than {limit} bytes came where {limit} are allowed")));
        }
        whole.extend_from_slice(&chunk);
    }
    Ok(whole.freeze())
}

/// Starts an upload's bytes from the first one.
trait Open: MaybeSend + MaybeSync {
    fn open(&self) -> Result<ByteStream>;
}

impl<F: Fn() -> Result<ByteStream> + MaybeSend + MaybeSync> Open for F {
    fn open(&self) -> Result<ByteStream> {
        self()
    }
}

/// Where an upload's bytes come from: a stream that can be opened, more than once where the bytes stay put (a
/// file), once where they pass by (a request's body).
#[derive(Clone)]
pub struct Source {
    len: Option<u64>,
    open: Arc<dyn Open>,
}

impl Source {
    /// A source that `open` starts from the beginning each time. `len` is its length in bytes, if known.
    pub fn new(len: Option<u64>, open: impl Fn() -> ByteStream + MaybeSend + MaybeSync + 'static) -> Self {
        Self::opened_by(len, move || Ok(open()))
    }

    /// A source of bytes that pass by once. Opening it again is [`Error::Unavailable`].
    pub fn once(len: Option<u64>, stream: ByteStream) -> Self {
        let slot = Mutex::new(Some(stream));
        Self::opened_by(len, move || {
            let mut slot = slot.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            slot.take().ok_or_else(|| Error::unavailable("the upload's bytes have already been read once"))
        })
    }

    fn opened_by(len: Option<u64>, open: impl Open + 'static) -> Self {
        Self { len, open: Arc::new(open) }
    }

    /// Its length in bytes, where it is known beforehand. A promise from outside, not a fact.
    pub fn len(&self) -> Option<u64> {
        self.len
    }

    /// Whether it is known to hold nothing.
    pub fn is_empty(&self) -> bool {
        self.len == Some(0)
    }

    /// Starts reading from the first byte.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the bytes could be read only once and have been.
    pub fn open(&self) -> Result<ByteStream> {
        self.open.open()
    }
}

impl From<Bytes> for Source {
    fn from(bytes: Bytes) -> Self {
        let len = bytes.len() as u64;
        Self::new(Some(len), move || boxed_stream(futures::stream::iter([Ok(bytes.clone())])))
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Source").field("len", &self.len).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use futures::executor::block_on;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_body_can_be_read_once_and_says_so_the_second_time() {
        let source = Source::once(None, boxed_stream(futures::stream::iter([Ok(Bytes::from_static(b"x"))])));
        assert_eq!(block_on(collect(source.open().unwrap(), 10)).unwrap(), "x");
        assert!(matches!(source.open(), Err(Error::Unavailable { .. })));
    }

    #[test]
    fn collecting_stops_at_the_limit() {
        let source = Source::from(Bytes::from(vec![0; 11]));
        let collected = block_on(collect(source.open().unwrap(), 10));
        assert!(matches!(collected, Err(Error::TooLarge { .. })));
    }

    proptest! {
        #[test]
        fn a_content_id_reads_back_what_it_writes(id: [u8; 32]) {
            let id = ContentId(id);
            prop_assert_eq!(id.to_string().parse::<ContentId>().unwrap(), id);
        }

        #[test]
        fn the_groups_of_a_range_cover_it_and_no_group_is_idle(start in 0u64..1 << 40, len in 0u64..1 << 30, of in 0u64..1 << 41) {
            let range = start..start + len;
            let groups = groups_of(&range, of);
            let end = range.end.min(of);
            if start < end {
                prop_assert!(groups.start * GROUP_BYTES <= start && start < (groups.start + 1) * GROUP_BYTES);
                prop_assert!((groups.end - 1) * GROUP_BYTES < end && end <= groups.end * GROUP_BYTES);
            } else {
                prop_assert!(groups.is_empty());
            }
        }
    }
}
