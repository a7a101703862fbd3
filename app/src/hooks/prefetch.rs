//! Fetches what the state says may be wanted soon, and all of what plays.

use std::cell::RefCell;
use std::collections::HashMap;
use std::ops::Range;
use std::rc::Rc;

use futures::FutureExt;
use futures::future::{AbortHandle, abortable};
use kadenza_api::{Music, Result, Song, SongId};
use kadenza_node::tab::Tab;
use kadenza_platform::{Instant, spawn};
use yew::prelude::*;

use crate::actions::Action;
use crate::state::{Formats, Player, Prefetch};

/// As much of a song's beginning as starts it at once: 256 KiB. Longer reads mean that somebody listens.
const BEGINNING_BYTES: u64 = 256 * 1024;

/// Keeps the beginnings coming that are to be fetched, and no others.
#[hook]
pub fn use_prefetch(tab: Option<Tab>, prefetch: &Prefetch, formats: Rc<Formats>, actions: Callback<Action>) {
    let tasks = use_mut_ref(HashMap::<SongId, AbortHandle>::new);
    use_effect_with((tab.is_some(), prefetch.running.clone()), move |(_, running)| {
        if let Some(tab) = tab {
            follow(&tasks, running, &tab, &formats, &actions);
        }
    });
}

fn follow(
    tasks: &RefCell<HashMap<SongId, AbortHandle>>,
    running: &[Rc<Song>],
    tab: &Tab,
    formats: &Formats,
    actions: &Callback<Action>,
) {
    let mut tasks = tasks.borrow_mut();
    tasks.retain(|id, task| {
        let goes_on = running.iter().any(|song| song.id() == *id);
        if !goes_on {
            task.abort();
        }
        goes_on
    });
    for song in running {
        let Some(recording) = formats.playable(song).next() else { continue };
        tasks.entry(song.id()).or_insert_with(|| {
            let (id, tab, actions) = (song.id(), tab.clone(), actions.clone());
            let (content, len) = (recording.content, recording.bytes);
            let (fetching, task) = abortable(async move {
                let begun = Instant::now();
                let mut rest = 0..len.min(BEGINNING_BYTES);
                while let Ok(true) = read(&tab, content, len, &mut rest).await {}
                actions.emit(Action::PrefetchEnded { id, took: begun.elapsed() });
            });
            spawn(fetching.map(drop));
            task
        });
    }
}

/// Reads on in `rest`; the bytes themselves are kept by the peer. Tells whether there is more to read.
async fn read(tab: &Tab, content: kadenza_api::ContentId, len: u64, rest: &mut Range<u64>) -> Result<bool> {
    rest.start += tab.read(content, len, rest.clone()).await?.len() as u64;
    Ok(!rest.is_empty())
}

/// Once the player has enough for the moment: has the peer keep the song's record, and fetch all of it from where it
/// plays, which a player that was ready beforehand has not asked for.
#[hook]
pub fn use_whole_song(tab: Option<Tab>, player: &Rc<Player>) {
    let now = player.clone();
    use_effect_with((tab.is_some(), player.loads, player.buffered), move |(_, _, buffered)| {
        let recording = now.recording().filter(|_| *buffered);
        if let (Some(tab), Some(song), Some(recording)) = (tab, &now.song, recording) {
            let (id, content, len) = (song.id(), recording.content, recording.bytes);
            let at = byte_at(len, now.position, now.length);
            spawn(async move {
                // Whoever plays has both already, or hears of what is wrong from the player.
                drop(tab.song(id).await);
                drop(tab.read(content, len, at..len).await);
            });
        }
    });
}

/// Roughly where in a file of `len` bytes a second is.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "it is a rough place, and casts from float saturate"
)]
fn byte_at(len: u64, second: f64, seconds: f64) -> u64 {
    let share = if seconds > 0.0 { (second / seconds).clamp(0.0, 1.0) } else { 0.0 };
    ((len as f64 * share) as u64).min(len.saturating_sub(1))
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    #[wasm_bindgen_test]
    fn every_second_is_within_the_file() {
        assert_eq!([0.0, 30.0, 60.0, 90.0].map(|second| byte_at(1000, second, 60.0)), [0, 500, 999, 999]);
        assert_eq!(byte_at(1000, 5.0, 0.0), 0);
    }
}
