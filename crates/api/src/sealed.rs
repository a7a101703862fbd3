//! Records as strangers store them for a room: a song's, sealed and signed with the room's key.
//!
//! Whoever stores one sees which room it belongs to, an id that stands for the song within that room only, and the
//! sealed contents that go with it. The signature shows that somebody with the room's link made it, so junk
//! can be refused without being able to read anything. What is in it is the business of `kadenza-room`.

use libp2p_identity::ed25519::PublicKey;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::bytes_text::{base64url, digits};
use crate::{CONTENT_MAX_BYTES, ContentId, Error, fixed_bytes};

/// The most bytes of ciphertext in a record, 16 KiB: names of 500 characters, escaped in JSON, are 9 KiB.
pub const SEALED_RECORD_BYTES: usize = 16 * 1024;

/// The most records of one room that a node keeps: the most songs a room can have.
pub const ROOM_RECORDS_MAX: usize = 5_000;

/// The most contents of one record: the audio and its cover.
const CONTENTS_MAX: usize = 2;

const SIGNATURE_DOMAIN: &[u8] = b"kadenza sealed record 1";

fixed_bytes!(
    /// A room's id: its Ed25519 public key (RFC 8032). It says nothing about the room.
    RoomId,
    32,
    "a room id"
);

fixed_bytes!(
    /// What a song is called within one room: HMAC-SHA-256 of its id, cut to the length of one. Two rooms with the same
    /// song share no id.
    BlindedSong,
    20,
    "a blinded song id"
);

fixed_bytes!(
    /// SHA-256 over what a sealed record's signature covers.
    RecordId,
    32,
    "a record's id"
);

/// Why strangers refuse a record.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// It names more contents than a song has.
    #[error("a record of {0} contents; at most {CONTENTS_MAX} are allowed")]
    Contents(usize),
    /// One of its contents has an impossible length.
    #[error("a content of {0} bytes; from 1 to {CONTENT_MAX_BYTES} are allowed")]
    ContentLength(u64),
    /// Its ciphertext is longer than any record's.
    #[error("a record of {0} bytes; at most {SEALED_RECORD_BYTES} are allowed")]
    TooLong(usize),
    /// Its room's id is not a public key.
    #[error("the room's id is no public key")]
    Key,
    /// Nobody with the room's link made it.
    #[error("the record is not signed with its room's key")]
    Signature,
}

impl From<RecordError> for Error {
    fn from(error: RecordError) -> Self {
        Self::invalid(error.to_string())
    }
}

/// A sealed content as those who store it see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SealedContent {
    /// BLAKE3 of the ciphertext.
    pub content: ContentId,
    /// Its length in bytes.
    pub len: u64,
}

/// A song's record as strangers store it. Untrusted until [`SealedRecord::check`] has passed it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SealedRecord {
    /// The room it belongs to, and the key it is signed with.
    pub room: RoomId,
    /// The song, as the room's members know it.
    pub song: BlindedSong,
    /// The sealed contents that go with it: the audio and perhaps a cover; none for a song of the public library.
    pub contents: Vec<SealedContent>,
    /// The nonce, 24 bytes, and the ciphertext with its tag.
    #[serde(with = "base64url")]
    pub bytes: Vec<u8>,
    /// Ed25519 signature by the room's key over [`SealedRecord::signed_bytes`].
    #[serde(with = "digits")]
    pub signature: [u8; 64],
}

impl SealedRecord {
    /// What the signature covers: all other fields. Each has a fixed length or its length before it.
    pub fn signed_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(SIGNATURE_DOMAIN.len() + 150 + self.bytes.len());
        bytes.extend_from_slice(SIGNATURE_DOMAIN);
        bytes.extend_from_slice(&self.room.0);
        bytes.extend_from_slice(&self.song.0);
        bytes.extend_from_slice(&(self.contents.len() as u64).to_be_bytes());
        for content in &self.contents {
            bytes.extend_from_slice(&content.content.0);
            bytes.extend_from_slice(&content.len.to_be_bytes());
        }
        bytes.extend_from_slice(&(self.bytes.len() as u64).to_be_bytes());
        bytes.extend_from_slice(&self.bytes);
        bytes
    }

    /// The record's id. Two records with the same id say the same.
    pub fn id(&self) -> RecordId {
        RecordId(Sha256::digest(self.signed_bytes()).into())
    }

    /// The length in bytes of one of the contents that go with it.
    pub fn len_of(&self, content: ContentId) -> Option<u64> {
        self.contents.iter().find(|named| named.content == content).map(|named| named.len)
    }

    /// Refuses what nobody with the room's link made, or is larger than they would. It needs no secret.
    ///
    /// # Errors
    /// [`RecordError`], saying what is wrong.
    pub fn check(&self) -> Result<(), RecordError> {
        if self.contents.len() > CONTENTS_MAX {
            return Err(RecordError::Contents(self.contents.len()));
        }
        if let Some(content) = self.contents.iter().find(|c| !(1..=CONTENT_MAX_BYTES).contains(&c.len)) {
            return Err(RecordError::ContentLength(content.len));
        }
        if self.bytes.len() > SEALED_RECORD_BYTES {
            return Err(RecordError::TooLong(self.bytes.len()));
        }
        let key = PublicKey::try_from_bytes(&self.room.0).map_err(|_| RecordError::Key)?;
        if !key.verify(&self.signed_bytes(), &self.signature) {
            return Err(RecordError::Signature);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use libp2p_identity::ed25519::Keypair;
    use proptest::prelude::*;

    use super::*;

    fn signed(keypair: &Keypair, mut record: SealedRecord) -> SealedRecord {
        record.room = RoomId(keypair.public().to_bytes());
        record.signature = keypair.sign(&record.signed_bytes()).try_into().unwrap();
        record
    }

    fn any_record() -> impl Strategy<Value = SealedRecord> {
        let content = (any::<[u8; 32]>(), 1..=CONTENT_MAX_BYTES)
            .prop_map(|(id, len)| SealedContent { content: ContentId(id), len });
        let contents = prop::collection::vec(content, 0..=CONTENTS_MAX);
        let parts = (any::<[u8; 20]>(), contents, prop::collection::vec(any::<u8>(), 0..2000));
        parts.prop_map(|(song, contents, bytes)| {
            let (room, song, signature) = (RoomId([0; 32]), BlindedSong(song), [0; 64]);
            signed(&Keypair::generate(), SealedRecord { room, song, contents, bytes, signature })
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn a_record_reads_back_what_it_writes_and_passes(record in any_record()) {
            let json = serde_json::to_vec(&record).unwrap();
            let read: SealedRecord = serde_json::from_slice(&json).unwrap();
            prop_assert_eq!(read.check(), Ok(()));
            prop_assert_eq!((read.id(), read), (record.id(), record));
        }

        #[test]
        fn a_record_with_any_bit_changed_is_another_and_refused(record in any_record(), at: prop::sample::Index, bit in 0..8u8) {
            let mut bytes = [&record.room.0[..], &record.song.0, &record.bytes, &record.signature].concat();
            let changed = at.index(bytes.len());
            bytes[changed] ^= 1 << bit;
            let (room, rest) = bytes.split_at(32);
            let (song, rest) = rest.split_at(20);
            let (bytes, signature) = rest.split_at(record.bytes.len());
            let other = SealedRecord {
                room: RoomId(room.try_into().unwrap()),
                song: BlindedSong(song.try_into().unwrap()),
                contents: record.contents.clone(),
                bytes: bytes.to_vec(),
                signature: signature.try_into().unwrap(),
            };
            prop_assert!(other.check().is_err());
            prop_assert_eq!(other.id() == record.id(), other.signature != record.signature);
        }
    }

    #[test]
    fn a_record_beyond_its_bounds_is_refused_though_it_is_signed() {
        let keypair = Keypair::generate();
        let refused = |contents: Vec<u64>, bytes: usize| {
            let contents = contents.into_iter().map(|len| SealedContent { content: ContentId([1; 32]), len });
            let (room, song, signature) = (RoomId([0; 32]), BlindedSong([0; 20]), [0; 64]);
            let record =
                SealedRecord { room, song, contents: contents.collect(), bytes: vec![0; bytes], signature };
            signed(&keypair, record).check().unwrap_err()
        };
        assert_eq!(refused(vec![1; 3], 0), RecordError::Contents(3));
        assert_eq!(refused(vec![0], 0), RecordError::ContentLength(0));
        assert_eq!(refused(vec![1, u64::MAX], 0), RecordError::ContentLength(u64::MAX));
        assert_eq!(refused(vec![], SEALED_RECORD_BYTES + 1), RecordError::TooLong(SEALED_RECORD_BYTES + 1));
    }

    #[test]
    fn a_refusal_names_what_is_wrong() {
        let Error::Invalid { message } = Error::from(RecordError::TooLong(20_000)) else { panic!() };
        assert_eq!(message, "a record of 20000 bytes; at most 16384 are allowed");
    }
}
