//! A peer.

use futures::StreamExt;
use js_sys::{Function, Promise};
use kadenza_api::{Error, Music};
use kadenza_node::room::{Link, MemberName, Secret};
use kadenza_node::tab::{Config, Storage, Tab};
use serde::Deserialize;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::future_to_promise;
use web_sys::{AbortSignal, Blob};

use crate::call::{Answer, promise};
use crate::data::{argument, object, thrown, wrong};
use crate::news::{PeerView, StatusView, tell_each};
use crate::room::Room;
use crate::verbs;

/// A running peer: [`Tab`].
#[wasm_bindgen]
#[derive(Debug)]
pub struct Peer(Tab);

/// What [`Peer::start`] is told.
#[derive(Deserialize)]
struct Start {
    relays: Vec<String>,
    /// Whether to keep nothing.
    memory: bool,
    /// What its storage is called, if anything.
    name: Option<String>,
}

#[wasm_bindgen]
impl Peer {
    /// Starts a peer. Where that is aborted, it is rejected once nothing is left of the peer, so that the next has its storage.
    pub fn start(config: JsValue, signal: AbortSignal) -> Promise {
        future_to_promise(async move {
            if signal.aborted() {
                return Err(signal.reason());
            }
            let Start { relays, memory, name } = argument("options", config)?;
            let storage = match name {
                _ if memory => Storage::memory(),
                Some(name) => Storage::named(&name).map_err(|error| wrong("storage", error))?,
                None => Storage::default(),
            };
            let started = Tab::start_in(&storage, Config { relays }).await;
            if signal.aborted() {
                if let Ok(tab) = started {
                    tab.stop().await;
                }
                return Err(signal.reason());
            }
            started.map(|tab| Self(tab).into()).map_err(|error| match error {
                // A relay's address is all that can be wrong.
                Error::Invalid { message } => wrong("relays", message),
                error => thrown(&error),
            })
        })
    }

    /// [`Music::upload`].
    pub fn upload(
        &self,
        file: Blob,
        name: String,
        tags: JsValue,
        on_read: Function,
        signal: AbortSignal,
    ) -> Promise {
        verbs::upload(self.0.public(), file, name, tags, on_read, signal)
    }

    /// [`Music::search`].
    pub fn search(&self, query: JsValue, signal: AbortSignal) -> Promise {
        verbs::search(self.0.public(), query, signal)
    }

    /// [`Music::song`].
    pub fn song(&self, id: String, signal: AbortSignal) -> Promise {
        verbs::song(self.0.public(), id, signal)
    }

    /// [`Music::read`].
    pub fn read(&self, part: JsValue, signal: AbortSignal) -> Promise {
        verbs::read(self.0.public(), part, signal)
    }

    /// All of a recording, as a `Blob`.
    pub fn whole(&self, recording: JsValue, signal: AbortSignal) -> Promise {
        verbs::whole(self.0.public(), recording, signal)
    }

    /// Where a recording is, below what [`Peer::serve_below`] answers.
    pub fn path(&self, recording: JsValue) -> Answer<String> {
        verbs::path(recording, |song| song)
    }

    /// Answers what a service worker forwards of the paths that begin with `prefix`.
    pub fn serve_below(&self, prefix: String, signal: AbortSignal) -> Promise {
        verbs::serve_below(self.0.public(), prefix, signal)
    }

    /// As [`Peer::serve_below`], for the room it is in.
    pub fn serve_room_below(&self, prefix: String, signal: AbortSignal) -> Promise {
        verbs::serve_below(self.0.clone(), prefix, signal)
    }

    /// [`Music::network`].
    pub fn network(&self, signal: AbortSignal) -> Promise {
        let tab = self.0.clone();
        promise(signal, async move { object(&tab.network().await.map_err(|error| thrown(&error))?) })
    }

    /// Tells of the status now and each time it changes.
    pub fn statuses(&self, tell: Function, signal: AbortSignal) -> Promise {
        tell_each(self.0.statuses().map(StatusView::from), tell, signal)
    }

    /// Tells of the peers that are connected, and of each that comes or goes.
    pub fn peers(&self, tell: Function, signal: AbortSignal) -> Promise {
        tell_each(self.0.peers().map(PeerView::from), tell, signal)
    }

    /// Tells of each song that becomes known here or learns something.
    pub fn songs(&self, tell: Function, signal: AbortSignal) -> Promise {
        tell_each(self.0.songs(), tell, signal)
    }

    /// Goes into a room, out of the one before.
    pub fn enter(&self, link: String, name: String, signal: AbortSignal) -> Promise {
        let tab = self.0.clone();
        promise(signal, async move {
            let link: Link = link.parse().map_err(|error| wrong("link", error))?;
            let name = MemberName::new(&name).map_err(|error| wrong("name", error))?;
            let room = tab.enter(link, name).await.map_err(|error| thrown(&error))?;
            Ok(Room::new(room, tab))
        })
    }

    /// Leaves the network and the store.
    pub fn stop(self) -> Promise {
        future_to_promise(async move {
            self.0.stop().await;
            Ok(JsValue::UNDEFINED)
        })
    }
}

/// The link of a new room: its name, and a secret that nobody has yet.
#[wasm_bindgen(js_name = newRoomLink)]
pub fn new_room_link(name: &str) -> Answer<String> {
    let mut secret = [0; 32];
    getrandom::fill(&mut secret)
        .map_err(|error| thrown(&Error::storage(format!("no random numbers: {error}"))))?;
    let link = Link::new(name, Secret::new(secret)).map_err(|error| wrong("name", error))?;
    Ok(link.text())
}
