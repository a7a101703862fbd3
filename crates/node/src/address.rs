//! From a relay's web address to its libp2p address: both are the same host and port.

use kadenza_api::{Error, Result};
use kadenza_distributed::multiaddr::Protocol;
use kadenza_distributed::{Multiaddr, PeerId};
use kadenza_middleware::{Client, HttpClient};
use url::{Host, Url};

/// Addresses taken from what a relay says of itself.
const CLAIMED_MAX: usize = 8;

/// STUN servers taken from what a relay says of itself. One does; browsers warn of five or more, since they ask
/// all of them before they have gathered their addresses.
const STUN_MAX: usize = 4;

/// The longest URL of a STUN server, in bytes: `stun:`, the longest name there is (253), and a port.
const STUN_URL_MAX: usize = 264;

/// What a relay's web address leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RelayFound {
    /// Where to dial it, each with its peer id.
    pub(crate) addresses: Vec<Multiaddr>,
    /// URLs of STUN servers, in the form browsers take, at most four.
    pub(crate) stun: Vec<String>,
}

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

/// Asks the relay at `base` for its peer id, and says where to dial it and which STUN servers it tells of.
///
/// # Errors
/// [`Error::Unavailable`] when it does not answer, [`Error::Invalid`] when the URL is none or it is no relay.
pub(crate) async fn relay_at(base: &str) -> Result<RelayFound> {
    let socket = websocket_of(base)?;
    let network = Client::new(HttpClient::new(base)?).node().await?;
    let peer = network.peer.and_then(|peer| peer.parse::<PeerId>().ok());
    let peer = peer.ok_or_else(|| Error::invalid(format!("{base} answers, but is not part of a network")))?;
    let claimed =
        network.addresses.iter().filter_map(|address| address.parse().ok()).take(CLAIMED_MAX).collect();
    let addresses =
        dialled_at(socket, claimed).into_iter().map(|address| address.with(Protocol::P2p(peer))).collect();
    Ok(RelayFound { addresses, stun: stun_at(base, &network.stun) })
}

/// Which of the claimed STUN servers to ask, for who reached the relay at `base`: the one at the same host, which is
/// known to be reachable, or else all of them. A URL that is none would make the browser refuse every connection.
fn stun_at(base: &str, claimed: &[String]) -> Vec<String> {
    let reached = Url::parse(base).ok().and_then(|base| base.host().map(|host| host.to_owned()));
    let claimed: Vec<_> = claimed.iter().take(CLAIMED_MAX).filter_map(|url| stun_server(url)).collect();
    let near = claimed.iter().find(|(host, _)| reached.as_ref() == Some(host));
    let asked = near.map_or(&claimed[..], std::slice::from_ref);
    asked.iter().take(STUN_MAX).map(|(host, port)| format!("stun:{host}:{port}")).collect()
}

/// The host and port of a STUN server's URL (RFC 7064), where both are given and can be.
fn stun_server(url: &str) -> Option<(Host, u16)> {
    let url = Some(url).filter(|url| url.len() <= STUN_URL_MAX)?;
    let (host, port) = url.strip_prefix("stun:")?.rsplit_once(':')?;
    let (host, port) = (Host::parse(host).ok()?, port.parse().ok()?);
    (port != 0).then_some((host, port))
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

    fn urls(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    #[test]
    fn a_relays_stun_server_is_asked_where_the_relay_was_reached() {
        let claimed = urls(&["stun:127.0.0.1:9000", "stun:192.168.0.7:9000", "stun:[2001:db8::1]:9000"]);
        let asked = |base| stun_at(base, &claimed);
        assert_eq!(asked("http://192.168.0.7:9000"), ["stun:192.168.0.7:9000"]);
        assert_eq!(asked("http://[2001:DB8:0::1]:9000"), ["stun:[2001:db8::1]:9000"]);
        assert_eq!(asked("http://music.example"), claimed);
        assert_eq!(stun_at("http://a.example", &[]), urls(&[]));
    }

    #[test]
    fn a_relay_cannot_make_a_browser_refuse_its_stun_servers() {
        let wrong = [
            "",
            "stun:",
            "stun:host",
            "stun::1",
            "stun:host:0",
            "stun:host:65536",
            "stun:host:1?transport=udp",
            "stun:ho st:1",
            "stun://host:1",
            "stun:::1:1",
            "stun:user@host:1",
            "turn:host:1",
            "https://host:1",
        ];
        let long = format!("stun:{}:1", "a".repeat(300));
        for url in wrong.into_iter().chain([long.as_str()]) {
            assert_eq!(stun_at("http://a.example", &urls(&[url])), urls(&[]), "{url}");
        }
        let many: Vec<_> = (1..100).map(|port| format!("stun:b.example:{port}")).collect();
        assert_eq!(stun_at("http://a.example", &many), many[..4]);
    }

    #[test]
    fn an_unusable_address_is_named() {
        for url in ["", "music", "ftp://music.example", "http://"] {
            let Err(Error::Invalid { message }) = websocket_of(url) else { panic!("{url}") };
            assert!(message.contains(&format!("{url:?}")), "{message}");
        }
    }
}
