//! Asks for the songs the search box names: this tab at once, the network a moment after the last letter.

use std::rc::Rc;
use std::time::Duration;

use futures::FutureExt;
use futures::future::abortable;
use gloo_events::EventListener;
use kadenza_api::Music;
use kadenza_node::tab::Tab;
use kadenza_platform::{sleep, spawn};
use yew::prelude::*;

use crate::actions::Action;
use crate::state::Listing;

/// How long the typing must rest before the network is asked: a little under the pause between two words.
const REST: Duration = Duration::from_millis(150);

/// Keeps `listing` answered.
#[hook]
pub fn use_search(tab: Option<Tab>, listing: &Rc<Listing>, actions: Callback<Action>) {
    use_first_page(tab.clone(), listing.clone(), actions.clone());
    use_further_page(tab, listing.clone(), actions.clone());
    use_return(actions);
}

#[hook]
fn use_first_page(tab: Option<Tab>, listing: Rc<Listing>, actions: Callback<Action>) {
    use_effect_with((tab.is_some(), listing.serial), move |_| {
        let search = tab.map(|tab| {
            // Dropping the task is how a search that nobody waits for any more is given up.
            let (task, search) = abortable(first_page(tab, listing, actions));
            spawn(task.map(drop));
            search
        });
        move || search.iter().for_each(futures::future::AbortHandle::abort)
    });
}

async fn first_page(tab: Tab, listing: Rc<Listing>, actions: Callback<Action>) {
    let serial = listing.serial;
    if let Ok(found) = tab.search(listing.query().here()).await {
        actions.emit(Action::FoundHere { serial, found });
    }
    sleep(REST).await;
    let answer = tab.search(listing.query()).await;
    actions.emit(Action::FoundEverywhere { serial, answer });
}

#[hook]
fn use_further_page(tab: Option<Tab>, listing: Rc<Listing>, actions: Callback<Action>) {
    use_effect_with((tab.is_some(), listing.more), move |_| {
        if let Some(tab) = tab.filter(|_| listing.more_awaited) {
            spawn(async move {
                let answer = tab.search(listing.further()).await;
                actions.emit(Action::FoundMore { serial: listing.serial, answer });
            });
        }
    });
}

/// Others may have added songs while the page was out of sight.
#[hook]
fn use_return(actions: Callback<Action>) {
    use_effect_with((), move |()| {
        let document = web_sys::window().and_then(|window| window.document());
        let listener = document.map(|document| {
            let seen = document.clone();
            EventListener::new(&document, "visibilitychange", move |_| {
                if !seen.hidden() {
                    actions.emit(Action::RefreshAsked);
                }
            })
        });
        move || drop(listener)
    });
}
