//! One song of the list.

use std::rc::Rc;

use kadenza_api::Song;
use yew::prelude::*;

use super::{Bars, Cover, Icon, Shape, SmallButton};
use crate::actions::{Action, use_actions, use_deeds};
use crate::state::Deed;
use crate::wording;
use crate::words::{Words, t, use_words};

/// Which song.
#[derive(Debug, PartialEq, Properties)]
pub struct SongRowProps {
    /// The song.
    pub song: Rc<Song>,
    /// Whether it is in the player.
    pub is_current: bool,
    /// Whether it plays.
    pub playing: bool,
    /// Whether this browser can play it.
    #[prop_or(true)]
    pub can_play: bool,
    /// What can be done with it in the room the page is in.
    #[prop_or_default]
    pub in_room: Option<InRoom>,
}

/// What can be done with a song in a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InRoom {
    /// It is the room's: it can be queued.
    Own,
    /// It is the public library's: it can be added to the room.
    Public,
}

/// A song. All of its row plays it.
#[function_component(SongRow)]
pub fn song_row(SongRowProps { song, is_current, playing, can_play, in_room }: &SongRowProps) -> Html {
    let (words, actions, deeds) = (use_words(), use_actions(), use_deeds());
    let onclick = {
        let (song, actions) = (Some(song.clone()).filter(|_| *can_play), actions.clone());
        Callback::from(move |_: MouseEvent| {
            song.iter().cloned().for_each(|song| actions.emit(Action::SongChosen(song)))
        })
    };
    let state = [(*is_current, "current"), (*playing, "playing"), (!can_play, "unplayable")];
    let class = classes!(
        "song",
        state.into_iter().filter_map(|(is_so, name)| is_so.then_some(name)).collect::<Classes>()
    );
    let length = std::time::Duration::from_millis(song.first().duration_ms).as_secs_f64();
    let id = song.id().to_string();
    let note = (!can_play).then(|| format!("note-{id}"));
    html! {
        <li {class} data-song={id} aria-current={is_current.then_some("true")}>
            <span class="song-cover">
                <Cover song={song.clone()} place="row" />
                <button type="button" class="song-play" aria-label={t!(words, "play-song", title = song.title())}
                    aria-disabled={(!can_play).then_some("true")} aria-describedby={note.clone()} {onclick}>
                    <Icon shape={if *can_play { Shape::Play } else { Shape::Problem }} />
                </button>
                if *is_current {
                    <Bars playing={*playing} />
                }
            </span>
            <span class="song-title" dir="auto">{ song.title() }</span>
            <span class="song-artist" dir="auto">{ song.artist() }</span>
            <span class="song-album" dir="auto">{ song.album() }</span>
            if note.is_some() {
                <span class="song-note" id={note}>{ wording::cannot_play(&words, song) }</span>
            }
            <span class="song-buttons">
                { queue_button(&words, song, *in_room, &actions, &deeds) }
                if *in_room == Some(InRoom::Own) {
                    { publish_button(&words, song, &actions) }
                }
            </span>
            <span class="song-length">{ wording::clock(length) }</span>
        </li>
    }
}

fn queue_button(
    words: &Words,
    song: &Rc<Song>,
    in_room: Option<InRoom>,
    actions: &Callback<Action>,
    deeds: &Callback<Deed>,
) -> Html {
    let (queued, title) = (song.clone(), song.title());
    let (label, on_press) = match in_room {
        None => (
            t!(words, "queue-song-next", title = title),
            actions.reform(move |()| Action::QueueAdded(queued.clone())),
        ),
        Some(InRoom::Own) => {
            (t!(words, "queue-song", title = title), deeds.reform(move |()| Deed::Queue(queued.clone())))
        }
        Some(InRoom::Public) => {
            (t!(words, "add-to-room", title = title), deeds.reform(move |()| Deed::AddPublic(queued.clone())))
        }
    };
    html! { <SmallButton {label} shape={Shape::Queue} {on_press} /> }
}

fn publish_button(words: &Words, song: &Rc<Song>, actions: &Callback<Action>) -> Html {
    let public = song.clone();
    let on_press = actions.reform(move |()| Action::PublishAsked(Some(public.clone())));
    let label = t!(words, "make-song-public", title = song.title());
    html! { <SmallButton {label} shape={Shape::Globe} {on_press} /> }
}
