//! What making a room's song public means, before it is done: it cannot be taken back.

use std::rc::Rc;

use kadenza_api::Song;
use yew::prelude::*;

use super::Dialog;
use crate::actions::{Action, use_actions, use_deeds};
use crate::state::Deed;

/// The song, and the room it is in.
#[derive(Debug, PartialEq, Properties)]
pub struct PublishProps {
    /// The room's name.
    pub room: AttrValue,
    /// The song that may be made public; none, and nothing is shown.
    pub song: Option<Rc<Song>>,
}

/// The warning.
#[function_component(Publish)]
pub fn publish(PublishProps { room, song }: &PublishProps) -> Html {
    let (actions, deeds) = (use_actions(), use_deeds());
    let done = actions.reform(|()| Action::PublishAsked(None));
    let publish = {
        let (song, done) = (song.clone(), done.clone());
        Callback::from(move |_: MouseEvent| {
            song.iter().cloned().for_each(|song| deeds.emit(Deed::Publish(song)));
            done.emit(());
        })
    };
    let keep = done.reform(|_: MouseEvent| ());
    html! {
        <Dialog open={song.is_some()} heading="publish-title" warning="publish-warning" on_close={done}>
            if let Some(song) = song {
                <h2 id="publish-title">{ "Make “" }<bdi>{ song.title() }</bdi>{ "” public?" }</h2>
                <p id="publish-warning">
                    { "It leaves the room " }<bdi>{ room }</bdi>
                    { ": everybody can find it, play it and keep copies of it, and nobody can take it back. \
                       It stays in this room too." }
                </p>
                <div class="dialog-buttons">
                    <button type="button" class="button prominent" onclick={keep}>{ "Keep it private" }</button>
                    <button type="button" class="button" onclick={publish}>{ "Make it public" }</button>
                </div>
            }
        </Dialog>
    }
}
