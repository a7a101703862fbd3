//! What the room plays next: anyone adds to it, moves songs and takes them out.

use std::rc::Rc;

use yew::prelude::*;

use super::{Icon, Shape};
use crate::actions::use_deeds;
use crate::state::{Deed, QueueView, RoomView};

/// Which queue.
#[derive(Debug, PartialEq, Properties)]
pub struct QueueProps {
    /// The room.
    pub view: Rc<RoomView>,
}

/// The queue.
#[function_component(Queue)]
pub fn queue(QueueProps { view }: &QueueProps) -> Html {
    let deeds = use_deeds();
    if view.queue.is_empty() {
        return html! {
            <p class="room-hint">{ "Nothing is queued. Add songs from the list below; everyone in the room can." }</p>
        };
    }
    let current = view.playback.map(|(item, _)| item);
    let skip = deeds.reform(|_: MouseEvent| Deed::Skip);
    html! {
        <div class="queue">
            <div class="queue-head">
                <h3>{ "Queue" }</h3>
                <button type="button" class="button" aria-disabled={current.is_none().then_some("true")} onclick={skip}>
                    { "Skip" }
                </button>
            </div>
            <ol role="list" aria-label="Queue">
                { for view.queue.iter().map(|item| row(item, current == Some(item.id), &deeds)) }
            </ol>
        </div>
    }
}

fn row(item: &QueueView, is_current: bool, deeds: &Callback<Deed>) -> Html {
    let id = item.id;
    let title = item.song.as_ref().map_or("A song that is not here yet", |song| song.title()).to_owned();
    let button = |label: &str, shape, deed: Deed| {
        let onclick = deeds.reform(move |_: MouseEvent| deed.clone());
        let label = format!("{label} {title}");
        html! {
            <button type="button" class="round small" aria-label={label.clone()} title={label} {onclick}>
                <Icon {shape} />
            </button>
        }
    };
    html! {
        <li key={id.to_string()} class={classes!("queued", is_current.then_some("current"))}
            aria-current={is_current.then_some("true")}>
            { button("Play now:", Shape::Play, Deed::PlayItem(id)) }
            <span class="queued-song" dir="auto">
                <span class="queued-title">{ &title }</span>
                if let Some(song) = &item.song {
                    <span class="queued-artist">{ song.artist() }</span>
                }
            </span>
            if let Some(name) = &item.added_by {
                <span class="queued-by">{ format!("added by {name}") }</span>
            }
            { button("Move up:", Shape::Up, Deed::Move(id, -1)) }
            { button("Move down:", Shape::Down, Deed::Move(id, 1)) }
            { button("Take out of the queue:", Shape::Close, Deed::Remove(id)) }
        </li>
    }
}
