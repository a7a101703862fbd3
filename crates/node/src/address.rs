//! From a relay's web address to its libp2p address: both are the same host and port.

use kadenza_api::{Error, Music, Result};
use kadenza_distributed::multiaddr::Protocol;
use kadenza_distributed::{Multiaddr, PeerId};
use kadenza_middleware::{Client, HttpClient};
use url::{Host, Url};

/// Addresses taken from what a relay says of itself.
const CLAIMED_MAX: usize = 8;

/// The multiaddr of the WebSocket behind a base URL: `https://host` is `/dns/host/tcp/443/tls/ws`.
///
/// # Errors
/// [`Error::Invalid`] that names the URL.
pub(crate) fn websocket_of(base: &str) -> Result<Multiaddr> {
    let unusable = |why: &str| Error::invalid(format!("{base:?} is not the web address of a relay: {why}"));
    let url = Url::parse(base).map_err(|error| unusable(&error.to_string()))?;
    let secure = match url.scheme() {
        "http" => false,
        "https" => true,
        _ => return Err(unusable("it begins with http:// or https://")),
    };
    let host = match url.host().ok_or_else(|| unusable("it names no host"))? {
        Host::Domain(name) => Protocol::Dns(name.to_owned().into()),
        Host::Ipv4(address) => Protocol::Ip4(address),
        Host::Ipv6(address) => Protocol::Ip6(address),
    };
    let port = url.port_or_known_default().ok_or_else(|| unusable("it names no port"))?;
    let socket = Multiaddr::from(host).with(Protocol::Tcp(port));
    let path = "/".into();
    Ok(if secure {
        socket.with(Protocol::Tls).with(Protocol::Ws(path))
    } else {
        socket.with(Protocol::Ws(path))
    })
}

/// Asks the relay at `base` for its peer id, and says where to dial it.
///
/// # Errors
/// [`Error::Unavailable`] when it does not answer, [`Error::Invalid`] when the URL is none or it is no relay.
pub(crate) async fn relay_at(base: &str) -> Result<Vec<Multiaddr>> {
    let socket = websocket_of(base)?;
    let network = Client::new(HttpClient::new(base)?).network().await?;
    let peer = network.peer.and_then(|peer| peer.parse::<PeerId>().ok());
    let peer = peer.ok_or_else(|| Error::invalid(format!("{base} answers, but is not part of a network")))?;
    let claimed =
        network.addresses.iter().filter_map(|address| address.parse().ok()).take(CLAIMED_MAX).collect();
    Ok(dialled_at(socket, claimed).into_iter().map(|address| address.with(Protocol::P2p(peer))).collect())
}

/// Where to dial a relay that answered at `socket` and says that it is at `claimed`. Only where no port is the
/// same is there something in between, like the page of `cargo xtask dev`, that may pass no WebSocket on. To try
/// all addresses always would leave errors of failed connections in the browser's console.
fn dialled_at(socket: Multiaddr, claimed: Vec<Multiaddr>) -> Vec<Multiaddr> {
    if claimed.iter().any(|address| port(address) == port(&socket)) {
        return vec![socket];
    }
    std::iter::once(socket).chain(claimed).collect()
}

fn port(address: &Multiaddr) -> Option<Protocol<'_>> {
    address.iter().find(|part| matches!(part, Protocol::Tcp(_)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relays_web_address_is_its_libp2p_address() {
        for (url, address) in [
            ("http://127.0.0.1:8080", "/ip4/127.0.0.1/tcp/8080/ws"),
            ("http://[::1]:8080/", "/ip6/::1/tcp/8080/ws"),
            ("https://music.example", "/dns/music.example/tcp/443/tls/ws"),
        ] {
            assert_eq!(websocket_of(url).unwrap().to_string(), address);
        }
    }

    #[test]
    fn a_relay_behind_another_port_is_dialled_where_it_says_it_is_too() {
        let address = |text: &str| text.parse::<Multiaddr>().unwrap();
        let own = address("/ip4/127.0.0.1/tcp/8080/ws");
        let by_name = address("/dns/localhost/tcp/8080/ws");
        assert_eq!(dialled_at(by_name.clone(), vec![own.clone()]), std::slice::from_ref(&by_name));
        let page = address("/ip4/127.0.0.1/tcp/8081/ws");
        assert_eq!(dialled_at(page.clone(), vec![own.clone()]), [page, own]);
    }

    #[test]
    fn an_unusable_address_is_named() {
        for url in ["", "music", "ftp://music.example", "http://"] {
            let Err(Error::Invalid { message }) = websocket_of(url) else { panic!("{url}") };
            assert!(message.contains(&format!("{url:?}")), "{message}");
        }
    }
}
