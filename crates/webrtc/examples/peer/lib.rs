//! A plain rust-libp2p peer in a browser's page: a WebSocket to a relay, WebRTC to everybody else.
//!
//! It shows how the transport is put together, and it is what the interoperability tests and the measurements drive
//! from JavaScript. `cargo xtask bench webrtc` builds it.
#![cfg(target_family = "wasm")]

mod bytes;
mod node;
mod protocols;
mod stream;

use js_sys::{Float64Array, Object, Reflect};
use libp2p::PeerId;
use node::{Connections, Node, Options};
use wasm_bindgen::prelude::*;

/// A running peer.
#[wasm_bindgen]
#[derive(Debug, Clone)]
pub struct Peer(Node);

type Answer<T> = Result<T, JsError>;

#[wasm_bindgen]
impl Peer {
    /// Starts a peer that listens through the relay at this multiaddr.
    pub async fn start(relay: String, options: Option<Object>) -> Answer<Peer> {
        console_error_panic_hook::set_once();
        let option =
            |name: &str| options.as_ref().and_then(|options| Reflect::get(options, &name.into()).ok());
        let servers =
            option("iceServers").filter(|list| list.is_object()).map(|list| js_sys::Array::from(&list));
        let servers = servers.iter().flat_map(js_sys::Array::iter).filter_map(|url| url.as_string());
        let options = Options {
            ice_servers: servers.collect(),
            extended: !option("specOnly").is_some_and(|value| value.is_truthy()),
            kad: option("kad").is_none_or(|value| value != JsValue::FALSE),
        };
        Ok(Self(Node::start(relay.parse()?, options).await.map_err(js)?))
    }

    /// Its peer id.
    #[wasm_bindgen(getter)]
    pub fn id(&self) -> String {
        self.0.id.to_string()
    }

    /// Where others reach it.
    #[wasm_bindgen(getter)]
    pub fn address(&self) -> String {
        self.0.address.to_string()
    }

    /// Dials an address; resolves to the peer id once connected.
    pub async fn dial(&self, address: String) -> Answer<String> {
        Ok(self.0.dial(address.parse()?).await.map_err(js)?.to_string())
    }

    /// Closes all connections to a peer.
    pub async fn disconnect(&self, peer: String) -> Answer<()> {
        self.0.disconnect(parse(&peer)?).await.map_err(js)
    }

    /// The connections there are.
    pub fn connections(&self) -> Answer<JsValue> {
        Ok(serde_wasm_bindgen::to_value(&Connections::clone(&self.0.connections()))?)
    }

    /// Resolves to the time at which the last connection to a peer was gone, in ms since the epoch.
    pub async fn closed(&self, peer: String) -> Answer<f64> {
        self.0.closed(parse(&peer)?).await.map_err(js)
    }

    /// What a peer said of itself.
    pub async fn identified(&self, peer: String) -> Answer<JsValue> {
        Ok(serde_wasm_bindgen::to_value(&self.0.identified(parse(&peer)?).await.map_err(js)?)?)
    }

    /// One ping on a stream of its own, in ms.
    pub async fn ping(&self, peer: String) -> Answer<f64> {
        protocols::ping(&self.0, parse(&peer)?).await.map_err(js)
    }

    /// Round trips on one held stream, in ms each.
    pub async fn pings(&self, peer: String, count: u32) -> Answer<Float64Array> {
        let times = protocols::pings(&self.0, parse(&peer)?, count).await.map_err(js)?;
        Ok(Float64Array::from(&times[..]))
    }

    /// From opening a stream to its first byte back, in ms each.
    #[wasm_bindgen(js_name = streamOpens)]
    pub async fn stream_opens(&self, peer: String, count: u32) -> Answer<Float64Array> {
        let times = protocols::stream_opens(&self.0, parse(&peer)?, count).await.map_err(js)?;
        Ok(Float64Array::from(&times[..]))
    }

    /// Sends `kib` KiB over so many streams to a peer that counts and checks them.
    pub async fn send(&self, peer: String, kib: u32, streams: u32) -> Answer<JsValue> {
        Ok(serde_wasm_bindgen::to_value(
            &protocols::send(&self.0, parse(&peer)?, kib, streams).await.map_err(js)?,
        )?)
    }

    /// Sends `kib` KiB to a peer that sends them back, and checks them.
    pub async fn echo(&self, peer: String, kib: u32) -> Answer<JsValue> {
        Ok(serde_wasm_bindgen::to_value(&protocols::echo(&self.0, parse(&peer)?, kib).await.map_err(js)?)?)
    }

    /// Opens a stream.
    pub async fn open(&self, peer: String, protocol: String) -> Answer<stream::Stream> {
        Ok(stream::Stream::new(self.0.open(parse(&peer)?, protocol).await.map_err(js)?))
    }

    /// Stores a record with the closest peers.
    pub async fn put(&self, key: String, value: String) -> Answer<()> {
        self.0.put(key, value).await.map_err(js)
    }

    /// Looks a record up.
    pub async fn get(&self, key: String) -> Answer<String> {
        self.0.get(key).await.map_err(js)
    }

    /// What this page's transport holds.
    #[wasm_bindgen(js_name = openConnections)]
    pub fn open_connections(&self) -> Answer<JsValue> {
        let open = kadenza_webrtc::browser::open();
        let object = Object::new();
        for (name, count) in
            [("peerConnections", open.peer_connections), ("dataChannels", open.data_channels)]
        {
            Reflect::set(&object, &name.into(), &JsValue::from_f64(count as f64))
                .map_err(|_| JsError::new(name))?;
        }
        Ok(object.into())
    }

    /// Bytes of wasm memory.
    pub fn memory(&self) -> f64 {
        let memory: js_sys::WebAssembly::Memory = wasm_bindgen::memory().unchecked_into();
        memory.buffer().unchecked_into::<js_sys::ArrayBuffer>().byte_length().into()
    }
}

fn parse(peer: &str) -> Answer<PeerId> {
    Ok(peer.parse()?)
}

fn js(error: String) -> JsError {
    JsError::new(&error)
}
