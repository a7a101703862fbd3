//! Rooms.

use crate::state::Room;
use crate::words::{Words, t};

/// Up to here nobody hears an echo, in milliseconds.
const IN_STEP_MS: f64 = 50.0;

/// How it is with listening together.
pub fn together(words: &Words, room: &Room) -> String {
    let playback = room.view.as_ref().and_then(|view| view.playback);
    match (room.together, playback, room.drift_ms) {
        (false, Some((_, true)), _) => t!(words, "together-invitation"),
        (false, ..) => t!(words, "together-about"),
        (true, None, _) => t!(words, "together-nothing"),
        (true, Some((_, false)), _) => t!(words, "together-paused"),
        (true, Some((_, true)), None) => t!(words, "getting-in-step"),
        (true, Some((_, true)), Some(drift)) => step(words, drift),
    }
}

fn step(words: &Words, drift_ms: f64) -> String {
    let (ms, is_behind) = (drift_ms.abs(), drift_ms > 0.0);
    match (ms <= IN_STEP_MS, is_behind) {
        _ if ms < 1.0 => t!(words, "in-step"),
        (true, true) => t!(words, "in-step-behind", ms = ms),
        (true, false) => t!(words, "in-step-ahead", ms = ms),
        (false, true) => t!(words, "getting-in-step-behind", ms = ms),
        (false, false) => t!(words, "getting-in-step-ahead", ms = ms),
    }
}

/// What somebody is called who has not said: one of a few names, which `number` picks.
pub fn nameless(words: &Words, number: usize) -> String {
    let names = t!(words, "member-names");
    let names: Vec<_> = names.split_whitespace().collect();
    names.get(number % names.len().max(1)).copied().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use kadenza_node::room::MemberName;
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;
    use crate::state::Language;

    #[wasm_bindgen_test]
    fn whoever_has_not_said_has_a_name_all_the_same() {
        for words in Language::ALL.map(Words::of) {
            for number in 0..=255 {
                assert!(MemberName::new(&nameless(&words, number)).is_ok());
            }
        }
    }

    #[wasm_bindgen_test]
    fn being_in_step_is_said_to_the_millisecond() {
        let said = |language| [0.4, 12.6, -50.0, 51.0, -1500.0].map(|ms| step(&Words::of(language), ms));
        assert_eq!(
            said(Language::English),
            [
                "In step with the room.",
                "In step: 13 ms behind the room.",
                "In step: 50 ms ahead of the room.",
                "Getting in step: 51 ms behind the room.",
                "Getting in step: 1,500 ms ahead of the room."
            ]
        );
        assert_eq!(said(Language::Spanish)[4], "Sincronizando: 1500 ms por delante de la sala.");
    }
}
