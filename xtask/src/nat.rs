//! `cargo xtask test-nat`: two tabs, each behind a home router of its own, and a relay, on a pretend internet.

mod internet;
mod lab;
mod orders;

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use crate::page;
use crate::setup;
use crate::shell::{Failure, Result, answer, not_started, say};
use crate::test::Counts;
use lab::{Lab, SITES};

/// The exit codes of a run that could not begin, and of one that was stopped (128 and the number of SIGINT).
const CANNOT_RUN: i32 = 2;
const INTERRUPTED: i32 = 130;

/// Runs the cases with these names, or all of them.
pub(crate) fn test_nat(cases: &[&str]) -> Result<()> {
    let tools = is_possible().and_then(|()| setup::for_nat()).unwrap_or_else(|failure| {
        eprintln!("\n{failure}");
        std::process::exit(CANNOT_RUN);
    });
    page::build(&tools)?;
    let relay = page::relay(&tools)?;
    let remove_and_end = || {
        lab::remove();
        std::process::exit(INTERRUPTED);
    };
    ctrlc::set_handler(remove_and_end)
        .map_err(|error| Failure::new(format!("Ctrl-C cannot be handled: {error}")))?;
    say("Setting up a pretend internet with two homes");
    let lab = Lab::up()?;
    let [public, ..] = &SITES;
    let mut node = tools.command("ip");
    node.args(["netns", "exec", public.computer, "node", "tests/nat/main.mjs"]).args(cases);
    node.env("KADENZA_RELAY", relay).env("CHROMIUM", tools.path_of("chromium")?).env("TMPDIR", lab::folder());
    let counts = drive(&lab, &mut node);
    drop(lab);
    let counts = counts?;
    println!("{counts}");
    // The line above is the last one, so there is nothing to add to a failure but the exit code.
    std::process::exit(i32::from(counts.failed > 0));
}

/// Whether this machine can pretend to be several.
fn is_possible() -> Result<()> {
    let is_root = answer(Command::new("id").arg("-u")).as_deref() == Some("0");
    if cfg!(target_os = "linux") && is_root {
        return Ok(());
    }
    Err(Failure::new(
        "`cargo xtask test-nat` needs Linux and root: it makes network namespaces, routers and TUN devices.",
    ))
}

/// Runs the tests, does what they ask of the lab, and prints and counts their results.
fn drive(lab: &Lab, node: &mut Command) -> Result<Counts> {
    let mut child = node
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| not_started(node, &error))?;
    let mut counts = Counts::default();
    for line in child.stdout.take().into_iter().flat_map(|stdout| BufReader::new(stdout).lines()) {
        let Ok(line) = line else { break };
        let said: Value = serde_json::from_str(&line).unwrap_or_default();
        if said["order"].is_string() {
            reply(&mut child, &orders::answer(lab, &said));
            continue;
        }
        println!("{line}");
        if let Some(passed) = said["passed"].as_bool() {
            counts += Counts::of_check(passed);
        }
    }
    let succeeded = child.wait().map_err(|error| not_started(node, &error))?.success();
    if counts.failed == 0 && (!succeeded || counts.passed == 0) {
        counts += Counts::one_failed();
    }
    Ok(counts)
}

fn reply(child: &mut Child, answer: &Value) {
    if let Some(stdin) = &mut child.stdin {
        // Tests that ended without waiting for the answer are seen to have ended.
        drop(writeln!(stdin, "{answer}"));
    }
}
