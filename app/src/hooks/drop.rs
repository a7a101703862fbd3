//! Files and folders dropped anywhere on the page.

use gloo_events::{EventListener, EventListenerOptions};
use kadenza_platform::spawn;
use wasm_bindgen::JsCast;
use web_sys::{DataTransfer, DragEvent, Event};
use yew::prelude::*;

use crate::actions::Action;
use crate::files::Dropped;

/// Takes dropped files in, and says whether some hover over the page now.
#[hook]
pub fn use_drop(actions: Callback<Action>) -> bool {
    let hovering = use_state_eq(|| false);
    let is_hovering = *hovering;
    use_effect_with((), move |()| {
        let listeners = [
            on("dragenter", {
                let hovering = hovering.clone();
                move |_| hovering.set(true)
            }),
            on("dragover", |_| ()),
            on("dragleave", {
                let hovering = hovering.clone();
                move |drag| {
                    // Moving from one element to another leaves the first; leaving the page leads nowhere.
                    if drag.related_target().is_none() {
                        hovering.set(false);
                    }
                }
            }),
            on("drop", move |drag| {
                hovering.set(false);
                if let Some(transfer) = drag.data_transfer() {
                    take(&transfer, actions.clone());
                }
            }),
        ];
        move || drop(listeners)
    });
    is_hovering
}

/// Listens to a kind of drag of files. The browser's own answer, leaving the page to show the file, is prevented.
fn on(kind: &'static str, act: impl Fn(&DragEvent) + 'static) -> Option<EventListener> {
    let listen = move |event: &Event| {
        if let Some(drag) = event.dyn_ref::<DragEvent>().filter(|drag| carries_files(drag.data_transfer())) {
            drag.prevent_default();
            act(drag);
        }
    };
    let window = web_sys::window()?;
    let options = EventListenerOptions::enable_prevent_default();
    Some(EventListener::new_with_options(&window, kind, options, listen))
}

fn carries_files(transfer: Option<DataTransfer>) -> bool {
    transfer.is_some_and(|transfer| transfer.types().includes(&"Files".into(), 0))
}

fn take(transfer: &DataTransfer, actions: Callback<Action>) {
    let dropped = Dropped::of(transfer);
    spawn(async move { actions.emit(Action::FilesPicked(dropped.files().await)) });
}
