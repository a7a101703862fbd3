//! Tells the peer how much it may store and remembers that; and asks it what it stores, for as long as somebody looks at that.

use std::time::Duration;

use futures::future::{AbortHandle, abortable};
use futures::{FutureExt, StreamExt};
use kadenza_node::tab::Tab;
use kadenza_platform::{sleep, spawn};
use yew::prelude::*;

use crate::actions::Action;
use crate::setup;
use crate::state::{Asked, StorageSheet};

/// How long an answer is shown before the next is asked for.
const REFRESH: Duration = Duration::from_secs(1);

/// Keeps the peer to its limit, and the sheet up to date while it is open.
#[hook]
pub fn use_storage(tab: Option<Tab>, sheet: &StorageSheet, actions: Callback<Action>) {
    let (limited, watched, asked) = (tab.clone(), tab.clone(), tab.clone());
    use_effect_with((tab.is_some(), sheet.limit), move |(_, limit)| {
        limited.iter().for_each(|tab| tab.limit_storage(*limit));
        setup::keep_storage_limit(*limit);
    });
    let (is_asked, answers) = (sheet.asked == Asked::Waiting, actions.clone());
    use_effect_with((tab.is_some(), is_asked), move |_| {
        if let Some(tab) = asked.filter(|_| is_asked) {
            spawn(async move { answers.emit(Action::LastingAnswered(tab.ask_to_last().await)) });
        }
    });
    use_effect_with((tab.is_some(), sheet.open), move |(_, open)| {
        let watching = watched.filter(|_| *open).map(|tab| {
            let (watch, watching) = abortable(watch(tab.clone(), actions.clone()));
            let (count, counting) = abortable(count(tab, actions));
            spawn(watch.map(drop));
            spawn(count.map(drop));
            [watching, counting]
        });
        move || watching.iter().flatten().for_each(AbortHandle::abort)
    });
}

async fn watch(tab: Tab, actions: Callback<Action>) {
    loop {
        if let Ok(storage) = tab.holdings().await {
            actions.emit(Action::StorageSeen(storage));
        }
        sleep(REFRESH).await;
    }
}

async fn count(tab: Tab, actions: Callback<Action>) {
    let mut losses = tab.losses();
    while let Some(losses) = losses.next().await {
        actions.emit(Action::LossesCounted(losses));
    }
}
