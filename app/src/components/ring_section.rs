//! The ring in the network panel: its picture, what its signs mean, and who or what somebody looks for on it.

use std::rc::Rc;

use kadenza_api::Song;
use web_sys::HtmlSelectElement;
use yew::prelude::*;

use super::{PickedPeer, RingPicture, picking};
use crate::actions::{Action, use_actions};
use crate::state::{Sought, Standing};
use crate::words::{Words, isolated, t, use_words};

/// What the part shows.
#[derive(Debug, PartialEq, Properties)]
pub struct RingSectionProps {
    /// The peers, and where they are.
    pub standing: Rc<Standing>,
    /// Songs whose places can be shown.
    pub songs: Vec<Rc<Song>>,
}

/// The part.
#[function_component(RingSection)]
pub fn ring_section(RingSectionProps { standing, songs }: &RingSectionProps) -> Html {
    let (words, actions) = (use_words(), use_actions());
    let pick = picking(&actions);
    html! {
        <div class="ring-section">
            <p class="network-note">{ t!(words, "ring-about") }</p>
            <div class="ring-frame" onpointerover={pick.reform(Event::from)} onclick={pick.reform(Event::from)}
                onpointerleave={pick.reform(Event::from)}>
                <RingPicture ring={standing.ring.clone()} picked={standing.picked.clone().map(AttrValue::from)}
                    sought={standing.sought.as_ref().map(|sought| sought.position)} />
            </div>
            { legend(&words) }
            <PickedPeer peer={standing.picked().cloned()} own={standing.ring.own} />
            if !songs.is_empty() {
                <SongPlace songs={songs.clone()} standing={standing.clone()} />
            }
        </div>
    }
}

/// What each sign stands for.
fn legend(words: &Words) -> Html {
    let sign = |shape: Html, said: String| html! { <li><svg viewBox="-8 -8 16 16" aria-hidden="true">{ shape }</svg>{ said }</li> };
    let dot = |class| html! { <g class={classes!("dot", class)}><circle class="mark" r="5.5" /></g> };
    let relay = html! {
        <g class="dot direct"><rect class="mark" x="-5" y="-5" width="10" height="10" rx="1.5" transform="rotate(45)" /></g>
    };
    html! {
        <ul class="ring-legend" role="list">
            { sign(html! { <g class="own"><circle class="mark" r="6.5" /></g> }, t!(words, "this-tab")) }
            { sign(dot("direct"), t!(words, "legend-tab")) }
            { sign(relay, t!(words, "legend-relay")) }
            { sign(dot("relayed"), t!(words, "legend-relayed")) }
        </ul>
    }
}

/// Shows where a song belongs.
#[function_component(SongPlace)]
fn song_place(RingSectionProps { standing, songs }: &RingSectionProps) -> Html {
    let (words, actions) = (use_words(), use_actions());
    let chosen = standing.sought.as_ref().map(|Sought { song, .. }| song.id());
    let onchange = {
        let songs = songs.clone();
        actions.reform(move |event: Event| {
            let id = event.target_unchecked_into::<HtmlSelectElement>().value();
            Action::SongSought(songs.iter().find(|song| song.id().to_string() == id).cloned())
        })
    };
    html! {
        <>
            <label class="limit">
                <span>{ t!(words, "song-place") }</span>
                <select {onchange}>
                    <option value="" selected={chosen.is_none()}>{ t!(words, "song-place-none") }</option>
                    { for songs.iter().map(|song| html! {
                        <option value={song.id().to_string()} selected={chosen == Some(song.id())}>{ song.title() }</option>
                    }) }
                </select>
            </label>
            { for standing.sought.as_ref().map(|sought| html! {
                <p class="network-note" role="status">{ belongs(&words, standing, sought) }</p>
            }) }
        </>
    }
}

fn belongs(words: &Words, standing: &Standing, Sought { song, position }: &Sought) -> String {
    let closest = standing.ring.closest(*position);
    let (title, others) = (isolated(song.title()), closest.iter().flatten().count());
    match others < closest.len() {
        true => t!(words, "song-belongs-here", title = title, peers = others),
        false => t!(words, "song-belongs", title = title, peers = others),
    }
}
