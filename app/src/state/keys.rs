//! What single keys do.

/// Something a key does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shortcut {
    /// Play or pause.
    Toggle,
    /// Go some seconds back.
    Back,
    /// Go some seconds on.
    Forward,
    /// The song before.
    Previous,
    /// The song after.
    Next,
    /// A little louder.
    Louder,
    /// A little quieter.
    Quieter,
    /// Be silent, or not any more.
    Mute,
    /// Play in another order, or not any more.
    Shuffle,
    /// What is played once more.
    Repeat,
    /// Look for songs.
    Search,
    /// What plays next.
    Queue,
    /// Which keys there are.
    Keys,
}

/// All of them, with their keys as `KeyboardEvent.key` names them.
pub const SHORTCUTS: [(Shortcut, &[&str]); 13] = [
    (Shortcut::Toggle, &[" ", "k"]),
    (Shortcut::Back, &["ArrowLeft", "j"]),
    (Shortcut::Forward, &["ArrowRight", "l"]),
    (Shortcut::Previous, &["p"]),
    (Shortcut::Next, &["n"]),
    (Shortcut::Louder, &["+", "="]),
    (Shortcut::Quieter, &["-"]),
    (Shortcut::Mute, &["m"]),
    (Shortcut::Shuffle, &["s"]),
    (Shortcut::Repeat, &["r"]),
    (Shortcut::Search, &["/"]),
    (Shortcut::Queue, &["q"]),
    (Shortcut::Keys, &["?"]),
];

impl Shortcut {
    /// What a key does, if anything.
    pub fn of(key: &str) -> Option<Self> {
        let key = if key.len() == 1 { key.to_ascii_lowercase() } else { key.to_owned() };
        SHORTCUTS.iter().find(|(_, keys)| keys.contains(&&*key)).map(|(shortcut, _)| *shortcut)
    }
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    #[wasm_bindgen_test]
    fn no_key_does_two_things() {
        let mut keys: Vec<_> = SHORTCUTS.iter().flat_map(|(_, keys)| *keys).collect();
        let all = keys.len();
        keys.sort();
        keys.dedup();
        assert_eq!(keys.len(), all);
    }

    #[wasm_bindgen_test]
    fn a_key_does_the_same_with_capitals_locked() {
        assert_eq!([Shortcut::of("M"), Shortcut::of("m")], [Some(Shortcut::Mute); 2]);
        assert_eq!(Shortcut::of("x"), None);
    }
}
