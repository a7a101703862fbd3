use kadenza_api::{Picture, SongId};
use proptest::prelude::*;

use super::*;
use crate::keys::RoomKeys;
use crate::link::Secret;
use crate::sealing::sealed_len;

fn keys(byte: u8) -> RoomKeys {
    RoomKeys::derive(&Secret::new([byte; 32]))
}

fn song(title: &str, with_cover: bool) -> RoomSong {
    let file = |byte, len| SealedFile {
        content: ContentId([byte; 32]),
        len: sealed_len(len),
        salt: Salt([byte + 1; 32]),
    };
    let picture = Picture { content: ContentId([8; 32]), bytes: 900, media_type: "image/png".into() };
    RoomSong {
        recording: Recording {
            time: 1,
            content: ContentId([7; 32]),
            bytes: 70_000,
            media_type: "audio/mpeg".into(),
            duration_ms: 200_000,
            bitrate: 128,
            title: title.into(),
            artist: "Unique Artist".into(),
            album: String::new(),
            track: Some(3),
            year: None,
            cover: with_cover.then_some(picture),
            uploader: "uploader".into(),
            signature: "00".into(),
        },
        audio: Audio::Sealed { audio: file(1, 70_000), cover: with_cover.then(|| file(3, 900)) },
    }
}

fn any_song() -> impl Strategy<Value = RoomSong> {
    ("[a-zäöü]{1,60}", any::<bool>(), any::<bool>()).prop_map(|(title, with_cover, public)| {
        let mut song = song(&title, with_cover);
        if public {
            song.audio = Audio::Public;
        }
        song
    })
}

fn sealed() -> SealedRecord {
    keys(1).seal_record(&song("Unique Title", true), [5; 24]).unwrap()
}

/// `record`, signed again by somebody with the room's link.
fn signed(mut record: SealedRecord) -> SealedRecord {
    record.signature = keys(1).meeting().sign(&record.signed_bytes()).try_into().unwrap();
    record
}

proptest! {
    #[test]
    fn a_record_opens_to_the_song_that_was_sealed(song in any_song(), nonce: [u8; 24]) {
        let record = keys(1).seal_record(&song, nonce).unwrap();
        prop_assert_eq!(record.check(), Ok(()));
        prop_assert_eq!(keys(1).open_record(&record).unwrap(), song);
    }

    #[test]
    fn a_record_reads_back_what_it_writes(song in any_song()) {
        let record = keys(1).seal_record(&song, [0; 24]).unwrap();
        let json = serde_json::to_string(&record).unwrap();
        prop_assert_eq!(serde_json::from_str::<SealedRecord>(&json).unwrap(), record);
    }

    #[test]
    fn a_changed_byte_of_the_ciphertext_is_refused_by_strangers_and_members(at: prop::sample::Index, bit in 0..8u8) {
        let mut record = sealed();
        let at = at.index(record.bytes.len());
        record.bytes[at] ^= 1 << bit;
        prop_assert_eq!(record.check(), Err(RecordError::Signature));
        prop_assert_eq!(keys(1).open_record(&signed(record)), Err(OpenError::Tampered));
    }
}

#[test]
fn the_length_of_a_title_does_not_show() {
    let len = |title: &str| keys(1).seal_record(&song(title, false), [0; 24]).unwrap().bytes.len();
    assert_eq!(len("a"), len("a title of some length"));
    assert_eq!((len("a") - 24 - 16) % 256, 0);
}

#[test]
fn nothing_of_a_song_can_be_read_in_its_record() {
    let (record, song) = (sealed(), song("Unique Title", true));
    let json = serde_json::to_string(&record).unwrap();
    let bytes = record.signed_bytes();
    let plain_ids = [song.recording.content.0.to_vec(), song.recording.song_id().0.to_vec()];
    for plain in plain_ids.into_iter().chain([b"Unique".to_vec()]) {
        assert!(!bytes.windows(plain.len()).any(|window| window == plain));
        assert!(!json.contains(&hex::encode(plain)));
    }
}

#[test]
fn two_rooms_with_the_same_song_share_nothing() {
    let song = song("Title", false);
    let [one, other] = [1, 2].map(|room| keys(room).seal_record(&song, [5; 24]).unwrap());
    assert_ne!(one.song, other.song);
    assert_ne!(one.id(), other.id());
    assert_eq!(keys(2).open_record(&one), Err(OpenError::OtherRoom(keys(1).room())));
}

#[test]
fn a_record_moved_to_another_song_is_refused() {
    let mut record = sealed();
    record.song = keys(1).blind_song(SongId([0; 20]));
    assert_eq!(record.check(), Err(RecordError::Signature));
    assert_eq!(keys(1).open_record(&signed(record)), Err(OpenError::Tampered));
}

#[test]
fn contents_that_are_not_the_recordings_are_refused() {
    let mut record = sealed();
    record.contents[0].content = ContentId([0; 32]);
    assert_eq!(keys(1).open_record(&signed(record)), Err(OpenError::OtherContents));
    let mut wrong = song("Title", true);
    wrong.recording.bytes += 1;
    assert_eq!(keys(1).seal_record(&wrong, [0; 24]), Err(OpenError::OtherContents));
    let mut wrong = song("Title", true);
    wrong.recording.cover = None;
    assert_eq!(keys(1).seal_record(&wrong, [0; 24]), Err(OpenError::OtherContents));
}

#[test]
fn a_record_beyond_its_bounds_is_refused_though_it_is_signed() {
    let mut record = sealed();
    record.contents = vec![record.contents[0]; 3];
    assert_eq!(signed(record).check(), Err(RecordError::Contents(3)));
    let mut record = sealed();
    record.contents[0].len = u64::MAX;
    assert_eq!(signed(record).check(), Err(RecordError::ContentLength(u64::MAX)));
    let mut record = sealed();
    record.bytes = vec![0; SEALED_RECORD_BYTES + 1];
    assert_eq!(signed(record).check(), Err(RecordError::TooLong(SEALED_RECORD_BYTES + 1)));
    let mut record = sealed();
    record.bytes = vec![0; 39];
    assert_eq!(keys(1).open_record(&signed(record)), Err(OpenError::Tampered));
}

#[test]
fn the_longest_names_fit_in_a_record() {
    let mut song = song("Title", true);
    song.recording.title = "\u{1f3b5}".repeat(500);
    song.recording.artist = "\"a".repeat(250);
    song.recording.album = "\\".repeat(500);
    assert!(keys(1).seal_record(&song, [0; 24]).is_ok());
    song.recording.uploader = "u".repeat(SEALED_RECORD_BYTES);
    assert!(matches!(keys(1).seal_record(&song, [0; 24]), Err(OpenError::Record(RecordError::TooLong(_)))));
}

#[test]
fn a_record_with_an_unknown_field_or_a_short_signature_is_refused() {
    let json = serde_json::to_value(sealed()).unwrap();
    let refused = |change: &dyn Fn(&mut serde_json::Value)| {
        let mut json = json.clone();
        change(&mut json);
        assert!(serde_json::from_value::<SealedRecord>(json).is_err());
    };
    refused(&|json| json["more"] = 1.into());
    refused(&|json| json["signature"] = "00".into());
    refused(&|json| json["bytes"] = "?".into());
    refused(&|json| json["room"] = "00".into());
}
