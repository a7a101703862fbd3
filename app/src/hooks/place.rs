//! Where the page is scrolled.

use yew::prelude::*;

/// Shows the top of what has been `opened` in the page's place, and the page where it was when that is closed again.
#[hook]
pub fn use_place(opened: bool) {
    let left = use_mut_ref(|| None::<f64>);
    if opened && left.borrow().is_none() {
        // Now: when what was opened has been drawn, the page may be too short to be scrolled as far.
        *left.borrow_mut() = web_sys::window().and_then(|window| window.scroll_y().ok());
    }
    use_effect_with(opened, move |opened| {
        let place = if *opened { Some(0.0) } else { left.take() };
        if let (Some(window), Some(place)) = (web_sys::window(), place) {
            window.scroll_to_with_x_and_y(0.0, place);
        }
    });
}
