//! Keeps the part of a long list in the document that is in sight.

use gloo_events::{EventListener, EventListenerOptions};
use wasm_bindgen::prelude::*;
use web_sys::{Element, HtmlElement, ResizeObserver};
use yew::prelude::*;

use super::use_latest;
use crate::state::{Sight, Window};

/// Its elements that are room for rows, and how many rows.
const GAPS: &str = ":scope > [data-rows]";
const ROWS: &str = "data-rows";

/// Its items. All of them have the same size, and say which they are by `aria-posinset`.
const ITEM: &str = ":scope > :not([data-rows])";

/// Which part of `list` is to be in the document now, whatever scrolls it.
#[hook]
pub fn use_window(list: &NodeRef) -> Window {
    let window = use_state_eq(Window::default);
    let look = {
        let (list, window) = (list.clone(), window.clone());
        use_latest(Callback::from(move |()| {
            let Some(list) = list.cast::<Element>() else { return };
            // Before anything is measured: what is too low for a moment would be scrolled elsewhere.
            fill_gaps(&list, window.row);
            if let Some(sight) = sight_of(&list) {
                fill_gaps(&list, sight.row);
                window.set(Window::of(sight));
            }
        }))
    };
    {
        let look = look.clone();
        use_effect_with((), move |()| {
            let window = web_sys::window();
            let listeners = window.map(|window| {
                ["scroll", "resize"].map(|event| {
                    let look = look.clone();
                    // What an element scrolls is said to it alone, but captured here on the way.
                    let options = EventListenerOptions::run_in_capture_phase();
                    EventListener::new_with_options(&window, event, options, move |_| look.emit(()))
                })
            });
            let observer = observe_page(look);
            move || {
                drop(listeners);
                if let Some((observer, _callback)) = observer {
                    observer.disconnect();
                }
            }
        });
    }
    // Whatever has changed may have moved it.
    use_effect(move || look.emit(()));
    (*window).clone()
}

/// Looks when the page becomes higher or lower: what stands above the list may have come or gone.
fn observe_page(look: Callback<()>) -> Option<(ResizeObserver, Closure<dyn FnMut()>)> {
    let callback = Closure::new(move || look.emit(()));
    let observer = ResizeObserver::new(callback.as_ref().unchecked_ref()).ok()?;
    observer.observe(&*web_sys::window()?.document()?.body()?);
    Some((observer, callback))
}

/// Makes its gaps as high as the rows that are not there. The page's own policy forbids style attributes, not this.
fn fill_gaps(list: &Element, row: f64) {
    let Ok(gaps) = list.query_selector_all(GAPS) else { return };
    for gap in (0..gaps.length()).filter_map(|n| gaps.get(n)?.dyn_into::<HtmlElement>().ok()) {
        let rows: f64 = gap.get_attribute(ROWS).and_then(|rows| rows.parse().ok()).unwrap_or(0.0);
        // A length in pixels is never refused.
        drop(gap.style().set_property("block-size", &format!("{}px", rows * row)));
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "casts from float saturate")]
fn sight_of(list: &Element) -> Option<Sight> {
    let height = web_sys::window()?.inner_height().ok()?.as_f64()?;
    let item = list.query_selector(ITEM).ok()??.get_bounding_client_rect();
    let whole = list.get_bounding_client_rect();
    if item.height() <= 0.0 {
        return None;
    }
    let columns = (whole.width() / item.width()).round() as usize;
    Some(Sight { top: whole.top(), height, row: item.height(), columns, focused: focused_in(list) })
}

/// Which of its items has the focus.
fn focused_in(list: &Element) -> Option<usize> {
    let focused =
        web_sys::window()?.document()?.active_element().filter(|element| list.contains(Some(element)))?;
    let place: usize =
        focused.closest("[aria-posinset]").ok()??.get_attribute("aria-posinset")?.parse().ok()?;
    place.checked_sub(1)
}
