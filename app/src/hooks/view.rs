//! Which songs of the list are in view, and which one somebody points at.

use std::cell::RefCell;
use std::collections::HashSet;
use std::rc::Rc;
use std::time::Duration;

use futures::FutureExt;
use futures::future::{AbortHandle, abortable};
use js_sys::Array;
use kadenza_api::{Song, SongId};
use kadenza_platform::{sleep, spawn};
use wasm_bindgen::prelude::*;
use web_sys::{Element, IntersectionObserver, IntersectionObserverEntry};
use yew::prelude::*;

use crate::actions::Action;

/// How long a pointer rests on a song before that counts as pointing at it: longer than it takes to cross a row.
const REST: Duration = Duration::from_millis(80);

/// By which attribute a row names its song.
const SONG: &str = "data-song";

/// Tells which rows of `list` are in view, as they come and go.
#[hook]
pub fn use_rows_in_view(list: &NodeRef, songs: &[Rc<Song>], actions: Callback<Action>) {
    let list = list.clone();
    let ids: Vec<_> = songs.iter().map(|song| song.id()).collect();
    use_effect_with(ids, move |_| {
        let watching = list.cast::<Element>().and_then(|list| watch(&list, actions));
        move || {
            if let Some((observer, _callback)) = watching {
                observer.disconnect();
            }
        }
    });
}

type Seen = Closure<dyn FnMut(Array)>;

fn watch(list: &Element, actions: Callback<Action>) -> Option<(IntersectionObserver, Seen)> {
    let in_view = RefCell::new(HashSet::new());
    let callback = Seen::new(move |entries: Array| {
        let mut in_view = in_view.borrow_mut();
        for entry in entries.iter().filter_map(|entry| entry.dyn_into::<IntersectionObserverEntry>().ok()) {
            let Some(id) = song_of(&entry.target()) else { continue };
            if entry.is_intersecting() {
                in_view.insert(id)
            } else {
                in_view.remove(&id)
            };
        }
        actions.emit(Action::RowsSeen(in_view.iter().copied().collect()));
    });
    let observer = IntersectionObserver::new(callback.as_ref().unchecked_ref()).ok()?;
    let rows = list.children();
    (0..rows.length()).filter_map(|row| rows.item(row)).for_each(|row| observer.observe(&row));
    Some((observer, callback))
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
