//! The song in the address bar: looked up when a link is opened, gone when another song plays.

use gloo_events::EventListener;
use kadenza_api::Music;
use kadenza_node::tab::Tab;
use kadenza_platform::spawn;
use wasm_bindgen::JsValue;
use yew::prelude::*;

use crate::actions::Action;
use crate::setup;
use crate::state::{Link, Player};

/// Answers links, and keeps the address bar right.
#[hook]
pub fn use_link(tab: Option<Tab>, link: &Link, player: &Player, actions: Callback<Action>) {
    let wanted = link.wanted();
    let report = actions.clone();
    use_effect_with((tab.is_some(), wanted), move |_| {
        if let (Some(tab), Some(id)) = (tab, wanted) {
            spawn(async move {
                let answer = tab.song(id).await;
                report.emit(Action::LinkAnswered { id, answer });
            });
        }
    });

    use_effect_with((), move |()| {
        let listener = web_sys::window().map(|window| {
            EventListener::new(&window, "hashchange", move |_| {
                actions.emit(Action::LinkOpened(setup::link()))
            })
        });
        move || drop(listener)
    });

    let current = player.song.as_ref().map(|song| song.id());
    use_effect_with(current, |current| {
        // A reload must not bring back a song that somebody has gone on from.
        if current.is_some() && setup::link().wanted().is_some_and(|linked| Some(linked) != *current) {
            forget();
        }
    });
}

fn forget() {
    let history = web_sys::window().and_then(|window| window.history().ok());
    if let (Some(history), Some(address)) = (history, setup::page_address()) {
        // Where the address bar may not be changed it stays as it is.
        drop(history.replace_state_with_url(&JsValue::NULL, "", Some(&address)));
    }
}
