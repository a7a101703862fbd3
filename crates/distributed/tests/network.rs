//! What the network promises beyond one node: copies, repair, and no trust in strangers.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test says what went wrong by panicking")]

use std::time::Duration;

use kadenza_api::testing::{upload, wav};
use kadenza_api::{Error, Music, Outcome, Query, Replicas};
use kadenza_platform::timeout;
use tokio::sync::broadcast::error::RecvError;

mod support;
use support::source::{Manner, Source};
use support::{Node, PATIENCE, connected, eventually, key, network, node, shelf, source};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_acknowledged_upload_is_on_the_durable_peer_and_outlives_its_uploader() {
    let nodes = network(2).await;
    let file = wav(300_000, 1);
    let uploaded = nodes[1].layer.upload(upload("Sirens", "Ada", "Coast", file.clone())).await.unwrap();
    assert!(uploaded.copies.safe && uploaded.copies.relays == 1, "{:?}", uploaded.copies);
    assert!(nodes[0].services.holds(uploaded.recording.content).await.unwrap());
    nodes[1].layer.leave().await;
    let (content, len) = (uploaded.recording.content, uploaded.recording.bytes);
    let read = nodes[2].layer.read(content, len, 100_000..200_000).await.unwrap();
    assert!(!read.is_empty() && read == file[100_000..100_000 + read.len()]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_song_another_peer_has_already_is_told_as_such() {
    let nodes = network(2).await;
    nodes[1].layer.upload(upload("Sirens", "Ada", "Coast", wav(9000, 1))).await.unwrap();
    let again = nodes[2].layer.upload(upload("Sirens", "Ada", "Coast", wav(9000, 1))).await.unwrap();
    assert_eq!(again.outcome, Outcome::AlreadyHere);
    let other = nodes[2].layer.upload(upload("Sirens", "Ada", "Coast", wav(9000, 2))).await.unwrap();
    assert_eq!(other.outcome, Outcome::NewRecording);
    assert_eq!(other.song.recordings().len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_heard_is_kept_and_announced_to_others() {
    let nodes = network(1).await;
    let uploaded = nodes[1].layer.upload(upload("Sirens", "Ada", "", wav(400_000, 1))).await.unwrap();
    let (content, len) = (uploaded.recording.content, uploaded.recording.bytes);
    let listener = node(false, Some(&nodes[0].address)).await;
    connected(&listener, 2).await;
    listener.layer.read(content, len, 0..1000).await.unwrap();
    eventually("the listener holds what it heard", || async {
        listener.services.holds(content).await.unwrap()
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_durable_peer_that_lost_its_disk_regains_its_replicas() {
    let keeper = node(false, None).await;
    let uploaded = keeper.layer.upload(upload("Sirens", "Ada", "Coast", wav(200_000, 1))).await.unwrap();
    assert!(!uploaded.copies.safe, "nobody else was there");
    let wiped = node(true, Some(&keeper.address)).await;
    let content = uploaded.recording.content;
    eventually("the replica is back", || async { wiped.services.holds(content).await.unwrap() }).await;
    assert_eq!(wiped.layer.search(Query::new("sirens").here()).await.unwrap().total, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wrong_bytes_are_dropped_asked_elsewhere_and_their_sender_shut_out() {
    let (file, liar_key) = (wav(500_000, 1), key());
    let shelf = shelf(&liar_key, true).await;
    let uploaded = shelf.upload(upload("Sirens", "Ada", "", file.clone())).await.unwrap();
    let (content, len) = (uploaded.recording.content, uploaded.recording.bytes);
    let liar = source(Source::new(shelf, Manner::Wrong, Duration::ZERO), liar_key, true, None);
    let listener = node(false, Some(&liar.address)).await;
    connected(&listener, 1).await;
    let read = listener.layer.read(content, len, 0..1000).await;
    assert!(matches!(read, Err(Error::NotFound { .. })), "{read:?}");
    assert!(liar.services.times_asked() > 0, "the liar was never asked");
    assert_eq!(
        listener.services.missing(content, len, 0..8).await.unwrap().len(),
        8,
        "wrong bytes were stored"
    );
    eventually("the liar is shut out", || async { listener.layer.peer_count().now() == 0 }).await;

    let honest = node(false, Some(&listener.address)).await;
    honest.services.upload(upload("Sirens", "Ada", "", file.clone())).await.unwrap();
    connected(&listener, 1).await;
    eventually("the song is asked elsewhere", || async {
        let read = listener.layer.read(content, len, 0..70_000).await;
        read.is_ok_and(|read| !read.is_empty() && read == file[..read.len()])
    })
    .await;
    let peers = listener.layer.network().await.unwrap().peers;
    assert!(peers.iter().all(|peer| peer.peer != liar.peer.to_string()), "the liar is back");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_record_that_is_wrong_about_a_length_does_not_make_its_holder_a_liar() {
    let nodes = network(1).await;
    let uploaded = nodes[0].layer.upload(upload("Sirens", "Ada", "", wav(200_000, 1))).await.unwrap();
    let content = uploaded.recording.content;
    // The uploader's copy may already have come here on its own; a fresh listener has none.
    let listener = node(false, Some(&nodes[0].address)).await;
    connected(&listener, 1).await;
    assert!(listener.layer.read(content, 199_999, 0..1000).await.is_err());
    assert!(listener.layer.read(content, 200_000, 0..1000).await.is_ok(), "the holder was shut out");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn peers_see_each_other_where_each_is_in_the_key_space_and_in_their_routing_tables() {
    let nodes = network(2).await;
    eventually("everybody is in everybody's table", || async {
        let mut in_table = true;
        for node in &nodes {
            let peers = node.layer.network().await.unwrap().peers;
            in_table &= peers.len() == 2 && peers.iter().all(|peer| peer.in_table);
        }
        in_table
    })
    .await;
    let first = nodes[0].layer.network().await.unwrap();
    let seen = nodes[1].layer.network().await.unwrap();
    let there = seen.peers.iter().find(|peer| Some(&peer.peer) == first.peer.as_ref()).unwrap();
    assert_eq!(there.position, first.position);
    assert_ne!(seen.position, first.position);
    assert_eq!(first.bucket_size, 20);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_has_left_holds_its_store_no_more() {
    let mut nodes = network(1).await;
    nodes[1].layer.upload(upload("Sirens", "Ada", "", wav(200_000, 1))).await.unwrap();
    let Node { layer, services, .. } = nodes.remove(1);
    let mut songs = services.songs();
    layer.leave().await;
    drop((layer, services));
    let until_closed = async { while !matches!(songs.recv().await, Err(RecvError::Closed)) {} };
    timeout(PATIENCE, until_closed).await.expect("something that goes on still holds it");
}
