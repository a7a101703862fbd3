//! Which songs of the list are in view, and which one somebody points at.

use std::rc::Rc;
use std::time::Duration;

use futures::FutureExt;
use futures::future::{AbortHandle, abortable};
use kadenza_api::{Query, Song, SongId};
use kadenza_platform::{sleep, spawn};
use web_sys::Element;
use yew::prelude::*;

use crate::actions::Action;
use crate::state::Listing;

/// How long a pointer rests on a song before that counts as pointing at it: longer than it takes to cross a row.
const REST: Duration = Duration::from_millis(80);

/// How long a list rests before its songs count as looked at.
const SCROLL_REST: Duration = Duration::from_millis(100);

/// Rows that are asked for before anybody looks at them. A first page has these and a screenful: whoever types and does not
/// scroll has one page read for each letter.
const AHEAD: usize = 14;

/// By which attribute a row names its song.
const SONG: &str = "data-song";

/// Tells which songs of the list are in view, once it rests: what somebody scrolls past is not wanted.
#[hook]
pub fn use_rows_in_view(songs: &[Rc<Song>], actions: Callback<Action>) {
    use_effect_with(songs.to_vec(), move |songs| {
        let songs = songs.clone();
        let (task, resting) = abortable(async move {
            sleep(SCROLL_REST).await;
            actions.emit(Action::RowsSeen(songs));
        });
        spawn(task.map(drop));
        move || resting.abort()
    });
}

/// Asks for as many rows of the list as are looked at, and the next ones.
#[hook]
pub fn use_wanted_rows(looked_at: usize, listing: &Listing, actions: Callback<Action>) {
    let wanted = (looked_at + AHEAD).next_multiple_of(Query::default_limit());
    let lacks = wanted > listing.wanted && listing.expected() > listing.songs.len();
    use_effect_with((wanted, lacks), move |_| {
        if lacks {
            actions.emit(Action::RowsWanted(wanted));
        }
    });
}

fn song_of(row: &Element) -> Option<SongId> {
    row.get_attribute(SONG)?.parse().ok()
}

/// Tells which song somebody points at, once they rest there. To be told of `pointerover`, `pointerdown`,
/// `pointerleave`, `focusin` and `focusout` of the list.
#[hook]
pub fn use_pointing(songs: &[Rc<Song>], actions: Callback<Action>) -> Callback<Event> {
    let resting = use_mut_ref(|| None::<AbortHandle>);
    let songs: Rc<[Rc<Song>]> = songs.into();
    Callback::from(move |event: Event| {
        let leaves = matches!(&*event.type_(), "pointerleave" | "focusout");
        let row = event.target_dyn_into::<Element>().and_then(|at| at.closest("[data-song]").ok().flatten());
        let id = row.filter(|_| !leaves).and_then(|row| song_of(&row));
        let song = songs.iter().find(|song| Some(song.id()) == id).cloned();
        // A row that is pressed will be clicked a moment later.
        let rest = if event.type_() == "pointerdown" { Duration::ZERO } else { REST };
        let actions = actions.clone();
        let (task, handle) = abortable(async move {
            sleep(rest).await;
            actions.emit(Action::SongPointed(song));
        });
        if let Some(former) = resting.replace(Some(handle)) {
            former.abort();
        }
        spawn(task.map(drop));
    })
}
