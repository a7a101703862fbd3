//! Files and folders dropped anywhere on the page.

use std::cell::RefCell;
use std::rc::Rc;

use futures::future::{AbortHandle, abortable};
use gloo_events::{EventListener, EventListenerOptions};
use kadenza_platform::spawn;
use wasm_bindgen::JsCast;
use web_sys::{DataTransfer, DragEvent, Element, Event};
use yew::prelude::*;

use crate::actions::Action;
use crate::components::DROP_TO_CHECK;
use crate::files::{Dropped, Picked};

/// Where files hover over the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hover {
    /// Nowhere in particular: they go as they are.
    Anywhere,
    /// Where their names are looked at first.
    ToCheck,
}

impl Hover {
    fn of(drag: &DragEvent) -> Self {
        let target = drag.target().and_then(|target| target.dyn_into::<Element>().ok());
        let to_check = target.and_then(|target| target.closest(&format!(".{DROP_TO_CHECK}")).ok().flatten());
        if to_check.is_some() { Self::ToCheck } else { Self::Anywhere }
    }
}

/// What is being looked through.
type Looking = Rc<RefCell<Vec<AbortHandle>>>;

/// Takes dropped files in, and says where some hover over the page now. Folders are looked through as long as the page is
/// `looking`.
#[hook]
pub fn use_drop(actions: Callback<Action>, looking: bool) -> Option<Hover> {
    let hovering = use_state_eq(|| None);
    let now = *hovering;
    let under_way = (*use_memo((), |()| Looking::default())).clone();
    let ended = under_way.clone();
    use_effect_with(looking, move |looking| {
        if !looking {
            ended.take().iter().for_each(AbortHandle::abort);
        }
    });
    use_effect_with((), move |()| {
        let listeners = [
            on("dragenter", {
                let hovering = hovering.clone();
                move |drag| hovering.set(Some(Hover::of(drag)))
            }),
            on("dragover", |_| ()),
            on("dragleave", {
                let hovering = hovering.clone();
                move |drag| {
                    // Moving from one element to another leaves the first; leaving the page leads nowhere.
                    if drag.related_target().is_none() {
                        hovering.set(None);
                    }
                }
            }),
            on("drop", move |drag| {
                hovering.set(None);
                if let Some(transfer) = drag.data_transfer() {
                    take(&transfer, Hover::of(drag) == Hover::ToCheck, &under_way, actions.clone());
                }
            }),
        ];
        move || drop(listeners)
    });
    now
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

fn take(transfer: &DataTransfer, check: bool, under_way: &Looking, actions: Callback<Action>) {
    let dropped = Dropped::of(transfer);
    let has_folders = dropped.has_folders();
    let (files, stop) = abortable(dropped.files());
    if has_folders {
        under_way.borrow_mut().push(stop);
        actions.emit(Action::FolderDropped);
    }
    spawn(async move {
        if let Ok(files) = files.await {
            actions.emit(Action::FilesPicked(Picked { check, ..files }));
        }
    });
}
