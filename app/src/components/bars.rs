//! Three bars that dance while a song plays. They change a few times a second and not with every frame: an animation of the
//! browser's costs a tab more than playing the song.

use std::time::Duration;

use futures::FutureExt;
use futures::future::abortable;
use kadenza_platform::{sleep, spawn};
use yew::prelude::*;

/// How long the bars stand still in between.
const BEAT: Duration = Duration::from_millis(280);

/// Heights of the bars at each beat, in sixths of the most.
const BEATS: [[u8; 3]; 6] = [[2, 6, 4], [5, 3, 6], [3, 5, 2], [6, 2, 5], [4, 6, 3], [2, 4, 6]];

/// Whether they dance.
#[derive(Debug, PartialEq, Properties)]
pub struct BarsProps {
    /// Whether the song plays.
    pub playing: bool,
}

/// The bars.
#[function_component(Bars)]
pub fn bars(BarsProps { playing }: &BarsProps) -> Html {
    let beat = use_state(|| 0usize);
    let next = beat.clone();
    use_effect_with((*playing, *beat), move |(playing, beat)| {
        let beat = *beat;
        let waiting = playing.then(|| {
            let (task, waiting) = abortable(async move {
                sleep(BEAT).await;
                next.set((beat + 1) % BEATS.len());
            });
            spawn(task.map(drop));
            waiting
        });
        move || waiting.iter().for_each(futures::future::AbortHandle::abort)
    });
    html! {
        <span class="bars" aria-hidden="true">
            <svg viewBox="0 0 18 18" focusable="false">{ for BEATS[*beat].iter().zip(0u8..).map(bar) }</svg>
        </span>
    }
}

fn bar((height, place): (&u8, u8)) -> Html {
    let height = height * 3;
    html! {
        <rect x={(place * 7).to_string()} y={(18 - height).to_string()} width="4" height={height.to_string()} rx="2" />
    }
}
