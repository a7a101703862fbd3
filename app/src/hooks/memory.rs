//! Remembers the player for the page's next visit.

use std::rc::Rc;

use yew::prelude::*;

use crate::setup;
use crate::state::{Place, Player, Settings, remembered};

/// Remembers how it is set, and outside of rooms what plays, where it is and what follows.
#[hook]
pub fn use_memory(player: &Rc<Player>, in_room: bool) {
    use_effect_with(Settings::of(player), setup::remember_settings);
    let place = Place::of(player).filter(|_| !in_room);
    // The songs are written when they are others.
    let songs = place.as_ref().map(|_| remembered(player));
    use_effect_with(place, |place| place.iter().for_each(setup::remember_place));
    use_effect_with(songs, |songs| songs.iter().for_each(|songs| setup::remember_songs(songs)));
}
