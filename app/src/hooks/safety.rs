//! Asks where copies of a song are, for as long as somebody looks at that.

use std::time::Duration;

use futures::FutureExt;
use futures::future::{AbortHandle, abortable};
use kadenza_node::tab::Tab;
use kadenza_platform::{sleep, spawn};
use yew::prelude::*;

use crate::actions::Action;
use crate::state::Safety;

/// How long an answer is shown before it is asked anew.
const REFRESH: Duration = Duration::from_secs(5);

/// Keeps what is shown up to date.
#[hook]
pub fn use_safety(tab: Option<Tab>, safety: &Option<Safety>, actions: Callback<Action>) {
    let content = safety.as_ref().map(|safety| safety.song.first().content);
    use_effect_with((tab.is_some(), content), move |(_, content)| {
        let watching = tab.zip(*content).map(|(tab, content)| {
            let (task, watching) = abortable(async move {
                loop {
                    actions.emit(Action::SafetySeen(tab.copies(content).await));
                    sleep(REFRESH).await;
                }
            });
            spawn(task.map(drop));
            watching
        });
        move || watching.iter().for_each(AbortHandle::abort)
    });
}
