//! What the room plays next: anyone adds to it, moves songs and takes them out.

use std::rc::Rc;

use kadenza_node::room::QueueItemId;
use yew::prelude::*;

use super::{QueueList, Queued};
use crate::actions::use_deeds;
use crate::state::{Deed, QueueView, RoomView};
use crate::words::{Words, isolated, t, use_words};

/// Which queue.
#[derive(Debug, PartialEq, Properties)]
pub struct QueueProps {
    /// The room.
    pub view: Rc<RoomView>,
}

/// The queue.
#[function_component(Queue)]
pub fn queue(QueueProps { view }: &QueueProps) -> Html {
    let (words, deeds) = (use_words(), use_deeds());
    if view.queue.is_empty() {
        return html! {
            <p class="room-hint">{ t!(words, "queue-empty") }</p>
        };
    }
    let current = view.playback.map(|(item, _)| item);
    let skip = deeds.reform(|_: MouseEvent| Deed::Skip);
    let songs = view.queue.iter().map(|item| shown(&words, item, current == Some(item.id)));
    html! {
        <div class="queue">
            <div class="queue-head">
                <h3>{ t!(words, "queue") }</h3>
                <button type="button" class="button" aria-disabled={current.is_none().then_some("true")} onclick={skip}>
                    { t!(words, "skip") }
                </button>
            </div>
            <QueueList<QueueItemId> label={t!(words, "queue")} songs={songs.collect::<Vec<_>>()}
                on_play={deeds.reform(Deed::PlayItem)}
                on_move={deeds.reform(|(id, to)| Deed::Move(id, to))} on_remove={deeds.reform(Deed::Remove)} />
        </div>
    }
}

fn shown(words: &Words, item: &QueueView, is_current: bool) -> Queued<QueueItemId> {
    let song = item.song.as_ref();
    Queued {
        key: item.id,
        title: song.map_or_else(|| t!(words, "song-not-here"), |song| song.title().to_owned()),
        artist: song.map(|song| song.artist().to_owned()),
        note: item.added_by.as_ref().map(|name| t!(words, "added-by", name = isolated(name))),
        is_current,
    }
}
