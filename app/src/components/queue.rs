//! What the room plays next: anyone adds to it, moves songs and takes them out.

use std::rc::Rc;

use kadenza_node::room::QueueItemId;
use yew::prelude::*;

use super::{QueueList, Queued};
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
    let songs = view.queue.iter().map(|item| shown(item, current == Some(item.id))).collect::<Vec<_>>();
    html! {
        <div class="queue">
            <div class="queue-head">
                <h3>{ "Queue" }</h3>
                <button type="button" class="button" aria-disabled={current.is_none().then_some("true")} onclick={skip}>
                    { "Skip" }
                </button>
            </div>
            <QueueList<QueueItemId> label="Queue" {songs} on_play={deeds.reform(Deed::PlayItem)}
                on_move={deeds.reform(|(id, to)| Deed::Move(id, to))} on_remove={deeds.reform(Deed::Remove)} />
        </div>
    }
}

fn shown(item: &QueueView, is_current: bool) -> Queued<QueueItemId> {
    let song = item.song.as_ref();
    Queued {
        key: item.id,
        title: song.map_or("A song that is not here yet", |song| song.title()).to_owned(),
        artist: song.map(|song| song.artist().to_owned()),
        note: item.added_by.as_ref().map(|name| format!("added by {name}")),
        is_current,
    }
}
