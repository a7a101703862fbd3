//! Where copies of a song are, as a node tells who asks.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test says what went wrong by panicking")]

use kadenza_api::testing::{upload, wav};
use kadenza_api::{ContentId, Music};

mod support;
use support::{eventually, network};

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
