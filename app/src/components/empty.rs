//! What stands where the songs would be.

use yew::prelude::*;

use super::{Icon, PickFiles, Shape};
use crate::actions::{Action, use_actions};
use crate::demo;
use crate::words::{isolated, t, use_words};

/// Where there are none.
#[derive(Debug, PartialEq, Properties)]
pub struct EmptyProps {
    /// Whether it is a room's library that is empty.
    pub in_room: bool,
}

/// There are no songs at all.
#[function_component(Empty)]
pub fn empty(EmptyProps { in_room }: &EmptyProps) -> Html {
    let (words, actions) = (use_words(), use_actions());
    let demo = actions.reform(|_: MouseEvent| Action::FilesPicked(demo::piece()));
    let hint = match in_room {
        true => t!(words, "room-empty-hint"),
        false => t!(words, "library-empty-hint"),
    };
    html! {
        <div class="empty">
            <span class="empty-mark"><Icon shape={Shape::Note} /></span>
            <h2>{ t!(words, "library-empty") }</h2>
            <p>{ hint }</p>
            <PickFiles label={t!(words, "choose-files")} shape={Shape::Upload} folder={false} prominent={true} />
            <button type="button" class="button" onclick={demo}>{ t!(words, "try-demo") }</button>
        </div>
    }
}

/// What was looked for.
#[derive(Debug, PartialEq, Properties)]
pub struct NothingFoundProps {
    /// The words.
    pub query: AttrValue,
}

/// There are songs, but none with these words.
#[function_component(NothingFound)]
pub fn nothing_found(NothingFoundProps { query }: &NothingFoundProps) -> Html {
    let (words, actions) = (use_words(), use_actions());
    let clear = Callback::from(move |_: MouseEvent| actions.emit(Action::Typed(String::new())));
    html! {
        <div class="empty">
            <span class="empty-mark"><Icon shape={Shape::Search} /></span>
            <h2>{ t!(words, "nothing-found", query = isolated(query.trim())) }</h2>
            <p>{ t!(words, "nothing-found-hint") }</p>
            <button type="button" class="button" onclick={clear}>{ t!(words, "show-all") }</button>
        </div>
    }
}
