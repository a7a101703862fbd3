//! The one place between the state and the `<audio>` element: changes of the state call the element, events of
//! the element become actions.

use std::rc::Rc;

use kadenza_api::http::listen_path;
use kadenza_platform::spawn;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{DomException, HtmlAudioElement, MediaError};
use yew::prelude::*;

use crate::actions::{Action, use_actions};
use crate::media_session;
use crate::state::Player;

/// What the audio element follows.
#[derive(Debug, PartialEq, Properties)]
pub struct AudioProps {
    /// The player's state.
    pub player: Rc<Player>,
}

/// The element that plays. It is never seen.
#[function_component(Audio)]
pub fn audio(AudioProps { player }: &AudioProps) -> Html {
    let actions = use_actions();
    let node = use_node_ref();
    use_element(&node, player, &actions);

    let on = |act: fn(&HtmlAudioElement) -> Option<Action>| {
        let (node, actions) = (node.clone(), actions.clone());
        Callback::from(move |_: Event| {
            if let Some(action) = node.cast().as_ref().and_then(act) {
                actions.emit(action);
            }
        })
    };
    html! {
        <audio
            ref={node.clone()}
            preload="auto"
            onplaying={on(|_| Some(Action::AudioPlaying))}
            onwaiting={on(|_| Some(Action::AudioWaiting))}
            onpause={on(|audio| (audio.paused() && !audio.ended()).then_some(Action::AudioPaused))}
            ontimeupdate={on(|audio| Some(Action::AudioMoved(audio.current_time())))}
            ondurationchange={on(|audio| Some(Action::AudioLength(audio.duration())))}
            onended={on(|_| Some(Action::AudioEnded))}
            onerror={on(|audio| audio.error().map(|error| Action::AudioFailed(failure(&error).into())))}
        />
    }
}

/// Makes the element follow the state. The order matters: a song is loaded before it is told to play.
#[hook]
fn use_element(node: &NodeRef, player: &Rc<Player>, actions: &Callback<Action>) {
    let element = || node.cast::<HtmlAudioElement>();

    let (audio, now, report) = (element(), player.clone(), actions.clone());
    use_effect_with(player.loads, move |_| {
        if let (Some(audio), Some(song)) = (audio, &now.song) {
            audio.set_src(&listen_path(song.id(), now.recording()));
            if now.position > 0.0 {
                audio.set_current_time(now.position);
            }
            media_session::show(song);
            play(&audio, &now, report);
        }
    });

    let (audio, now, report) = (element(), player.clone(), actions.clone());
    use_effect_with(player.playing, move |_| {
        if let Some(audio) = audio {
            play(&audio, &now, report);
        }
    });

    let audio = element();
    use_effect_with(player.seek, move |seek| {
        if let Some(audio) = audio.filter(|_| seek.serial > 0) {
            audio.set_current_time(seek.to);
        }
    });

    let audio = element();
    use_effect_with(player.volume, move |volume| {
        if let Some(audio) = audio {
            audio.set_volume(*volume);
        }
    });

    let actions = actions.clone();
    use_effect_with((), move |()| media_session::listen(&actions));
}

fn play(audio: &HtmlAudioElement, player: &Player, actions: Callback<Action>) {
    if !player.playing || player.song.is_none() {
        // Pausing what does not play does nothing; it fails only on an element that is gone.
        drop(audio.pause());
        return;
    }
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

/// Why the element gave up, and what to do.
fn failure(error: &MediaError) -> &'static str {
    match error.code() {
        MediaError::MEDIA_ERR_DECODE => {
            "This recording is damaged, or of a kind this browser cannot play. Try another browser."
        }
        MediaError::MEDIA_ERR_NETWORK => {
            "The song stopped arriving: whoever has it may have left. Try again in a moment."
        }
        _ => {
            "The song could not be loaded: nobody who has it answers, or this browser cannot play it. \
             Try again in a moment."
        }
    }
}
