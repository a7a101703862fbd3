//! A room's keys, all from its secret by HKDF-SHA-256 (RFC 5869), each with a label of its own.
//!
//! - The meeting key is an Ed25519 key pair. Its public half is the room's id, which names the place in the network where
//!   members find each other; its private half signs what the room stores, so that those who store it can tell it
//!   from junk without reading it.
//! - Records and contents are sealed with two more, the latter with one derived anew for every content.
//! - Members prove that they are, and talk, with the live key.
//! - The blinding key turns song ids and search words into ids that only members can work out.

use std::fmt;

use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use kadenza_api::{SongId, fixed_bytes};
use libp2p_identity::ed25519::{Keypair, SecretKey};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::link::Secret;

pub use kadenza_api::{BlindedSong, RoomId};

/// What every room's keys are extracted with.
const DOMAIN: &[u8] = b"kadenza room 1";

fixed_bytes!(
    /// What a search word is called within one room: HMAC-SHA-256 of it, cut to 16 bytes.
    BlindedToken,
    16,
    "a blinded word"
);

/// 32 bytes that are overwritten when they are dropped.
pub(crate) type Key = Zeroizing<[u8; 32]>;

/// All keys of one room.
pub struct RoomKeys {
    room: RoomId,
    meeting: Keypair,
    record: Key,
    content: Key,
    live: Key,
    blinding: Key,
}

impl RoomKeys {
    /// The keys of the room with this secret.
    pub fn derive(secret: &Secret) -> Self {
        let extracted = Hkdf::<Sha256>::new(Some(DOMAIN), secret.bytes());
        let mut seed = expand(&extracted, &[b"meeting"]);
        let meeting = match SecretKey::try_from_bytes(seed.as_mut_slice()) {
            Ok(seed) => Keypair::from(seed),
            Err(_) => unreachable!("any 32 bytes are an Ed25519 seed"),
        };
        Self {
            room: RoomId(meeting.public().to_bytes()),
            meeting,
            record: expand(&extracted, &[b"record"]),
            content: expand(&extracted, &[b"content"]),
            live: expand(&extracted, &[b"live"]),
            blinding: expand(&extracted, &[b"blinding"]),
        }
    }

    /// The room's id.
    pub fn room(&self) -> RoomId {
        self.room
    }

    /// The key pair whose public half is the room's id.
    pub fn meeting(&self) -> &Keypair {
        &self.meeting
    }

    /// What `song` is called within the room.
    pub fn blind_song(&self, song: SongId) -> BlindedSong {
        BlindedSong(cut(&mac(&self.blinding, &[b"song", &song.0])))
    }

    /// What a search word is called within the room. `token` is folded already.
    pub fn blind_token(&self, token: &str) -> BlindedToken {
        BlindedToken(cut(&mac(&self.blinding, &[b"token", token.as_bytes()])))
    }

    pub(crate) fn record_key(&self) -> &Key {
        &self.record
    }

    pub(crate) fn content_key_with(&self, salt: &[u8; 32]) -> Key {
        derive(&self.content, salt, &[b"content group"])
    }

    pub(crate) fn live_key(&self) -> &Key {
        &self.live
    }
}

impl fmt::Debug for RoomKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RoomKeys").field("room", &self.room).finish_non_exhaustive()
    }
}

/// A key from `key`, for the one use that `salt` and `label` name.
pub(crate) fn derive(key: &Key, salt: &[u8], label: &[&[u8]]) -> Key {
    expand(&Hkdf::new(Some(salt), key.as_slice()), label)
}

fn expand(extracted: &Hkdf<Sha256>, label: &[&[u8]]) -> Key {
    let mut key = Zeroizing::new([0; 32]);
    match extracted.expand_multi_info(label, key.as_mut_slice()) {
        Ok(()) => key,
        Err(_) => unreachable!("HKDF-SHA-256 gives up to 8160 bytes"),
    }
}

/// HMAC-SHA-256 under `key` over `parts`, each with its length before it.
pub(crate) fn mac(key: &Key, parts: &[&[u8]]) -> [u8; 32] {
    start_mac(key, parts).finalize().into_bytes().into()
}

/// Whether `tag` is [`mac`] of the same, compared in constant time.
pub(crate) fn is_mac(key: &Key, parts: &[&[u8]], tag: &[u8; 32]) -> bool {
    start_mac(key, parts).verify(tag.into()).is_ok()
}

fn start_mac(key: &Key, parts: &[&[u8]]) -> Hmac<Sha256> {
    // HMAC fills a shorter key with zeros up to the hash's block of 64 bytes itself (RFC 2104).
    let mut block = Zeroizing::new([0; 64]);
    block[..32].copy_from_slice(key.as_slice());
    let mut mac = <Hmac<Sha256> as hmac::digest::KeyInit>::new(block.as_slice().into());
    for part in parts {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    mac
}

fn cut<const N: usize>(hash: &[u8; 32]) -> [u8; N] {
    const { assert!(N <= 32) };
    let mut short = [0; N];
    short.copy_from_slice(&hash[..N]);
    short
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn keys(byte: u8) -> RoomKeys {
        RoomKeys::derive(&Secret::new([byte; 32]))
    }

    #[test]
    fn the_same_link_gives_the_same_keys_and_another_gives_others() {
        assert_eq!(keys(1).room(), keys(1).room());
        assert_ne!(keys(1).room(), keys(2).room());
        assert_eq!(keys(1).meeting().public().to_bytes(), keys(1).room().0);
    }

    #[test]
    fn no_two_uses_share_a_key() {
        let keys = keys(1);
        let all = [&keys.record, &keys.content, &keys.live, &keys.blinding, &keys.content_key_with(&[0; 32])];
        for (index, key) in all.iter().enumerate() {
            assert!(all[..index].iter().all(|other| other != key));
        }
    }

    #[test]
    fn two_rooms_with_the_same_song_share_no_id() {
        let song = SongId::of("Title", "Artist", "");
        assert_ne!(keys(1).blind_song(song), keys(2).blind_song(song));
        assert_ne!(keys(1).blind_token("title"), keys(2).blind_token("title"));
        assert_ne!(keys(1).blind_song(song).0, song.0);
    }

    /// A room's links outlive releases, so its keys must not change. Values from an independent HKDF in Python.
    #[test]
    fn the_keys_of_a_link_are_the_same_in_every_release() {
        let keys = keys(1);
        assert_eq!(
            hex::encode(keys.live.as_slice()),
            "f2ec843ee48438a7d177f1ebf6377efff3f0adddd944a429843d105beebd4494"
        );
        assert_eq!(
            hex::encode(keys.blind_song(SongId([2; 20])).0),
            "10656641951887443d853122032e82b17b62dd1b"
        );
        assert_eq!(
            hex::encode(keys.content_key_with(&[3; 32]).as_slice()),
            "e66a6db149b154bf58f91815623037ce6bde37e7aadb355144691f145f396e87"
        );
    }

    #[test]
    fn keys_are_never_shown_by_debug() {
        let shown = format!("{:?}", keys(1));
        assert_eq!(shown, format!("RoomKeys {{ room: RoomId({}), .. }}", keys(1).room()));
    }

    proptest! {
        #[test]
        fn a_mac_holds_for_its_parts_only(a: Vec<u8>, b: Vec<u8>) {
            let key = Key::new([9; 32]);
            let tag = mac(&key, &[&a, &b]);
            prop_assert!(is_mac(&key, &[&a, &b], &tag));
            prop_assert!(!is_mac(&key, &[&[&a[..], &b[..]].concat()], &tag));
            prop_assert!(!is_mac(&Key::new([8; 32]), &[&a, &b], &tag));
        }

        #[test]
        fn ids_read_back_what_they_write(id: [u8; 32]) {
            prop_assert_eq!(RoomId(id).to_string().parse::<RoomId>().unwrap(), RoomId(id));
        }
    }
}
