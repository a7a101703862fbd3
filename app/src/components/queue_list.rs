//! Songs in an order that a person can change: by dragging them, or by the buttons beside them.

use std::rc::Rc;

use web_sys::DragEvent;
use yew::prelude::*;

use super::{Shape, SmallButton};

/// A song of the list.
#[derive(Debug, Clone, PartialEq)]
pub struct Queued {
    /// What tells it from the others.
    pub key: String,
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
pub struct QueueListProps {
    /// Its name.
    pub label: AttrValue,
    /// The songs.
    pub songs: Rc<Vec<Queued>>,
    /// One is to play now.
    pub on_play: Callback<usize>,
    /// One is to stand elsewhere: from where, and how many are to be before it.
    pub on_move: Callback<(usize, usize)>,
    /// One is to go.
    pub on_remove: Callback<usize>,
}

/// Which song is dragged, and which one it is over.
type Drag = Option<(usize, usize)>;

/// The list of songs.
#[function_component(QueueList)]
pub fn queue_list(props: &QueueListProps) -> Html {
    let drag = use_state_eq(|| Drag::None);
    html! {
        <ol class="queue-list" role="list" aria-label={&props.label}>
            { for props.songs.iter().enumerate().map(|(place, song)| row(props, place, song, &drag)) }
        </ol>
    }
}

fn row(props: &QueueListProps, place: usize, song: &Queued, drag: &UseStateHandle<Drag>) -> Html {
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
        Callback::from(move |event: DragEvent| {
            event.prevent_default();
            drag.iter().for_each(|(from, to)| moved.emit((*from, *to)));
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
    let title = &song.title;
    let button = |label: &str, shape, on_press| html! { <SmallButton label={format!("{label} {title}")} {shape} {on_press} /> };
    html! {
        <li key={&*song.key} class={classes!("queued", song.is_current.then_some("current"), over)}
            aria-current={song.is_current.then_some("true")} draggable="true"
            {ondragstart} {ondragover} {ondrop} {ondragend}>
            { button("Play now:", Shape::Play, props.on_play.reform(move |()| place)) }
            <span class="queued-song" dir="auto">
                <span class="queued-title">{ title }</span>
                <span class="queued-artist">{ song.artist.as_deref().unwrap_or_default() }</span>
            </span>
            <span class="queued-note">{ song.note.as_deref().unwrap_or_default() }</span>
            { button("Move up:", Shape::Up, props.on_move.reform(move |()| (place, place.saturating_sub(1)))) }
            { button("Move down:", Shape::Down, props.on_move.reform(move |()| (place, (place + 1).min(last)))) }
            { button("Take out of the queue:", Shape::Close, props.on_remove.reform(move |()| place)) }
        </li>
    }
}
