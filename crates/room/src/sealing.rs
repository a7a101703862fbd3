//! How audio and covers are sealed: ChaCha20-Poly1305 (RFC 8439) over groups of 64 KiB, each with a tag of 16 bytes, so that
//! any group can be opened by itself.
//!
//! Every content has a key of its own, derived from the room's with a random salt, so a group's index is nonce
//! enough. What is authenticated besides the bytes is that index and whether the group is the last: groups that were
//! swapped, repeated or cut off are refused.

use std::fmt;
use std::ops::Range;

use chacha20poly1305::aead::KeyInit;
use chacha20poly1305::{AeadInPlace, ChaCha20Poly1305, Tag};

use crate::bytes_text::fixed_bytes;
use crate::keys::RoomKeys;

/// Bytes of a content in a group: 64 KiB, two to four seconds of music; four of the groups the network verifies.
pub const PLAIN_GROUP_BYTES: u64 = 64 * 1024;

/// Bytes of the tag behind every group.
pub const TAG_BYTES: u64 = 16;

/// Bytes of a sealed group, unless it is the last.
pub const SEALED_GROUP_BYTES: u64 = PLAIN_GROUP_BYTES + TAG_BYTES;

fixed_bytes!(
    /// What a content's key is derived with: 32 random bytes, drawn anew for every content.
    Salt,
    32,
    "a salt"
);

/// Why groups were not sealed or opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealingError {
    /// A group to be sealed that is empty or too long, or is not the last and too short.
    #[error(
        "group {group} has {len} bytes; it must have {PLAIN_GROUP_BYTES}, the last one from 1 to as many"
    )]
    Length {
        /// The group's index.
        group: u64,
        /// How many bytes it has.
        len: usize,
    },
    /// What was to be opened ends in the middle of a group, or beyond the last.
    #[error("{len} bytes from group {first_group} on are no whole groups of a content of {of} bytes")]
    Cut {
        /// The first group there was to be.
        first_group: u64,
        /// How many bytes came.
        len: usize,
        /// The content's length, opened.
        of: u64,
    },
    /// A group is not what was sealed in this place.
    #[error("group {group} is not what was sealed: it was changed or belongs elsewhere")]
    Tampered {
        /// The group's index.
        group: u64,
    },
}

/// How many groups a content of `len` bytes has.
fn group_count(len: u64) -> u64 {
    len.div_ceil(PLAIN_GROUP_BYTES)
}

/// How many bytes a content of `len` bytes is when it is sealed.
pub fn sealed_len(len: u64) -> u64 {
    len.saturating_add(group_count(len).saturating_mul(TAG_BYTES))
}

/// How many bytes a sealed content of `sealed_len` bytes is when it is opened; `None` where none has that length.
pub fn plain_len(sealed_len: u64) -> Option<u64> {
    let tags = sealed_len.div_ceil(SEALED_GROUP_BYTES) * TAG_BYTES;
    let len = sealed_len.checked_sub(tags)?;
    (crate::sealing::sealed_len(len) == sealed_len).then_some(len)
}

/// The groups that hold the bytes of `range`, within a content of `len` bytes.
pub fn groups_of(range: &Range<u64>, len: u64) -> Range<u64> {
    let end = range.end.min(len);
    if range.start >= end { 0..0 } else { range.start / PLAIN_GROUP_BYTES..group_count(end) }
}

/// The bytes that `groups` are of a content of `len` bytes.
pub fn plain_bytes_of(groups: &Range<u64>, len: u64) -> Range<u64> {
    let at = |group: u64| group.saturating_mul(PLAIN_GROUP_BYTES).min(len);
    at(groups.start)..at(groups.end)
}

/// The bytes that `groups` are of a content that is `len` bytes when it is opened, sealed.
pub fn sealed_bytes_of(groups: &Range<u64>, len: u64) -> Range<u64> {
    let at = |group: u64| group.saturating_mul(SEALED_GROUP_BYTES).min(sealed_len(len));
    at(groups.start)..at(groups.end)
}

/// The key of one content.
#[derive(Clone)]
pub struct ContentKey(ChaCha20Poly1305);

impl RoomKeys {
    /// The key of the content with this salt.
    pub fn content_key(&self, salt: &Salt) -> ContentKey {
        ContentKey(ChaCha20Poly1305::new(self.content_key_with(&salt.0).as_slice().into()))
    }
}

impl ContentKey {
    /// Seals one group: [`PLAIN_GROUP_BYTES`] bytes, the last one from 1 to as many.
    ///
    /// # Errors
    /// [`SealingError::Length`] for any other length.
    pub fn seal_group(&self, index: u64, is_last: bool, plain: &[u8]) -> Result<Vec<u8>, SealingError> {
        let len = plain.len() as u64;
        let fits = if is_last { (1..=PLAIN_GROUP_BYTES).contains(&len) } else { len == PLAIN_GROUP_BYTES };
        let wrong = SealingError::Length { group: index, len: plain.len() };
        if !fits {
            return Err(wrong);
        }
        let mut sealed = Vec::with_capacity(plain.len() + TAG_BYTES as usize);
        sealed.extend_from_slice(plain);
        let tag = self.0.encrypt_in_place_detached(&nonce(index).into(), &place(index, is_last), &mut sealed);
        sealed.extend_from_slice(&tag.map_err(|_| wrong)?);
        Ok(sealed)
    }

    /// Opens whole groups, the first of which is `first_group`, of a content that is `len` bytes when it is opened. It
    /// happens where they are: what is returned is `sealed` itself, without the tags.
    ///
    /// # Errors
    /// [`SealingError::Cut`] where they are no whole groups; [`SealingError::Tampered`] that names the first group that
    /// is not what was sealed.
    pub fn open(&self, first_group: u64, len: u64, mut sealed: Vec<u8>) -> Result<Vec<u8>, SealingError> {
        let count = group_count(len);
        let groups =
            first_group..first_group.saturating_add((sealed.len() as u64).div_ceil(SEALED_GROUP_BYTES));
        let whole = sealed_bytes_of(&groups, len);
        if groups.end > count || whole.end - whole.start != sealed.len() as u64 {
            return Err(SealingError::Cut { first_group, len: sealed.len(), of: len });
        }
        let mut opened = 0;
        let mut rest = 0;
        for group in groups {
            let end = sealed.len().min(rest + SEALED_GROUP_BYTES as usize);
            // A group is never shorter than its tag: `sealed` has the length of whole groups.
            let (bytes, tag) = sealed[rest..end].split_at_mut(end - rest - TAG_BYTES as usize);
            let tag = Tag::clone_from_slice(tag);
            self.0
                .decrypt_in_place_detached(
                    &nonce(group).into(),
                    &place(group, group + 1 == count),
                    bytes,
                    &tag,
                )
                .map_err(|_| SealingError::Tampered { group })?;
            let plain = rest..end - TAG_BYTES as usize;
            rest = end;
            let plain_len = plain.len();
            sealed.copy_within(plain, opened);
            opened += plain_len;
        }
        sealed.truncate(opened);
        Ok(sealed)
    }
}

impl fmt::Debug for ContentKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ContentKey(..)")
    }
}

fn nonce(index: u64) -> [u8; 12] {
    let mut nonce = [0; 12];
    nonce[4..].copy_from_slice(&index.to_be_bytes());
    nonce
}

/// What is authenticated of a group besides its bytes.
fn place(index: u64, is_last: bool) -> [u8; 9] {
    let mut place = [0; 9];
    place[..8].copy_from_slice(&index.to_be_bytes());
    place[8] = is_last.into();
    place
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::link::Secret;

    const GROUP: usize = PLAIN_GROUP_BYTES as usize;
    const SEALED: usize = SEALED_GROUP_BYTES as usize;

    fn key(salt: u8) -> ContentKey {
        RoomKeys::derive(&Secret::new([1; 32])).content_key(&Salt([salt; 32]))
    }

    fn content(len: usize) -> Vec<u8> {
        (0..len).map(|index| (index * 7 % 251) as u8).collect()
    }

    fn seal(plain: &[u8]) -> Vec<u8> {
        let count = plain.len().div_ceil(GROUP);
        let groups = plain.chunks(GROUP).enumerate();
        groups.flat_map(|(i, group)| key(0).seal_group(i as u64, i + 1 == count, group).unwrap()).collect()
    }

    fn any_len() -> impl Strategy<Value = usize> {
        prop_oneof![1..3 * GROUP, Just(GROUP), Just(2 * GROUP), Just(GROUP + 1)]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        #[test]
        fn any_range_opens_to_what_was_sealed(len in any_len(), start in 0..3 * GROUP, count in 0..2 * GROUP) {
            let plain = content(len);
            let sealed = seal(&plain);
            let len = len as u64;
            prop_assert_eq!(sealed.len() as u64, sealed_len(len));
            let range = start as u64..(start + count) as u64;
            let groups = groups_of(&range, len);
            let bytes = sealed_bytes_of(&groups, len);
            let opened = key(0).open(groups.start, len, sealed[bytes.start as usize..bytes.end as usize].to_vec());
            let whole = plain_bytes_of(&groups, len);
            let wanted = range.start.min(len)..range.end.min(len);
            prop_assert!(wanted.is_empty() || whole.start <= wanted.start && wanted.end <= whole.end);
            prop_assert_eq!(&opened.unwrap()[..], &plain[whole.start as usize..whole.end as usize]);
        }

        #[test]
        fn a_changed_bit_is_refused_and_its_group_named(len in any_len(), at: prop::sample::Index, bit in 0..8u8) {
            let mut sealed = seal(&content(len));
            let at = at.index(sealed.len());
            sealed[at] ^= 1 << bit;
            let group = (at / SEALED) as u64;
            prop_assert_eq!(key(0).open(0, len as u64, sealed), Err(SealingError::Tampered { group }));
        }
    }

    proptest! {
        #[test]
        fn a_sealed_length_says_how_long_the_content_is(len in 0u64..1 << 40) {
            prop_assert_eq!(plain_len(sealed_len(len)), Some(len));
        }

        #[test]
        fn a_length_no_content_has_sealed_is_none(sealed in 0u64..1 << 40) {
            prop_assert!(plain_len(sealed).is_none_or(|len| sealed_len(len) == sealed));
        }
    }

    #[test]
    fn swapped_repeated_and_cut_off_groups_are_refused() {
        let len = 3 * PLAIN_GROUP_BYTES;
        let sealed = seal(&content(len as usize));
        let (first, second) = (&sealed[..SEALED], &sealed[SEALED..2 * SEALED]);
        let tampered = |group| Err(SealingError::Tampered { group });
        assert_eq!(key(0).open(0, len, [second, first].concat()), tampered(0));
        assert_eq!(key(0).open(0, len, [first, first].concat()), tampered(1));
        // The second group passed off as the last one.
        assert_eq!(key(0).open(0, 2 * PLAIN_GROUP_BYTES, sealed[..2 * SEALED].to_vec()), tampered(1));
        let cut = SealingError::Cut { first_group: 0, len: SEALED - 1, of: len };
        assert_eq!(key(0).open(0, len, first[1..].to_vec()), Err(cut));
        let beyond = SealingError::Cut { first_group: 3, len: SEALED, of: len };
        assert_eq!(key(0).open(3, len, first.to_vec()), Err(beyond));
        assert!(key(0).open(u64::MAX, u64::MAX, first.to_vec()).is_err());
    }

    #[test]
    fn another_contents_group_is_refused() {
        let sealed = key(1).seal_group(0, true, b"plain").unwrap();
        assert_eq!(key(0).open(0, 5, sealed), Err(SealingError::Tampered { group: 0 }));
    }

    #[test]
    fn the_same_bytes_under_two_salts_have_nothing_in_common() {
        let [one, other] = [1, 2].map(|salt| key(salt).seal_group(0, true, &[0; 64]).unwrap());
        let same = one.iter().zip(&other).filter(|(a, b)| a == b).count();
        assert!(same < 8, "{same} of 80 bytes are the same");
    }

    #[test]
    fn a_group_of_a_wrong_length_is_not_sealed() {
        let wrong = |index, is_last, len| {
            assert!(matches!(
                key(0).seal_group(index, is_last, &content(len)),
                Err(SealingError::Length { .. })
            ));
        };
        wrong(0, false, GROUP - 1);
        wrong(0, true, 0);
        wrong(0, true, GROUP + 1);
    }

    #[test]
    fn an_empty_content_is_empty_sealed() {
        assert_eq!((sealed_len(0), plain_len(0), plain_len(16), plain_len(17)), (0, Some(0), None, Some(1)));
        assert_eq!(key(0).open(0, 0, Vec::new()), Ok(Vec::new()));
    }
}
