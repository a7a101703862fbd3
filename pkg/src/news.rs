//! Telling a page what happens by itself.

use futures::{Stream, StreamExt};
use js_sys::{Function, Promise};
use kadenza_node::tab::{Connection, Keeping, PeerChange, Status};
use serde::Serialize;
use wasm_bindgen::JsValue;
use web_sys::AbortSignal;

use crate::call::{Answer, promise};
use crate::data::object;

/// How a peer stands with the network, for JavaScript.
#[derive(Serialize)]
pub(crate) struct StatusView {
    connection: &'static str,
    peers: usize,
    storage: &'static str,
}

impl From<Status> for StatusView {
    fn from(Status { connection, keeping }: Status) -> Self {
        let (connection, peers) = match connection {
            Connection::Starting => ("starting", 0),
            Connection::Connected { peers } => ("connected", peers),
            Connection::Offline => ("offline", 0),
        };
        let storage = match keeping {
            Keeping::Browser => "persistent",
            Keeping::Memory => "memory",
        };
        Self { connection, peers, storage }
    }
}

/// Another peer that came or went, for JavaScript.
#[derive(Serialize)]
pub(crate) struct PeerView {
    peer: String,
    connected: bool,
}

impl From<PeerChange> for PeerView {
    fn from(PeerChange { peer, connected }: PeerChange) -> Self {
        Self { peer, connected }
    }
}

/// Calls `tell` with each of `news`, until the signal aborts or there are no more.
pub(crate) fn tell_each<T: Serialize>(
    mut news: impl Stream<Item = T> + Unpin + 'static,
    tell: Function,
    signal: AbortSignal,
) -> Promise {
    promise(signal, async move {
        while let Some(news) = news.next().await {
            tell_of(&tell, &news)?;
        }
        Ok(JsValue::UNDEFINED)
    })
}

fn tell_of(tell: &Function, news: &impl Serialize) -> Answer<()> {
    // What a page does with it is its own affair.
    drop(tell.call1(&JsValue::UNDEFINED, &object(news)?));
    Ok(())
}
