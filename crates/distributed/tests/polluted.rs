//! What sources of a song can do to a listener: lie, which costs what each was first asked for, or be silent, which costs
//! a moment.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test says what went wrong by panicking")]

use std::time::{Duration, Instant};

use bytes::Bytes;
use kadenza_api::testing::{upload, wav};
use kadenza_api::{ContentId, Music, Offering};

mod support;
use support::source::{Manner, Source};
use support::{Node, connected, eventually, key, node, shelf, source};

const SONG_BYTES: usize = 2_000_000;

/// Between the question and the answer of a source.
const ANSWER_TAKES: Duration = Duration::from_millis(10);

/// A listener who keeps nothing for others, and sources of a song; the first source is where all join.
async fn sources(file: &Bytes, manners: &[Manner]) -> (Node, Vec<Node<Source>>) {
    let mut sources: Vec<Node<Source>> = Vec::new();
    for manner in manners {
        let keypair = key();
        let shelf = shelf(&keypair, false).await;
        shelf.upload(upload("Sirens", "Ada", "", file.clone())).await.unwrap();
        shelf.upload(upload("Stale", "Ada", "", stale())).await.unwrap();
        let first = sources.first().map(|first| first.address.clone());
        let services = Source::new(shelf, *manner, ANSWER_TAKES);
        sources.push(source(services, keypair, false, first.as_ref()));
    }
    let listener = node(false, Some(&sources[0].address)).await;
    listener.layer.offer(Offering { keeps: false, ..Offering::default() });
    connected(&listener, manners.len()).await;
    (listener, sources)
}

/// Another song of the same length.
fn stale() -> Bytes {
    wav(SONG_BYTES, 2)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_liar_costs_its_first_answer_and_is_shut_out_while_the_song_comes_from_others() {
    let (file, len) = (wav(SONG_BYTES, 1), SONG_BYTES as u64);
    let stale = Manner::OtherContent(ContentId::of(&stale()));
    for lies in [Manner::Wrong, Manner::Truncated, Manner::OtherGroups, stale] {
        let (listener, sources) = sources(&file, &[Manner::Honest, lies, Manner::Honest]).await;
        let content = ContentId::of(&file);
        let mut heard = Vec::new();
        while heard.len() < SONG_BYTES {
            heard.extend(listener.layer.read(content, len, heard.len() as u64..len).await.unwrap());
        }
        assert!(heard == file, "{lies:?}: wrong bytes were played");
        let liar = &sources[1];
        eventually("the liar is shut out", || async {
            let peers = listener.layer.network().await.unwrap().peers;
            peers.iter().all(|peer| peer.peer != liar.peer.to_string())
        })
        .await;
        // Two groups are asked of a source at first, in one message or two; the second is on its way when the first lies.
        let asked = liar.services.times_asked();
        assert!((1..=2).contains(&asked), "{lies:?}: it was asked {asked} times");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_source_that_never_answers_is_passed_over_within_a_second() {
    let (file, len) = (wav(SONG_BYTES, 1), SONG_BYTES as u64);
    for silent in [Manner::Silent, Manner::Drips] {
        let (listener, _sources) = sources(&file, &[Manner::Honest, silent, silent]).await;
        let pressed = Instant::now();
        let first = listener.layer.read(ContentId::of(&file), len, 0..len).await.unwrap();
        assert!(pressed.elapsed() < Duration::from_secs(1), "{silent:?}: {:?}", pressed.elapsed());
        assert!(!first.is_empty() && first == file[..first.len()]);
    }
}
