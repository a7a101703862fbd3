//! The bar at the bottom: what plays, and what to do with it.

use std::rc::Rc;

use kadenza_api::Song;
use yew::prelude::*;

use super::up_next::UP_NEXT;
use super::{CopyLink, Cover, Icon, Shape, Slider, SmallButton};
use crate::actions::{Action, shuffle_toggled, use_actions};
use crate::state::{Player, Repeat};
use crate::wording::clock;

/// What the bar shows.
#[derive(Debug, PartialEq, Properties)]
pub struct PlayerBarProps {
    /// The player's state.
    pub player: Rc<Player>,
    /// Whether the song has a link that everybody can open.
    #[prop_or(true)]
    pub has_link: bool,
}

/// The player. It comes with the first song.
#[function_component(PlayerBar)]
pub fn player_bar(PlayerBarProps { player, has_link }: &PlayerBarProps) -> Html {
    let actions = use_actions();
    let Some(song) = &player.song else { return Html::default() };
    let again = {
        let actions = actions.clone();
        Callback::from(move |_: MouseEvent| actions.emit(Action::SongRetried))
    };
    html! {
        <section class="player" aria-label="Player">
            if let Some(failure) = &player.failure {
                <div class="notice problem" role="alert">
                    <Icon shape={Shape::Problem} />
                    <span>{ failure }</span>
                    <button type="button" class="button" onclick={again}>{ "Try again" }</button>
                </div>
            }
            { playing(song) }
            { transport(player, &actions) }
            { seek(player, &actions) }
            { order(player, &actions) }
            { volume(player, &actions) }
            <div class="extras">
                { safety(song, &actions) }
                if *has_link {
                    <CopyLink song={song.id()} />
                }
            </div>
        </section>
    }
}

fn playing(song: &Rc<Song>) -> Html {
    html! {
        <div class="now">
            <Cover song={song.clone()} place="player" />
            <p class="now-title" dir="auto">{ song.title() }</p>
            <p class="now-artist" dir="auto">{ song.artist() }</p>
        </div>
    }
}

fn transport(player: &Player, actions: &Callback<Action>) -> Html {
    let button = |label: &'static str, shape, class, enabled: bool, action: Action| {
        let onclick = actions.reform(move |_: MouseEvent| action.clone());
        // Not `disabled`: that would take the focus away from who pressed it last.
        html! {
            <button type="button" class={classes!("round", class)} aria-label={label} title={label}
                aria-disabled={(!enabled).then_some("true")} {onclick}>
                <Icon {shape} />
            </button>
        }
    };
    let (label, shape) = if player.playing { ("Pause", Shape::Pause) } else { ("Play", Shape::Play) };
    let waiting = (player.playing && player.waiting).then_some("waiting");
    html! {
        <div class="transport">
            { button("Previous", Shape::Previous, None, true, Action::Previous) }
            { button(label, shape, Some(classes!("main-button", waiting)), true, Action::Toggled) }
            { button("Next", Shape::Next, None, player.steered || player.neighbour(1).is_some(), Action::Next) }
        </div>
    }
}

/// In which order the list is played, and what comes next. In a room, the room says so.
fn order(player: &Player, actions: &Callback<Action>) -> Html {
    if player.steered {
        return Html::default();
    }
    let emit = |action: Action| actions.reform(move |()| action.clone());
    let (repeats, repeat_shape) = match player.repeat {
        Repeat::Off => ("Repeat", Shape::Repeat),
        Repeat::All => ("Repeat: all songs", Shape::Repeat),
        Repeat::One => ("Repeat: this song", Shape::RepeatOne),
    };
    html! {
        <div class="order">
            <SmallButton label="Shuffle" shape={Shape::Shuffle} pressed={player.shuffle.is_some()}
                on_press={emit(shuffle_toggled(player))} />
            <SmallButton label={repeats} shape={repeat_shape} pressed={player.repeat != Repeat::Off}
                on_press={emit(Action::RepeatSet(player.repeat.next()))} />
            <button type="button" class="round small queue-button" aria-label="Up next" title="Up next" popovertarget={UP_NEXT}>
                <Icon shape={Shape::Queue} />
            </button>
        </div>
    }
}

/// What shows how safe the song is.
fn safety(song: &Rc<Song>, actions: &Callback<Action>) -> Html {
    let song = song.clone();
    let on_press = actions.reform(move |()| Action::SafetyAsked(Some(song.clone())));
    html! { <SmallButton label="How safe is this song" shape={Shape::Copies} {on_press} /> }
}

fn seek(player: &Player, actions: &Callback<Action>) -> Html {
    let length = player.length;
    let text = Callback::from(move |second: f64| format!("{} of {}", clock(second), clock(length)));
    let on_set = actions.reform(Action::Sought);
    html! {
        <div class="seek">
            <span class="time">{ clock(player.position) }</span>
            <Slider label="Seek" value={player.position} max={length} step={1.0} {text} {on_set} />
            <span class="time">{ clock(length) }</span>
        </div>
    }
}

fn volume(player: &Player, actions: &Callback<Action>) -> Html {
    let on_set = actions.reform(|percent: f64| Action::VolumeSet(percent / 100.0));
    let text = Callback::from(|percent: f64| format!("{percent:.0}%"));
    let percent = (player.loudness() * 100.0).round();
    let (label, shape) = if player.muted { ("Sound on", Shape::Muted) } else { ("Mute", Shape::Volume) };
    html! {
        <div class="volume">
            <SmallButton {label} {shape} on_press={actions.reform(|()| Action::MuteToggled)} />
            <Slider label="Volume" value={percent} max={100.0} step={5.0} {text} on_slide={on_set.clone()} {on_set} />
        </div>
    }
}
