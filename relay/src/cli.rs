//! The command line, and the environment variables behind it.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::num::{NonZeroU16, NonZeroU64, NonZeroUsize};
use std::path::PathBuf;

use clap::{Parser, ValueEnum};
use http::Uri;
use http::uri::Authority;
use tracing_subscriber::EnvFilter;

use crate::size;

/// A relay of Kadenza: serves the page, introduces browser tabs to each other, and keeps copies of their songs.
///
/// One TCP port carries everything: the page, the HTTP API (/api, /listen), the peer-to-peer WebSocket, and
/// /healthz. The UDP port of the same number answers STUN, which tells tabs their address on the internet. Each flag
/// can be set by its environment variable instead.
#[derive(Debug, Clone, Parser)]
#[command(name = "kadenza-relay", version)]
pub struct Cli {
    /// Address and port to listen at; 0.0.0.0 is every network of this machine
    #[arg(long, env = "KADENZA_LISTEN", value_name = "ADDRESS", default_value = "127.0.0.1:8080", value_parser = address)]
    pub listen: SocketAddr,

    /// Folder for songs and for this relay's identity; made if it is missing
    #[arg(long, env = "KADENZA_DATA", value_name = "FOLDER", default_value = "./data")]
    pub data: PathBuf,

    /// The most it stores, like 500MB or 2TB
    #[arg(long, env = "KADENZA_QUOTA", value_name = "SIZE", default_value = "50GB", value_parser = size::parse)]
    pub quota: NonZeroU64,

    /// The largest file it takes
    #[arg(long, env = "KADENZA_FILE_LIMIT", value_name = "SIZE", default_value = "200MB", value_parser = size::parse)]
    pub file_limit: NonZeroU64,

    /// Another relay, as the URL of its page or a multiaddr with its peer id; repeat it, or separate several by commas
    #[arg(long, env = "KADENZA_BOOTSTRAP", value_name = "URL|MULTIADDR", value_delimiter = ',', value_parser = bootstrap)]
    pub bootstrap: Vec<String>,

    /// The URL at which browsers reach this relay, where it is not its own address (behind a proxy, for example)
    #[arg(long, env = "KADENZA_PUBLIC", value_name = "URL", value_parser = url)]
    pub public: Option<String>,

    /// Where tabs reach the UDP port that answers STUN, where it is not the host of --public at this relay's own port
    #[arg(long, env = "KADENZA_STUN", value_name = "HOST:PORT", value_parser = place)]
    pub stun: Option<String>,

    /// The most one circuit carries between two tabs that cannot connect directly: by default the largest file
    #[arg(long, env = "KADENZA_CIRCUIT_BYTES", value_name = "SIZE", default_value = "200MB", value_parser = size::parse)]
    pub circuit_bytes: NonZeroU64,

    /// How long one circuit lasts: by default longer than an album, shorter than a night with a tab left open
    #[arg(long, env = "KADENZA_CIRCUIT_MINUTES", value_name = "N", default_value = "120")]
    pub circuit_minutes: NonZeroU16,

    /// The most circuits at once, each of some 16 KiB of memory: by default eight each for 500 tabs
    #[arg(long, env = "KADENZA_CIRCUITS", value_name = "N", default_value = "4096")]
    pub circuits: NonZeroUsize,

    /// What to log: error, warn, info, debug, trace, or a filter by module like info,kadenza_relay=debug
    #[arg(long, env = "KADENZA_LOG", value_name = "FILTER", default_value = "info,libp2p=error,stun_types=error", value_parser = filter)]
    pub log: String,

    /// How log lines look
    #[arg(long, env = "KADENZA_LOG_FORMAT", value_name = "FORMAT", default_value = "plain")]
    pub log_format: LogFormat,
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people: a line each, fields as name=value
    Plain,
    /// For machines: a JSON object each
    Json,
}

impl Cli {
    /// The base URLs at which this relay can be reached, given the address it listens at (its port is known only
    /// then) and the addresses of this machine. The first is the one to show to people.
    pub fn addresses(&self, listening: SocketAddr, of_machine: &[IpAddr]) -> Vec<String> {
        if let Some(public) = &self.public {
            return vec![public.clone()];
        }
        if !listening.ip().is_unspecified() {
            return vec![base_url(listening.ip(), listening.port())];
        }
        let loopback = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let reachable =
            |ip: &&IpAddr| (ip.is_ipv4() || listening.is_ipv6()) && !ip.is_loopback() && !is_link_local(**ip);
        let others = of_machine.iter().filter(reachable).copied();
        std::iter::once(loopback).chain(others).map(|ip| base_url(ip, listening.port())).collect()
    }

    /// The URLs of the STUN server behind UDP port `port` (RFC 7064), for a relay that can be reached at the base URLs
    /// `addresses`.
    pub fn stun_urls(&self, addresses: &[String], port: u16) -> Vec<String> {
        if let Some(place) = &self.stun {
            return vec![format!("stun:{place}")];
        }
        let uris = addresses.iter().filter_map(|base| base.parse::<Uri>().ok());
        uris.filter_map(|uri| Some(format!("stun:{}:{port}", uri.host()?))).collect()
    }
}

fn base_url(ip: IpAddr, port: u16) -> String {
    format!("http://{}", SocketAddr::new(ip, port))
}

/// Whether `ip` means something else on every network, so that no URL can hold it.
fn is_link_local(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => ip.is_link_local(),
        IpAddr::V6(ip) => ip.is_unicast_link_local(),
    }
}

fn address(text: &str) -> Result<SocketAddr, String> {
    text.parse()
        .map_err(|_| "it should be an IP address and a port, like 127.0.0.1:8080 or [::]:8080".to_owned())
}

fn url(text: &str) -> Result<String, String> {
    let refused =
        || "it should be like https://music.example, with nothing after the host and port".to_owned();
    let uri: Uri = text.parse().map_err(|_| refused())?;
    let is_web = matches!(uri.scheme_str(), Some("http" | "https"));
    let is_bare = uri.host().is_some_and(|host| !host.is_empty())
        && matches!(uri.path(), "" | "/")
        && uri.query().is_none();
    if is_web && is_bare { Ok(text.trim_end_matches('/').to_owned()) } else { Err(refused()) }
}

fn place(text: &str) -> Result<String, String> {
    let refused =
        || "it should be a host and a port, like music.example:8080 or [2001:db8::1]:8080".to_owned();
    let place: Authority = text.parse().map_err(|_| refused())?;
    let port = place.port_u16().filter(|port| *port != 0).ok_or_else(refused)?;
    let whole = format!("{}:{port}", place.host());
    if whole == text && !place.host().is_empty() { Ok(whole) } else { Err(refused()) }
}

fn bootstrap(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.starts_with('/') && text.contains("/p2p/") {
        return Ok(text.to_owned());
    }
    url(text).map_err(|_| {
        "it should be the URL of a relay's page, like https://music.example, or a multiaddr that ends in /p2p/ and its peer id"
            .to_owned()
    })
}

fn filter(text: &str) -> Result<String, String> {
    text.parse::<EnvFilter>().map(|_| text.to_owned()).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(flags: &[&str]) -> Cli {
        Cli::try_parse_from([&["kadenza-relay"], flags].concat()).unwrap()
    }

    #[test]
    fn the_command_line_is_sound() {
        <Cli as clap::CommandFactory>::command().debug_assert();
    }

    #[test]
    fn a_wrong_value_is_refused_by_name() {
        for (flag, value) in [
            ("--listen", "here"),
            ("--listen", "127.0.0.1:99999"),
            ("--quota", "lots"),
            ("--file-limit", "-5"),
            ("--bootstrap", "music.example"),
            ("--bootstrap", "/ip4/1.2.3.4/tcp/80"),
            ("--public", "ftp://music.example"),
            ("--public", "https://music.example/folder"),
            ("--stun", "music.example"),
            ("--stun", "music.example:0"),
            ("--stun", ":8080"),
            ("--stun", "stun:music.example:8080"),
            ("--stun", "user@music.example:8080"),
            ("--circuit-bytes", "0"),
            ("--circuit-minutes", "0"),
            ("--circuit-minutes", "65536"),
            ("--circuits", "0"),
            ("--log", "kadenza_relay=loudly"),
            ("--log-format", "xml"),
        ] {
            let refusal = Cli::try_parse_from(["kadenza-relay".into(), format!("{flag}={value}")])
                .unwrap_err()
                .to_string();
            assert!(refusal.contains(flag) && refusal.contains(value), "{refusal}");
        }
    }

    #[test]
    fn several_relays_are_given_by_repeating_or_by_commas() {
        let cli = parsed(&[
            "--bootstrap",
            "https://a.example/,http://b:1",
            "--bootstrap",
            "/dns/c/tcp/1/ws/p2p/12D3",
        ]);
        assert_eq!(cli.bootstrap, ["https://a.example", "http://b:1", "/dns/c/tcp/1/ws/p2p/12D3"]);
    }

    #[test]
    fn it_is_reached_where_it_listens() {
        let lan = ["127.0.0.1", "192.168.0.7", "169.254.1.1", "fe80::1", "2001:db8::1"]
            .map(|ip| ip.parse().unwrap());
        let at = |cli: &Cli, listening: &str| cli.addresses(listening.parse().unwrap(), &lan);
        let cli = parsed(&[]);
        assert_eq!(at(&cli, "127.0.0.1:8080"), ["http://127.0.0.1:8080"]);
        assert_eq!(at(&cli, "0.0.0.0:9000"), ["http://127.0.0.1:9000", "http://192.168.0.7:9000"]);
        assert_eq!(at(&cli, "[::]:9000")[2], "http://[2001:db8::1]:9000");
        let behind_proxy = parsed(&["--public", "https://music.example/"]);
        assert_eq!(at(&behind_proxy, "0.0.0.0:9000"), ["https://music.example"]);
    }

    #[test]
    fn stun_is_where_the_relay_is_unless_it_is_said_to_be_elsewhere() {
        let bases = ["http://192.168.0.7:9000", "http://[2001:db8::1]:9000"].map(str::to_owned);
        let here = ["stun:192.168.0.7:9000", "stun:[2001:db8::1]:9000"];
        assert_eq!(parsed(&[]).stun_urls(&bases, 9000), here);
        let public = parsed(&["--public", "https://music.example"]);
        let bases = public.addresses("0.0.0.0:9000".parse().unwrap(), &[]);
        assert_eq!(public.stun_urls(&bases, 9000), ["stun:music.example:9000"]);
        for place in ["stun.example:3478", "[2001:db8::2]:3478"] {
            assert_eq!(parsed(&["--stun", place]).stun_urls(&bases, 9000), [format!("stun:{place}")]);
        }
    }
}
