//! What a member puts into a sealed record, and takes out of one.
//!
//! Inside is JSON, filled with spaces to a multiple of 256 bytes so that its length does not tell the title's. It is sealed
//! with XChaCha20-Poly1305, whose nonce of 24 bytes can be drawn at random.

use chacha20poly1305::aead::KeyInit;
use chacha20poly1305::{AeadInPlace, Tag, XChaCha20Poly1305, XNonce};
use kadenza_api::Recording;
use serde::{Deserialize, Serialize};

use super::{Audio, OpenError, RecordError, RoomSong, SealedContent, SealedFile, SealedRecord};
use crate::keys::{BlindedSong, RoomId, RoomKeys};
use crate::sealing::{TAG_BYTES, sealed_len};

/// Plain records have a multiple of this many bytes.
const PADDED_TO: usize = 256;

const NONCE_BYTES: usize = 24;

const DOMAIN: &[u8] = b"kadenza sealed record 1 ciphertext";

/// A song as it stands inside a record.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Inside {
    recording: Recording,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    audio: Option<SealedFile>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cover: Option<SealedFile>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    public: bool,
}

impl RoomKeys {
    /// Seals and signs the record of `song`. `nonce` must be random.
    ///
    /// # Errors
    /// [`OpenError`] where the song is none that [`RoomKeys::open_record`] would take.
    pub fn seal_record(&self, song: &RoomSong, nonce: [u8; NONCE_BYTES]) -> Result<SealedRecord, OpenError> {
        check(song)?;
        let blinded = self.blind_song(song.recording.song_id());
        let mut plain = serde_json::to_vec(&Inside::from(song)).map_err(no_song)?;
        plain.resize(plain.len().next_multiple_of(PADDED_TO), b' ');
        let place = place(self.room(), blinded);
        let cipher = XChaCha20Poly1305::new(self.record_key().as_slice().into());
        let tag = cipher
            .encrypt_in_place_detached(&nonce.into(), &place, &mut plain)
            .map_err(|_| RecordError::TooLong(plain.len()))?;
        let mut record = SealedRecord {
            room: self.room(),
            song: blinded,
            contents: contents(song),
            bytes: [&nonce[..], &plain, &tag].concat(),
            signature: [0; 64],
        };
        let signature = self.meeting().sign(&record.signed_bytes());
        record.signature = signature.try_into().map_err(|_| RecordError::Signature)?;
        record.check()?;
        Ok(record)
    }

    /// Checks a record and opens it. Whether the recording's uploader signed it is left to whoever checks recordings.
    ///
    /// # Errors
    /// [`OpenError`], saying what is wrong.
    pub fn open_record(&self, record: &SealedRecord) -> Result<RoomSong, OpenError> {
        if record.room != self.room() {
            return Err(OpenError::OtherRoom(record.room));
        }
        record.check()?;
        let plain = self.decrypt(record).ok_or(OpenError::Tampered)?;
        let song = RoomSong::try_from(serde_json::from_slice::<Inside>(&plain).map_err(no_song)?)?;
        check(&song)?;
        if self.blind_song(song.recording.song_id()) != record.song {
            return Err(OpenError::OtherSong);
        }
        if contents(&song) != record.contents {
            return Err(OpenError::OtherContents);
        }
        Ok(song)
    }

    fn decrypt(&self, record: &SealedRecord) -> Option<Vec<u8>> {
        let (nonce, sealed) = record.bytes.split_at_checked(NONCE_BYTES)?;
        let (plain, tag) = sealed.split_at_checked(sealed.len().checked_sub(TAG_BYTES as usize)?)?;
        let (nonce, tag) = (XNonce::from_slice(nonce), Tag::from_slice(tag));
        let mut plain = plain.to_vec();
        let cipher = XChaCha20Poly1305::new(self.record_key().as_slice().into());
        cipher.decrypt_in_place_detached(nonce, &place(record.room, record.song), &mut plain, tag).ok()?;
        Some(plain)
    }
}

/// Which record a ciphertext belongs to.
fn place(room: RoomId, song: BlindedSong) -> Vec<u8> {
    [DOMAIN, &room.0, &song.0].concat()
}

fn contents(song: &RoomSong) -> Vec<SealedContent> {
    let Audio::Sealed { audio, cover } = &song.audio else { return Vec::new() };
    let outside = |file: &SealedFile| SealedContent { content: file.content, len: file.len };
    [Some(audio), cover.as_ref()].into_iter().flatten().map(outside).collect()
}

/// Refuses a recording no honest uploader signs, and sealed files that cannot be this recording's.
fn check(song: &RoomSong) -> Result<(), OpenError> {
    song.recording.check().map_err(no_song)?;
    let Audio::Sealed { audio, cover } = &song.audio else { return Ok(()) };
    let fits = |file: &SealedFile, plain: u64| file.len == sealed_len(plain);
    let covers_fit = match (cover, &song.recording.cover) {
        (Some(sealed), Some(plain)) => fits(sealed, plain.bytes),
        (None, None) => true,
        _ => false,
    };
    if covers_fit && fits(audio, song.recording.bytes) { Ok(()) } else { Err(OpenError::OtherContents) }
}

fn no_song(error: impl std::fmt::Display) -> OpenError {
    OpenError::NoSong(error.to_string())
}

impl From<&RoomSong> for Inside {
    fn from(song: &RoomSong) -> Self {
        let (audio, cover) = match song.audio {
            Audio::Public => (None, None),
            Audio::Sealed { audio, cover } => (Some(audio), cover),
        };
        Self { recording: song.recording.clone(), audio, cover, public: song.audio == Audio::Public }
    }
}

impl TryFrom<Inside> for RoomSong {
    type Error = OpenError;

    fn try_from(inside: Inside) -> Result<Self, OpenError> {
        let audio = match inside {
            Inside { public: true, audio: None, cover: None, .. } => Audio::Public,
            Inside { public: false, audio: Some(audio), cover, .. } => Audio::Sealed { audio, cover },
            _ => return Err(no_song("it is neither sealed nor public")),
        };
        Ok(Self { recording: inside.recording, audio })
    }
}
