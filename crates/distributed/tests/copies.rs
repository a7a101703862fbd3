//! Where copies of a song are, as a node tells who asks.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test says what went wrong by panicking")]

use std::collections::BTreeSet;

use kadenza_api::testing::{upload, wav};
use kadenza_api::{ContentId, Music};

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
async fn what_nobody_else_holds_is_told_from_what_somebody_does() {
    let alone = node(false, None).await;
    let first = alone.layer.upload(upload("Sirens", "Ada", "", wav(40_000, 1))).await.unwrap();
    let wanted = BTreeSet::from([first.recording.content]);
    assert_eq!(alone.layer.only_here(wanted.clone()).await.unwrap(), wanted, "nobody is there");

    let nodes = network(1).await;
    let shared = nodes[1].layer.upload(upload("Sirens", "Ada", "", wav(40_000, 1))).await.unwrap();
    let own = nodes[1].services.upload(upload("Alone", "Ada", "", wav(40_000, 2))).await.unwrap();
    nodes[0].layer.offer(kadenza_api::Offering { keeps: false, ..kadenza_api::Offering::default() });
    let wanted = BTreeSet::from([shared.recording.content, own.recording.content]);
    let only_here = nodes[1].layer.only_here(wanted).await.unwrap();
    assert_eq!(only_here, BTreeSet::from([own.recording.content]));
}
