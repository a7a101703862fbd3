//! What making a room's song public means, before it is done: it cannot be taken back.

use std::rc::Rc;

use kadenza_api::Song;
use yew::prelude::*;

use super::Dialog;
use crate::actions::{Action, use_actions, use_deeds};
use crate::state::Deed;
use crate::words::{isolated, t, use_words};

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
    let (words, actions, deeds) = (use_words(), use_actions(), use_deeds());
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
                <h2 id="publish-title">{ t!(words, "publish-title", title = isolated(song.title())) }</h2>
                <p id="publish-warning">{ t!(words, "publish-warning", room = isolated(room)) }</p>
                <div class="dialog-buttons">
                    <button type="button" class="button prominent" onclick={keep}>{ t!(words, "keep-private") }</button>
                    <button type="button" class="button" onclick={publish}>{ t!(words, "make-public") }</button>
                </div>
            }
        </Dialog>
    }
}
