//! The choice of the page's language.

use web_sys::HtmlSelectElement;
use yew::prelude::*;

use super::{Icon, Shape};
use crate::actions::{Action, use_actions};
use crate::state::Language;
use crate::wording;
use crate::words::{t, use_words};

/// Chooses among the languages; each stands there under its own name, for who does not read the present one.
#[function_component(LanguageChoice)]
pub fn language_choice() -> Html {
    let (words, actions) = (use_words(), use_actions());
    let onchange = Callback::from(move |event: Event| {
        let tag = event.target_unchecked_into::<HtmlSelectElement>().value();
        Language::of(&tag).into_iter().for_each(|language| actions.emit(Action::LanguageSet(language)));
    });
    let option = |language: Language| {
        let selected = language == words.language();
        html! {
            <option value={language.tag()} lang={language.tag()} {selected}>
                { wording::language(&words, language) }
            </option>
        }
    };
    html! {
        <label class="language" title={t!(words, "language")}>
            <Icon shape={Shape::Globe} />
            <select aria-label={t!(words, "language")} {onchange}>{ for Language::ALL.map(option) }</select>
        </label>
    }
}
