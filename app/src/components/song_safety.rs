//! How safe a song is: where copies of it are, in words.

use kadenza_api::Copies;
use yew::prelude::*;

use super::{Dialog, Icon, Shape};
use crate::actions::{Action, use_actions};
use crate::state::Safety;
use crate::wording;
use crate::words::{Words, isolated, t, use_words};

/// Which song.
#[derive(Debug, PartialEq, Properties)]
pub struct SongSafetyProps {
    /// The song, and where its copies are; nothing, and nothing is shown.
    pub safety: Option<Safety>,
}

/// What is shown.
#[function_component(SongSafety)]
pub fn song_safety(SongSafetyProps { safety }: &SongSafetyProps) -> Html {
    let (words, actions) = (use_words(), use_actions());
    let close = actions.reform(|()| Action::SafetyAsked(None));
    let onclick = close.reform(|_: MouseEvent| ());
    html! {
        <Dialog open={safety.is_some()} heading="safety-title" on_close={close}>
            if let Some(Safety { song, copies }) = safety {
                <h2 id="safety-title">{ t!(words, "song-safety-title", title = isolated(song.title())) }</h2>
                <div class="safety" aria-live="polite">
                    { match copies {
                        None => html! { <p>{ t!(words, "safety-asking") }</p> },
                        Some(Ok(copies)) => places(&words, copies),
                        Some(Err(error)) => {
                            let why = wording::error(&words, error);
                            html! { <p>{ t!(words, "safety-unknown", why = why) }</p> }
                        }
                    } }
                </div>
                <div class="dialog-buttons">
                    <button type="button" class="button prominent" {onclick}>{ t!(words, "close") }</button>
                </div>
            }
        </Dialog>
    }
}

fn places(words: &Words, copies: &Copies) -> Html {
    let place = |shape, said: String| html! { <li><Icon {shape} />{ said }</li> };
    html! {
        <>
            <p>{ wording::safety(words, copies) }</p>
            <ul role="list">
                { for wording::own_copy(words, copies).map(|said| place(Shape::Tab, said)) }
                { for wording::copies_in_tabs(words, copies).map(|said| place(Shape::Together, said)) }
                { for wording::copies_on_relays(words, copies).map(|said| place(Shape::Relay, said)) }
            </ul>
        </>
    }
}
