//! A limited uplink carries each listener's share, and no more than the limit in all.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test says what went wrong by panicking")]

use std::time::{Duration, Instant};

use futures::AsyncWriteExt;
use futures::future::join_all;
use kadenza_api::Offering;
use kadenza_platform::timeout;

mod support;
use support::wire::{ASK, SLICE, content_stream, follow, groups, message, with_song};

const LIMIT: u64 = 800_000;
const SECONDS: u64 = 3;

/// What may be sent before it is paid for: one turn, a tenth of a second.
const TURN: u64 = LIMIT / 10 + 16 * 1024;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_limited_uplink_is_kept_and_shared_evenly() {
    let (node, content, file) = with_song(4_000_000, Duration::ZERO).await;
    node.layer.offer(Offering { limit_bytes_per_second: Some(LIMIT), ..Offering::default() });
    let mut askers = Vec::new();
    for _ in 0..4 {
        askers.push(content_stream(&node).await);
    }
    let begun = Instant::now();
    let listening = askers.iter_mut().map(|asker| async {
        let mut got = 0;
        let listening = async {
            asker.write_all(&follow(0, content, file.len() as u64)).await.unwrap();
            for first in (0..240).step_by(16) {
                asker.write_all(&groups(ASK, 0, first, 16)).await.unwrap();
            }
            asker.flush().await.unwrap();
            loop {
                let answer = message(asker).await.unwrap();
                got += if answer[0] == SLICE { answer.len() as u64 } else { 0 };
            }
        };
        timeout(Duration::from_secs(SECONDS), listening).await.expect_err("it takes longer by far");
        got
    });
    let got = join_all(listening).await;
    let (total, allowed) = (got.iter().sum::<u64>(), LIMIT as f64 * begun.elapsed().as_secs_f64());
    assert!(total as f64 <= allowed * 1.05 + TURN as f64, "{total} bytes, where {allowed} are allowed");
    assert!(total as f64 >= allowed * 0.8, "{total} bytes, where {allowed} are allowed");
    let (least, most) = (got.iter().min().unwrap(), got.iter().max().unwrap());
    assert!(most - least <= 2 * TURN, "some get less than others: {got:?}");
}
