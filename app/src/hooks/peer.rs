//! Starts this tab's peer with the page and passes on how it stands with the network.

use futures::StreamExt;
use kadenza_api::{Music, Result};
use kadenza_node::bridge::serve_service_worker;
use kadenza_node::tab::{Config, Tab};
use kadenza_platform::spawn;
use yew::prelude::*;

use crate::actions::Action;

/// This tab's peer, once its store is open.
#[hook]
pub fn use_peer(actions: Callback<Action>) -> Option<Tab> {
    let peer = use_state(|| None::<Tab>);
    let started = peer.clone();
    use_effect_with((), move |()| {
        spawn(async move {
            match start(&actions).await {
                Ok(tab) => started.set(Some(tab)),
                Err(error) => actions.emit(Action::StartFailed(error)),
            }
        });
    });
    (*peer).clone()
}

async fn start(actions: &Callback<Action>) -> Result<Tab> {
    let origin = web_sys::window().and_then(|window| window.location().origin().ok());
    let tab = Tab::start(Config { relays: origin.into_iter().collect() }).await?;
    let missing = actions.clone();
    spawn(serve_service_worker(tab.clone(), move || missing.emit(Action::StreamingMissing)));
    spawn(watch(tab.clone(), actions.clone()));
    Ok(tab)
}

async fn watch(tab: Tab, actions: Callback<Action>) {
    if let Ok(network) = tab.network().await
        && let Some(peer) = network.peer
    {
        actions.emit(Action::PeerKnown(peer));
    }
    let mut statuses = tab.statuses();
    while let Some(status) = statuses.next().await {
        actions.emit(Action::StatusChanged(status));
    }
}
