//! Reading a file of which only some groups are at hand.
//!
//! Tag parsers read and seek as they like, and do so without waiting; stores answer only to those who wait. So a
//! parser runs over the groups fetched so far. Where it asks for another, it is stopped with an error, that group
//! is fetched, and the parser runs again.

use std::collections::BTreeMap;
use std::io::{self, Read, Seek, SeekFrom};

use bytes::Bytes;
use kadenza_api::GROUP_BYTES;

use crate::compressed::{OVERLAP_BYTES, has_compressed_frame, has_tag};

/// The most calls one parse may make: far more than any honest file needs, and an end to endless loops.
const CALLS_MAX: u32 = 2_000_000;

/// A file of which only some groups are at hand.
#[derive(Debug)]
pub(crate) struct Sparse {
    len: u64,
    groups: BTreeMap<u64, Bytes>,
    position: u64,
    missing: Option<u64>,
    calls: u32,
    has_tag: bool,
    has_compressed_frame: bool,
}

impl Sparse {
    /// A file of `len` bytes with no group at hand.
    pub(crate) fn new(len: u64) -> Self {
        Self {
            len,
            groups: BTreeMap::new(),
            position: 0,
            missing: None,
            calls: 0,
            has_tag: false,
            has_compressed_frame: false,
        }
    }

    /// How long the whole file is, in bytes.
    pub(crate) fn len(&self) -> u64 {
        self.len
    }

    /// Goes back to the beginning, for another run.
    pub(crate) fn restart(&mut self) {
        self.position = 0;
        self.calls = 0;
        self.missing = None;
    }

    /// Gives up what is at hand, to make room for other groups.
    pub(crate) fn clear(&mut self) {
        self.groups.clear();
    }

    /// The first group the last run asked for in vain.
    pub(crate) fn missing(&self) -> Option<u64> {
        self.missing
    }

    /// Adds `bytes` that begin at the group `first`.
    pub(crate) fn add(&mut self, first: u64, mut bytes: Bytes) {
        self.look_for_compressed_frames(first, &bytes);
        for number in first.. {
            if bytes.is_empty() {
                return;
            }
            let len = bytes.len().min(GROUP_BYTES as usize);
            self.groups.insert(number, bytes.split_to(len));
        }
    }

    /// Whether an ID3v2 tag in what is at hand seems to have compressed frames.
    pub(crate) fn unpacks(&self) -> bool {
        self.has_tag && self.has_compressed_frame
    }

    fn look_for_compressed_frames(&mut self, first: u64, bytes: &Bytes) {
        let before = first.checked_sub(1).and_then(|group| self.groups.get(&group));
        let before = before.map(|group| group.slice(group.len().saturating_sub(OVERLAP_BYTES)..));
        let after = self.groups.get(&(first + (bytes.len() as u64).div_ceil(GROUP_BYTES)));
        let after = after.map(|group| group.slice(..group.len().min(OVERLAP_BYTES)));
        let window = [&before.unwrap_or_default()[..], bytes, &after.unwrap_or_default()].concat();
        self.has_tag |= has_tag(&window);
        self.has_compressed_frame |= has_compressed_frame(&window, self.len);
    }

    /// Whether a group is at hand.
    pub(crate) fn has(&self, group: u64) -> bool {
        self.groups.contains_key(&group)
    }

    /// How many bytes are at hand, rounded up to whole groups.
    pub(crate) fn fetched_bytes(&self) -> u64 {
        self.groups.len() as u64 * GROUP_BYTES
    }

    fn count_call(&mut self) -> io::Result<()> {
        self.calls += 1;
        if self.calls > CALLS_MAX {
            return Err(io::Error::other("the file makes its parser go round in circles"));
        }
        Ok(())
    }
}

impl Read for Sparse {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.count_call()?;
        if self.position >= self.len || buffer.is_empty() {
            return Ok(0);
        }
        let number = self.position / GROUP_BYTES;
        let Some(group) = self.groups.get(&number) else {
            self.missing.get_or_insert(number);
            return Err(io::Error::other("more of it is needed than fits in memory"));
        };
        let from = usize::try_from(self.position % GROUP_BYTES).map_err(io::Error::other)?;
        let rest = group.get(from..).unwrap_or_default();
        let len = rest.len().min(buffer.len());
        buffer[..len].copy_from_slice(&rest[..len]);
        self.position += len as u64;
        Ok(len)
    }
}

impl Seek for Sparse {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.count_call()?;
        let position = match to {
            SeekFrom::Start(position) => Some(position),
            SeekFrom::Current(by) => self.position.checked_add_signed(by),
            SeekFrom::End(by) => self.len.checked_add_signed(by),
        };
        self.position = position.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        Ok(self.position)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_that_is_not_at_hand_is_named_and_then_read() {
        let file: Bytes = (0..3 * GROUP_BYTES).map(|i| (i / GROUP_BYTES).to_le_bytes()[0]).collect();
        let mut sparse = Sparse::new(file.len() as u64);
        sparse.seek(SeekFrom::End(-1)).unwrap();
        assert!(sparse.read(&mut [0; 10]).is_err());
        assert_eq!(sparse.missing(), Some(2));
        sparse.add(1, file.slice(GROUP_BYTES as usize..));
        sparse.restart();
        sparse.seek(SeekFrom::Start(2 * GROUP_BYTES - 1)).unwrap();
        let mut read = Vec::new();
        sparse.read_to_end(&mut read).unwrap();
        assert_eq!(read, file.slice(2 * GROUP_BYTES as usize - 1..));
        assert_eq!(sparse.missing(), None);
    }

    #[test]
    fn a_parser_that_goes_round_in_circles_is_stopped() {
        let mut sparse = Sparse::new(1);
        sparse.add(0, Bytes::from_static(b"x"));
        let stopped = (0..=CALLS_MAX).find_map(|_| sparse.seek(SeekFrom::Start(0)).err());
        assert!(stopped.is_some());
    }
}
