//! A tab: WebSockets to relays, WebRTC to other tabs.

use kadenza_api::Result;
use kadenza_webrtc::browser::{Browser, WebSockets};
use libp2p::identity::Keypair;

use super::{Carrier, IceServers, secured, with_webrtc};

/// A tab's connections. `ice_servers` may still be added to later.
///
/// # Errors
/// [`kadenza_api::Error::Invalid`] when the key cannot be used.
pub fn browser(keypair: &Keypair, ice_servers: IceServers) -> Result<Carrier> {
    with_webrtc(keypair, Browser, ice_servers, secured(WebSockets, keypair)?)
}
