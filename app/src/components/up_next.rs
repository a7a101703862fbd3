//! The panel of the songs that follow the one that plays.

use std::rc::Rc;

use kadenza_api::SongId;
use yew::prelude::*;

use super::{Icon, QueueList, Queued, Shape};
use crate::actions::{Action, use_actions};
use crate::state::Player;

/// The panel's id, by which the button that opens it names it.
pub(super) const UP_NEXT: &str = "up-next";

/// Songs shown; of a longer queue the beginning.
const SHOWN_MAX: usize = 100;

/// What the panel shows.
#[derive(Debug, PartialEq, Properties)]
pub struct UpNextProps {
    /// The player's state.
    pub player: Rc<Player>,
}

/// The panel.
#[function_component(UpNext)]
pub fn up_next(UpNextProps { player }: &UpNextProps) -> Html {
    let actions = use_actions();
    let up_next = player.up_next();
    let ids: Rc<[SongId]> = up_next.iter().take(SHOWN_MAX).map(|song| song.id()).collect();
    let at = |action: fn(SongId) -> Action| {
        let (ids, actions) = (ids.clone(), actions.clone());
        Callback::from(move |place: usize| {
            ids.get(place).into_iter().for_each(|id| actions.emit(action(*id)))
        })
    };
    let on_move = {
        let (ids, actions) = (ids.clone(), actions.clone());
        Callback::from(move |(from, to): (usize, usize)| {
            ids.get(from).into_iter().for_each(|song| actions.emit(Action::QueueMoved { song: *song, to }));
        })
    };
    let further = up_next.len().saturating_sub(SHOWN_MAX);
    let songs = up_next.iter().take(SHOWN_MAX).map(|song| Queued {
        key: song.id().to_string(),
        title: song.title().to_owned(),
        artist: Some(song.artist().to_owned()),
        note: None,
        is_current: false,
    });
    html! {
        <section id={UP_NEXT} class="up-next" popover="auto" aria-labelledby="up-next-title">
            <header>
                <h2 id="up-next-title">{ "Up next" }</h2>
                <button type="button" class="round" aria-label="Close up next" title="Close" popovertarget={UP_NEXT}>
                    <Icon shape={Shape::Close} />
                </button>
            </header>
            if up_next.is_empty() {
                <p>{ "Nothing follows. Play a song of a list, or add songs with the button beside them." }</p>
            } else {
                <QueueList label="Up next" songs={Rc::new(songs.collect::<Vec<_>>())} on_play={at(Action::QueueJumped)}
                    {on_move} on_remove={at(Action::QueueRemoved)} />
            }
            if further > 0 {
                <p>{ format!("And {further} more.") }</p>
            }
        </section>
    }
}
