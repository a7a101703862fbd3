//! Songs in an order that a person can change: by dragging them, or by the buttons beside them.

use std::fmt::Display;

use web_sys::DragEvent;
use yew::prelude::*;

use super::{Shape, SmallButton};
use crate::words::{Words, t, use_words};

/// A song of the list.
#[derive(Debug, Clone, PartialEq)]
pub struct Queued<K> {
    /// What tells it from the others.
    pub key: K,
    /// Its title.
    pub title: String,
    /// Who plays it, where that is known.
    pub artist: Option<String>,
    /// What else there is to say.
    pub note: Option<String>,
    /// Whether it plays.
    pub is_current: bool,
}

/// The list.
#[derive(Debug, PartialEq, Properties)]
pub struct QueueListProps<K: PartialEq> {
    /// Its name.
    pub label: AttrValue,
    /// The songs.
    pub songs: Vec<Queued<K>>,
    /// One is to play now.
    pub on_play: Callback<K>,
    /// One is to stand elsewhere: which, and how many are to be before it.
    pub on_move: Callback<(K, usize)>,
    /// One is to go.
    pub on_remove: Callback<K>,
}

/// From which place a song is dragged, and which one it is over.
type Drag = Option<(usize, usize)>;

/// The list of songs.
#[function_component(QueueList)]
pub fn queue_list<K: Copy + PartialEq + Display + 'static>(props: &QueueListProps<K>) -> Html {
    let words = use_words();
    let drag = use_state_eq(|| Drag::None);
    html! {
        <ol class="queue-list" role="list" aria-label={&props.label}>
            { for props.songs.iter().enumerate().map(|(place, song)| row(&words, props, place, song, &drag)) }
        </ol>
    }
}

fn row<K: Copy + PartialEq + Display + 'static>(
    words: &Words,
    props: &QueueListProps<K>,
    place: usize,
    song: &Queued<K>,
    drag: &UseStateHandle<Drag>,
) -> Html {
    let id = song.key;
    let last = props.songs.len().saturating_sub(1);
    let ondragstart = {
        let drag = drag.clone();
        Callback::from(move |event: DragEvent| {
            // Firefox drags only what has data.
            event.data_transfer().into_iter().for_each(|data| drop(data.set_data("text/plain", "")));
            drag.set(Some((place, place)));
        })
    };
    let ondragover = {
        let drag = drag.clone();
        Callback::from(move |event: DragEvent| {
            if let Some((from, _)) = *drag {
                event.prevent_default();
                drag.set(Some((from, place)));
            }
        })
    };
    let ondrop = {
        let (drag, moved) = (drag.clone(), props.on_move.clone());
        let dragged: Vec<K> = props.songs.iter().map(|song| song.key).collect();
        Callback::from(move |event: DragEvent| {
            event.prevent_default();
            drag.iter()
                .for_each(|(from, to)| dragged.get(*from).into_iter().for_each(|id| moved.emit((*id, *to))));
            drag.set(None);
        })
    };
    let ondragend = {
        let drag = drag.clone();
        Callback::from(move |_: DragEvent| drag.set(None))
    };
    let over = match **drag {
        Some((from, to)) if to == place && from > to => Some("drop-above"),
        Some((from, to)) if to == place && from < to => Some("drop-below"),
        _ => None,
    };
    let title = song.title.as_str();
    let button = |label: String, shape, on_press| html! { <SmallButton {label} {shape} {on_press} /> };
    html! {
        <li key={id.to_string()} class={classes!("queued", song.is_current.then_some("current"), over)}
            aria-current={song.is_current.then_some("true")} draggable="true"
            {ondragstart} {ondragover} {ondrop} {ondragend}>
            { button(t!(words, "play-now", title = title), Shape::Play, props.on_play.reform(move |()| id)) }
            <span class="queued-song" dir="auto">
                <span class="queued-title">{ title }</span>
                <span class="queued-artist">{ song.artist.as_deref().unwrap_or_default() }</span>
            </span>
            <span class="queued-note">{ song.note.as_deref().unwrap_or_default() }</span>
            { button(t!(words, "move-up", title = title), Shape::Up,
                props.on_move.reform(move |()| (id, place.saturating_sub(1)))) }
            { button(t!(words, "move-down", title = title), Shape::Down,
                props.on_move.reform(move |()| (id, (place + 1).min(last)))) }
            { button(t!(words, "take-out", title = title), Shape::Close, props.on_remove.reform(move |()| id)) }
        </li>
    }
}
