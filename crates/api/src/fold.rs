//! Two foldings of text: a strict one that names songs, a loose one that finds them.

use caseless::Caseless;
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};
use unicode_segmentation::UnicodeSegmentation;

/// Folds one attribute of a song for its identity: NFKC, case folded, control characters removed, trimmed,
/// inner white space collapsed. Accents stay: "Sí" and "Si" are different titles.
pub fn fold(text: &str) -> String {
    // Most names are ASCII, which is its own normal form; this is done for each song that is read.
    let cased: String = match text.is_ascii() {
        true => text.to_ascii_lowercase(),
        false => text.nfkc().default_case_fold().nfkc().collect(),
    };
    let visible: String = cased.chars().filter(|c| c.is_whitespace() || !c.is_control()).collect();
    visible.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The words of `text` as search sees them: compatibility decomposed, case folded, accents dropped, split at
/// word boundaries (Unicode Standard Annex 29).
pub fn words(text: &str) -> Vec<String> {
    let mut folded = fold(text);
    if !folded.is_ascii() {
        folded = folded.nfkd().filter(|c| !is_combining_mark(*c)).collect();
    }
    folded
        .unicode_words()
        .map(|word| word.replace(['\'', '\u{2019}'], ""))
        .filter(|word| !word.is_empty())
        .collect()
}

/// The words of a query, and whether the last of them is still being typed: it then matches as a prefix. A
/// query that ends in white space has no unfinished word.
pub fn search_words(query: &str) -> (Vec<String>, bool) {
    let unfinished = query.chars().next_back().is_some_and(|c| !c.is_whitespace());
    (words(query), unfinished)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn letters_case_width_and_white_space_do_not_make_another_song() {
        assert_eq!(fold("  Ｔｈｅ\tWho\u{0} "), "the who");
        assert_eq!(fold("STRASSE"), fold("Straße"));
        assert_ne!(fold("Si"), fold("Sí"));
    }

    #[test]
    fn accents_apostrophes_and_punctuation_do_not_hide_a_song() {
        assert_eq!(words("Beyoncé — Don’t (Live!)"), ["beyonce", "dont", "live"]);
        assert_eq!(words("Ólafur Arnalds"), ["olafur", "arnalds"]);
    }

    #[test]
    fn only_a_word_that_is_still_being_typed_is_a_prefix() {
        assert_eq!(search_words("the wesn"), (vec!["the".into(), "wesn".into()], true));
        assert_eq!(search_words("the wesn "), (vec!["the".into(), "wesn".into()], false));
        assert_eq!(search_words(""), (vec![], false));
    }

    proptest! {
        #[test]
        fn what_is_ascii_folds_as_all_other_text_does(ascii in "[ -~\t\n\0\u{7f}]*") {
            let folded = fold(&format!("{ascii} é"));
            prop_assert_eq!(folded.trim_end_matches('é').trim_end(), fold(&ascii));
        }

        #[test]
        fn folding_twice_is_folding_once(text in any::<String>()) {
            let once = fold(&text);
            prop_assert_eq!(fold(&once), once.clone());
            prop_assert!(!once.contains(|c: char| c.is_control()));
        }

        #[test]
        fn a_word_is_a_word_of_itself(text in any::<String>()) {
            for word in words(&text) {
                prop_assert_eq!(words(&word).concat(), word);
            }
        }
    }
}
