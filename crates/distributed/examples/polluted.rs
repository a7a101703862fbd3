//! A song of ten sources, half of which are hostile, next to the same song of ten honest ones: how soon it starts, and
//! whether a wrong byte gets through. The last line is one JSON object.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a measurement that fails says why"
)]

use std::time::{Duration, Instant};

use bytes::Bytes;
use kadenza_api::testing::{upload, wav};
use kadenza_api::{ContentId, Music, Offering, Query, Replicas};
use kadenza_distributed::identity::Keypair;

#[path = "../tests/support/mod.rs"]
mod support;
use support::source::{Manner, Source};
use support::{connected, eventually, key, node, shelf, source};

/// Four minutes at 320 kb/s.
const SONG_BYTES: usize = 9_600_000;
const SOURCES: usize = 10;
const RUNS: usize = 11;

/// What a node takes to answer, honest or not: a round trip of a city's networks.
const ANSWER_TAKES: Duration = Duration::from_millis(15);

/// Sources announce themselves when they join; as in a page, that is before somebody presses play.
const SETTLED: Duration = Duration::from_secs(1);

/// The song, another of the same length, and shelves that hold both.
struct Songs {
    file: Bytes,
    content: ContentId,
    other: ContentId,
    shelves: Vec<(Keypair, support::Shelf)>,
}

impl Songs {
    async fn make() -> Self {
        let (file, stale) = (wav(SONG_BYTES, 1), wav(SONG_BYTES, 2));
        let (content, other) = (ContentId::of(&file), ContentId::of(&stale));
        let mut shelves = Vec::new();
        for _ in 0..SOURCES {
            let keypair = key();
            let shelf = shelf(&keypair, false).await;
            shelf.upload(upload("Sirens", "Ada", "Coast", file.clone())).await.unwrap();
            shelf.upload(upload("Stale", "Ada", "Coast", stale.clone())).await.unwrap();
            shelves.push((keypair, shelf));
        }
        Self { file, content, other, shelves }
    }

    /// How the sources of a polluted network serve. The first is where all others join, and who the listener has known
    /// longest: in every other run it is hostile, each time in another manner.
    fn manners(&self, run: usize) -> [Manner; SOURCES] {
        let stale =
            if run.is_multiple_of(4) { Manner::OtherContent(self.other) } else { Manner::OtherGroups };
        let hostile = [Manner::Silent, Manner::Wrong, Manner::Drips, Manner::Truncated, stale];
        std::array::from_fn(|at| {
            if (at + run).is_multiple_of(2) {
                hostile[(at + run) / 2 % hostile.len()]
            } else {
                Manner::Honest
            }
        })
    }

    /// One listener that comes to these sources and reads the song to its end.
    async fn listen(&self, run: usize, manners: [Manner; SOURCES]) -> Heard {
        let mut sources: Vec<support::Node<Source>> = Vec::new();
        // Another peer is the liar in each run.
        let shelves = self.shelves.iter().cycle().skip(run);
        for ((keypair, shelf), manner) in shelves.zip(manners) {
            let first = sources.first().map(|first| first.address.clone());
            let services = Source::new(shelf.clone(), manner, ANSWER_TAKES);
            sources.push(source(services, keypair.clone(), false, first.as_ref()));
        }
        let listener = node(false, Some(&sources[0].address)).await;
        // What it holds is what it read, not what others gave it to keep.
        listener.layer.offer(Offering { keeps: false, ..Offering::default() });
        connected(&listener, SOURCES).await;
        kadenza_platform::sleep(SETTLED).await;
        assert!(listener.layer.search(Query::new("sirens")).await.unwrap().total > 0);

        let heard = self.read(&listener).await;
        for source in sources {
            source.layer.leave().await;
        }
        listener.layer.leave().await;
        heard
    }

    async fn read(&self, listener: &support::Node) -> Heard {
        let (len, pressed) = (SONG_BYTES as u64, Instant::now());
        let mut heard = Heard::default();
        let mut at = 0;
        while at < len {
            let read = listener.layer.read(self.content, len, at..len).await.unwrap();
            heard.start.get_or_insert_with(|| pressed.elapsed());
            heard.bad_bytes += self.bad_bytes(at, &read);
            at += read.len() as u64;
        }
        heard.whole = pressed.elapsed();
        eventually("what was heard is kept", || async {
            listener.services.holds(self.content).await.unwrap()
        })
        .await;
        let mut at = 0;
        while at < len {
            let stored = listener.services.read(self.content, len, at..len).await.unwrap();
            heard.bad_bytes += self.bad_bytes(at, &stored);
            at += stored.len() as u64;
        }
        heard.shut_out = SOURCES.saturating_sub(listener.layer.peer_count().now());
        heard
    }

    /// How many of these bytes are not the song's, which has others there.
    fn bad_bytes(&self, at: u64, bytes: &[u8]) -> usize {
        let song = &self.file[usize::try_from(at).unwrap()..];
        bytes.iter().zip(song).filter(|(byte, right)| byte != right).count()
            + bytes.len().saturating_sub(song.len())
    }
}

/// What came of one listener.
#[derive(Debug, Default)]
struct Heard {
    start: Option<Duration>,
    whole: Duration,
    /// Read or stored.
    bad_bytes: usize,
    /// Peers it is not connected to any more.
    shut_out: usize,
}

fn median(of: &[Heard], seconds: impl Fn(&Heard) -> f64) -> f64 {
    let mut all: Vec<f64> = of.iter().map(seconds).collect();
    all.sort_by(f64::total_cmp);
    let (low, high) = (all[(all.len() - 1) / 2], all[all.len() / 2]);
    f64::midpoint(low, high)
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let songs = Songs::make().await;
    let (mut clean, mut polluted) = (Vec::new(), Vec::new());
    for run in 0..RUNS {
        clean.push(songs.listen(run, [Manner::Honest; SOURCES]).await);
        polluted.push(songs.listen(run, songs.manners(run)).await);
        eprintln!("{run}: clean {:?}\n   polluted {:?}", clean[run], polluted[run]);
    }
    let start = |heard: &Heard| heard.start.unwrap_or_default().as_secs_f64();
    let (clean_start, polluted_start) = (median(&clean, start), median(&polluted, start));
    let whole = |heard: &Heard| heard.whole.as_secs_f64();
    let bad_bytes: usize = clean.iter().chain(&polluted).map(|heard| heard.bad_bytes).sum();
    let figures = serde_json::json!({
        "polluted_bad_bytes": bad_bytes,
        "polluted_start_over_clean": polluted_start / clean_start,
        "polluted_start_s": polluted_start,
        "clean_start_s": clean_start,
        "polluted_worst_start_s": polluted.iter().map(start).fold(0.0, f64::max),
        "clean_worst_start_s": clean.iter().map(start).fold(0.0, f64::max),
        "polluted_whole_s": median(&polluted, whole),
        "clean_whole_s": median(&clean, whole),
        "polluted_shut_out": median(&polluted, |heard| heard.shut_out as f64),
        "polluted_runs": RUNS,
    });
    println!("{figures}");
}
