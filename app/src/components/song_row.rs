//! One song of the list.

use std::rc::Rc;

use kadenza_api::Song;
use yew::prelude::*;

use super::{Cover, Icon, Shape};
use crate::actions::{Action, use_actions};
use crate::wording;

/// Which song.
#[derive(Debug, PartialEq, Properties)]
pub struct SongRowProps {
    /// The song.
    pub song: Rc<Song>,
    /// Whether it is in the player.
    pub is_current: bool,
    /// Whether it plays.
    pub playing: bool,
}

/// A song. All of its row plays it.
#[function_component(SongRow)]
pub fn song_row(SongRowProps { song, is_current, playing }: &SongRowProps) -> Html {
    let actions = use_actions();
    let onclick = {
        let song = song.clone();
        Callback::from(move |_: MouseEvent| actions.emit(Action::SongChosen(song.clone())))
    };
    let class = classes!("song", is_current.then_some("current"), playing.then_some("playing"));
    let length = std::time::Duration::from_millis(song.first().duration_ms).as_secs_f64();
    html! {
        <li {class} aria-current={is_current.then_some("true")}>
            <span class="song-cover">
                <Cover song={song.clone()} place="row" />
                <button type="button" class="song-play" aria-label={format!("Play {}", song.title())} {onclick}>
                    <Icon shape={Shape::Play} />
                </button>
                <span class="bars" aria-hidden="true"><i /><i /><i /></span>
            </span>
            <span class="song-title" dir="auto">{ song.title() }</span>
            <span class="song-artist" dir="auto">{ song.artist() }</span>
            <span class="song-album" dir="auto">{ song.album() }</span>
            <span class="song-length">{ wording::clock(length) }</span>
        </li>
    }
}
