//! Where copies of a song are, as a node tells who asks.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test says what went wrong by panicking")]

use futures::StreamExt;
use kadenza_api::testing::{upload, wav};
use kadenza_api::{ContentId, Losses, Music, Offering, Replicas};

mod support;
use support::{eventually, network, node};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn copies_are_counted_where_they_are_and_not_where_they_were() {
    let nodes = network(2).await;
    let nothing = nodes[1].layer.copies(ContentId([9; 32])).await.unwrap();
    assert_eq!((nothing.here, nothing.relays, nothing.tabs, nothing.safe), (false, 0, 0, false));
    let song = nodes[1].layer.upload(upload("Sirens", "Ada", "Coast", wav(40_000, 1))).await.unwrap().song;
    let content = song.first().content;
    eventually("the relay and the uploader have it", || async {
        let copies = nodes[2].layer.copies(content).await.unwrap();
        copies.relays == 1 && copies.tabs >= 1 && copies.safe
    })
    .await;
    nodes[0].layer.leave().await;
    eventually("the relay is gone", || async {
        let copies = nodes[1].layer.copies(content).await.unwrap();
        copies.here && copies.relays == 0 && copies.tabs >= 1
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn songs_that_nobody_else_has_are_counted_a_few_at_a_time() {
    let nodes = network(1).await;
    nodes[0].layer.offer(Offering { keeps: false, ..Offering::default() });
    let shared = nodes[0].layer.upload(upload("Shared", "Ada", "", wav(40_000, 1))).await.unwrap();
    nodes[1].layer.read(shared.recording.content, shared.recording.bytes, 0..1000).await.unwrap();
    for seed in 2..62 {
        let title = format!("Alone {seed}");
        nodes[1].services.upload(upload(&title, "Ada", "", wav(2_000, seed))).await.unwrap();
    }
    eventually("the shared song is here", || async {
        nodes[1].services.holds(shared.recording.content).await.unwrap()
    })
    .await;
    let steps: Vec<_> = nodes[1].layer.losses().map(Result::unwrap).collect().await;
    let counted: Vec<_> = steps.iter().map(|losses| losses.counted).collect();
    assert_eq!(counted, [0, 50, 61]);
    assert_eq!(steps.last(), Some(&Losses { songs: 61, counted: 61, only_here: 60 }));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lone_nodes_songs_would_all_be_gone_and_an_empty_one_has_nothing_to_lose() {
    let alone = node(false, None).await;
    assert_eq!(alone.layer.losses().map(Result::unwrap).collect::<Vec<_>>().await, [Losses::default()]);
    alone.layer.upload(upload("Sirens", "Ada", "", wav(40_000, 1))).await.unwrap();
    let last = alone.layer.losses().map(Result::unwrap).collect::<Vec<_>>().await.pop();
    assert_eq!(last, Some(Losses { songs: 1, counted: 1, only_here: 1 }));
}
