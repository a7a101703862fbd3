//! What follows from the page's language outside of its words.

use yew::prelude::*;

use crate::setup;
use crate::state::Language;

/// Keeps the document to the page's language, and remembers what was chosen.
#[hook]
pub fn use_language(language: Language) {
    use_effect_with(language, |language| {
        // A language the browser prefers is not chosen: it goes on following the browser.
        if *language != setup::language() {
            setup::set_language(*language);
        }
    });
}
