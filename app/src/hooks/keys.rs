//! What single keys do, wherever the focus is, unless something there wants the key itself.

use std::rc::Rc;

use gloo_events::{EventListener, EventListenerOptions};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, KeyboardEvent};
use yew::prelude::*;

use super::use_latest;
use crate::actions::{Action, shuffle_toggled};
use crate::setup;
use crate::state::{Player, Shortcut};

/// How far the keys go in a song, in seconds, and how much louder they make it.
const STEP: f64 = 5.0;
const VOLUME_STEP: f64 = 0.05;

/// What takes all keys, and what takes those that press it.
const TAKES_ALL: &str = "input:not([type=range], [type=checkbox]), textarea, select, [contenteditable]";
const TAKES_SPACE: &str = "button, a[href], summary, input";
const TAKES_ARROWS: &str = "input, [role=listbox]";

/// Lets keys act, where they are `on`, and remembers whether they are.
#[hook]
pub fn use_keys(on: bool, player: &Rc<Player>, actions: Callback<Action>) {
    use_effect_with(on, |on| setup::remember_keys(*on));
    let player = player.clone();
    let pressed = use_latest(Callback::from(move |event: KeyboardEvent| {
        let Some(shortcut) = Shortcut::of(&event.key()).filter(|_| on && is_free(&event)) else { return };
        event.prevent_default();
        match action_of(shortcut, &player) {
            Some(action) => actions.emit(action),
            None => press(shortcut),
        }
    }));
    use_effect_with((), move |()| {
        let options = EventListenerOptions::enable_prevent_default();
        let listener = web_sys::window().map(|window| {
            EventListener::new_with_options(&window, "keydown", options, move |event| {
                event.dyn_ref().cloned().into_iter().for_each(|event| pressed.emit(event));
            })
        });
        move || drop(listener)
    });
}

/// Whether the page may have a key: what has the focus does not want it, and no dialog is open.
fn is_free(event: &KeyboardEvent) -> bool {
    let with_others = event.ctrl_key() || event.meta_key() || event.alt_key() || event.is_composing();
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    let is = |selector: &str| {
        target.as_ref().is_some_and(|element| element.closest(selector).ok().flatten().is_some())
    };
    let wanted = match &*event.key() {
        " " => is(TAKES_SPACE),
        "ArrowLeft" | "ArrowRight" => is(TAKES_ARROWS),
        _ => false,
    };
    !with_others && !event.default_prevented() && !wanted && !is(TAKES_ALL) && find("dialog:modal").is_none()
}

/// What a shortcut does to the player; nothing where it is for the page.
fn action_of(shortcut: Shortcut, player: &Player) -> Option<Action> {
    Some(match shortcut {
        Shortcut::Toggle => Action::Toggled,
        Shortcut::Back => Action::Sought((player.position - STEP).max(0.0)),
        Shortcut::Forward => Action::Sought(player.position + STEP),
        Shortcut::Previous => Action::Previous,
        Shortcut::Next => Action::Next,
        Shortcut::Louder => Action::VolumeSet(player.volume + VOLUME_STEP),
        Shortcut::Quieter => Action::VolumeSet(player.volume - VOLUME_STEP),
        Shortcut::Mute => Action::MuteToggled,
        Shortcut::Shuffle => shuffle_toggled(player),
        Shortcut::Repeat => Action::RepeatSet(player.repeat.next()),
        Shortcut::Keys => Action::KeysShown(true),
        Shortcut::Search | Shortcut::Queue => return None,
    })
}

/// Does as if a part of the page had been pressed.
fn press(shortcut: Shortcut) {
    let (selector, focuses) = match shortcut {
        Shortcut::Search => ("input[type=search]", true),
        _ => (".queue-button", false),
    };
    let Some(element) = find(selector).and_then(|element| element.dyn_into::<HtmlElement>().ok()) else {
        return;
    };
    if focuses {
        // What cannot be focused is not on the page.
        drop(element.focus());
    } else {
        element.click();
    }
}

fn find(selector: &str) -> Option<Element> {
    web_sys::window()?.document()?.query_selector(selector).ok().flatten()
}
