//! The hashes that prove every group of a content against its id: `bao` with groups of 16 KiB.

use std::io;
use std::sync::OnceLock;

use bao_tree::io::outboard::PreOrderMemOutboard;
use bao_tree::io::sync::{
    DecodeResponseIter, Outboard, OutboardMut, ReadAt, Size, encode_ranges, encode_ranges_validated,
};
use bao_tree::io::{BaoContentItem, EncodeError, Parent};
use bao_tree::iter::BaoChunk;
use bao_tree::{BaoTree, BlockSize, ChunkNum, ChunkRanges};
use blake3::hazmat::{HasherExt, Mode, merge_subtrees_non_root, merge_subtrees_root};
use bytes::{Bytes, BytesMut};
use kadenza_api::{CONTENT_MAX_BYTES, ContentId, Error, GROUP_BYTES, Groups, Result};

/// 2⁴ chunks of 1 KiB are a group.
const BLOCK: BlockSize = BlockSize::from_chunk_log(4);

/// Chunks of BLAKE3 in a group.
const CHUNKS: u64 = GROUP_BYTES / 1024;

/// The most groups in one slice: 1 MiB.
pub(crate) const SLICE_GROUPS_MAX: u64 = 64;

/// How many groups a content of `len` bytes has.
pub(crate) fn group_count(len: u64) -> u64 {
    len.div_ceil(GROUP_BYTES)
}

/// The bytes that `groups` are of a content of `len` bytes.
pub(crate) fn bytes_of(groups: &Groups, len: u64) -> std::ops::Range<u64> {
    groups.start.saturating_mul(GROUP_BYTES).min(len)..groups.end.saturating_mul(GROUP_BYTES).min(len)
}

/// Refuses groups that a content of `len` bytes does not have, and more of them than one slice may hold.
pub(crate) fn check_groups(groups: &Groups, len: u64) -> Result<()> {
    if len == 0 || len > CONTENT_MAX_BYTES {
        return Err(Error::invalid(format!("a content has from 1 to {CONTENT_MAX_BYTES} bytes, not {len}")));
    }
    if groups.is_empty() || groups.end > group_count(len) {
        let count = group_count(len);
        return Err(Error::invalid(format!("there are no groups {groups:?}; the content has {count}")));
    }
    if groups.end - groups.start > SLICE_GROUPS_MAX {
        return Err(Error::invalid(format!("at most {SLICE_GROUPS_MAX} groups travel at once")));
    }
    Ok(())
}

fn chunks_of(groups: &Groups) -> ChunkRanges {
    ChunkRanges::from(ChunkNum(groups.start * CHUNKS)..ChunkNum(groups.end * CHUNKS))
}

/// The hash tree over one content, down to its groups; nodes that are not known yet are zero.
#[derive(Debug, Clone)]
pub(crate) struct Proof(PreOrderMemOutboard);

impl Proof {
    /// A tree of which only the root is known.
    pub(crate) fn unknown(id: ContentId, len: u64) -> Result<Self> {
        let tree = BaoTree::new(len, BLOCK);
        let size = usize::try_from(tree.outboard_size());
        let size = size.map_err(|_| Error::invalid("a content too long for this machine"))?;
        Ok(Self(PreOrderMemOutboard { root: id.0.into(), tree, data: vec![0; size] }))
    }

    /// The tree whose nodes were stored as `outboard`, if they are those of groups of today's size and lead to
    /// the id.
    pub(crate) fn stored(id: ContentId, len: u64, outboard: &Bytes) -> Result<Option<Self>> {
        let mut proof = Self::unknown(id, len)?;
        if proof.0.data.len() != outboard.len() {
            return Ok(None);
        }
        proof.0.data.copy_from_slice(outboard);
        Ok(proof.leads_to_its_id().then_some(proof))
    }

    /// Whether every node is the hash of those below it.
    fn leads_to_its_id(&self) -> bool {
        let mut expected = vec![self.0.root];
        for chunk in self.0.tree.ranges_pre_order_chunks_iter_ref(&ChunkRanges::all(), 0) {
            let (Some(hash), chunk) = (expected.pop(), chunk) else { return false };
            if let BaoChunk::Parent { node, is_root, .. } = chunk {
                let Ok(Some((left, right))) = self.0.load(node) else { return false };
                if hash_parent(left, right, is_root) != hash {
                    return false;
                }
                expected.extend([right, left]);
            }
        }
        true
    }

    pub(crate) fn id(&self) -> ContentId {
        ContentId(*self.0.root.as_bytes())
    }

    pub(crate) fn len(&self) -> u64 {
        self.0.tree.size()
    }

    /// Bytes the nodes take up.
    pub(crate) fn bytes(&self) -> u64 {
        self.0.data.len() as u64
    }

    /// The nodes, to be stored.
    pub(crate) fn outboard(&self) -> Bytes {
        Bytes::copy_from_slice(&self.0.data)
    }

    /// Adds what a slice has proved.
    pub(crate) fn learn(&mut self, parents: &[Parent]) -> Result<()> {
        for parent in parents {
            self.0.save(parent.node, &parent.pair).map_err(|e| Error::storage(e.to_string()))?;
        }
        Ok(())
    }

    fn window<'a>(&self, groups: &Groups, bytes: &'a Bytes) -> Window<'a> {
        Window { len: self.len(), start: bytes_of(groups, self.len()).start, bytes }
    }

    fn damaged(&self, why: &EncodeError) -> Error {
        Error::storage(format!("content {} is damaged here: {why}", self.id()))
    }

    /// Checks that `bytes`, which come from a store, are those of `groups`.
    ///
    /// # Errors
    /// [`Error::Storage`] when they are not.
    pub(crate) fn check(&self, groups: &Groups, bytes: &Bytes) -> Result<()> {
        encode_ranges_validated(self.window(groups, bytes), &self.0, &chunks_of(groups), io::sink())
            .map_err(|e| self.damaged(&e))
    }

    /// Encodes `groups`, whose bytes are `bytes`, for another node. Hashing takes most of the time of serving, so
    /// bytes are checked when they come in or out of the store, and not here again.
    pub(crate) fn encode(&self, groups: &Groups, bytes: &Bytes) -> Result<Bytes> {
        let mut slice = Vec::with_capacity(bytes.len() + bytes.len() / 128 + 4096);
        encode_ranges(self.window(groups, bytes), &self.0, &chunks_of(groups), &mut slice)
            .map_err(|e| self.damaged(&e))?;
        Ok(slice.into())
    }
}

/// Some bytes of a content, to be read at their place in the whole.
struct Window<'a> {
    /// Bytes of the whole.
    len: u64,
    start: u64,
    bytes: &'a Bytes,
}

impl ReadAt for Window<'_> {
    fn read_at(&self, position: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let from = position.checked_sub(self.start).and_then(|from| usize::try_from(from).ok());
        let rest = from.and_then(|from| self.bytes.get(from..)).ok_or(io::ErrorKind::UnexpectedEof)?;
        let len = rest.len().min(buffer.len());
        buffer[..len].copy_from_slice(&rest[..len]);
        Ok(len)
    }
}

impl Size for Window<'_> {
    fn size(&self) -> io::Result<Option<u64>> {
        Ok(Some(self.len))
    }
}

/// A slice that has proved to be what it was said to be.
pub(crate) struct Proved {
    /// The bytes of the groups, in order.
    pub(crate) bytes: Bytes,
    /// The hashes on the way from the root to them.
    pub(crate) parents: Vec<Parent>,
}

/// Checks a slice against the id of its content.
///
/// # Errors
/// [`Error::Invalid`] when the bytes are not these groups of a content of this id and length.
pub(crate) fn decode(id: ContentId, len: u64, groups: &Groups, slice: &Bytes) -> Result<Proved> {
    check_groups(groups, len)?;
    let lied =
        |why: String| Error::invalid(format!("groups {groups:?} of content {id} are not as claimed: {why}"));
    let mut rest = &slice[..];
    let ranges = chunks_of(groups);
    let expected = bytes_of(groups, len);
    let expected = expected.end - expected.start;
    let mut bytes = BytesMut::with_capacity(usize::try_from(expected).unwrap_or_default());
    let mut parents = Vec::new();
    for item in DecodeResponseIter::new(id.0.into(), BaoTree::new(len, BLOCK), &mut rest, &ranges) {
        match item.map_err(|e| lied(e.to_string()))? {
            BaoContentItem::Parent(parent) => parents.push(parent),
            BaoContentItem::Leaf(leaf) => bytes.extend_from_slice(&leaf.data),
        }
    }
    if bytes.len() as u64 != expected {
        return Err(lied(format!("{} bytes came", bytes.len())));
    }
    if !rest.is_empty() {
        return Err(lied(format!("{} bytes came too many", rest.len())));
    }
    Ok(Proved { bytes: bytes.freeze(), parents })
}

/// The chaining value of the group that begins at `offset`, below the root (BLAKE3 specification, section 2.4).
fn hash_group(offset: u64, group: &[u8]) -> blake3::Hash {
    let mut hasher = blake3::Hasher::new();
    hasher.set_input_offset(offset).update(group);
    hasher.finalize_non_root().into()
}

fn hash_parent(left: blake3::Hash, right: blake3::Hash, is_root: bool) -> blake3::Hash {
    let (left, right) = (left.as_bytes(), right.as_bytes());
    if is_root {
        merge_subtrees_root(left, right, Mode::Hash)
    } else {
        merge_subtrees_non_root(left, right, Mode::Hash).into()
    }
}

/// Hashes a content of unknown length as it passes by.
#[derive(Debug, Default)]
pub(crate) struct Hasher {
    len: u64,
    groups: Vec<blake3::Hash>,
    /// The id, should the first group be the only one.
    only: OnceLock<blake3::Hash>,
}

impl Hasher {
    /// Adds whole groups; only the last of a content may be short.
    pub(crate) fn update(&mut self, bytes: &[u8]) {
        for group in bytes.chunks(GROUP_BYTES as usize) {
            if self.groups.is_empty() {
                self.only.get_or_init(|| blake3::hash(group));
            }
            self.groups.push(hash_group(self.len, group));
            self.len += group.len() as u64;
        }
    }

    /// The proof of all that passed.
    pub(crate) fn finish(self) -> Proof {
        let tree = BaoTree::new(self.len, BLOCK);
        let size = usize::try_from(tree.outboard_size()).unwrap_or_default();
        let only = self.only.into_inner().unwrap_or_else(|| blake3::hash(&[]));
        let mut outboard = PreOrderMemOutboard { root: only, tree, data: vec![0; size] };
        if self.groups.len() < 2 {
            return Proof(outboard);
        }
        let mut groups = self.groups.into_iter();
        let mut stack = Vec::new();
        for chunk in tree.post_order_chunks_iter() {
            match chunk {
                BaoChunk::Leaf { .. } => stack.extend(groups.next()),
                BaoChunk::Parent { node, is_root, .. } => {
                    let (Some(right), Some(left)) = (stack.pop(), stack.pop()) else { continue };
                    // Saving into memory of the right size does not fail.
                    let _ = outboard.save(node, &(left, right));
                    stack.push(hash_parent(left, right, is_root));
                }
            }
        }
        outboard.root = stack.pop().unwrap_or(only);
        Proof(outboard)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const G: u64 = GROUP_BYTES;

    fn content(len: u64) -> Bytes {
        (0..len).map(|i| ((i * 31) >> 3).to_le_bytes()[0]).collect()
    }

    fn proof(bytes: &[u8]) -> Proof {
        let mut hasher = Hasher::default();
        hasher.update(bytes);
        hasher.finish()
    }

    fn cut(bytes: &Bytes, groups: &Groups) -> Bytes {
        let range = bytes_of(groups, bytes.len() as u64);
        bytes.slice(usize::try_from(range.start).unwrap()..usize::try_from(range.end).unwrap())
    }

    #[test]
    fn the_root_is_the_plain_hash_of_the_bytes() {
        for len in [1, 1023, 1024, 1025, G - 1, G, G + 1, 2 * G, 3 * G + 7, 8 * G, 9 * G - 1] {
            let bytes = content(len);
            let proof = proof(&bytes);
            assert_eq!(proof.id(), ContentId::of(&bytes), "{len}");
            let reference = PreOrderMemOutboard::create(&bytes, BLOCK);
            assert_eq!(proof.outboard(), reference.data, "{len}");
        }
    }

    #[test]
    fn a_slice_longer_than_its_groups_is_refused() {
        let bytes = content(100);
        let mut slice = proof(&bytes).encode(&(0..1), &bytes).unwrap().to_vec();
        slice.push(0);
        assert!(decode(ContentId::of(&bytes), 100, &(0..1), &slice.into()).is_err());
    }

    #[test]
    fn the_last_group_proves_the_length() {
        let bytes = content(3 * G + 7);
        let slice = proof(&bytes).encode(&(3..4), &cut(&bytes, &(3..4))).unwrap();
        assert!(decode(ContentId::of(&bytes), 3 * G + 7, &(3..4), &slice).is_ok());
        for wrong in [3 * G + 6, 3 * G + 8, 4 * G, 3 * G + 1025] {
            assert!(decode(ContentId::of(&bytes), wrong, &(3..4), &slice).is_err(), "{wrong}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]
        #[test]
        fn any_groups_travel_and_one_flipped_bit_is_noticed(
            len in 1..6 * G, start in 0u64..6, count in 1u64..6, flip: prop::sample::Index,
        ) {
            let bytes = content(len);
            let start = start.min(group_count(len) - 1);
            let groups = start..(start + count).min(group_count(len));
            let slice = proof(&bytes).encode(&groups, &cut(&bytes, &groups)).unwrap();
            let id = ContentId::of(&bytes);
            prop_assert_eq!(decode(id, len, &groups, &slice).unwrap().bytes, cut(&bytes, &groups));
            let mut forged = slice.to_vec();
            let at = flip.index(forged.len());
            forged[at] ^= 1;
            prop_assert!(decode(id, len, &groups, &forged.into()).is_err());
        }
    }
}
