//! The machines of the pretend internet: network namespaces for a public relay and for two homes, each a router
//! and a computer behind it.

use std::fs::{self, File};
use std::io::Write;
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::internet::{Internet, Traffic};
use crate::shell::{Failure, Result, answer, not_started, say, spelled};

/// A place on the pretend internet.
#[derive(Debug)]
pub(super) struct Site {
    /// How the tests call it.
    pub(super) name: &'static str,
    /// The address others see; of documentation's own (RFC 5737), so that browsers take it for a public one.
    pub(super) address: Ipv4Addr,
    /// The namespace of its computer.
    pub(super) computer: &'static str,
    /// The namespace of its router, and its part of the network at home.
    home: Option<(&'static str, &'static str)>,
}

/// The public host, and two homes.
pub(super) const SITES: [Site; 3] = [
    Site { name: "relay", address: Ipv4Addr::new(203, 0, 113, 1), computer: "kadenza-relay", home: None },
    Site {
        name: "a",
        address: Ipv4Addr::new(203, 0, 113, 11),
        computer: "kadenza-a",
        home: Some(("kadenza-router-a", "192.168.1")),
    },
    Site {
        name: "b",
        address: Ipv4Addr::new(203, 0, 113, 12),
        computer: "kadenza-b",
        home: Some(("kadenza-router-b", "192.168.2")),
    },
];

impl Site {
    /// The namespace with the site's device on the pretend internet.
    fn edge(&self) -> &'static str {
        self.home.map_or(self.computer, |(router, _)| router)
    }
}

/// What home routers do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Nat {
    /// One port outside for a port inside, whoever is spoken to; lets in who was spoken to.
    Cone,
    /// Another port outside for everyone who is spoken to.
    Symmetric,
    /// Only TCP gets out.
    UdpBlocked,
}

impl Nat {
    /// The kind with this name.
    pub(super) fn named(name: &str) -> Option<Self> {
        match name {
            "cone" => Some(Self::Cone),
            "symmetric" => Some(Self::Symmetric),
            "udp-blocked" => Some(Self::UdpBlocked),
            _ => None,
        }
    }

    fn rules(self) -> String {
        let masquerade =
            if self == Self::Symmetric { "masquerade random,fully-random" } else { "masquerade" };
        let udp = if self == Self::UdpBlocked { "meta l4proto udp drop" } else { "" };
        format!(
            "flush ruleset
             table ip home {{
                 chain outgoing {{
                     type nat hook postrouting priority srcnat
                     oifname wan {masquerade}
                 }}
                 chain passing {{
                     type filter hook forward priority filter; policy drop
                     {udp}
                     iifname lan accept
                     ct state established,related accept
                 }}
                 chain arriving {{
                     type filter hook input priority filter
                     iifname wan ct state new drop
                 }}
             }}"
        )
    }
}

/// The pretend internet, up until this is dropped. There is one on a machine at a time.
#[derive(Debug)]
pub(super) struct Lab {
    internet: Internet,
    _alone: File,
}

/// Locked while a lab is up: its names and addresses are the same on the whole machine.
const LOCK: &str = "/run/kadenza-nat.lock";

/// Where the programs in the lab put temporary files, so that all go with it.
pub(super) fn folder() -> PathBuf {
    std::env::temp_dir().join("kadenza-nat")
}

impl Lab {
    /// Waits until no other run has the lab, removes what a killed one left, and sets everything up.
    pub(super) fn up() -> Result<Self> {
        let alone = alone()?;
        // What a killed run left.
        remove();
        fs::create_dir(folder())
            .map_err(|error| Failure::new(format!("{} cannot be made: {error}", folder().display())))?;
        let devices = ["kadenza0", "kadenza1", "kadenza2"];
        let sites: Vec<_> =
            SITES.iter().zip(devices).map(|(site, device)| (site.name, site.address, device)).collect();
        let internet = Internet::between(&sites)
            .map_err(|error| Failure::new(format!("A TUN device cannot be made: {error}")))?;
        let lab = Self { internet, _alone: alone };
        for (site, device) in SITES.iter().zip(devices) {
            connect(site, device)?;
        }
        lab.route(Nat::Cone)?;
        Ok(lab)
    }

    /// Makes both homes' routers of this kind, for connections that begin from now on.
    pub(super) fn route(&self, nat: Nat) -> Result<()> {
        SITES
            .iter()
            .filter_map(|site| site.home)
            .try_for_each(|(router, _)| within(router, &["nft", "--file", "-"], &nat.rules()))
    }

    /// Takes a site off the internet, or puts it on again.
    pub(super) fn link(&self, site: &Site, up: bool) -> Result<()> {
        if up { go_online(site) } else { ip(&format!("-n {} link set wan down", site.edge())) }
    }

    /// Sets how fast a site can send; without a limit where there is none.
    pub(super) fn pace(&self, site: &Site, bits_per_second: Option<u64>) {
        self.internet.pace(site.name, bits_per_second);
    }

    /// Bytes that went from site to site so far.
    pub(super) fn traffic(&self) -> Traffic {
        self.internet.traffic()
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        remove();
    }
}

/// Waits until no other run has its lab up.
fn alone() -> Result<File> {
    let failed = |error| Failure::new(format!("{LOCK} cannot be locked: {error}"));
    let lock = File::create(LOCK).map_err(failed)?;
    if lock.try_lock().is_err() {
        say("Waiting for another `cargo xtask test-nat`");
        lock.lock().map_err(failed)?;
    }
    Ok(lock)
}

/// Makes a site's namespaces and moves `device` there, which goes on being read and written from here.
fn connect(site: &Site, device: &str) -> Result<()> {
    let (computer, edge) = (site.computer, site.edge());
    ip(&format!("netns add {computer}"))?;
    ip(&format!("-n {computer} link set lo up"))?;
    if let Some((router, lan)) = site.home {
        ip(&format!("netns add {router}"))?;
        ip(&format!("-n {router} link set lo up"))?;
        ip(&format!("link add lan netns {router} type veth peer name eth0 netns {computer}"))?;
        ip(&format!("-n {router} addr add {lan}.1/24 dev lan"))?;
        ip(&format!("-n {router} link set lan up"))?;
        ip(&format!("-n {computer} addr add {lan}.2/24 dev eth0"))?;
        ip(&format!("-n {computer} link set eth0 up"))?;
        ip(&format!("-n {computer} route add default via {lan}.1"))?;
        within(router, &["sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward"], "")?;
    }
    ip(&format!("link set {device} netns {edge} name wan"))?;
    ip(&format!("-n {edge} addr add {}/24 dev wan", site.address))?;
    go_online(site)
}

/// Brings a site's device up, and with it the route that goes when it is down.
fn go_online(site: &Site) -> Result<()> {
    ip(&format!("-n {} link set wan up", site.edge()))?;
    ip(&format!("-n {} route replace default dev wan", site.edge()))
}

/// Ends the programs in the lab's namespaces, and removes these and the lab's folder, whichever run made them.
pub(super) fn remove() {
    // The end of a run and Ctrl-C may come together.
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let known = answer(Command::new("ip").args(["netns", "list"])).unwrap_or_default();
    let is_known = |name: &str| known.lines().any(|line| line.split_whitespace().next() == Some(name));
    for name in SITES.iter().flat_map(|site| [site.computer, site.edge()]) {
        if is_known(name) {
            end_programs(name);
            // The public host is its own edge, and is gone by the second time.
            drop(ip(&format!("netns del {name}")));
        }
    }
    // It may not be there; that it cannot be removed shows when it is to be made again.
    drop(fs::remove_dir_all(folder()));
}

/// How long programs have to end by themselves.
const PATIENCE: Duration = Duration::from_secs(5);
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// Asks all programs in a namespace to end, and ends those that do not.
fn end_programs(namespace: &str) {
    let kept = Instant::now() + PATIENCE;
    let mut signal = "TERM";
    loop {
        let programs = answer(Command::new("ip").args(["netns", "pids", namespace])).unwrap_or_default();
        if programs.is_empty() {
            return;
        }
        let is_late = Instant::now() > kept;
        if signal == "TERM" || is_late {
            let kill =
                format!("kill -s {signal} {}", programs.split_whitespace().collect::<Vec<_>>().join(" "));
            // One that ended meanwhile is not there to be signalled.
            drop(answer(Command::new("sh").args(["-c", &kill])));
            signal = "KILL";
        }
        thread::sleep(LOOK_EVERY);
    }
}

/// Runs `ip` with these words.
fn ip(words: &str) -> Result<()> {
    quietly(Command::new("ip").args(words.split(' ')), "")
}

/// Runs a command in a namespace, with `input`.
fn within(namespace: &str, command: &[&str], input: &str) -> Result<()> {
    quietly(Command::new("ip").args(["netns", "exec", namespace]).args(command), input)
}

/// Runs a command that has nothing to say unless it fails.
fn quietly(command: &mut Command, input: &str) -> Result<()> {
    let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = piped.spawn().map_err(|error| not_started(command, &error))?;
    if let Some(mut stdin) = child.stdin.take() {
        // One that reads no input may have ended already.
        drop(stdin.write_all(input.as_bytes()));
    }
    let output = child.wait_with_output().map_err(|error| not_started(command, &error))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(Failure::new(format!("`{}` failed: {}", spelled(command), said.trim())))
}
