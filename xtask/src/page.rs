//! Building what visitors get: the page, and the relay with the page inside.

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::Command;

use crate::setup::{Tools, WASM};
use crate::shell::{Result, not_written, repository, run, say, target};
use crate::stamp::Stamp;

/// What the page is made of.
const SOURCES: [&str; 6] = ["app", "crates", "static", "Trunk.toml", "Cargo.toml", "Cargo.lock"];

/// Builds the page into `dist/`, unless nothing changed since the last time.
pub(crate) fn build(tools: &Tools) -> Result<()> {
    let _alone = alone()?;
    let stamp = Stamp::of("page");
    if stamp.is_newer_than(&SOURCES) && repository().join("dist/index.html").is_file() {
        say("The page is up to date");
        return Ok(());
    }
    say("Building the page (the first time takes minutes)");
    let begun = stamp.begin()?;
    // Fetched beforehand, so that Trunk can be kept from downloading anything by itself.
    run(tools.wasm_command("cargo").args(["fetch", "--locked", "--quiet"]))?;
    run(tools.wasm_command("cargo").args(["fetch", "--locked", "--quiet", "--target", WASM]))?;
    run(tools.wasm_command("trunk").args(["build", "--release", "--offline", "--skip-version-check"]))?;
    begun.done()
}

/// Builds the relay in release with the page of `dist/` inside, and returns the program.
pub(crate) fn relay(tools: &Tools) -> Result<PathBuf> {
    say("Building the relay");
    run(tools.command("cargo").args([
        "build",
        "--release",
        "--locked",
        "--quiet",
        "--package",
        "kadenza-relay",
    ]))?;
    Ok(target().join("release/kadenza-relay"))
}

/// Waits until no other `cargo xtask` builds the page: two Trunks in one `dist/` spoil each other's work.
fn alone() -> Result<File> {
    let path = target().join("page.lock");
    let folder = path.parent().map_or(Ok(()), fs::create_dir_all);
    let lock = folder.and_then(|()| File::create(&path)).map_err(|error| not_written(&path, &error))?;
    if lock.try_lock().is_err() {
        say("Waiting for another `cargo xtask` that builds the page");
        lock.lock().map_err(|error| not_written(&path, &error))?;
    }
    Ok(lock)
}

/// A call of Node.js that finds the relay and the browser it drives, both built anew where something changed.
pub(crate) fn driven_by_node(tools: &Tools) -> Result<Command> {
    build(tools)?;
    let relay = relay(tools)?;
    let mut node = tools.command("node");
    node.env("KADENZA_RELAY", relay).env("CHROMIUM", tools.path_of("chromium")?);
    Ok(node)
}
