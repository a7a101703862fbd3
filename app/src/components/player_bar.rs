//! The bar at the bottom: what plays, and what to do with it.

use std::rc::Rc;

use kadenza_api::Song;
use yew::prelude::*;

use super::up_next::UP_NEXT;
use super::{CopyLink, Cover, Icon, Shape, Slider, SmallButton};
use crate::actions::{Action, shuffle_toggled, use_actions};
use crate::state::{Player, Repeat};
use crate::wording::{self, clock};
use crate::words::{Words, t, use_words};

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
    let (words, actions) = (use_words(), use_actions());
    let Some(song) = &player.song else { return Html::default() };
    let again = {
        let actions = actions.clone();
        Callback::from(move |_: MouseEvent| actions.emit(Action::SongRetried))
    };
    html! {
        <section class="player" aria-label={t!(words, "player")}>
            if let Some(failure) = &player.failure {
                <div class="notice problem" role="alert">
                    <Icon shape={Shape::Problem} />
                    <span>{ wording::playback_failure(&words, failure) }</span>
                    <button type="button" class="button" onclick={again}>{ t!(words, "try-again") }</button>
                </div>
            }
            { playing(song) }
            { transport(&words, player, &actions) }
            { seek(&words, player, &actions) }
            { order(&words, player, &actions) }
            { volume(&words, player, &actions) }
            <div class="extras">
                { safety(&words, song, &actions) }
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

fn transport(words: &Words, player: &Player, actions: &Callback<Action>) -> Html {
    let button = |label: String, shape, class, enabled: bool, action: Action| {
        let onclick = actions.reform(move |_: MouseEvent| action.clone());
        // Not `disabled`: that would take the focus away from who pressed it last.
        html! {
            <button type="button" class={classes!("round", class)} aria-label={label.clone()} title={label}
                aria-disabled={(!enabled).then_some("true")} {onclick}>
                <Icon {shape} />
            </button>
        }
    };
    let (label, shape) = match player.playing {
        true => (t!(words, "pause"), Shape::Pause),
        false => (t!(words, "play"), Shape::Play),
    };
    let follows = player.steered || player.neighbour(1).is_some();
    let waiting = (player.playing && player.waiting).then_some("waiting");
    html! {
        <div class="transport">
            { button(t!(words, "previous"), Shape::Previous, None, true, Action::Previous) }
            { button(label, shape, Some(classes!("main-button", waiting)), true, Action::Toggled) }
            { button(t!(words, "next"), Shape::Next, None, follows, Action::Next) }
        </div>
    }
}

/// In which order the list is played, and what comes next. In a room, the room says so.
fn order(words: &Words, player: &Player, actions: &Callback<Action>) -> Html {
    if player.steered {
        return Html::default();
    }
    let emit = |action: Action| actions.reform(move |()| action.clone());
    let (repeats, repeat_shape) = match player.repeat {
        Repeat::Off => (t!(words, "repeat"), Shape::Repeat),
        Repeat::All => (t!(words, "repeat-all"), Shape::Repeat),
        Repeat::One => (t!(words, "repeat-one"), Shape::RepeatOne),
    };
    html! {
        <div class="order">
            <SmallButton label={t!(words, "shuffle")} shape={Shape::Shuffle} pressed={player.shuffle.is_some()}
                on_press={emit(shuffle_toggled(player))} />
            <SmallButton label={repeats} shape={repeat_shape} pressed={player.repeat != Repeat::Off}
                on_press={emit(Action::RepeatSet(player.repeat.next()))} />
            <button type="button" class="round small queue-button" aria-label={t!(words, "up-next")}
                title={t!(words, "up-next")} popovertarget={UP_NEXT}>
                <Icon shape={Shape::Queue} />
            </button>
        </div>
    }
}

/// What shows how safe the song is.
fn safety(words: &Words, song: &Rc<Song>, actions: &Callback<Action>) -> Html {
    let song = song.clone();
    let on_press = actions.reform(move |()| Action::SafetyAsked(Some(song.clone())));
    html! { <SmallButton label={t!(words, "song-safety")} shape={Shape::Copies} {on_press} /> }
}

fn seek(words: &Words, player: &Player, actions: &Callback<Action>) -> Html {
    let length = player.length;
    let text = {
        let words = words.clone();
        Callback::from(move |second: f64| t!(words, "part-of", part = clock(second), whole = clock(length)))
    };
    let on_set = actions.reform(Action::Sought);
    html! {
        <div class="seek">
            <span class="time">{ clock(player.position) }</span>
            <Slider label={t!(words, "seek")} value={player.position} max={length} step={1.0} {text} {on_set} />
            <span class="time">{ clock(length) }</span>
        </div>
    }
}

fn volume(words: &Words, player: &Player, actions: &Callback<Action>) -> Html {
    let on_set = actions.reform(|percent: f64| Action::VolumeSet(percent / 100.0));
    let text = {
        let words = words.clone();
        Callback::from(move |percent: f64| t!(words, "percent", number = percent.round()))
    };
    let percent = (player.loudness() * 100.0).round();
    let (label, shape) = match player.muted {
        true => (t!(words, "sound-on"), Shape::Muted),
        false => (t!(words, "mute"), Shape::Volume),
    };
    html! {
        <div class="volume">
            <SmallButton {label} {shape} on_press={actions.reform(|()| Action::MuteToggled)} />
            <Slider label={t!(words, "volume")} value={percent} max={100.0} step={5.0} {text} on_slide={on_set.clone()} {on_set} />
        </div>
    }
}
