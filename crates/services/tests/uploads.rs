//! What comes in by upload: every format, bad files, limits, and what survives a restart.
// Where there are files and a tokio runtime.
#![cfg(any(unix, windows))]
#![allow(clippy::unwrap_used, reason = "a failure here is a failed test")]

mod common;

use bytes::Bytes;
use common::{config, file, files, fixture, in_memory, on_disk, open, streamed};
use kadenza_api::testing::{upload, wav};
use kadenza_api::{Copies, Error, Music, Outcome, Query, Replicas, Tags, Upload};
use kadenza_services::store::disk::DiskStore;
use kadenza_services::store::{MemoryStore, Store};
use kadenza_services::{Config, Services};

const FIXTURES: [(&str, &str, bool); 15] = [
    ("tone.mp3", "audio/mpeg", false),
    ("cover.mp3", "audio/mpeg", true),
    ("tone.flac", "audio/flac", false),
    ("cover.flac", "audio/flac", true),
    ("tone.ogg", "audio/ogg", false),
    ("tone.opus", "audio/ogg", false),
    ("moov-first.m4a", "audio/mp4", false),
    ("moov-last.m4a", "audio/mp4", false),
    ("cover.m4a", "audio/mp4", true),
    ("tone.wav", "audio/wav", false),
    ("tone.aac", "audio/aac", false),
    ("tone.webm", "audio/webm", false),
    ("vorbis.webm", "audio/webm", false),
    ("tone.mka", "audio/webm", false),
    ("live.webm", "audio/webm", false),
];

async fn assert_nothing_stored(music: &(impl Music + Replicas)) {
    assert_eq!(music.network().await.unwrap().stored.bytes, 0);
    assert_eq!(music.search(Query::new("")).await.unwrap().total, 0);
    assert_eq!(music.room().await.unwrap(), common::QUOTA_BYTES);
}

#[tokio::test]
async fn every_format_is_told_by_its_bytes_and_named_by_its_tags() {
    for (name, media_type, has_cover) in FIXTURES {
        let music = in_memory().await;
        let bytes = fixture(name);
        // The name says another format, and nothing of the song.
        let mut upload = file("x.bin", bytes.clone());
        if name == "tone.aac" {
            upload.tags = Tags {
                title: Some("Sirens".into()),
                artist: Some("Ada".into()),
                album: Some("Coast".into()),
            };
        }
        let uploaded = music.upload(upload).await.unwrap_or_else(|e| panic!("{name}: {e}"));
        let recording = &uploaded.recording;
        assert_eq!(recording.media_type, media_type, "{name}");
        assert_eq!(recording.bytes, bytes.len() as u64);
        assert_eq!(
            (&*recording.title, &*recording.artist, &*recording.album),
            ("Sirens", "Ada", "Coast"),
            "{name}"
        );
        let expected_ms = if name.ends_with(".flac") { 1000 } else { 2000 };
        assert!(recording.duration_ms.abs_diff(expected_ms) < 150, "{name}: {} ms", recording.duration_ms);
        assert!((4..400).contains(&recording.bitrate), "{name}: {} kbit/s", recording.bitrate);
        if name != "tone.aac" {
            assert_eq!((recording.track, recording.year), (Some(3), Some(1994)), "{name}");
        }
        assert_eq!(recording.cover.is_some(), has_cover, "{name}");
        if let Some(cover) = &recording.cover {
            assert_eq!(cover.media_type, "image/png", "{name}");
            let picture = music.read(cover.content, cover.bytes, 0..cover.bytes).await.unwrap();
            assert!(picture.starts_with(b"\x89PNG"), "{name}");
        }
    }
}

#[tokio::test]
async fn a_film_is_refused_and_so_is_aiff() {
    let aiff = Bytes::from_static(b"FORM\0\0\0\x1eAIFFCOMM\0\0\0\x12\0\x01\0\0\0\0\0\x10");
    for (bytes, why) in [
        (fixture("picture.webm"), "x.webm has a picture track; only audio is taken"),
        (aiff, "x.webm is Aiff, which browsers do not play"),
    ] {
        let music = in_memory().await;
        let refusal = music.upload(file("x.webm", bytes)).await;
        let Err(Error::Invalid { message, .. }) = refusal else { panic!("{refusal:?}") };
        assert_eq!(message, why);
        assert_nothing_stored(&music).await;
    }
}

#[tokio::test]
async fn given_names_win_over_tags() {
    let music = in_memory().await;
    let given = Tags { title: Some(" Other\u{0} ".into()), ..Tags::default() };
    let uploaded = music.upload(Upload { tags: given, ..file("a.mp3", fixture("tone.mp3")) }).await.unwrap();
    assert_eq!((uploaded.song.title(), uploaded.song.artist()), ("Other", "Ada"));
}

#[tokio::test]
async fn what_is_missing_is_guessed_from_tags_and_from_the_file_name() {
    let music = in_memory().await;
    let refusal = music.upload(file("music/01 - Ada - Sirens.aac", fixture("tone.aac"))).await;
    let Err(Error::NeedsTags { message, guess }) = refusal else { panic!("{refusal:?}") };
    assert_eq!((guess.artist.as_deref(), guess.title.as_deref()), (Some("Ada"), Some("Sirens")));
    assert!(message.contains("Sirens.aac") && message.contains("title and artist"), "{message}");
    assert_nothing_stored(&music).await;
}

#[tokio::test]
async fn chunks_of_any_size_make_the_same_content() {
    let bytes = wav(2_500_000, 3);
    for chunk in [1000, 65_536, 2_500_000] {
        let music = in_memory().await;
        let mut upload = streamed("Ada - Long.wav", bytes.clone(), chunk, None);
        upload.tags = Tags { title: Some("Long".into()), artist: Some("Ada".into()), album: None };
        let uploaded = music.upload(upload).await.unwrap();
        assert_eq!(uploaded.recording.content, kadenza_api::ContentId::of(&bytes));
    }
}

#[tokio::test]
async fn files_that_cannot_be_played_are_refused_by_name_and_leave_nothing() {
    let truncated = |name: &str, len: usize| fixture(name).slice(..len);
    let bad: Vec<(&str, Bytes)> = vec![
        ("letter.mp3", Bytes::from_static(b"Dear Ada, this is not a song at all.")),
        ("noise.mp3", wav(300_000, 5).slice(44..)),
        ("zeros.mp3", vec![0; 100_000].into()),
        ("video.webm", b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01webm".repeat(100).into()),
        ("head.flac", truncated("tone.flac", 30)),
        ("head.ogg", truncated("tone.ogg", 60)),
        ("head.m4a", truncated("moov-last.m4a", 2000)),
        ("head.wav", truncated("tone.wav", 40)),
        ("silent.wav", wav(45, 1).slice(..44)),
    ];
    for (name, bytes) in bad {
        let music = in_memory().await;
        let refusal =
            music.upload(Upload { tags: upload("A", "B", "", Bytes::new()).tags, ..file(name, bytes) }).await;
        let Err(Error::Invalid { message }) = refusal else { panic!("{name}: {refusal:?}") };
        assert!(message.contains(name), "{message}");
        assert_nothing_stored(&music).await;
    }
}

#[tokio::test]
async fn a_file_that_ends_early_is_refused() {
    let music = in_memory().await;
    let refusal = music.upload(streamed("Ada - Cut.wav", wav(9000, 1), 100, Some(10_000))).await;
    let Err(Error::Invalid { message }) = refusal else { panic!("{refusal:?}") };
    assert!(message.contains("9000 of 10000"), "{message}");
    assert_nothing_stored(&music).await;
}

#[tokio::test]
async fn a_stream_that_breaks_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let music = on_disk(folder.path()).await;
    let chunks = [Ok(wav(200_000, 1)), Err(Error::unavailable("the line is dead"))];
    let stream = kadenza_platform::boxed_stream(futures::stream::iter(chunks));
    let source = kadenza_api::Source::once(None, stream);
    let refusal = music.upload(Upload { source, ..file("a.wav", "") }).await;
    assert_eq!(refusal.unwrap_err(), Error::unavailable("the line is dead"));
    assert_nothing_stored(&music).await;
    assert_eq!(files(&folder.path().join("staging")), Vec::<std::path::PathBuf>::new());
}

#[tokio::test]
async fn an_upload_nobody_waits_for_any_more_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let music = on_disk(folder.path()).await;
    let (sender, started) = futures::channel::oneshot::channel();
    let mut sender = Some(sender);
    let endless = futures::stream::repeat_with(move || {
        sender.take().map(|sender| sender.send(()));
        Ok(wav(65_536, 1))
    });
    let source = kadenza_api::Source::once(None, kadenza_platform::boxed_stream(endless));
    let uploading = Box::pin(music.upload(Upload { source, ..file("a.wav", "") }));
    drop(futures::future::select(uploading, started).await);
    assert_nothing_stored(&music).await;
}

#[tokio::test]
async fn a_file_past_the_limit_is_refused_before_it_is_read() {
    let music = in_memory().await;
    let unread = kadenza_api::Source::new(Some(300_000_000), || panic!("it was opened"));
    let refusal = music.upload(Upload { source: unread, ..file("long.wav", "") }).await;
    assert!(
        matches!(refusal, Err(Error::TooLarge { ref message }) if message.contains("long.wav")),
        "{refusal:?}"
    );
    // Without a promised length it is refused as soon as the limit is passed.
    let small = open(MemoryStore::default(), Config { file_limit_bytes: 100_000, ..config() }).await;
    let refusal = small.upload(streamed("a.wav", wav(150_000, 1), 1000, None)).await;
    assert!(matches!(refusal, Err(Error::TooLarge { .. })), "{refusal:?}");
    assert_nothing_stored(&small).await;
}

#[tokio::test]
async fn a_full_quota_refuses_and_harms_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let store = DiskStore::open(folder.path()).await.unwrap();
    let music = open(store, Config { quota_bytes: 150_000, ..config() }).await;
    let kept = wav(100_000, 1);
    let uploaded = music.upload(upload("A", "B", "", kept.clone())).await.unwrap();
    for source in [Some(100_000), None] {
        let mut refused = streamed("c.wav", wav(100_000, 2), 1000, source);
        refused.tags = upload("C", "D", "", Bytes::new()).tags;
        let refusal = music.upload(refused).await;
        assert!(
            matches!(refusal, Err(Error::Storage { ref message }) if message.starts_with("no room")),
            "{refusal:?}"
        );
    }
    assert_eq!(music.room().await.unwrap(), 50_000);
    assert_eq!(music.read(uploaded.recording.content, 100_000, 0..100_000).await.unwrap(), kept);
    assert_eq!(files(&folder.path().join("staging")).len(), 0);
    assert_eq!(music.search(Query::new("")).await.unwrap().total, 1);
}

#[tokio::test]
async fn a_quota_set_below_what_is_stored_removes_nothing_and_takes_nothing_more() {
    let music = in_memory().await;
    let uploaded = music.upload(upload("A", "B", "", wav(100_000, 1))).await.unwrap();
    music.set_quota(50_000);
    let stored = music.network().await.unwrap().stored;
    assert_eq!((stored.bytes, stored.quota_bytes, music.room().await.unwrap()), (100_000, 50_000, 0));
    assert!(music.holds(uploaded.recording.content).await.unwrap());
    let refusal = music.upload(upload("C", "D", "", wav(10_000, 2))).await;
    assert!(matches!(refusal, Err(Error::Storage { .. })), "{refusal:?}");
    music.set_quota(200_000);
    music.upload(upload("C", "D", "", wav(10_000, 2))).await.unwrap();
}

#[tokio::test]
async fn what_was_uploaded_or_listened_to_is_told_from_what_is_kept_for_others() {
    let (uploader, store) = (in_memory().await, MemoryStore::default());
    let keeper = open(store.clone(), config()).await;
    let mut contents = Vec::new();
    for (seed, title) in [(1, "Heard"), (2, "Looked at")] {
        let uploaded = uploader.upload(upload(title, "B", "", wav(300_000, seed))).await.unwrap();
        let content = uploaded.recording.content;
        let groups = 0..300_000u64.div_ceil(kadenza_api::GROUP_BYTES);
        let slice = uploader.slice(content, 300_000, groups.clone()).await.unwrap();
        keeper.merge(vec![uploaded.song]).await.unwrap();
        keeper.accept(content, 300_000, groups, slice).await.unwrap();
        assert!(keeper.holds(content).await.unwrap());
        contents.push(content);
    }
    keeper.read(contents[0], 300_000, 200_000..300_000).await.unwrap();
    keeper.read(contents[1], 300_000, 0..200_000).await.unwrap();
    let stored = async |node: &Services<MemoryStore>| node.network().await.unwrap().stored;
    let (own, others) = (stored(&uploader).await, stored(&keeper).await);
    assert_eq!((own.held_songs, own.bytes, own.own_bytes), (2, 600_000, 600_000));
    assert_eq!((others.held_songs, others.bytes, others.own_bytes), (2, 600_000, 300_000));
    while store.setting("own-contents").await.unwrap().is_none() {
        tokio::task::yield_now().await;
    }
    assert_eq!(stored(&open(store, config()).await).await, others, "after a restart");
}

#[tokio::test]
async fn bytes_that_only_a_record_spoke_of_are_taken_in() {
    let (one, other) = (in_memory().await, in_memory().await);
    let first = one.upload(upload("A", "B", "", wav(100_000, 1))).await.unwrap();
    other.merge(vec![first.song.clone()]).await.unwrap();
    let again = other.upload(upload("A", "B", "", wav(100_000, 1))).await.unwrap();
    assert_eq!((again.outcome, &again.song), (Outcome::AlreadyHere, &first.song));
    assert!(other.holds(first.recording.content).await.unwrap());
}

#[tokio::test]
async fn uploads_at_the_same_time_do_not_lose_one_another() {
    let music = in_memory().await;
    let uploads = (0..8).map(|seed| music.upload(upload("Same", "Song", "", wav(70_000, seed / 2))));
    let uploaded = futures::future::join_all(uploads).await;
    assert!(uploaded.iter().all(Result::is_ok), "{uploaded:?}");
    let found = music.search(Query::new("same")).await.unwrap();
    assert_eq!((found.total, found.songs[0].recordings().len()), (1, 4));
    assert_eq!(music.network().await.unwrap().stored.bytes, 4 * 70_000);
    assert_eq!(music.room().await.unwrap(), common::QUOTA_BYTES - 4 * 70_000);
}

#[tokio::test]
async fn no_more_recordings_of_a_song_are_taken_than_are_kept() {
    let music = in_memory().await;
    for seed in 0..16 {
        music.upload(upload("Same", "Song", "", wav(9000, seed))).await.unwrap();
        kadenza_platform::sleep(std::time::Duration::from_millis(2)).await;
    }
    let refusal = music.upload(upload("Same", "Song", "", wav(9000, 99))).await;
    assert!(matches!(refusal, Err(Error::TooLarge { .. })), "{refusal:?}");
    assert_eq!(music.network().await.unwrap().stored.bytes, 16 * 9000);
}

#[tokio::test]
async fn a_lone_tab_and_a_lone_relay_say_where_the_copies_are() {
    let folder = tempfile::tempdir().unwrap();
    let relay = on_disk(folder.path()).await.upload(upload("A", "B", "", wav(9000, 1))).await.unwrap();
    assert_eq!(relay.copies, Copies { here: true, relays: 1, tabs: 0, safe: true });
    let tab = in_memory().await.upload(upload("A", "B", "", wav(9000, 1))).await.unwrap();
    assert_eq!(tab.copies, Copies { here: true, relays: 0, tabs: 1, safe: false });
}

#[tokio::test]
async fn a_restart_keeps_everything_and_removes_what_was_under_way() {
    let folder = tempfile::tempdir().unwrap();
    let first = on_disk(folder.path()).await;
    let with_cover = first.upload(file("a.mp3", fixture("cover.mp3"))).await.unwrap();
    let long = wav(1_000_000, 1);
    let uploaded = first.upload(upload("Long", "Ada", "", long.clone())).await.unwrap();
    let stored = first.network().await.unwrap();
    drop(first);
    // As a crash leaves them: staged bytes, and a content whose record was never committed.
    std::fs::write(folder.path().join("staging/7"), b"half").unwrap();
    let orphan = folder.path().join("content/00");
    std::fs::create_dir_all(&orphan).unwrap();
    std::fs::write(orphan.join("00".repeat(32)), b"whole, but unnamed").unwrap();

    let again = on_disk(folder.path()).await;
    assert_eq!(again.network().await.unwrap(), stored);
    for song in [&with_cover.song, &uploaded.song] {
        assert_eq!(again.song(song.id()).await.unwrap(), *song);
        assert_eq!(again.search(Query::new(song.title())).await.unwrap().total, 1);
    }
    let content = uploaded.recording.content;
    assert_eq!(again.read(content, 1_000_000, 0..1_000_000).await.unwrap(), long);
    assert!(!again.slice(content, 1_000_000, 0..4).await.unwrap().is_empty());
    assert_eq!(files(&folder.path().join("staging")).len(), 0);
    assert_eq!(files(&folder.path().join("content")).len(), 3);
}

#[tokio::test]
async fn a_store_that_is_open_cannot_be_opened_again() {
    let folder = tempfile::tempdir().unwrap();
    let _open = DiskStore::open(folder.path()).await.unwrap();
    let refusal = DiskStore::open(folder.path()).await;
    assert!(matches!(refusal, Err(Error::Storage { .. })), "{refusal:?}");
}

#[tokio::test]
async fn a_song_is_told_of_when_it_becomes_known_and_when_it_learns_something() {
    let music = in_memory().await;
    let mut songs = music.songs();
    let first = music.upload(upload("Sirens", "Ada", "Coast", wav(9000, 1))).await.unwrap();
    music.upload(upload("Sirens", "Ada", "Coast", wav(9000, 1))).await.unwrap();
    let other = music.upload(upload("Sirens", "Ada", "Coast", wav(9000, 2))).await.unwrap();
    assert_eq!(songs.recv().await.unwrap(), first.song);
    assert_eq!(songs.recv().await.unwrap(), other.song);
    assert!(songs.is_empty());
}
