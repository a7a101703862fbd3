//! The panel of the songs that follow the one that plays.

use std::rc::Rc;

use kadenza_api::{Song, SongId};
use yew::prelude::*;

use super::{Icon, QueueList, Queued, Shape};
use crate::actions::{Action, use_actions};
use crate::words::{t, use_words};

/// The panel's id, by which the button that opens it names it.
pub(super) const UP_NEXT: &str = "up-next";

/// Songs shown; of a longer queue the beginning.
const SHOWN_MAX: usize = 100;

/// What the panel shows.
#[derive(Debug, PartialEq, Properties)]
pub struct UpNextProps {
    /// The songs.
    pub songs: Vec<Rc<Song>>,
}

/// The panel.
#[function_component(UpNext)]
pub fn up_next(UpNextProps { songs }: &UpNextProps) -> Html {
    let (words, actions) = (use_words(), use_actions());
    let further = songs.len().saturating_sub(SHOWN_MAX);
    let shown = songs.iter().take(SHOWN_MAX).map(|song| Queued {
        key: song.id(),
        title: song.title().to_owned(),
        artist: Some(song.artist().to_owned()),
        note: None,
        is_current: false,
    });
    html! {
        <section id={UP_NEXT} class="up-next sheet" popover="auto" aria-labelledby="up-next-title">
            <header>
                <h2 id="up-next-title">{ t!(words, "up-next") }</h2>
                <button type="button" class="round" aria-label={t!(words, "close-up-next")}
                    title={t!(words, "close")} popovertarget={UP_NEXT}>
                    <Icon shape={Shape::Close} />
                </button>
            </header>
            if songs.is_empty() {
                <p>{ t!(words, "nothing-follows") }</p>
            } else {
                <QueueList<SongId> label={t!(words, "up-next")} songs={shown.collect::<Vec<_>>()}
                    on_play={actions.reform(Action::QueueJumped)}
                    on_move={actions.reform(|(song, to)| Action::QueueMoved { song, to })}
                    on_remove={actions.reform(Action::QueueRemoved)} />
            }
            if further > 0 {
                <p>{ t!(words, "further-songs", songs = further) }</p>
            }
        </section>
    }
}
