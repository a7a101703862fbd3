//! The machines of the pretend internet: network namespaces for a public relay and for three homes, each a router
//! and a computer behind it. Programs on the public host are driven by [`Lab::drive`].

mod internet;
mod orders;

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::setup::Tools;
use crate::shell::{Failure, Result, answer, not_started, say, spelled};
use internet::{Internet, Traffic};

/// A place on the pretend internet.
#[derive(Debug)]
struct Site {
    /// How the tests call it.
    name: &'static str,
    /// The address others see; of documentation's own (RFC 5737), so that browsers take it for a public one.
    address: Ipv4Addr,
    /// The namespace of its computer.
    computer: &'static str,
    /// The namespace of its router, and its part of the network at home.
    home: Option<(&'static str, &'static str)>,
}

/// The exit code of a run that was stopped: 128 and the number of SIGINT.
const INTERRUPTED: i32 = 130;

/// The public host, and three homes.
const SITES: [Site; 4] = [
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
    Site {
        name: "c",
        address: Ipv4Addr::new(203, 0, 113, 13),
        computer: "kadenza-c",
        home: Some(("kadenza-router-c", "192.168.3")),
    },
];

/// What the sites' devices are called until they are in their namespaces.
const DEVICES: [&str; SITES.len()] = ["kadenza0", "kadenza1", "kadenza2", "kadenza3"];

impl Site {
    /// The namespace with the site's device on the pretend internet.
    fn edge(&self) -> &'static str {
        self.home.map_or(self.computer, |(router, _)| router)
    }
}

/// What home routers do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Nat {
    /// One port outside for a port inside, whoever is spoken to; lets in who was spoken to.
    Cone,
    /// Another port outside for everyone who is spoken to.
    Symmetric,
    /// Only TCP gets out.
    UdpBlocked,
}

impl Nat {
    /// The kind with this name.
    fn named(name: &str) -> Option<Self> {
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
pub(crate) struct Lab {
    internet: Internet,
    _alone: File,
}

/// Locked while a lab is up: its names and addresses are the same on the whole machine.
const LOCK: &str = "/run/kadenza-nat.lock";

/// Where the programs in the lab put temporary files, so that all go with it.
fn folder() -> PathBuf {
    std::env::temp_dir().join("kadenza-nat")
}

impl Lab {
    /// Whether this machine can pretend to be several; `command` is what somebody wants of it.
    pub(crate) fn is_possible(command: &str) -> Result<()> {
        let is_root = answer(Command::new("id").arg("-u")).as_deref() == Some("0");
        if cfg!(target_os = "linux") && is_root {
            return Ok(());
        }
        Err(Failure::new(format!(
            "`cargo xtask {command}` needs Linux and root: it makes network namespaces, routers and TUN devices."
        )))
    }

    /// Waits until no other run has the lab, removes what a killed one left, and sets everything up. Ctrl-C removes
    /// it all and ends this process.
    pub(crate) fn up() -> Result<Self> {
        let alone = alone()?;
        let remove_and_end = || {
            remove();
            std::process::exit(INTERRUPTED);
        };
        ctrlc::set_handler(remove_and_end)
            .map_err(|error| Failure::new(format!("Ctrl-C cannot be handled: {error}")))?;
        say(format!("Setting up a pretend internet with {} homes", SITES.len() - 1));
        // What a killed run left.
        remove();
        fs::create_dir(folder())
            .map_err(|error| Failure::new(format!("{} cannot be made: {error}", folder().display())))?;
        let sites: Vec<_> =
            SITES.iter().zip(DEVICES).map(|(site, device)| (site.name, site.address, device)).collect();
        let internet = Internet::between(&sites)
            .map_err(|error| Failure::new(format!("A TUN device cannot be made: {error}")))?;
        let lab = Self { internet, _alone: alone };
        for (site, device) in SITES.iter().zip(DEVICES) {
            connect(site, device)?;
        }
        lab.route(Nat::Cone)?;
        Ok(lab)
    }

    /// Runs `script` by Node.js on the public host, where it finds `relay` and the browser; does what it asks of the
    /// lab, and prints what else it prints. Each line is handed to `heard` as JSON, if that is what it is. The answer is
    /// whether the script ended well.
    pub(crate) fn drive(
        &self,
        tools: &Tools,
        relay: &Path,
        script: &[&str],
        mut heard: impl FnMut(&Value),
    ) -> Result<bool> {
        let [public, ..] = &SITES;
        let mut node = tools.command("ip");
        node.args(["netns", "exec", public.computer, "node"]).args(script);
        node.env("KADENZA_RELAY", relay).env("CHROMIUM", tools.path_of("chromium")?).env("TMPDIR", folder());
        let piped = node.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut child = piped.map_err(|error| not_started(&node, &error))?;
        for line in child.stdout.take().into_iter().flat_map(|stdout| BufReader::new(stdout).lines()) {
            let Ok(line) = line else { break };
            let said: Value = serde_json::from_str(&line).unwrap_or_default();
            if said["order"].is_string() {
                reply(&mut child, &orders::answer(self, &said));
                continue;
            }
            println!("{line}");
            heard(&said);
        }
        Ok(child.wait().map_err(|error| not_started(&node, &error))?.success())
    }

    /// Makes all homes' routers of this kind, for connections that begin from now on.
    fn route(&self, nat: Nat) -> Result<()> {
        SITES
            .iter()
            .filter_map(|site| site.home)
            .try_for_each(|(router, _)| within(router, &["nft", "--file", "-"], &nat.rules()))
    }

    /// Takes a site off the internet, or puts it on again.
    fn link(&self, site: &Site, up: bool) -> Result<()> {
        if up { go_online(site) } else { ip(&format!("-n {} link set wan down", site.edge())) }
    }

    /// Sets how long a packet takes from any site to any other.
    fn set_one_way(&self, one_way: Duration) {
        self.internet.set_one_way(one_way);
    }

    /// Sets how many bits a second a site can send and receive; without a limit where there is none.
    fn pace(&self, site: &Site, up: Option<u64>, down: Option<u64>) {
        self.internet.pace(site.name, up, down);
    }

    /// Bytes that went from site to site so far.
    fn traffic(&self) -> Traffic {
        self.internet.traffic()
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        remove();
    }
}

fn reply(child: &mut Child, answer: &Value) {
    if let Some(stdin) = &mut child.stdin {
        // A script that ended without waiting for the answer is seen to have ended.
        drop(writeln!(stdin, "{answer}"));
    }
}

/// Waits until no other run has its lab up.
fn alone() -> Result<File> {
    let failed = |error| Failure::new(format!("{LOCK} cannot be locked: {error}"));
    let lock = File::create(LOCK).map_err(failed)?;
    if lock.try_lock().is_err() {
        say("Waiting for another run that has the pretend internet");
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
fn remove() {
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
        let is_late = Instant::now() > kept;
        if signal == "TERM" || is_late {
            if !send(signal, namespace) {
                return;
            }
            signal = "KILL";
        } else if programs(namespace).is_empty() {
            return;
        }
        thread::sleep(LOOK_EVERY);
    }
}

/// Ends all programs in a namespace at this moment, with no chance to say goodbye.
fn kill(namespace: &str) {
    while send("KILL", namespace) {
        thread::sleep(LOOK_EVERY);
    }
}

/// Sends a signal to all programs in a namespace; false where there are none.
fn send(signal: &str, namespace: &str) -> bool {
    let programs = programs(namespace);
    if programs.is_empty() {
        return false;
    }
    let kill = format!("kill -s {signal} {}", programs.join(" "));
    // One that ended meanwhile is not there to be signalled.
    drop(answer(Command::new("sh").args(["-c", &kill])));
    true
}

/// The processes in a namespace.
fn programs(namespace: &str) -> Vec<String> {
    let known = answer(Command::new("ip").args(["netns", "pids", namespace])).unwrap_or_default();
    known.split_whitespace().map(str::to_owned).collect()
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
