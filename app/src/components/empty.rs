//! What stands where the songs would be.

use yew::prelude::*;

use super::{Icon, PickFiles, Shape};
use crate::actions::{Action, use_actions};

/// Where there are none.
#[derive(Debug, PartialEq, Properties)]
pub struct EmptyProps {
    /// Whether it is a room's library that is empty.
    pub in_room: bool,
}

/// There are no songs at all.
#[function_component(Empty)]
pub fn empty(EmptyProps { in_room }: &EmptyProps) -> Html {
    let hint = match in_room {
        true => {
            "Drop songs anywhere on this page. They are sealed for this room: only its members can find and hear them."
        }
        false => {
            "Drop songs or a whole folder anywhere on this page. Everyone who is here can find them and listen."
        }
    };
    html! {
        <div class="empty">
            <span class="empty-mark"><Icon shape={Shape::Note} /></span>
            <h2>{ "No music here yet" }</h2>
            <p>{ hint }</p>
            <PickFiles label="Choose music files" shape={Shape::Upload} folder={false} prominent={true} />
        </div>
    }
}

/// What was looked for.
#[derive(Debug, PartialEq, Properties)]
pub struct NothingFoundProps {
    /// The words.
    pub words: AttrValue,
}

/// There are songs, but none with these words.
#[function_component(NothingFound)]
pub fn nothing_found(NothingFoundProps { words }: &NothingFoundProps) -> Html {
    let actions = use_actions();
    let clear = Callback::from(move |_: MouseEvent| actions.emit(Action::Typed(String::new())));
    html! {
        <div class="empty">
            <span class="empty-mark"><Icon shape={Shape::Search} /></span>
            <h2>{ "Nothing found for “" }<bdi>{ words.trim() }</bdi>{ "”" }</h2>
            <p>{ "Try fewer words, or another spelling. Title, artist and album are searched." }</p>
            <button type="button" class="button" onclick={clear}>{ "Show all songs" }</button>
        </div>
    }
}
