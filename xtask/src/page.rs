//! Building what visitors get: the page, and the relay with the page inside.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use crate::setup::{Tools, WASM};
use crate::shell::{Failure, Result, repository, run, say, target};

/// What the page is made of.
const SOURCES: [&str; 6] = ["app", "crates", "static", "Trunk.toml", "Cargo.toml", "Cargo.lock"];

/// Builds the page into `dist/`, unless nothing changed since the last time.
pub(crate) fn build(tools: &Tools) -> Result<()> {
    let _alone = alone()?;
    let stamp = target().join("page.stamp");
    if is_fresh(&stamp) {
        say("The page is up to date");
        return Ok(());
    }
    say("Building the page (the first time takes minutes)");
    // Its time is that of the beginning, so that an edit during the build counts as newer.
    let begun = target().join("page.stamp.begun");
    fs::write(&begun, "").map_err(|error| not_written(&begun, &error))?;
    // Fetched beforehand, so that Trunk can be kept from downloading anything by itself.
    run(tools.wasm_command("cargo").args(["fetch", "--locked", "--quiet"]))?;
    run(tools.wasm_command("cargo").args(["fetch", "--locked", "--quiet", "--target", WASM]))?;
    run(tools.wasm_command("trunk").args(["build", "--release", "--offline", "--skip-version-check"]))?;
    fs::rename(&begun, &stamp).map_err(|error| not_written(&stamp, &error))
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

fn is_fresh(stamp: &Path) -> bool {
    let built = stamp.metadata().and_then(|file| file.modified()).ok();
    let sources = SOURCES.iter().filter_map(|source| newest(&repository().join(source)));
    repository().join("dist/index.html").is_file() && built.is_some() && sources.max() < built
}

/// When the youngest file in `path` was changed.
fn newest(path: &Path) -> Option<SystemTime> {
    let own = path.metadata().ok()?.modified().ok();
    let Ok(entries) = fs::read_dir(path) else { return own };
    entries.flatten().filter_map(|entry| newest(&entry.path())).chain(own).max()
}

fn not_written(path: &Path, error: &std::io::Error) -> Failure {
    Failure::new(format!("{} cannot be written: {error}", path.display()))
}
