//! What can be set, and what the defaults are for.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// STUN servers a browser is told of at the most: each further one costs a look-up and packets at every dial.
const ICE_SERVERS_MAX: usize = 4;

/// How connections are made.
#[derive(Debug, Clone)]
pub struct Config {
    /// Servers that tell a browser its address on the internet.
    pub ice_servers: IceServers,
    /// The longest that dialling the circuit, signalling and connecting may take together. 15 s by default: js-libp2p
    /// gives a dial 10 s, and a far relay costs six round trips.
    pub dial_limit: Duration,
    /// How long two browsers look for a direct path before they settle for the circuit, where both would. 2.5 s by
    /// default: paths that exist are found within a few round trips.
    pub direct_limit: Duration,
    /// The protocol by which a peer asks to go on over the circuit after WebRTC has failed; both ends must name the
    /// same. `None`, the default, is the specification's behaviour: the dial fails.
    pub relayed: Option<&'static str>,
    /// Whether this peer announces that it understands what goes past the specification. It does by default.
    pub extended: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            ice_servers: IceServers::default(),
            dial_limit: Duration::from_secs(15),
            direct_limit: Duration::from_millis(2500),
            relayed: None,
            extended: true,
        }
    }
}

/// URLs of STUN servers (`stun:host:port`, RFC 7064), to which more can be added while connections are made. Cloning
/// gives another handle to the same list.
#[derive(Debug, Clone, Default)]
pub struct IceServers(Arc<Mutex<Vec<String>>>);

impl IceServers {
    /// Uses `url` for the connections made from now on. Past a handful the oldest is forgotten.
    pub fn add(&self, url: &str) {
        let mut urls = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if urls.iter().any(|known| known == url) {
            return;
        }
        if urls.len() >= ICE_SERVERS_MAX {
            urls.remove(0);
        }
        urls.push(url.to_owned());
    }

    /// The URLs known now.
    pub fn urls(&self) -> Vec<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_known_once_and_the_newest_are_kept() {
        let servers = IceServers::default();
        for number in [1, 1, 2, 3, 4, 5] {
            servers.add(&format!("stun:10.0.0.{number}:3478"));
        }
        let urls = servers.urls();
        assert_eq!(urls.len(), ICE_SERVERS_MAX);
        assert_eq!((urls[0].as_str(), urls[3].as_str()), ("stun:10.0.0.2:3478", "stun:10.0.0.5:3478"));
    }
}
