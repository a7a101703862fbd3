//! Tags that are broken, huge or made to harm: the audio counts, and nothing crashes.
// Where there are files and a tokio runtime.
#![cfg(any(unix, windows))]
#![allow(clippy::unwrap_used, reason = "a failure here is a failed test")]

mod common;

use bytes::Bytes;
use common::{file, fixture, in_memory};
use kadenza_api::testing::upload;
use kadenza_api::{Error, Music, Query, Upload};
use proptest::prelude::*;

/// A frame of an ID3v2.3 tag.
fn frame(id: &[u8; 4], flags: u8, content: &[u8]) -> Vec<u8> {
    let size = u32::try_from(content.len()).unwrap().to_be_bytes();
    [&id[..], &size, &[0, flags], content].concat()
}

/// MP3 audio behind an ID3v2.3 tag of these frames, whose header claims `size` bytes if it is not the truth.
fn tagged(frames: &[Vec<u8>], size: Option<u32>) -> Bytes {
    let frames = frames.concat();
    let size = size.unwrap_or(u32::try_from(frames.len()).unwrap());
    let seven_bits = [21, 14, 7, 0].map(|shift| (size >> shift & 0x7f).to_le_bytes()[0]);
    let audio = fixture("tone.mp3");
    let own_tag = audio.windows(2).position(|sync| sync[0] == 0xff && sync[1] & 0xe0 == 0xe0).unwrap();
    [b"ID3\x03\x00\x00", &seven_bits[..], &frames, &audio[own_tag..]].concat().into()
}

fn text(id: &[u8; 4], text: &str) -> Vec<u8> {
    frame(id, 0, &[&[0], text.as_bytes()].concat())
}

fn picture(len: usize) -> Vec<u8> {
    let mut content = b"\0image/jpeg\0\x03\0\xff\xd8\xff\xe0".to_vec();
    content.resize(len, 7);
    frame(b"APIC", 0, &content)
}

#[tokio::test]
async fn ten_megabytes_of_tags_cost_the_cover_but_not_the_names() {
    let music = in_memory().await;
    let frames = [picture(10_000_000), text(b"TIT2", "Sirens"), text(b"TPE1", "Ada")];
    let uploaded = music.upload(file("a.mp3", tagged(&frames, None))).await.unwrap();
    assert_eq!((uploaded.song.title(), uploaded.song.artist()), ("Sirens", "Ada"));
    assert_eq!(uploaded.recording.cover, None);
    assert!(uploaded.recording.duration_ms.abs_diff(2000) < 200);
}

#[tokio::test]
async fn tags_past_all_bounds_are_passed_over() {
    let music = in_memory().await;
    let frames: Vec<_> = (0..4).map(|_| picture(8_000_000)).chain([text(b"TIT2", "Sirens")]).collect();
    let named =
        Upload { tags: upload("A", "B", "", Bytes::new()).tags, ..file("a.mp3", tagged(&frames, None)) };
    let uploaded = music.upload(named).await.unwrap();
    assert_eq!((uploaded.song.title(), uploaded.recording.cover), ("A", None));
}

#[tokio::test]
async fn more_covers_than_fit_in_memory_are_passed_over() {
    let flac = fixture("tone.flac");
    let (head, rest) = flac.split_at(4 + 4 + 34);
    // A block of 8 MB that holds a picture (FLAC format, metadata blocks 6).
    let picture = [&[6, 0x7a, 0x12, 0][..], &vec![0; 8_000_000]].concat();
    let bytes = [head, &picture.repeat(4), rest].concat();
    let music = in_memory().await;
    let named = Upload { tags: upload("A", "B", "", Bytes::new()).tags, ..file("a.flac", bytes) };
    let uploaded = music.upload(named).await.unwrap();
    assert_eq!((uploaded.recording.duration_ms, uploaded.recording.cover), (1000, None));
}

#[tokio::test]
async fn a_cover_of_two_megabytes_is_kept_and_one_of_another_kind_is_not() {
    let music = in_memory().await;
    let names = [text(b"TIT2", "Sirens"), text(b"TPE1", "Ada")].concat();
    let large = tagged(&[names.clone(), picture(2_000_000)], None);
    let uploaded = music.upload(file("a.mp3", large)).await.unwrap();
    let cover = uploaded.recording.cover.unwrap();
    assert_eq!(cover.media_type, "image/jpeg");
    let script = frame(b"APIC", 0, b"\0image/jpeg\0\x03\0<svg onload=alert(1)>");
    let uploaded = music.upload(file("b.mp3", tagged(&[names, script], None))).await.unwrap();
    assert_eq!(uploaded.recording.cover, None);
}

#[tokio::test]
async fn compressed_tags_are_not_unpacked() {
    let music = in_memory().await;
    // "Sirens", wrapped in zlib without compression (RFC 1950 and 1951).
    let zlib = b"\0\0\0\x07\x78\x01\x01\x07\0\xf8\xff\0Sirens\x08\x9d\x02\x6f";
    let frames = [frame(b"TIT2", 0x80, zlib), text(b"TPE1", "Ada")];
    let refusal = music.upload(file("x.mp3", tagged(&frames, None))).await;
    let Err(Error::NeedsTags { guess, .. }) = refusal else { panic!("{refusal:?}") };
    assert_eq!((guess.title.as_deref(), guess.artist), (Some("x"), None));
}

#[tokio::test]
async fn broken_tags_do_not_cost_the_audio() {
    let lying_frame = [b"TIT2".as_slice(), &[0x7f, 0xff, 0xff, 0xff], &[0, 0], b"\0Sirens"].concat();
    let not_text = frame(b"TIT2", 0, &[1, 0xff, 0xfe, 0x00, 0xd8, 0x00]);
    for (what, bytes) in [
        ("a frame longer than the tag", tagged(&[lying_frame], None)),
        ("text that is no text", tagged(&[not_text], None)),
        ("noise", tagged(&[vec![0xa5; 5000]], None)),
        ("zeros", tagged(&[vec![0; 5000]], None)),
    ] {
        let music = in_memory().await;
        let named = Upload { tags: upload("A", "B", "", Bytes::new()).tags, ..file("a.mp3", bytes) };
        let uploaded = music.upload(named).await.unwrap_or_else(|e| panic!("{what}: {e}"));
        assert!(uploaded.recording.duration_ms.abs_diff(2000) < 200, "{what}");
    }
    // Where the tag claims to be all there is, no audio is left.
    let music = in_memory().await;
    let named = Upload {
        tags: upload("A", "B", "", Bytes::new()).tags,
        ..file("a.mp3", tagged(&[text(b"TIT2", "x")], Some(0x0fff_ffff)))
    };
    assert!(matches!(music.upload(named).await, Err(Error::Invalid { .. })));
}

const FIXTURES: [&str; 16] = [
    "tone.mp3",
    "cover.mp3",
    "tone.flac",
    "cover.flac",
    "tone.ogg",
    "tone.opus",
    "moov-first.m4a",
    "moov-last.m4a",
    "cover.m4a",
    "tone.wav",
    "tone.aac",
    "tone.webm",
    "vorbis.webm",
    "tone.mka",
    "live.webm",
    "picture.webm",
];

/// How many damaged files are tried. `PROPTEST_CASES` tries more.
fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(300)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(cases()))]
    #[test]
    fn a_damaged_file_is_taken_or_refused_and_never_worse(
        which in prop::sample::select(&FIXTURES[..]),
        damage in prop::collection::vec((0usize..1500, any::<u8>()), 0..8),
        tail in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..3),
        kept in prop_oneof![3 => Just(1.0), 1 => 0.0..1.0f64],
    ) {
        let mut bytes = fixture(which).to_vec();
        for (at, byte) in damage {
            if let Some(place) = bytes.get_mut(at) {
                *place = byte;
            }
        }
        for (at, byte) in tail {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "small")]
        bytes.truncate((bytes.len() as f64 * kept) as usize);
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let music = in_memory().await;
            let named = Upload { tags: upload("A", "B", "", Bytes::new()).tags, ..file(which, bytes) };
            let stored = match music.upload(named).await {
                Ok(_) => 1,
                Err(Error::Invalid { .. }) => 0,
                Err(other) => panic!("{other:?}"),
            };
            assert_eq!(music.search(Query::new("")).await.unwrap().total, stored);
        });
    }
}
