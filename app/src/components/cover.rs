//! A song's cover, or one made up from its id where it has none.

use kadenza_api::{Song, SongId, http::cover_path};
use kadenza_node::tab::TabRoom;
use std::rc::Rc;
use yew::prelude::*;

/// A picture made up from a song's id: the same song always has the same one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pattern {
    /// Hue of the upper left corner, in degrees.
    pub from: u32,
    /// Hue of the lower right corner, in degrees.
    pub to: u32,
    /// Where the rings have their centre, on a grid of 64.
    pub centre: (u8, u8),
    /// How far apart the rings are, on the same grid.
    pub step: u8,
}

impl Pattern {
    /// The pattern of a song.
    pub fn of(id: SongId) -> Self {
        let [a, b, x, y, step, ..] = id.0;
        let from = u32::from(a) * 360 / 256;
        // Neighbouring hues go together; far ones turn grey in the middle.
        let to = (from + 30 + u32::from(b) % 60) % 360;
        Self { from, to, centre: (x % 64, y % 64), step: 9 + step % 8 }
    }
}

/// Whose cover.
#[derive(Debug, PartialEq, Properties)]
pub struct CoverProps {
    /// The song.
    pub song: Rc<Song>,
    /// Where on the page it stands; a word for ids, since one song may be seen twice.
    pub place: &'static str,
}

/// A cover. It says nothing to a screen reader: title and artist stand beside it.
#[function_component(Cover)]
pub fn cover(CoverProps { song, place }: &CoverProps) -> Html {
    // The picture that could not be loaded, if any: another song in the same place has another.
    let missing = use_state_eq(|| None::<SongId>);
    let id = song.id();
    let room = use_context::<Option<TabRoom>>().flatten();
    let called = room.map_or(id, |room| room.address(id));
    let onerror = {
        let missing = missing.clone();
        Callback::from(move |_: Event| missing.set(Some(id)))
    };
    html! {
        <span class="cover" aria-hidden="true">
            { made_up(id, place) }
            if song.cover().is_some() && *missing != Some(id) {
                <img key={id.to_string()} src={cover_path(called)} alt="" loading="lazy" decoding="async" {onerror} />
            }
        </span>
    }
}

fn made_up(id: SongId, place: &str) -> Html {
    let Pattern { from, to, centre: (x, y), step } = Pattern::of(id);
    let gradient = format!("cover-{place}-{id}");
    let ring = |n: u8| {
        html! { <circle cx={x.to_string()} cy={y.to_string()} r={(u16::from(n) * u16::from(step)).to_string()} /> }
    };
    html! {
        <svg viewBox="0 0 64 64" focusable="false">
            <defs>
                <linearGradient id={gradient.clone()} x2="1" y2="1">
                    <stop stop-color={format!("hsl({from} 62% 52%)")} />
                    <stop offset="1" stop-color={format!("hsl({to} 68% 34%)")} />
                </linearGradient>
            </defs>
            <rect width="64" height="64" fill={format!("url(#{gradient})")} />
            <g fill="none" stroke="#fff" stroke-opacity=".22" stroke-width="2.5">{ for (1..=6).map(ring) }</g>
        </svg>
    }
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    #[wasm_bindgen_test]
    fn a_song_always_has_the_same_pattern_and_another_song_another() {
        let song = |title| Pattern::of(SongId::of(title, "Ada", "Coast"));
        assert_eq!(song("Sirens"), song("SIRENS"));
        assert_ne!(song("Sirens"), song("Lights"));
    }

    #[wasm_bindgen_test]
    fn every_pattern_stays_within_its_picture() {
        for byte in 0..=255 {
            let pattern = Pattern::of(SongId([byte; 20]));
            assert!(pattern.from < 360 && pattern.to < 360);
            assert!(pattern.centre.0 < 64 && pattern.centre.1 < 64 && pattern.step > 0);
        }
    }
}
