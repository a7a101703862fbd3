//! The bar at the bottom: what plays, and what to do with it.

use std::rc::Rc;

use kadenza_api::Song;
use yew::prelude::*;

use super::{CopyLink, Cover, Icon, Shape, Slider};
use crate::actions::{Action, use_actions};
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
            { volume(player, &actions) }
            if *has_link {
                <CopyLink song={song.id()} />
            }
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
        let actions = actions.clone();
        let onclick = Callback::from(move |_: MouseEvent| actions.emit(action.clone()));
        // Not `disabled`: that would take the focus away from who pressed it last.
        html! {
            <button type="button" class={classes!("round", class)} aria-label={label} title={label}
                aria-disabled={(!enabled).then_some("true")} {onclick}>
                <Icon {shape} />
            </button>
        }
    };
    let list = |label: &'static str, shape, pressed: bool, action: Action| {
        let onclick = actions.reform(move |_: MouseEvent| action.clone());
        html! {
            <button type="button" class={classes!("round", "small", "list-button", pressed.then_some("pressed"))}
                aria-label={label} title={label} aria-pressed={pressed.to_string()} {onclick}>
                <Icon {shape} />
            </button>
        }
    };
    let (repeats, repeat_shape) = match player.repeat {
        Repeat::Off => ("Repeat", Shape::Repeat),
        Repeat::All => ("Repeat: all songs", Shape::Repeat),
        Repeat::One => ("Repeat: this song", Shape::RepeatOne),
    };
    let shuffle = Action::ShuffleSet(player.shuffle.is_none().then(seed));
    let (label, shape) = if player.playing { ("Pause", Shape::Pause) } else { ("Play", Shape::Play) };
    let waiting = (player.playing && player.waiting).then_some("waiting");
    html! {
        <div class="transport">
            if !player.steered {
                { list("Shuffle", Shape::Shuffle, player.shuffle.is_some(), shuffle) }
            }
            { button("Previous", Shape::Previous, None, true, Action::Previous) }
            { button(label, shape, Some(classes!("main-button", waiting)), true, Action::Toggled) }
            { button("Next", Shape::Next, None, player.steered || player.neighbour(1).is_some(), Action::Next) }
            if !player.steered {
                { list(repeats, repeat_shape, player.repeat != Repeat::Off, Action::RepeatSet(player.repeat.next())) }
            }
        </div>
    }
}

/// A new order for the list.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "any number will do")]
fn seed() -> u32 {
    (js_sys::Math::random() * f64::from(u32::MAX)) as u32
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
    let percent = (player.volume * 100.0).round();
    html! {
        <div class="volume">
            <Icon shape={Shape::Volume} />
            <Slider label="Volume" value={percent} max={100.0} step={5.0} {text} on_slide={on_set.clone()} {on_set} />
        </div>
    }
}
