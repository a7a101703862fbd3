//! Has the element that plays keep to where the room is.

use std::rc::Rc;
use std::time::Duration;

use futures::FutureExt;
use futures::future::{AbortHandle, abortable, select};
use kadenza_node::room::{self, Order, Steering};
use kadenza_node::tab::TabRoom;
use kadenza_platform::{sleep, spawn};
use web_sys::{HtmlAudioElement, HtmlMediaElement};
use yew::prelude::*;

use super::deck::Decks;
use super::play;
use crate::actions::Action;
use crate::state::Player;

/// How often the element is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// How often the drift is shown, in looks.
const SHOWN_EVERY: u32 = 10;

/// An element that stands this near to where it should start is left there.
const STANDS_WITHIN_S: f64 = 0.005;

/// Steers the element for as long as a room says what plays.
#[hook]
pub(super) fn use_together(
    decks: &Rc<Decks>,
    player: &Rc<Player>,
    room: &Option<TabRoom>,
    actions: &Callback<Action>,
) {
    let (decks, room, actions) = (decks.clone(), room.clone(), actions.clone());
    use_effect_with((player.steered, room.clone()), move |(steered, _)| {
        let steering = room.filter(|_| *steered).map(|room| {
            let (task, steering) = abortable(steer(room, decks.clone(), actions));
            spawn(task.map(drop));
            steering
        });
        move || {
            if let Some(steering) = steering {
                AbortHandle::abort(&steering);
                decks.playing().set_playback_rate(1.0);
                // Pausing fails only on an element that is gone.
                drop(decks.playing().pause());
            }
        }
    });
}

async fn steer(room: TabRoom, decks: Rc<Decks>, actions: Callback<Action>) {
    let mut steering = Steering::default();
    let mut changes = room.changes();
    let mut starts = None;
    for look in 0u32.. {
        let rest = starts.map_or(LOOK_EVERY, |at: Duration| at.saturating_sub(room.now()).min(LOOK_EVERY));
        {
            // What somebody has pressed is looked at at once.
            let changed = std::pin::pin!(changes.changed());
            select(changed, std::pin::pin!(sleep(rest))).await;
        }
        let (now, audio) = (room.now(), decks.playing());
        if starts.is_some_and(|at| at <= now) {
            starts = None;
            if player(audio).ready {
                play(audio, actions.clone());
            }
        }
        let Some((item, target)) = room.target() else { continue };
        let song = room.look(|live| live.state().item(item)).map(|item| item.song);
        if song != decks.song() {
            // The page has not loaded it yet.
            starts = None;
            continue;
        }
        let player = player(audio);
        if look % SHOWN_EVERY == 0 {
            let drift = steering.drift_us(target, player);
            actions.emit(Action::DriftSeen(drift.map(|drift| seconds(drift) * 1000.0)));
        }
        let order = steering.order(now, target, player);
        starts = match order {
            Order::StartAt { at, .. } => Some(at),
            Order::Hold => starts,
            _ => None,
        };
        obey(order, audio);
    }
}

/// Does what is ordered, but for what is to be done later.
fn obey(order: Order, audio: &HtmlAudioElement) {
    match order {
        Order::Hold => set_rate(audio, 1.0),
        Order::Rate(rate) => set_rate(audio, rate),
        Order::StartAt { position_us, .. } => {
            set_rate(audio, 1.0);
            stand(audio, seconds(position_us));
        }
        Order::Stop { position_us } => stand(audio, seconds(position_us)),
    }
}

/// Has the element stand still at a second.
fn stand(audio: &HtmlAudioElement, second: f64) {
    if !audio.paused() {
        // As above.
        drop(audio.pause());
    }
    if (audio.current_time() - second).abs() > STANDS_WITHIN_S && !audio.seeking() {
        audio.set_current_time(second.max(0.0));
    }
}

fn set_rate(audio: &HtmlAudioElement, rate: f64) {
    if audio.playback_rate() != rate {
        audio.set_playback_rate(rate);
    }
}

fn player(audio: &HtmlAudioElement) -> room::Player {
    room::Player {
        position_us: micros(audio.current_time()),
        ready: !audio.seeking() && audio.ready_state() >= HtmlMediaElement::HAVE_FUTURE_DATA,
        paused: audio.paused(),
    }
}

#[expect(clippy::cast_possible_truncation, reason = "casts from float saturate")]
fn micros(second: f64) -> i64 {
    (second * 1_000_000.0) as i64
}

#[expect(clippy::cast_precision_loss, reason = "a song is shorter than 285 years")]
fn seconds(us: i64) -> f64 {
    us as f64 / 1_000_000.0
}
