//! The page's words, from one catalogue a language (`locales/`), in the Fluent format. Whoever shows any has them from
//! [`use_words`], and so shows others as soon as the language is another:
//!
//! ```ignore
//! let words = use_words();
//! html! { <h2>{ t!(words, "files-done", files = files) }</h2> }
//! ```

use std::convert::Infallible;
use std::fmt;
use std::rc::Rc;

use fluent_bundle::types::FluentNumberOptions;
use fluent_bundle::{FluentArgs, FluentBundle, FluentResource, FluentValue};
use intl_memoizer::{IntlLangMemoizer, Memoizable};
use js_sys::{Array, Function, Intl, Object, Reflect};
use unic_langid::LanguageIdentifier;
use wasm_bindgen::JsValue;
use yew::prelude::*;

use crate::state::Language;

/// A message of the catalogue, with what stands in it: `t!(words, "song-count", count = 3)`. `xtask/tests/words.rs`
/// holds message and names against the catalogue.
macro_rules! t {
    ($words:expr, $message:literal $(, $name:ident = $value:expr)* $(,)?) => {
        $words.message($message, &[$((stringify!($name), $value.into())),*])
    };
}
pub(crate) use t;

/// The words of one language.
#[derive(Clone)]
pub struct Words {
    language: Language,
    catalogue: Rc<FluentBundle<FluentResource>>,
}

impl Words {
    /// Those of `language`.
    pub fn of(language: Language) -> Self {
        let text = match language {
            Language::English => include_str!("../locales/en.ftl"),
            Language::Spanish => include_str!("../locales/es.ftl"),
        };
        // What cannot be read is left out; a test holds that there is nothing of the kind.
        let messages = FluentResource::try_new(text.to_owned()).unwrap_or_else(|(read, _)| read);
        let mut catalogue = FluentBundle::new(vec![language.tag().parse().unwrap_or_default()]);
        // Marks around each value would be read, copied and searched for with it; `isolated` is for those that need them.
        catalogue.set_use_isolating(false);
        catalogue.set_formatter(Some(number));
        // Neither fails in a catalogue of its own.
        drop((catalogue.add_builtins(), catalogue.add_resource(messages)));
        Self { language, catalogue: Rc::new(catalogue) }
    }

    /// Which language it is.
    pub fn language(&self) -> Language {
        self.language
    }

    /// A message with what stands in it. To be called by [`t!`], which is checked.
    pub(crate) fn message(&self, id: &str, values: &[(&'static str, FluentValue)]) -> String {
        let Some(pattern) = self.catalogue.get_message(id).and_then(|message| message.value()) else {
            return id.to_owned();
        };
        let values = values.iter().cloned().collect::<FluentArgs>();
        self.catalogue.format_pattern(pattern, Some(&values), &mut Vec::new()).into_owned()
    }
}

impl Default for Words {
    fn default() -> Self {
        Self::of(Language::default())
    }
}

impl PartialEq for Words {
    fn eq(&self, other: &Self) -> bool {
        self.language == other.language
    }
}

impl fmt::Debug for Words {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        self.language.fmt(f)
    }
}

/// Gives a component the words it shows; provided by [`crate::App`].
#[hook]
pub fn use_words() -> Words {
    use_context::<Words>().unwrap_or_default()
}

/// A name from outside, kept from turning a sentence around where it is written from right to left.
pub fn isolated(name: &str) -> String {
    format!("\u{2068}{name}\u{2069}")
}

/// Numbers as the language writes them.
fn number(value: &FluentValue, formats: &IntlLangMemoizer) -> Option<String> {
    let FluentValue::Number(number) = value else { return None };
    let format = |format: &NumberFormat| format.0.call1(&JsValue::NULL, &number.value.into());
    formats.with_try_get(number.options.clone(), format).ok()?.ok()?.as_string()
}

/// The browser's `Intl.NumberFormat`.
struct NumberFormat(Function);

impl Memoizable for NumberFormat {
    type Args = FluentNumberOptions;
    type Error = Infallible;

    fn construct(language: LanguageIdentifier, options: FluentNumberOptions) -> Result<Self, Infallible> {
        let digits = Object::new();
        for (name, count) in [
            ("minimumFractionDigits", options.minimum_fraction_digits),
            ("maximumFractionDigits", options.maximum_fraction_digits),
        ] {
            // A new object takes every name.
            count.into_iter().for_each(|count| drop(Reflect::set(&digits, &name.into(), &count.into())));
        }
        Ok(Self(Intl::NumberFormat::new(&Array::of1(&language.to_string().into()), &digits).format()))
    }
}
