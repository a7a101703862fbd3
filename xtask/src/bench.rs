//! `cargo xtask bench`: side by side with others, on this machine, in one run.

use std::path::PathBuf;
use std::process::Command;

use crate::lab::Lab;
use crate::setup::Tools;
use crate::shell::{Failure, Result, answer, repository, run, say, spelled, target};
use crate::{page, setup, webrtc_peer};

/// A bench's name, and what measures it.
type Bench = (&'static str, fn() -> Result<()>);

/// Everything that can be measured.
const BENCHES: [Bench; 4] = [("webrtc", webrtc), ("listen", listen), ("page", of_page), ("rooms", rooms)];

/// The program that measures what wrong bytes do, and how the bench is told what it printed.
const POLLUTED: &str = "crates/distributed/examples/polluted.rs";
const POLLUTED_FIGURES: &str = "KADENZA_POLLUTED";

/// How the bench is told where the program is that fills a relay's data folder with many songs.
const LIBRARY: &str = "KADENZA_LIBRARY";

/// Names a relay that is built already, its page inside, to be measured in place of one built now.
const RELAY: &str = "KADENZA_RELAY";

/// Measures `name` and prints one JSON object as the last line.
pub(crate) fn bench(name: &str) -> Result<()> {
    let Some((_, bench)) = BENCHES.iter().find(|(bench, _)| *bench == name) else {
        let known: Vec<_> = BENCHES.iter().map(|(bench, _)| *bench).collect();
        return Err(Failure::new(format!("There is no bench `{name}`; there is: {}.", known.join(", "))));
    };
    bench()
}

fn webrtc() -> Result<()> {
    let tools = setup::for_testing()?;
    let peer = webrtc_peer::build(&tools)?;
    run(page::driven_by_node(&tools)?.env(webrtc_peer::FOLDER, peer).arg("bench/webrtc.mjs"))
}

fn listen() -> Result<()> {
    let tools = setup::for_listening()?;
    let mut node = page::driven_by_node(&tools)?;
    if is_asked_for("polluted") && repository().join(POLLUTED).is_file() {
        node.env(POLLUTED_FIGURES, polluted(&tools)?);
    }
    run(node.arg("bench/listen.mjs"))
}

fn of_page() -> Result<()> {
    let tools = setup::for_listening()?;
    let mut node = page::driven_by_node(&tools)?;
    run(node.env(LIBRARY, library(&tools)?).arg("bench/page.mjs"))
}

fn rooms() -> Result<()> {
    let tools = setup::for_listening()?;
    run(page::driven_by_node(&tools)?.arg("bench/rooms.mjs"))
}

/// What is measured on hosts far apart, behind home routers, too: its name and its script.
const IN_LAB: [(&str, &str); 2] = [("listen", "bench/listen-lab.mjs"), ("rooms", "bench/rooms-lab.mjs")];

/// Measures `name` on hosts far apart, behind home routers, and prints one JSON object as the last line.
pub(crate) fn in_lab(name: &str) -> Result<()> {
    let Some((_, script)) = IN_LAB.iter().find(|(bench, _)| *bench == name) else {
        return Err(Failure::new(format!(
            "`bench {name}` does not run in the lab; `listen` and `rooms` do."
        )));
    };
    Lab::is_possible(&format!("bench {name} --lab"))?;
    let tools = setup::for_listening_in_lab()?;
    let relay = relay(&tools)?;
    let lab = Lab::up()?;
    let succeeded = lab.drive(&tools, &relay, &[script], |_| ());
    drop(lab);
    if succeeded? { Ok(()) } else { Err(Failure::new(format!("`{script}` failed."))) }
}

/// The relay to measure: the one that `KADENZA_RELAY` names, as it is; else the one of this source, built with its page.
fn relay(tools: &Tools) -> Result<PathBuf> {
    let Some(relay) = std::env::var_os(RELAY).map(PathBuf::from) else {
        page::build(tools)?;
        return page::relay(tools);
    };
    if !relay.is_file() {
        return Err(Failure::new(format!("{RELAY} names {}, which is no file.", relay.display())));
    }
    say(format!("Measuring {}, which {RELAY} names", relay.display()));
    Ok(relay)
}

/// Builds the program that fills a relay's data folder.
fn library(tools: &Tools) -> Result<PathBuf> {
    let mut build = tools.command("cargo");
    build.args(["build", "--release", "--locked", "--quiet", "--package", "kadenza-services"]);
    run(build.args(["--example", "library"]))?;
    Ok(target().join("release/examples/library"))
}

/// Whether a figure of `bench listen` is to be measured.
fn is_asked_for(figure: &str) -> bool {
    std::env::var("ONLY").map_or(true, |only| only.split(',').any(|name| name == figure))
}

/// The JSON object that is the last line of what the program prints.
fn polluted(tools: &Tools) -> Result<String> {
    say("Measuring polluted sources");
    let mut program: Command = tools.command("cargo");
    program.args(["run", "--release", "--locked", "--quiet", "--package", "kadenza-distributed"]);
    let printed = answer(program.args(["--example", "polluted"]));
    let last = printed.as_deref().and_then(|text| text.lines().last());
    last.map(str::to_owned)
        .ok_or_else(|| Failure::new(format!("`{}` printed no figures.", spelled(&program))))
}
