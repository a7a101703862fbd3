//! The sheet that says what keys do.

use yew::prelude::*;

use super::Dialog;
use crate::actions::{Action, use_actions};
use crate::state::SHORTCUTS;
use crate::wording;
use crate::words::{t, use_words};

/// What the sheet shows.
#[derive(Debug, PartialEq, Properties)]
pub struct ShortcutsProps {
    /// Whether it is open.
    pub open: bool,
    /// Whether single keys do something.
    pub on: bool,
}

/// The sheet. Who uses the keyboard by voice can switch single keys off (WCAG 2.1.4).
#[function_component(Shortcuts)]
pub fn shortcuts(ShortcutsProps { open, on }: &ShortcutsProps) -> Html {
    let (words, actions) = (use_words(), use_actions());
    let close = actions.reform(|()| Action::KeysShown(false));
    let onclick = close.reform(|_: MouseEvent| ());
    let set = !on;
    let onchange = actions.reform(move |_: Event| Action::KeysSet(set));
    html! {
        <Dialog open={*open} heading="shortcuts-title" on_close={close}>
            <h2 id="shortcuts-title">{ t!(words, "keyboard-shortcuts") }</h2>
            <dl class="shortcuts">
                { for SHORTCUTS.iter().map(|(shortcut, keys)| html! {
                    <div>
                        <dt>{ wording::shortcut(&words, *shortcut) }</dt>
                        <dd>{ for keys.iter().map(|key| html! { <kbd>{ wording::key(&words, key) }</kbd> }) }</dd>
                    </div>
                }) }
            </dl>
            <label class="check">
                <input type="checkbox" checked={*on} {onchange} />
                <span>{ t!(words, "single-keys") }</span>
            </label>
            <div class="dialog-buttons">
                <button type="button" class="button prominent" {onclick}>{ t!(words, "close") }</button>
            </div>
        </Dialog>
    }
}
