//! Asks for the songs the search box names: this tab at once, the network a moment after the last letter.

use std::rc::Rc;
use std::time::Duration;

use futures::FutureExt;
use futures::future::{AbortHandle, abortable};
use gloo_events::EventListener;
use kadenza_api::{Found, Music, Query, Result};
use kadenza_node::tab::Tab;
use kadenza_platform::{sleep, spawn};
use yew::prelude::*;

use crate::actions::Action;
use crate::state::Listing;

/// How long the typing must rest before the network is asked: a little under the pause between two words.
const REST: Duration = Duration::from_millis(150);

/// Keeps `listing` answered: by the library of the room the tab is in, unless the public one is shown.
#[hook]
pub fn use_search(tab: Option<Tab>, listing: &Rc<Listing>, shows_public: bool, actions: Callback<Action>) {
    let library = tab.map(|tab| Library { tab, shows_public });
    use_first_page(library.clone(), listing.clone(), actions.clone());
    use_own_pages(library.clone(), listing, actions.clone());
    use_further_page(library, listing.clone(), actions.clone());
    use_return(actions);
}

/// Which songs are searched.
#[derive(Clone)]
struct Library {
    tab: Tab,
    shows_public: bool,
}

impl Library {
    async fn search(&self, query: Query) -> Result<Found> {
        if self.shows_public { self.tab.public().search(query).await } else { self.tab.search(query).await }
    }
}

#[hook]
fn use_first_page(library: Option<Library>, listing: Rc<Listing>, actions: Callback<Action>) {
    use_effect_with((library.is_some(), listing.serial), move |_| {
        let search = library.map(|library| {
            // Dropping the task is how a search that nobody waits for any more is given up.
            let (task, search) = abortable(first_page(library, listing, actions));
            spawn(task.map(drop));
            search
        });
        move || search.iter().for_each(AbortHandle::abort)
    });
}

async fn first_page(library: Library, listing: Rc<Listing>, actions: Callback<Action>) {
    let serial = listing.serial;
    if let Ok(found) = library.search(listing.query().here()).await {
        actions.emit(Action::FoundHere { serial, found });
    }
    sleep(REST).await;
    let answer = library.search(listing.query()).await;
    actions.emit(Action::FoundEverywhere { serial, answer });
}

/// Reads on in what this tab knows, as far as the list needs it.
#[hook]
fn use_own_pages(library: Option<Library>, listing: &Listing, actions: Callback<Action>) {
    use_effect_with((library.is_some(), listing.serial, listing.own_pages()), move |(_, serial, pages)| {
        let reading = library.filter(|_| !pages.is_empty()).map(|library| {
            let (task, reading) = abortable(own_pages(library, *serial, pages.clone(), actions));
            spawn(task.map(drop));
            reading
        });
        move || reading.iter().for_each(AbortHandle::abort)
    });
}

async fn own_pages(library: Library, serial: u32, pages: Vec<Query>, actions: Callback<Action>) {
    let mut found = Found::default();
    for page in pages {
        match library.search(page).await {
            Ok(Found { songs, total }) => {
                found.songs.extend(songs);
                found.total = total;
            }
            // The first page says what is wrong, if it is still so when it is asked for again.
            Err(_) => return,
        }
        // Between two pages there is time for a frame.
        sleep(Duration::ZERO).await;
    }
    actions.emit(Action::FoundFurther { serial, found });
}

#[hook]
fn use_further_page(library: Option<Library>, listing: Rc<Listing>, actions: Callback<Action>) {
    use_effect_with((library.is_some(), listing.more), move |_| {
        if let Some(library) = library.filter(|_| listing.more_awaited) {
            spawn(async move {
                let answer = library.search(listing.further()).await;
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
