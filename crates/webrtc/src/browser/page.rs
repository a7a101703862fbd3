//! What the whole page holds: all links, so that they can be told goodbye when the page goes.

use std::cell::RefCell;
use std::rc::{Rc, Weak};

use web_sys::Event;

use super::handlers::Handlers;
use super::link::Link;

thread_local! {
    static PAGE: RefCell<Page> = const { RefCell::new(Page { links: Vec::new(), farewell: None }) };
}

struct Page {
    links: Vec<Weak<Link>>,
    farewell: Option<Handlers>,
}

/// What is open in this page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Open {
    /// Connections of the browser's that this transport has made and not closed.
    pub peer_connections: usize,
    /// Data channels on them.
    pub data_channels: usize,
}

/// What is open in this page now.
pub fn open() -> Open {
    let links = links();
    Open { peer_connections: links.len(), data_channels: links.iter().map(|link| link.channels()).sum() }
}

fn links() -> Vec<Rc<Link>> {
    PAGE.with_borrow(|page| page.links.iter().filter_map(Weak::upgrade).collect())
}

/// Remembers a link. With the first one the page learns to say goodbye.
pub(super) fn opened(link: &Rc<Link>) {
    PAGE.with_borrow_mut(|page| {
        page.links.retain(|link| link.strong_count() > 0);
        page.links.push(Rc::downgrade(link));
        if page.farewell.is_none() {
            page.farewell = web_sys::window().map(|window| Handlers::of(&window).on("pagehide", say_goodbye));
        }
    });
}

fn say_goodbye(_: Event) {
    for link in links() {
        link.say_goodbye();
    }
}
