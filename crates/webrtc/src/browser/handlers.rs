//! Event handlers that are taken off again: an event that finds its handler dropped is an exception.

use wasm_bindgen::prelude::*;
use web_sys::{Event, EventTarget};

/// The name of an event, and what is called for it.
type Handler = (&'static str, Closure<dyn FnMut(Event)>);

/// The handlers of one object. Dropping this takes them off.
pub(super) struct Handlers {
    target: EventTarget,
    all: Vec<Handler>,
}

impl Handlers {
    pub(super) fn of(target: &EventTarget) -> Self {
        Self { target: target.clone(), all: Vec::new() }
    }

    /// Calls `handle` for every `event`, which is of type `E`.
    pub(super) fn on<E: JsCast + 'static>(
        mut self,
        event: &'static str,
        mut handle: impl FnMut(E) + 'static,
    ) -> Self {
        let closure = Closure::<dyn FnMut(Event)>::new(move |event: Event| handle(event.unchecked_into()));
        // Adding a listener to an object of the browser's cannot fail.
        let _ = self.target.add_event_listener_with_callback(event, closure.as_ref().unchecked_ref());
        self.all.push((event, closure));
        self
    }
}

impl Drop for Handlers {
    fn drop(&mut self) {
        for (event, closure) in &self.all {
            let _ = self.target.remove_event_listener_with_callback(event, closure.as_ref().unchecked_ref());
        }
    }
}
