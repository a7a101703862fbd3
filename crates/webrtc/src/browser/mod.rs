//! The backend of browsers, over `RTCPeerConnection` (W3C WebRTC).
//!
//! - `peer_connection` is a connection while it is being made, `link` what it is from then on until it ends.
//! - `channel` is a data channel with its stream's state, `stream` the end of it that its owner holds.
//! - `control` is the channel that both ends keep where they agreed to: goodbye, and signs of life.
//! - `muxer` is what the swarm sees.

mod channel;
mod control;
mod handlers;
mod link;
mod muxer;
mod page;
mod peer_connection;
mod stream;
mod web_sockets;

use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use send_wrapper::SendWrapper;
use wasm_bindgen::JsValue;

pub use page::{Open, open};
pub use peer_connection::BrowserConnection;
pub use web_sockets::{WebSocket, WebSockets};

use crate::signaling::Role;
use crate::{Backend, Error};

/// WebRTC as this browser has it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Browser;

impl Backend for Browser {
    type PeerConnection = BrowserConnection;

    fn open(&self, role: Role, ice_servers: &[String]) -> Result<BrowserConnection, Error> {
        BrowserConnection::open(role, ice_servers)
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        sleep(duration)
    }
}

/// Is ready after `duration`. In a hidden tab browsers stretch this to a second or more.
fn sleep(duration: Duration) -> BoxFuture<'static, ()> {
    // A browser has one thread, so nothing is ever sent.
    SendWrapper::new(futures_timer::Delay::new(duration)).boxed()
}

/// What the browser says of its refusal.
fn refused(error: JsValue) -> Error {
    let said = js_sys::Reflect::get(&error, &"message".into()).ok().and_then(|message| message.as_string());
    Error::Browser(said.unwrap_or_else(|| format!("{error:?}")))
}
