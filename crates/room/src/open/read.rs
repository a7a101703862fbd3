//! Reading a room's contents: the sealed groups that hold what is wanted, fetched as any content, and opened.

use std::ops::Range;

use bytes::{Bytes, BytesMut};
use futures::Stream;
use kadenza_api::{ContentId, Error, READ_LIMIT_BYTES, Recording, Result, Source};
use kadenza_platform::boxed_stream;

use super::{Below, Room, lock};
use crate::sealing::{SEALED_GROUP_BYTES, groups_of, plain_bytes_of, sealed_bytes_of, sealed_len};

/// A read of no more than this is a look at a song, for which the node below fetches no more than is read; what is sealed is
/// a little longer, so it is read in parts that are not.
const PEEK_BYTES: u64 = 256 * 1024;

/// Sealed groups opened at once: as many as one read returns.
const GROUPS_AT_ONCE: u64 = READ_LIMIT_BYTES / SEALED_GROUP_BYTES;

impl<P: Below> Room<P> {
    /// The opened bytes of one of the room's recordings, to be given away. `None` where the room has none of its own: it is
    /// of the public library.
    pub fn source(&self, recording: &Recording) -> Option<Source> {
        let len = lock(&self.inner.library).content(recording.content)?.len;
        let (room, content) = (self.clone(), recording.content);
        Some(Source::new(Some(len), move || boxed_stream(room.clone().opened(content, len))))
    }

    fn opened(self, content: ContentId, len: u64) -> impl Stream<Item = Result<Bytes>> {
        futures::stream::try_unfold((self, 0), move |(room, at)| async move {
            if at >= len {
                return Ok(None);
            }
            let bytes = room.read_opened(content, len, at..len).await?;
            let next = at + bytes.len() as u64;
            Ok(Some((bytes, (room, next))))
        })
    }

    /// The bytes of `range`, or of the beginning of it: at least one group's.
    pub(super) async fn read_opened(&self, content: ContentId, len: u64, range: Range<u64>) -> Result<Bytes> {
        let sealed = lock(&self.inner.library).content(content);
        let Some(sealed) = sealed else {
            // A song of the public library that was added by reference.
            return self.inner.below.read(content, len, range).await;
        };
        if sealed.len != len || range.start >= range.end || range.end > len {
            return Err(Error::invalid(format!(
                "there are no bytes {range:?} of {len} in a content of {} bytes",
                sealed.len
            )));
        }
        let groups = groups_of(&range, len);
        let wanted = sealed_bytes_of(&groups, len);
        let most = if range.end - range.start > PEEK_BYTES { u64::MAX } else { PEEK_BYTES };
        let (bytes, whole) = self.sealed_groups(content, len, wanted, most).await?;
        let groups = groups.start..groups.start + whole;
        let key = self.inner.keys.content_key(&sealed.file.salt);
        let opened = key.open(groups.start, len, bytes).map_err(|error| {
            // The bytes are those the record names: whoever wrote the record sealed something else.
            Error::storage(format!("a song of this room cannot be opened: {error}"))
        })?;
        let plain = plain_bytes_of(&groups, len);
        let at = |byte: u64| usize::try_from(byte.saturating_sub(plain.start)).unwrap_or(usize::MAX);
        let end = range.end.min(plain.end);
        Ok(Bytes::from(opened).slice(at(range.start)..at(end)))
    }

    /// Whole sealed groups from the beginning of `wanted` on, and how many. As much as there may be of `wanted` is asked for, so
    /// that the node below knows how far is read.
    async fn sealed_groups(
        &self,
        content: ContentId,
        len: u64,
        wanted: Range<u64>,
        most: u64,
    ) -> Result<(Vec<u8>, u64)> {
        let total = sealed_len(len);
        let mut bytes = BytesMut::new();
        loop {
            let at = wanted.start + bytes.len() as u64;
            let end = wanted.end.min(at.saturating_add(most));
            let piece = self.inner.below.read(content, total, at..end).await?;
            if piece.is_empty() {
                return Err(Error::unavailable(format!("content {content} could not be read at byte {at}")));
            }
            bytes.extend_from_slice(&piece);
            let come = bytes.len() as u64;
            let is_all = wanted.start + come >= wanted.end;
            if is_all || come >= SEALED_GROUP_BYTES {
                let whole =
                    if is_all { come.div_ceil(SEALED_GROUP_BYTES) } else { come / SEALED_GROUP_BYTES };
                let whole = whole.min(GROUPS_AT_ONCE);
                let keep = (whole * SEALED_GROUP_BYTES).min(come);
                bytes.truncate(usize::try_from(keep).unwrap_or(usize::MAX));
                return Ok((bytes.to_vec(), whole));
            }
        }
    }
}
