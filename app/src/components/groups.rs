//! The library by album or artist: a card for each.

use kadenza_api::Song;
use std::rc::Rc;
use yew::prelude::*;

use super::{Cover, Icon, Shape};
use crate::actions::{Action, use_actions};
use crate::state::{Group, View};
use crate::wording;
use crate::words::{Words, t, use_words};

/// What is shown.
#[derive(Debug, PartialEq, Properties)]
pub struct GroupsProps {
    /// By what.
    pub view: View,
    /// The songs.
    pub songs: Vec<Rc<Song>>,
}

/// The cards.
#[function_component(Groups)]
pub fn groups(GroupsProps { view, songs }: &GroupsProps) -> Html {
    let (words, actions) = (use_words(), use_actions());
    html! {
        <ul class="groups" role="list" aria-label={wording::view(&words, *view)}>
            { for view.groups(songs).iter().map(|group| card(&words, *view, group, &actions)) }
        </ul>
    }
}

fn card(words: &Words, view: View, group: &Group, actions: &Callback<Action>) -> Html {
    let name = group.name.clone();
    let onclick = actions.reform(move |_: MouseEvent| Action::GroupOpened(Some(name.clone())));
    html! {
        <li key={&*group.name}>
            <button type="button" class="group" {onclick}>
                { for group.songs.first().map(|song| html! { <Cover song={song.clone()} place="card" /> }) }
                <span class="group-name" dir="auto">{ wording::group(words, view, &group.name) }</span>
                <span class="group-detail" dir="auto">{ wording::group_detail(words, view, group) }</span>
            </button>
        </li>
    }
}

/// An opened group.
#[derive(Debug, PartialEq, Properties)]
pub struct GroupHeadProps {
    /// In which view.
    pub view: View,
    /// The group.
    pub group: Group,
}

/// What stands above the songs of an opened group.
#[function_component(GroupHead)]
pub fn group_head(GroupHeadProps { view, group }: &GroupHeadProps) -> Html {
    let (words, actions) = (use_words(), use_actions());
    let back = actions.reform(|_: MouseEvent| Action::GroupOpened(None));
    let first = group.songs.first().cloned();
    let play = Callback::from(move |_: MouseEvent| {
        first.iter().cloned().for_each(|song| actions.emit(Action::SongChosen(song)));
    });
    html! {
        <div class="group-head">
            <button type="button" class="button" onclick={back}>{ wording::all(&words, *view) }</button>
            { for group.songs.first().map(|song| html! { <Cover song={song.clone()} place="head" /> }) }
            <div>
                <h2 dir="auto">{ wording::group(&words, *view, &group.name) }</h2>
                <p dir="auto">{ wording::group_detail(&words, *view, group) }</p>
            </div>
            <button type="button" class="button prominent" onclick={play}>
                <Icon shape={Shape::Play} />{ t!(words, "play-all") }
            </button>
        </div>
    }
}
