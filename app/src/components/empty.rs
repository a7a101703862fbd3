//! What stands where the songs would be.

use yew::prelude::*;

use super::{Icon, PickFiles, Shape};
use crate::actions::{Action, use_actions};

/// Nothing changes about it.
#[derive(Debug, PartialEq, Properties)]
pub struct EmptyProps {}

/// There are no songs at all.
#[function_component(Empty)]
pub fn empty(EmptyProps {}: &EmptyProps) -> Html {
    html! {
        <div class="empty">
            <span class="empty-mark"><Icon shape={Shape::Note} /></span>
            <h2>{ "No music here yet" }</h2>
            <p>{ "Drop songs or a whole folder anywhere on this page. Everyone who is here can find them and listen." }</p>
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
