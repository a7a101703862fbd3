//! What the network does for rooms: strangers store what they cannot read, and find it for those who know the room.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test says what went wrong by panicking")]

use std::time::{Duration, Instant};

use bytes::Bytes;
use kadenza_api::testing::vault::{Room, filed, read, stored};
use kadenza_api::testing::{upload, wav};
use kadenza_api::{Music, Query, Replicas, Scope, SealedRecord, Vault};

mod support;
use support::source::{Manner, Source};
use support::{Node, connected, eventually, key, network, node, shelf, source};

/// Files a song with a cover at a node, and returns its record.
async fn with_song(node: &Node, room: &Room, bytes: &Bytes) -> SealedRecord {
    let audio = stored(&node.layer, bytes.clone()).await;
    let cover = stored(&node.layer, Bytes::from(vec![2; 900])).await;
    room.record(1, 1, vec![audio, cover])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_filed_song_is_safe_found_by_whoever_knows_the_room_and_outlives_its_member() {
    let (nodes, room, bytes) = (network(2).await, Room::new(1), Bytes::from(vec![1; 300_000]));
    let record = with_song(&nodes[1], &room, &bytes).await;
    let copies = nodes[1].layer.file(record.clone()).await.unwrap();
    assert!(copies.safe && copies.here && copies.relays == 1, "{copies:?}");
    for content in &record.contents {
        assert!(nodes[0].services.holds(content.content).await.unwrap());
    }
    nodes[1].layer.leave().await;
    assert_eq!(nodes[2].layer.filed(room.id(), Scope::Network).await.unwrap(), std::slice::from_ref(&record));
    assert!(read(&nodes[2].layer, record.contents[0]).await == bytes);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_who_lists_or_searches_comes_across_a_room() {
    let (nodes, room) = (network(2).await, Room::new(1));
    let record = with_song(&nodes[1], &room, &Bytes::from(vec![1; 9000])).await;
    nodes[1].layer.file(record.clone()).await.unwrap();
    nodes[1].layer.upload(upload("Sirens", "Ada", "", wav(9000, 1))).await.unwrap();
    let id = kadenza_api::SongId(record.song.0);
    for node in &nodes {
        let all = node.layer.search(Query::new("")).await.unwrap();
        assert_eq!((all.total, all.songs[0].title()), (1, "Sirens"));
        assert_eq!(node.services.songs_after(None, 10).await.unwrap().len(), 1);
        assert_eq!(node.layer.network().await.unwrap().stored.songs, 1);
    }
    assert!(nodes[2].layer.song(id).await.is_err());
    assert_eq!(filed(&nodes[2].layer, &Room::new(2), Scope::Network).await, []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_durable_peer_that_comes_later_is_brought_records_and_contents() {
    let (keeper, room, bytes) = (node(false, None).await, Room::new(1), Bytes::from(vec![1; 200_000]));
    let record = with_song(&keeper, &room, &bytes).await;
    assert!(!keeper.layer.file(record.clone()).await.unwrap().safe, "nobody else was there");
    keeper.layer.file(room.record(2, 1, vec![])).await.unwrap();
    let relay = node(true, Some(&keeper.address)).await;
    eventually("the relay has it all", || async {
        let holds = relay.services.holds(record.contents[0].content).await.unwrap()
            && relay.services.holds(record.contents[1].content).await.unwrap();
        holds && filed(&relay.services, &room, Scope::Here).await.len() == 2
    })
    .await;
    assert!(read(&relay.services, record.contents[0]).await == bytes);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_record_without_contents_is_safe_once_a_durable_peer_has_it() {
    let (nodes, room) = (network(1).await, Room::new(1));
    let copies = nodes[1].layer.file(room.record(1, 1, vec![])).await.unwrap();
    assert_eq!((copies.safe, copies.relays, copies.tabs), (true, 1, 1));
    assert_eq!(filed(&nodes[0].services, &room, Scope::Here).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_room_of_several_pages_is_found_whole_and_kept() {
    let (nodes, room) = (network(1).await, Room::new(1));
    for page in 0..3 {
        let records = (0..90).map(|song| room.record(page * 90 + song, 1, vec![])).collect();
        nodes[0].services.merge_sealed(records).await.unwrap();
    }
    assert_eq!(filed(&nodes[1].layer, &room, Scope::Network).await.len(), 270);
    assert_eq!(filed(&nodes[1].services, &room, Scope::Here).await.len(), 270);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_peer_that_does_not_answer_is_not_waited_for() {
    let (silent_key, room) = (key(), Room::new(1));
    let silent = Source::new(shelf(&silent_key, true).await, Manner::Silent, Duration::ZERO);
    let silent = source(silent, silent_key, true, None);
    let member = node(false, Some(&silent.address)).await;
    let honest = node(false, Some(&silent.address)).await;
    connected(&member, 2).await;
    honest.services.merge_sealed(vec![room.record(1, 1, vec![])]).await.unwrap();
    let asked = Instant::now();
    assert_eq!(filed(&member.layer, &room, Scope::Network).await.len(), 1);
    assert!(asked.elapsed() < Duration::from_secs(6), "{:?}", asked.elapsed());
}
