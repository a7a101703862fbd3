//! What follows from the page's language outside of its words.

use yew::prelude::*;

use crate::setup;
use crate::state::Language;

/// Tells the browser which language the page is in, for whoever reads it aloud or translates it, and remembers what was chosen.
#[hook]
pub fn use_language(language: Language) {
    use_effect_with(language, |language| {
        let document = web_sys::window().and_then(|window| window.document());
        if let Some(root) = document.and_then(|document| document.document_element()) {
            // No element refuses this attribute.
            drop(root.set_attribute("lang", language.tag()));
        }
        // A language the browser prefers is not chosen, and goes on following the browser.
        if *language != setup::language() {
            setup::remember_language(*language);
        }
    });
}
