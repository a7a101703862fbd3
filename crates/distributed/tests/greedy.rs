//! An asker that asks for more than it reads. A program of its own, because its memory is measured.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test says what went wrong by panicking")]

use std::time::Duration;

use futures::AsyncWriteExt;
use kadenza_api::Music;
use kadenza_platform::timeout;

mod support;
use support::connected;
use support::wire::{ASK, content_stream, follow, groups, with_song};

/// Memory of this process that is not elsewhere, in bytes.
fn resident_bytes() -> usize {
    let pages = std::fs::read_to_string("/proc/self/statm").unwrap();
    pages.split(' ').nth(1).unwrap().parse::<usize>().unwrap() * 4096
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_asker_that_never_reads_costs_little_memory_and_holds_nobody_up() {
    const QUESTIONS: u32 = 300_000;
    let (node, content, file) = with_song(2_000_000, Duration::from_millis(1)).await;
    let len = file.len() as u64;
    let mut greedy = content_stream(&node).await;
    greedy.write_all(&follow(0, content, len)).await.unwrap();
    let before = resident_bytes();
    for first in (0..QUESTIONS).step_by(1000) {
        // Some of a content it follows, the others of none.
        let questions = (first..first + 1000).map(|at| groups(ASK, at % 2 * at, at % 100, 16));
        let told = async {
            greedy.write_all(&questions.collect::<Vec<_>>().concat()).await?;
            greedy.flush().await
        };
        // The node may hang up, or not listen any more.
        match timeout(Duration::from_secs(1), told).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) | Err(_) => break,
        }
    }
    let grown = resident_bytes().saturating_sub(before);
    assert!(grown < 16_000_000, "questions nobody reads answers to took {grown} bytes");
    let asked = node.services.times_asked();
    assert!(asked < 100, "{asked} answers were made that nobody reads");

    let listener = support::node(false, Some(&node.address)).await;
    connected(&listener, 1).await;
    let listening = async {
        let mut at = 0;
        while at < len {
            let read = listener.layer.read(content, len, at..len).await.unwrap();
            at += read.len() as u64;
        }
    };
    timeout(Duration::from_secs(5), listening).await.expect("it is held up");
    drop(greedy);
}
