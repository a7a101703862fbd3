//! Asks the peer how it stands with the others, for as long as the network panel is open.

use std::time::Duration;

use futures::FutureExt;
use futures::future::{AbortHandle, abortable};
use kadenza_api::Music;
use kadenza_node::tab::Tab;
use kadenza_platform::{sleep, spawn};
use yew::prelude::*;

use crate::actions::Action;

/// How long an answer is shown before the next is asked for: bytes are seen to flow, and can still be read.
const REFRESH: Duration = Duration::from_secs(1);

/// Keeps an open panel up to date.
#[hook]
pub fn use_network(tab: Option<Tab>, open: bool, actions: Callback<Action>) {
    use_effect_with((tab.is_some(), open), move |_| {
        let watching = tab.filter(|_| open).map(|tab| {
            let (task, watching) = abortable(watch(tab, actions));
            spawn(task.map(drop));
            watching
        });
        move || watching.iter().for_each(AbortHandle::abort)
    });
}

async fn watch(tab: Tab, actions: Callback<Action>) {
    loop {
        if let Ok(network) = tab.network().await {
            actions.emit(Action::NetworkSeen(network));
        }
        sleep(REFRESH).await;
    }
}
