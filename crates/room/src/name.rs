//! Names people choose, for rooms and for themselves: short, and nothing in them that rearranges the text around them.

/// The most characters in a room's name.
pub const ROOM_NAME_CHARS: usize = 60;

/// Why a name is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Nothing but spaces.
    #[error("the name is empty")]
    Empty,
    /// Longer than a screen has room for.
    #[error("the name has {chars} characters; at most {limit} are allowed")]
    TooLong {
        /// How many it has.
        chars: usize,
        /// How many are allowed.
        limit: usize,
    },
    /// A control character, or one that changes the direction of the text after it.
    #[error("the name has a character that is not text: U+{:04X}", u32::from(*.0))]
    NotText(char),
}

/// `text` without the spaces around it, if it can be shown as a name of at most `limit` characters.
///
/// # Errors
/// [`NameError`], saying what cannot be shown.
pub(crate) fn checked(text: &str, limit: usize) -> Result<&str, NameError> {
    let name = text.trim();
    let chars = name.chars().count();
    if chars == 0 {
        return Err(NameError::Empty);
    }
    if chars > limit {
        return Err(NameError::TooLong { chars, limit });
    }
    match name.chars().find(|char| char.is_control() || rearranges(*char)) {
        Some(char) => Err(NameError::NotText(char)),
        None => Ok(name),
    }
}

/// Line separators and the marks that embed, override or isolate a direction (Unicode Annex 9, section 2).
fn rearranges(char: char) -> bool {
    matches!(char, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{61c}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_in_any_script_is_taken_and_trimmed() {
        for name in ["Mira", "  Küche 🎧 ", "音楽", "غرفة"] {
            assert_eq!(checked(name, 40), Ok(name.trim()));
        }
    }

    #[test]
    fn a_name_that_is_empty_too_long_or_rearranges_the_page_is_refused() {
        assert_eq!(checked(" \t ", 40), Err(NameError::Empty));
        assert_eq!(checked("abc", 2), Err(NameError::TooLong { chars: 3, limit: 2 }));
        for char in ['\n', '\u{0}', '\u{202e}', '\u{2066}', '\u{200f}'] {
            assert_eq!(checked(&format!("a{char}b"), 40), Err(NameError::NotText(char)));
        }
    }
}
