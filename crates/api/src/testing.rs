//! The conformance suite: what every stack of layers promises, whatever is left out of it.
//!
//! Each promise is an async function over any [`Music`]. [`conformance!`](crate::conformance) turns them into
//! one test each, on a fresh stack.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a broken promise is a failed test")]

pub mod vault;

use bytes::Bytes;

use crate::{
    Error, Found, GROUP_BYTES, Music, Outcome, Query, READ_LIMIT_BYTES, Song, Source, TEXT_LIMIT_CHARS, Tags,
    Upload, Uploaded,
};

/// Makes one test of each promise: `conformance!(#[tokio::test] stack)`, where `stack()` is an async function
/// that returns a fresh [`Music`], or a tuple of it and whatever must live as long.
#[macro_export]
macro_rules! conformance {
    (#[$test:meta] $stack:path) => {
        $crate::conformance!(@each #[$test] $stack:
            a_new_song_is_found_by_its_id
            the_same_bytes_again_add_nothing
            other_bytes_of_the_same_song_add_a_recording
            words_are_found_in_any_order_case_and_accent
            the_last_word_is_a_prefix_until_white_space_ends_it
            an_empty_query_lists_the_newest_first
            pages_of_a_search_do_not_overlap
            every_range_reads_back_to_the_byte
            what_nobody_has_is_not_found
            a_file_that_is_not_audio_is_refused
            an_empty_file_is_refused
            audio_without_a_name_asks_for_one
            a_name_past_the_limit_is_refused
            strange_names_come_back_as_they_went_in
            a_query_past_its_bounds_is_refused
            the_network_counts_what_is_stored
        );
    };
    (@each #[$test:meta] $stack:path: $($promise:ident)*) => {
        $(#[$test]
        async fn $promise() {
            let stack = $stack().await;
            $crate::testing::$promise(&stack).await;
        })*
    };
}

/// A playable WAV file of `bytes` bytes (at least 45) whose samples depend on `seed`: real audio without a
/// fixture on disk.
pub fn wav(bytes: usize, seed: u32) -> Bytes {
    let data = bytes.saturating_sub(44).max(1);
    let mut file = Vec::with_capacity(44 + data);
    let u32_of = |n: usize| u32::try_from(n).unwrap_or(u32::MAX).to_le_bytes();
    file.extend(b"RIFF");
    file.extend(u32_of(36 + data));
    file.extend(b"WAVEfmt ");
    file.extend(16u32.to_le_bytes());
    file.extend([1, 0, 1, 0]); // PCM, one channel
    file.extend(8000u32.to_le_bytes());
    file.extend(8000u32.to_le_bytes());
    file.extend([1, 0, 8, 0]); // one byte a frame, 8 bits a sample
    file.extend(b"data");
    file.extend(u32_of(data));
    let mut state = seed.wrapping_mul(2_654_435_761) | 1;
    file.extend(
        std::iter::repeat_with(|| {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            state.to_le_bytes()[0]
        })
        .take(data),
    );
    Bytes::from(file)
}

/// An upload of `bytes` under these names.
pub fn upload(title: &str, artist: &str, album: &str, bytes: Bytes) -> Upload {
    let some = |text: &str| Some(text.to_owned());
    Upload {
        name: format!("{title}.wav"),
        tags: Tags { title: some(title), artist: some(artist), album: some(album) },
        source: Source::from(bytes),
    }
}

async fn given(music: &impl Music, title: &str, artist: &str, album: &str, seed: u32) -> Uploaded {
    music.upload(upload(title, artist, album, wav(9000, seed))).await.unwrap()
}

async fn search(music: &impl Music, words: &str) -> Found {
    music.search(Query::new(words)).await.unwrap()
}

fn titles(found: &Found) -> Vec<&str> {
    found.songs.iter().map(Song::title).collect()
}

/// Uploads one song and asks for it.
pub async fn a_new_song_is_found_by_its_id(music: &impl Music) {
    let uploaded = given(music, "Sirens", "Ada", "Coast", 1).await;
    assert_eq!(uploaded.outcome, Outcome::NewSong);
    assert_eq!(uploaded.recording.media_type, "audio/wav");
    assert_eq!(uploaded.recording.bytes, 9000);
    assert!(uploaded.recording.duration_ms.abs_diff(1119) <= 2, "8956 samples at 8 kHz");
    assert_eq!(music.song(uploaded.song.id()).await.unwrap(), uploaded.song);
}

/// Uploads the same file twice.
pub async fn the_same_bytes_again_add_nothing(music: &impl Music) {
    let first = given(music, "Sirens", "Ada", "Coast", 1).await;
    let second = given(music, "Sirens", "Ada", "Coast", 1).await;
    assert_eq!(second.outcome, Outcome::AlreadyHere);
    assert_eq!(second.song, first.song);
    assert_eq!(search(music, "sirens").await.total, 1);
}

/// Uploads another encoding of a song, its name in other letters.
pub async fn other_bytes_of_the_same_song_add_a_recording(music: &impl Music) {
    let first = given(music, "Sirens", "Ada", "Coast", 1).await;
    let second = given(music, "SIRENS ", "ada", " Coast", 2).await;
    assert_eq!(second.outcome, Outcome::NewRecording);
    assert_eq!(second.song.id(), first.song.id());
    assert_eq!(second.song.recordings().len(), 2);
    assert_eq!(music.song(first.song.id()).await.unwrap(), second.song);
}

/// Searches by words of title, artist and album.
pub async fn words_are_found_in_any_order_case_and_accent(music: &impl Music) {
    given(music, "Crème Brûlée", "Zoë Quartett", "Süßes", 1).await;
    given(music, "Crème fraîche", "Someone", "Else", 2).await;
    for query in ["brulee creme", "BRÛLÉE", "zoe sussés ", "quartett creme"] {
        assert_eq!(titles(&search(music, query).await), ["Crème Brûlée"], "{query}");
    }
    assert_eq!(search(music, "creme").await.total, 2);
    assert_eq!(search(music, "creme nobody").await.total, 0);
}

/// Searches by the beginnings of words.
pub async fn the_last_word_is_a_prefix_until_white_space_ends_it(music: &impl Music) {
    given(music, "Northern Lights", "Ada", "Sky", 1).await;
    for query in ["n", "nor", "northern", "northern ", "lights nort", "ada s"] {
        assert_eq!(titles(&search(music, query).await), ["Northern Lights"], "{query}");
    }
    for query in ["nort ", "nort lights", "orthern"] {
        assert_eq!(search(music, query).await.total, 0, "{query}");
    }
}

/// Lists without words.
pub async fn an_empty_query_lists_the_newest_first(music: &impl Music) {
    for (title, seed) in [("One", 1), ("Two", 2), ("Three", 3)] {
        given(music, title, "Ada", "", seed).await;
        // Times are in milliseconds; the next song must be younger.
        kadenza_platform::sleep(std::time::Duration::from_millis(3)).await;
    }
    assert_eq!(titles(&search(music, "").await), ["Three", "Two", "One"]);
}

/// Pages through a search.
pub async fn pages_of_a_search_do_not_overlap(music: &impl Music) {
    for seed in 0..5 {
        given(music, &format!("Part {seed}"), "Ada", "Suite", seed).await;
    }
    let mut seen = Vec::new();
    for offset in [0, 2, 4] {
        let page = music.search(Query { limit: 2, offset, ..Query::new("suite") }).await.unwrap();
        assert_eq!(page.total, 5);
        seen.extend(page.songs.iter().map(Song::id));
    }
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), 5);
}

/// Reads odd ranges of a content of several groups.
pub async fn every_range_reads_back_to_the_byte(music: &impl Music) {
    let file = wav(1_500_000, 7);
    let len = file.len() as u64;
    let uploaded = music.upload(upload("Long", "Ada", "", file.clone())).await.unwrap();
    let content = uploaded.recording.content;
    assert_eq!(content, crate::ContentId::of(&file));
    for range in [0..1, 0..GROUP_BYTES, 65_535..65_537, 131_072..400_001, len - 1..len, 500_000..len] {
        let mut read = Vec::new();
        while (read.len() as u64) < range.end - range.start {
            let bytes = music.read(content, len, range.start + read.len() as u64..range.end).await.unwrap();
            assert!(!bytes.is_empty() && bytes.len() as u64 <= READ_LIMIT_BYTES);
            read.extend(bytes);
        }
        let whole = usize::try_from(range.start).unwrap()..usize::try_from(range.end).unwrap();
        assert!(read == file[whole], "{range:?}");
    }
    assert!(music.read(content, len, len..len + 1).await.is_err(), "past the end");
}

/// Asks for a song, a content and words nobody has.
pub async fn what_nobody_has_is_not_found(music: &impl Music) {
    let song = music.song(crate::SongId([9; 20])).await;
    assert!(matches!(song, Err(Error::NotFound { .. })), "{song:?}");
    let read = music.read(crate::ContentId([9; 32]), 10, 0..10).await;
    assert!(matches!(read, Err(Error::NotFound { .. })), "{read:?}");
    assert_eq!(search(music, "nothing").await, Found::default());
}

async fn refused(music: &impl Music, upload: Upload) -> Error {
    let name = upload.name.clone();
    let refusal = music.upload(upload).await.expect_err(&name);
    assert_eq!(search(music, "").await.total, 0, "{name} left something behind");
    refusal
}

/// Uploads text.
pub async fn a_file_that_is_not_audio_is_refused(music: &impl Music) {
    for bytes in ["hello, this is a letter", "<html><body>", "RIFF", "ID3", "fLaC", "OggS"] {
        let file = upload("A", "B", "C", Bytes::from_static(bytes.as_bytes()));
        let refusal = refused(music, file).await;
        assert!(matches!(refusal, Error::Invalid { .. }), "{bytes}: {refusal:?}");
    }
}

/// Uploads nothing.
pub async fn an_empty_file_is_refused(music: &impl Music) {
    let refusal = refused(music, upload("A", "B", "C", Bytes::new())).await;
    assert!(matches!(refusal, Error::Invalid { .. }), "{refusal:?}");
}

/// Uploads audio without tags.
pub async fn audio_without_a_name_asks_for_one(music: &impl Music) {
    let file = Upload { name: "Ada - Sirens.wav".into(), tags: Tags::default(), source: wav(9000, 1).into() };
    let Error::NeedsTags { guess, .. } = refused(music, file).await else { panic!("not asked for tags") };
    assert_eq!((guess.title.as_deref(), guess.artist.as_deref()), (Some("Sirens"), Some("Ada")));
}

/// Uploads endless names.
pub async fn a_name_past_the_limit_is_refused(music: &impl Music) {
    let long = "ü".repeat(10_000);
    for (title, artist, album) in [(&*long, "B", "C"), ("A", &long, "C"), ("A", "B", &long)] {
        let refusal = refused(music, upload(title, artist, album, wav(9000, 1))).await;
        let Error::Invalid { message } = refusal else { panic!("{refusal:?}") };
        assert!(message.contains("10000") && message.contains(&TEXT_LIMIT_CHARS.to_string()), "{message}");
    }
}

/// Uploads names in many scripts, with markup and control characters.
pub async fn strange_names_come_back_as_they_went_in(music: &impl Music) {
    let names = [
        "<img src=x onerror=alert(1)>",
        "שלום עולם",
        "🎵🎶",
        "a\u{202e}b",
        "'; DROP TABLE songs; --",
        "%2e%2e/&?=#+",
    ];
    for (seed, name) in (1..).zip(names) {
        let uploaded = given(music, name, name, name, seed).await;
        assert_eq!(music.song(uploaded.song.id()).await.unwrap().title(), name);
    }
    let with_nul = given(music, "nul\u{0}l", "a\tb", "", 99).await;
    assert!(!with_nul.song.title().contains('\u{0}'), "control characters are not stored");
    assert_eq!(search(music, "").await.total, names.len() + 1);
}

/// Asks for too much.
pub async fn a_query_past_its_bounds_is_refused(music: &impl Music) {
    for query in [
        Query { limit: 0, ..Query::new("") },
        Query { limit: Query::LIMIT_MAX + 1, ..Query::new("") },
        Query { offset: Query::OFFSET_MAX + 1, ..Query::new("") },
        Query::new("x".repeat(Query::WORDS_MAX_BYTES + 1)),
    ] {
        let refusal = music.search(query).await;
        assert!(matches!(refusal, Err(Error::Invalid { .. })), "{refusal:?}");
    }
}

/// Looks at the node's own account of itself.
pub async fn the_network_counts_what_is_stored(music: &impl Music) {
    let before = music.network().await.unwrap().stored;
    given(music, "Sirens", "Ada", "Coast", 1).await;
    let after = music.network().await.unwrap().stored;
    assert_eq!(after.songs, before.songs + 1);
    assert!(after.bytes >= before.bytes + 9000);
    assert!(after.quota_bytes > 0);
}
