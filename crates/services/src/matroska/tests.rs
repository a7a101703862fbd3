//! Files by ffmpeg, files made up, and files made to harm.

use std::io::Cursor;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use futures::executor::block_on;
use proptest::prelude::*;

use super::*;

const FIXTURES: [&[u8]; 5] = [
    include_bytes!("../../fixtures/tone.webm"),
    include_bytes!("../../fixtures/vorbis.webm"),
    include_bytes!("../../fixtures/tone.mka"),
    include_bytes!("../../fixtures/live.webm"),
    include_bytes!("../../fixtures/picture.webm"),
];

/// An element, its size told in eight bytes.
fn element(id: u32, content: &[u8]) -> Vec<u8> {
    sized(id, 1 << 56 | content.len() as u64, content)
}

fn sized(id: u32, size: u64, content: &[u8]) -> Vec<u8> {
    let id = id.to_be_bytes();
    let id = &id[id.iter().take_while(|byte| **byte == 0).count()..];
    [id, &size.to_be_bytes(), content].concat()
}

fn endless(id: u32, content: &[u8]) -> Vec<u8> {
    sized(id, u64::MAX >> 7, content)
}

fn text(name: &str, text: &str) -> Vec<u8> {
    let name = element(TAG_NAME, name.as_bytes());
    element(SIMPLE_TAG, &[name, element(TAG_STRING, text.as_bytes())].concat())
}

fn tag(level: Option<u8>, texts: &[Vec<u8>]) -> Vec<u8> {
    let level = level.map(|level| element(TARGET_TYPE_VALUE, &[level])).unwrap_or_default();
    element(TAG, &[element(TARGETS, &level), texts.concat()].concat())
}

fn info(seconds: f32) -> Vec<u8> {
    element(INFO, &element(DURATION, &(seconds * 1000.0).to_be_bytes()))
}

fn track(kind: u64, codec: &str) -> Vec<u8> {
    let kind = element(TRACK_TYPE, &kind.to_be_bytes());
    element(TRACK_ENTRY, &[kind, element(CODEC_ID, codec.as_bytes())].concat())
}

fn opus() -> Vec<u8> {
    element(TRACKS, &track(SOUND, "A_OPUS"))
}

fn cluster(tick: u8, offset: u8) -> Vec<u8> {
    let block = element(SIMPLE_BLOCK, &[0x81, 0, offset, 0, 7, 7]);
    endless(CLUSTER, &[element(TIMESTAMP, &[tick]), block].concat())
}

/// A file of these elements, nothing of which says where it ends.
fn file(elements: &[Vec<u8>]) -> Vec<u8> {
    let header = element(u32::from_be_bytes(BEGINNING), &element(0x4282, b"webm"));
    [header, endless(SEGMENT, &elements.concat())].concat()
}

fn read_all(file: &[u8]) -> Result<Matroska, String> {
    read(Cursor::new(file))
}

fn names(file: &Matroska) -> [&str; 3] {
    [&file.tags.title, &file.tags.artist, &file.tags.album].map(|name| name.as_deref().unwrap_or_default())
}

#[test]
fn files_by_ffmpeg_are_understood() {
    for fixture in &FIXTURES[..4] {
        let file = read_all(fixture).unwrap();
        assert_eq!(names(&file), ["Sirens", "Ada", "Coast"]);
        assert_eq!((file.track, file.year), (Some(3), Some(1994)));
        assert!(file.duration.as_millis().abs_diff(2000) < 50, "{:?}", file.duration);
    }
    assert!(read_all(FIXTURES[4]).unwrap_err().contains("picture track"));
}

#[test]
fn the_track_is_told_from_its_album_and_from_what_is_said_about_them() {
    let original = element(SIMPLE_TAG, &[element(TAG_NAME, b"ORIGINAL"), text("ARTIST", "Eve")].concat());
    let chapter =
        element(TARGETS, &[element(TARGET_TYPE_VALUE, &[30]), element(TAG_CHAPTER_UID, &[7])].concat());
    let tags = element(
        TAGS,
        &[
            element(TAG, &[chapter, text("TITLE", "Chapter")].concat()),
            tag(
                Some(50),
                &[text("TITLE", "Coast"), text("ARTIST", "Various"), text("DATE_RELEASED", "1994-05-01")],
            ),
            tag(
                Some(30),
                &[original, text("title", "Sirens\0\0"), text("ARTIST", "Ada"), text("PART_NUMBER", "3/12")],
            ),
        ]
        .concat(),
    );
    let file = read_all(&file(&[info(2.0), opus(), tags])).unwrap();
    assert_eq!(names(&file), ["Sirens", "Ada", "Coast"]);
    assert_eq!((file.track, file.year), (Some(3), Some(1994)));
    assert_eq!(file.duration, Duration::from_secs(2));
}

/// A file whose tags lie behind 3 MB of audio, and whose directory says they are at `place` (or tells the truth).
fn tags_behind_audio(place: Option<u64>) -> Vec<u8> {
    let front = |place: u64| {
        let id = element(SEEK_ID, &TAGS.to_be_bytes());
        let seek = element(SEEK, &[id, element(SEEK_POSITION, &place.to_be_bytes())].concat());
        [element(SEEK_HEAD, &seek), info(2.0), opus(), element(CLUSTER, &vec![0x55; 3_000_000])].concat()
    };
    let truth = front(0).len() as u64;
    let tags = element(TAGS, &tag(None, &[text("TITLE", "Sirens"), text("ARTIST", "Ada")]));
    file(&[front(place.unwrap_or(truth)), tags])
}

#[test]
fn tags_behind_the_audio_are_found_by_the_directory() {
    assert_eq!(names(&read_all(&tags_behind_audio(None)).unwrap()), ["Sirens", "Ada", ""]);
    // A directory that leads nowhere, into the audio or to itself costs the names, not the song.
    for place in [0, 1, 100_000, 1 << 60, u64::MAX] {
        let lost = read_all(&tags_behind_audio(Some(place))).unwrap();
        assert_eq!((names(&lost), lost.duration), (["", "", ""], Duration::from_secs(2)));
    }
}

#[test]
fn the_audio_between_is_not_fetched() {
    let file = Bytes::from(tags_behind_audio(None));
    let fetched = AtomicU64::new(0);
    let fetch = |range: Range<u64>| {
        fetched.fetch_add(range.end - range.start, Ordering::Relaxed);
        let at = |position| usize::try_from(position).unwrap();
        futures::future::ready(Ok(file.slice(at(range.start)..at(range.end))))
    };
    let audio = block_on(crate::tags::read("x", file.len() as u64, fetch)).unwrap();
    assert_eq!((audio.media_type, audio.tags.artist.as_deref()), ("audio/webm", Some("Ada")));
    assert!(fetched.into_inner() <= 1024 * 1024);
}

#[test]
fn a_live_recording_lasts_until_its_last_block() {
    let live = file(&[opus(), cluster(0, 3), cluster(200, 2)]);
    assert_eq!(read_all(&live).unwrap().duration, Duration::from_millis(202));
    assert_eq!(read_all(&file(&[opus()])).unwrap().duration, Duration::ZERO);
}

#[test]
fn what_browsers_do_not_play_is_refused() {
    for (tracks, why) in [
        (track(SOUND, "A_AC3"), "is WebM with \"A_AC3\""),
        ([track(SOUND, "A_OPUS"), track(PICTURE, "V_VP9")].concat(), "has a picture track"),
        (track(17, "S_TEXT/UTF8"), "holds no sound"),
        (Vec::new(), "holds no sound"),
    ] {
        let refusal = read_all(&file(&[info(2.0), element(TRACKS, &tracks)])).unwrap_err();
        assert!(refusal.starts_with(why), "{refusal}");
    }
}

#[test]
fn lengths_and_numbers_past_all_bounds_do_no_harm() {
    let huge = u64::MAX >> 8 | 1 << 56;
    for harm in [
        sized(TAGS, huge - 1, &[]),
        element(
            TAGS,
            &sized(TAG, huge - 1, &sized(SIMPLE_TAG, huge - 1, &sized(TAG_STRING, huge - 1, b"x"))),
        ),
        element(TAGS, &tag(None, &vec![text("TITLE", &"x".repeat(5000)); 700])),
        [0xec, 0x80].repeat(30_000),
        element(0x1941_a469, &[]).repeat(100),
    ] {
        let file = read_all(&file(&[info(2.0), opus(), harm])).unwrap();
        assert!(file.tags.title.unwrap_or_default().len() <= 4096);
    }
    for seconds in [f32::NAN, f32::INFINITY, -1.0, 0.0] {
        assert_eq!(read_all(&file(&[info(seconds), opus()])).unwrap().duration, Duration::ZERO);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]
    #[test]
    fn a_damaged_file_never_panics(
        which in 0..FIXTURES.len(),
        damage in prop::collection::vec((0usize..700, any::<u8>()), 1..12),
        kept in any::<prop::sample::Index>(),
    ) {
        let mut file = FIXTURES[which].to_vec();
        for (at, byte) in damage {
            file[at] = byte;
        }
        file.truncate(kept.index(2 * file.len()).max(4));
        let _ = read_all(&file);
    }

    #[test]
    fn any_elements_in_any_order_never_panic(
        ids in prop::collection::vec((
            prop::sample::select(&[
                SEGMENT, SEEK_HEAD, SEEK, SEEK_ID, SEEK_POSITION, INFO, TIMESTAMP_SCALE, DURATION, TITLE, TRACKS,
                TRACK_ENTRY, TRACK_TYPE, CODEC_ID, TAGS, TAG, TARGETS, TARGET_TYPE_VALUE, TAG_CHAPTER_UID, SIMPLE_TAG,
                TAG_NAME, TAG_STRING, CLUSTER, TIMESTAMP, BLOCK_GROUP, BLOCK, SIMPLE_BLOCK,
            ][..]),
            prop_oneof![0u64..20, Just(u64::MAX >> 8), any::<u64>().prop_map(|size| size >> 8)],
            prop::collection::vec(any::<u8>(), 0..20),
        ), 0..60),
    ) {
        let elements: Vec<_> = ids.iter().map(|(id, size, content)| sized(*id, 1 << 56 | size, content)).collect();
        let _ = read_all(&file(&[&[opus()], &elements[..]].concat()));
    }
}
