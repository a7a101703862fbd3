//! What comes in from other nodes: records are checked, bytes prove themselves, in any order.
// Where there are files and a tokio runtime.
#![cfg(any(unix, windows))]
#![allow(clippy::unwrap_used, reason = "a failure here is a failed test")]

mod common;

use bytes::Bytes;
use common::{config, in_memory, open};
use kadenza_api::testing::{upload, wav};
use kadenza_api::{ContentId, Error, GROUP_BYTES, Music, Query, Recording, Replicas, Song, SongId};
use kadenza_platform::now;
use kadenza_services::store::MemoryStore;
use kadenza_services::{Config, Services};
use libp2p_identity::Keypair;
use proptest::prelude::*;

/// A node that holds one content of `len` bytes.
async fn holder(len: usize) -> (Services<MemoryStore>, Song, Bytes) {
    let node = in_memory().await;
    let bytes = wav(len, 1);
    let uploaded = node.upload(upload("Sirens", "Ada", "Coast", bytes.clone())).await.unwrap();
    (node, uploaded.song, bytes)
}

fn signed(song: &Song, change: impl FnOnce(&mut Recording)) -> Song {
    let keypair = Keypair::generate_ed25519();
    let mut recording = song.first().clone();
    recording.uploader = keypair.public().to_peer_id().to_string();
    change(&mut recording);
    recording.signature = hex::encode(keypair.sign(&recording.signed_bytes()).unwrap());
    Song::new(vec![recording]).unwrap()
}

#[tokio::test]
async fn a_merge_teaches_what_is_new_and_only_once() {
    let (_, song, _) = holder(9000).await;
    let node = in_memory().await;
    assert_eq!(node.merge(vec![song.clone()]).await.unwrap(), [song.id()]);
    assert_eq!(node.merge(vec![song.clone()]).await.unwrap(), []);
    let another = signed(&song, |r| r.content = ContentId([3; 32]));
    assert_eq!(node.merge(vec![another]).await.unwrap(), [song.id()]);
    assert_eq!(node.song(song.id()).await.unwrap().recordings().len(), 2);
    assert_eq!(node.search(Query::new("coast")).await.unwrap().total, 1);
    assert!(!node.holds(song.first().content).await.unwrap());
}

#[tokio::test]
async fn forged_foreign_and_future_recordings_are_left_out_and_the_rest_counts() {
    let (_, song, _) = holder(9000).await;
    let node = in_memory().await;
    let mut forged = song.first().clone();
    forged.title = "Forged".into();
    let mut foreign = song.first().clone();
    foreign.uploader = Keypair::generate_ed25519().public().to_peer_id().to_string();
    foreign.title = "Foreign".into();
    let future = signed(&song, |r| (r.title, r.time) = ("Future".into(), now() + 2 * 24 * 60 * 60 * 1000));
    let nameless = signed(&song, |r| r.uploader = "nobody".into());
    let good = signed(&song, |r| r.title = "Good".into());
    let alone = |recording| Song::new(vec![recording]).unwrap();
    let songs = vec![alone(forged), alone(foreign), future, nameless, good.clone()];
    assert_eq!(node.merge(songs).await.unwrap(), [good.id()]);
    assert_eq!(node.search(Query::new("")).await.unwrap().songs, [good]);
}

#[tokio::test]
async fn too_many_songs_at_once_are_refused() {
    let (node, song, _) = holder(9000).await;
    assert!(matches!(node.merge(vec![song; 1001]).await, Err(Error::Invalid { .. })));
}

#[tokio::test]
async fn songs_are_listed_in_order_of_id() {
    let node = in_memory().await;
    for seed in 0..5 {
        node.upload(upload(&format!("Song {seed}"), "Ada", "", wav(9000, seed))).await.unwrap();
    }
    let all: Vec<SongId> = node.songs_after(None, 10).await.unwrap().iter().map(Song::id).collect();
    assert!(all.is_sorted() && all.len() == 5);
    let rest: Vec<SongId> = node.songs_after(Some(all[1]), 2).await.unwrap().iter().map(Song::id).collect();
    assert_eq!(rest, all[2..4]);
}

#[tokio::test]
async fn a_content_of_less_than_a_group_travels() {
    let (from, song, bytes) = holder(500).await;
    let (content, node) = (song.first().content, in_memory().await);
    let slice = from.slice(content, 500, 0..1).await.unwrap();
    let accepted = node.accept(content, 500, 0..1, slice).await.unwrap();
    assert!(accepted.kept && accepted.bytes == bytes);
    assert!(node.holds(content).await.unwrap());
    assert_eq!(node.read(content, 500, 0..500).await.unwrap(), bytes);
}

#[tokio::test]
async fn what_is_here_of_a_partial_content_is_read_and_passed_on_and_the_rest_is_not_found() {
    let (from, song, bytes) = holder(400_000).await;
    let (content, len) = (song.first().content, 400_000);
    let (middle, last) = (in_memory().await, in_memory().await);
    let slice = from.slice(content, len, 2..4).await.unwrap();
    middle.accept(content, len, 2..4, slice).await.unwrap();
    assert_eq!(
        middle.missing(content, len, 0..100).await.unwrap(),
        [&[0, 1][..], &(4..25).collect::<Vec<_>>()].concat()
    );
    let at = 2 * GROUP_BYTES + 5..5 * GROUP_BYTES;
    let read = middle.read(content, len, at.clone()).await.unwrap();
    assert_eq!(read, bytes.slice(32_773..65_536), "short, at the first gap");
    for gap in [0..10, at.start - 10..at.start, 65_536..400_000] {
        let start = gap.start;
        let read = middle.read(content, len, gap).await;
        let here = (2 * GROUP_BYTES..4 * GROUP_BYTES).contains(&start);
        assert_eq!(matches!(read, Err(Error::NotFound { .. })), !here, "{read:?}");
    }
    let passed_on = middle.slice(content, len, 3..4).await.unwrap();
    assert!(last.accept(content, len, 3..4, passed_on).await.unwrap().kept);
    assert!(matches!(middle.slice(content, len, 3..5).await, Err(Error::NotFound { .. })));
    assert!(matches!(from.slice(content, len + 1, 0..1).await, Err(Error::NotFound { .. })));
    assert!(!middle.holds(content).await.unwrap() && middle.held().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_corrupted_slice_is_refused_and_nothing_of_it_stored() {
    let (from, song, _) = holder(400_000).await;
    let (content, len, node) = (song.first().content, 400_000, in_memory().await);
    let slice = from.slice(content, len, 0..3).await.unwrap();
    let mut flipped = slice.to_vec();
    flipped[40_000] ^= 1;
    let lies = [
        (content, len, 0..3, Bytes::from(flipped)),
        (content, len, 0..3, slice.slice(..slice.len() - 1)),
        (content, len, 1..4, slice.clone()),
        (ContentId([1; 32]), len, 0..3, slice.clone()),
        (content, 100_000_000, 0..3, slice.clone()),
        (content, u64::MAX, 0..3, slice.clone()),
        (content, 0, 0..1, slice.clone()),
        (content, len, 3..3, slice.clone()),
        (content, len, u64::MAX - 1..u64::MAX, slice.clone()),
    ];
    for (content, len, groups, slice) in lies {
        let refusal = node.accept(content, len, groups.clone(), slice).await;
        assert!(matches!(refusal, Err(Error::Invalid { .. })), "{len} {groups:?}: {refusal:?}");
        assert_eq!(node.room().await.unwrap(), common::QUOTA_BYTES);
    }
    assert_eq!(node.missing(content, len, 0..25).await.unwrap().len(), 25);
    assert!(node.accept(content, len, 0..3, slice).await.unwrap().kept);
}

#[tokio::test]
async fn a_node_without_room_passes_bytes_on_without_keeping_them() {
    let (from, song, bytes) = holder(400_000).await;
    let content = song.first().content;
    let node = open(MemoryStore::default(), Config { quota_bytes: 40_000, ..config() }).await;
    let slice = from.slice(content, 400_000, 0..3).await.unwrap();
    let accepted = node.accept(content, 400_000, 0..3, slice).await.unwrap();
    assert!(!accepted.kept && accepted.bytes == bytes.slice(..49_152));
    let slice = from.slice(content, 400_000, 24..25).await.unwrap();
    assert!(
        node.accept(content, 400_000, 24..25, slice).await.unwrap().kept,
        "there is room for the short last one"
    );
}

#[tokio::test]
async fn of_too_many_partial_contents_the_one_left_alone_longest_makes_room() {
    let (from, node) = (in_memory().await, in_memory().await);
    let mut contents = Vec::new();
    for seed in 0..65 {
        let title = format!("Song {seed}");
        let uploaded = from.upload(upload(&title, "Ada", "", wav(20_000, seed))).await.unwrap();
        let content = uploaded.recording.content;
        let slice = from.slice(content, 20_000, 0..1).await.unwrap();
        assert!(node.accept(content, 20_000, 0..1, slice).await.unwrap().kept);
        contents.push(content);
    }
    assert_eq!(node.missing(contents[0], 20_000, 0..2).await.unwrap(), [0, 1]);
    assert_eq!(node.missing(contents[1], 20_000, 0..2).await.unwrap(), [1]);
    assert_eq!(node.room().await.unwrap(), common::QUOTA_BYTES - 64 * GROUP_BYTES);
}

#[tokio::test]
async fn the_same_groups_from_many_at_once_are_stored_once() {
    let (from, song, bytes) = holder(300_000).await;
    let (content, node) = (song.first().content, in_memory().await);
    let mut accepts = Vec::new();
    for group in (0..19).chain(0..19).chain(0..19) {
        let slice = from.slice(content, 300_000, group..group + 1).await.unwrap();
        accepts.push(node.accept(content, 300_000, group..group + 1, slice));
    }
    for accepted in futures::future::join_all(accepts).await {
        assert!(accepted.unwrap().kept);
    }
    assert_eq!(node.room().await.unwrap(), common::QUOTA_BYTES - 300_000);
    assert_eq!(node.read(content, 300_000, 0..300_000).await.unwrap(), bytes);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn a_content_arrives_whole_in_whatever_order_its_groups_come(
        len in 100usize..400_000,
        order in prop::collection::vec((0u64..25, 1u64..9), 0..12),
    ) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
        runtime.block_on(async {
            let (from, song, bytes) = holder(len).await;
            let (content, node, len) = (song.first().content, in_memory().await, len as u64);
            let count = len.div_ceil(GROUP_BYTES);
            let all = (0..count).map(|group| (group, 1));
            for (start, many) in order.into_iter().chain(all) {
                let groups = start.min(count - 1)..(start + many).min(count);
                if groups.is_empty() {
                    continue;
                }
                let slice = from.slice(content, len, groups.clone()).await.unwrap();
                assert!(node.accept(content, len, groups.clone(), slice).await.unwrap().kept);
                assert!(node.missing(content, len, groups).await.unwrap().is_empty());
            }
            assert!(node.holds(content).await.unwrap());
            assert_eq!(node.read(content, len, 0..len).await.unwrap(), bytes);
            let again = node.slice(content, len, 0..count).await.unwrap();
            assert_eq!(again, from.slice(content, len, 0..count).await.unwrap());
        });
    }
}
