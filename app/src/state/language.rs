//! The languages the page speaks.

/// A language that has a catalogue (`locales/`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Language {
    /// English, for everybody whose own there is not.
    #[default]
    English,
    /// Spanish.
    Spanish,
}

impl Language {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::English, Self::Spanish];

    /// Its BCP 47 tag.
    pub fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Spanish => "es",
        }
    }

    /// The language of a tag, whatever the region: `es`, `es-MX`.
    pub fn of(tag: &str) -> Option<Self> {
        let language = tag.split('-').next()?;
        Self::ALL.into_iter().find(|known| known.tag().eq_ignore_ascii_case(language))
    }
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    #[wasm_bindgen_test]
    fn a_language_is_known_in_every_region() {
        let spanish = Some(Language::Spanish);
        assert_eq!(
            ["es", "es-MX", "ES-419", "en-GB"].map(Language::of),
            [spanish, spanish, spanish, Some(Language::English)]
        );
        assert_eq!(["", "e", "est", "fr-ES"].map(Language::of), [None; 4]);
    }
}
