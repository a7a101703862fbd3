//! What a song is called: names made fit to be stored, and guesses from a file's name.

use kadenza_api::{Tags, fold};

/// The most characters of a file's name that a message repeats.
const SHOWN_CHARS: usize = 80;

/// A name as it is stored: white space of any kind is one space, control characters are gone, ends are trimmed.
pub(crate) fn clean(name: &str) -> String {
    let spaced = name.chars().map(|c| if c.is_whitespace() { ' ' } else { c });
    let visible: String = spaced.filter(|c| !c.is_control()).collect();
    visible.trim().to_owned()
}

/// A cleaned name, if anything is left of it that can name a song.
pub(crate) fn some_name(name: &str) -> Option<String> {
    let name = clean(name);
    (!fold(&name).is_empty()).then_some(name)
}

/// A file's name for messages: without folders, and never endless.
pub(crate) fn shown(file: &str) -> String {
    let name = clean(without_folders(file));
    if name.is_empty() {
        return "the file".into();
    }
    if name.chars().count() <= SHOWN_CHARS {
        return name;
    }
    name.chars().take(SHOWN_CHARS).chain("…".chars()).collect()
}

/// The names of `first`, and where it has none, those of `second`.
pub(crate) fn or(first: Tags, second: &Tags) -> Tags {
    Tags {
        title: first.title.or_else(|| second.title.clone()),
        artist: first.artist.or_else(|| second.artist.clone()),
        album: first.album.or_else(|| second.album.clone()),
    }
}

/// `tags`, cleaned.
pub(crate) fn cleaned(tags: &Tags) -> Tags {
    let name = |name: &Option<String>| name.as_deref().and_then(some_name);
    Tags { title: name(&tags.title), artist: name(&tags.artist), album: name(&tags.album) }
}

/// What a file's name suggests: `Artist - Title.mp3`, `01 Title.mp3`, `Artist - Album - 01 - Title.mp3`.
pub(crate) fn guess(file: &str) -> Tags {
    let stem = clean(without_extension(without_folders(file)));
    let stem = if stem.contains(' ') { stem } else { stem.replace('_', " ") };
    let parts: Vec<&str> = without_number(&stem).split(" - ").filter(|part| !is_number(part)).collect();
    let (artist, album, title) = match parts[..] {
        [] => (None, None, None),
        [title] => (None, None, Some(title)),
        [artist, title] => (Some(artist), None, Some(title)),
        [artist, album, .., title] => (Some(artist), Some(album), Some(title)),
    };
    Tags {
        title: title.and_then(|title| some_name(without_number(title))),
        artist: artist.and_then(some_name),
        album: album.and_then(some_name),
    }
}

fn without_folders(file: &str) -> &str {
    file.rsplit(['/', '\\']).next().unwrap_or(file)
}

fn without_extension(name: &str) -> &str {
    match name.rsplit_once('.') {
        Some((stem, extension)) if !stem.is_empty() && (1..=5).contains(&extension.len()) => {
            if extension.bytes().all(|b| b.is_ascii_alphanumeric()) { stem } else { name }
        }
        _ => name,
    }
}

fn is_number(text: &str) -> bool {
    let text = text.trim();
    text.len() <= 3 && !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// `name` without the track number it begins with: `01 Title`, `1. Title`, `12 - Title`.
fn without_number(name: &str) -> &str {
    let digits = name.bytes().take_while(u8::is_ascii_digit).count();
    let rest = name.get(digits..).unwrap_or_default();
    let title = rest.trim_start_matches(['.', '-', ')', ' ']);
    if is_number(name.get(..digits).unwrap_or_default()) && title.len() < rest.len() && !title.is_empty() {
        title
    } else {
        name
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn guessed(file: &str) -> (String, String, String) {
        let Tags { title, artist, album } = guess(file);
        (artist.unwrap_or_default(), album.unwrap_or_default(), title.unwrap_or_default())
    }

    #[test]
    fn file_names_suggest_names_of_songs() {
        for (file, artist, album, title) in [
            ("Ada - Sirens.wav", "Ada", "", "Sirens"),
            ("music/Ada/01 Sirens.mp3", "", "", "Sirens"),
            ("C:\\music\\01. Sirens.mp3", "", "", "Sirens"),
            ("03 - Sirens.mp3", "", "", "Sirens"),
            ("03 - Ada - Sirens.mp3", "Ada", "", "Sirens"),
            ("Ada - Coast - 03 - Sirens.flac", "Ada", "Coast", "Sirens"),
            ("ada_-_sirens.mp3", "ada", "", "sirens"),
            ("1979.mp3", "", "", "1979"),
            ("Mr. Blue.mp3", "", "", "Mr. Blue"),
            (".mp3", "", "", ".mp3"),
            ("", "", "", ""),
            ("\u{0}", "", "", ""),
        ] {
            assert_eq!(guessed(file), (artist.into(), album.into(), title.into()), "{file}");
        }
    }

    #[test]
    fn a_message_repeats_only_the_beginning_of_a_long_name() {
        assert_eq!(shown(&format!("a/{}", "x".repeat(1000))).chars().count(), SHOWN_CHARS + 1);
        assert_eq!(shown(""), "the file");
    }

    proptest! {
        #[test]
        fn any_file_name_gives_names_that_can_be_stored(file in any::<String>()) {
            let tags = guess(&file);
            for name in [tags.title, tags.artist, tags.album].into_iter().flatten() {
                prop_assert!(!name.is_empty() && !name.contains(char::is_control));
            }
            shown(&file);
        }
    }
}
