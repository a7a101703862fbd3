//! How safe a song is: where copies of it are, in words.

use kadenza_api::Copies;
use yew::prelude::*;

use super::{Dialog, Icon, Shape};
use crate::actions::{Action, use_actions};
use crate::state::Safety;
use crate::wording;

/// Which song.
#[derive(Debug, PartialEq, Properties)]
pub struct SongSafetyProps {
    /// The song, and where its copies are; nothing, and nothing is shown.
    pub safety: Option<Safety>,
}

/// What is shown.
#[function_component(SongSafety)]
pub fn song_safety(SongSafetyProps { safety }: &SongSafetyProps) -> Html {
    let actions = use_actions();
    let close = actions.reform(|()| Action::SafetyAsked(None));
    let onclick = close.reform(|_: MouseEvent| ());
    html! {
        <Dialog open={safety.is_some()} heading="safety-title" on_close={close}>
            if let Some(Safety { song, copies }) = safety {
                <h2 id="safety-title">{ "How safe is “" }<bdi>{ song.title() }</bdi>{ "”?" }</h2>
                <div class="safety" aria-live="polite">
                    { match copies {
                        None => html! { <p>{ "Asking who has a copy…" }</p> },
                        Some(Ok(copies)) => places(copies),
                        Some(Err(why)) => html! { <p>{ why }</p> },
                    } }
                </div>
                <div class="dialog-buttons">
                    <button type="button" class="button prominent" {onclick}>{ "Close" }</button>
                </div>
            }
        </Dialog>
    }
}

fn places(copies: &Copies) -> Html {
    let place = |shape, words: String| html! { <li><Icon {shape} />{ words }</li> };
    html! {
        <>
            <p>{ wording::safety(copies) }</p>
            <ul role="list">
                { for wording::own_copy(copies).map(|words| place(Shape::Tab, words)) }
                { for wording::copies_in_tabs(copies).map(|words| place(Shape::Together, words)) }
                { for wording::copies_on_relays(copies).map(|words| place(Shape::Relay, words)) }
            </ul>
        </>
    }
}
