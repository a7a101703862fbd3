//! The one place between the state and the `<audio>` elements: changes of the state call them, their events become
//! actions. There are two: while one plays, the other has the song that is probably next.

mod deck;
mod together;
mod whole;

use std::rc::Rc;

use kadenza_api::{Recording, Song, SongId};
use kadenza_node::bridge::has_service_worker;
use kadenza_node::tab::TabRoom;
use kadenza_platform::spawn;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{DomException, HtmlAudioElement};
use yew::prelude::*;

use self::deck::{Decks, Source};
use self::together::use_together;
use crate::actions::{Action, use_actions};
use crate::media_session;
use crate::state::{Formats, PlaybackError, Player};

/// What the audio elements follow.
#[derive(Debug, PartialEq, Properties)]
pub struct AudioProps {
    /// The player's state.
    pub player: Rc<Player>,
    /// The song to have ready.
    pub next: Option<Rc<Song>>,
    /// The room the songs are of.
    pub room: Option<TabRoom>,
}

/// Asks the browser what it plays.
pub fn formats() -> Formats {
    match HtmlAudioElement::new() {
        Ok(audio) => Formats::new(|kind| !audio.can_play_type(kind).is_empty()),
        // Without audio elements nothing plays, and each song says so by itself.
        Err(_) => Formats::default(),
    }
}

/// The elements that play. They are never seen.
#[function_component(Audio)]
pub fn audio(AudioProps { player, next, room }: &AudioProps) -> Html {
    let actions = use_actions();
    let decks = {
        let actions = actions.clone();
        use_memo((), |()| Decks::open(actions))
    };
    use_song(&decks, player, room, &actions);
    use_together(&decks, player, room, &actions);
    use_controls(&decks, player);

    let (ready, now, called) = (decks.clone(), player.clone(), room.clone());
    use_effect_with(next.clone(), move |next| {
        if called.is_some() && !has_service_worker() {
            return;
        }
        let recording = next.as_ref().and_then(|song| Some((song, now.formats.playable(song).next()?)));
        if let Some((song, recording)) = recording {
            ready.prepare(Source::of(song, called_in(&called, song), recording));
        }
    });

    use_effect_with((), move |()| media_session::listen(&actions));
    let (moved, length) = (player.position.floor(), player.length);
    use_effect_with((moved, length), |(moved, length)| media_session::set_position(*moved, *length));
    Html::default()
}

/// Loads what the state says, and plays or pauses it. The order matters: a song is loaded before it is told to play.
#[hook]
fn use_song(decks: &Rc<Decks>, player: &Rc<Player>, room: &Option<TabRoom>, actions: &Callback<Action>) {
    let (loading, now, room, failed) = (decks.clone(), player.clone(), room.clone(), actions.clone());
    use_effect_with(player.loads, move |_| {
        if let (Some(song), Some(recording)) = (&now.song, now.recording()) {
            let called = called_in(&room, song);
            let source = Source::of(song, called, recording);
            match room.filter(|_| !has_service_worker()) {
                Some(room) => load_whole(room, source, recording.clone(), loading, now.clone(), failed),
                None => loading.load(source, now.position, now.attempts > 1),
            }
            media_session::show(song, called);
        }
    });

    let (decks, report) = (decks.clone(), actions.clone());
    use_effect_with((player.loads, player.playing, player.steered), move |(loads, playing, steered)| {
        // What a link has begun goes on until its song is known here; what a room plays is steered.
        if *loads == 0 || *steered {
            return;
        }
        if !playing {
            // Pausing what does not play does nothing; it fails only on an element that is gone.
            drop(decks.playing().pause());
            return;
        }
        play(decks.playing(), report);
    });
}

/// Loads all of a room's song, and plays it from then on if it is still wanted.
fn load_whole(
    room: TabRoom,
    source: Source,
    recording: Recording,
    decks: Rc<Decks>,
    player: Rc<Player>,
    actions: Callback<Action>,
) {
    let turn = decks.wait();
    spawn(async move {
        let address = whole::address(&room, &recording).await;
        if !decks.is_turn(turn) {
            address.iter().for_each(|address| whole::forget(address));
            return;
        }
        match address {
            Ok(address) => {
                decks.load(source.at(address), player.position, true);
                if player.playing && !player.steered {
                    play(decks.playing(), actions);
                }
            }
            Err(error) => actions.emit(Action::AudioFailed(PlaybackError::NotFetched(error))),
        }
    });
}

/// What a song is called in addresses, which may come to a relay: in a room, only what says nothing to outsiders.
fn called_in(room: &Option<TabRoom>, song: &Song) -> SongId {
    room.as_ref().map_or_else(|| song.id(), |room| room.address(song.id()))
}

/// Seeks and sets the volume.
#[hook]
fn use_controls(decks: &Rc<Decks>, player: &Rc<Player>) {
    let sought = decks.clone();
    use_effect_with(player.seek, move |seek| {
        if seek.serial > 0 {
            sought.playing().set_current_time(seek.to);
        }
    });

    let decks = decks.clone();
    use_effect_with(player.loudness(), move |volume| decks.set_volume(*volume));
}

fn play(audio: &HtmlAudioElement, actions: Callback<Action>) {
    let started = audio.play();
    spawn(async move {
        let refusal = match started {
            Ok(promise) => JsFuture::from(promise).await.err(),
            Err(refusal) => Some(refusal),
        };
        if refusal.is_some_and(|refusal| is_forbidden(&refusal)) {
            actions.emit(Action::AudioPaused);
        }
    });
}

/// Whether the browser does not let the page play before a person has touched it. Other refusals are an element
/// that was told something else meanwhile, or come as an error event as well.
fn is_forbidden(refusal: &JsValue) -> bool {
    refusal.dyn_ref::<DomException>().is_some_and(|refusal| refusal.name() == "NotAllowedError")
}
