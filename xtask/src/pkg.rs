//! The peer as an npm package: the program, its TypeScript face and the service worker, in `pkg/dist`.

use std::fs;

use crate::setup::{self, Tools};
use crate::shell::{Result, not_written, read, repository, run, say};
use crate::stamp::Stamp;
use crate::wasm;

/// What it is made of.
const SOURCES: [&str; 8] = [
    "pkg/src",
    "pkg/ts",
    "pkg/Cargo.toml",
    "pkg/tsconfig.json",
    "pkg/package-lock.json",
    "crates",
    "Cargo.toml",
    "Cargo.lock",
];

/// The two halves of the service worker: the bridge, which relays' pages have as well, and what is the package's own.
const WORKER: [&str; 2] = ["crates/node/src/bridge/worker.js", "pkg/ts/service-worker.js"];

/// `cargo xtask pkg`.
pub(crate) fn pkg() -> Result<()> {
    build(&setup::for_packing()?)
}

/// Builds it, unless nothing changed since the last time.
pub(crate) fn build(tools: &Tools) -> Result<()> {
    let (pkg, dist) = (repository().join("pkg"), repository().join("pkg/dist"));
    let stamp = Stamp::of("pkg");
    if stamp.is_newer_than(&SOURCES) && dist.join("index.js").is_file() {
        say("The npm package is up to date");
        return Ok(());
    }
    say("Building the npm package");
    let begun = stamp.begin()?;
    if dist.exists() {
        fs::remove_dir_all(&dist).map_err(|error| not_written(&dist, &error))?;
    }
    wasm::build(tools, &["--package", "kadenza-pkg"], "kadenza.wasm", &dist.join("wasm"))?;
    let compiler = pkg.join("node_modules/.bin/tsc");
    run(tools.command(&compiler.to_string_lossy()).arg("--project").arg(&pkg))?;
    // In a block, so that nothing in it meets what else is in a page's own worker.
    let [bridge, own] = WORKER.map(read);
    let worker = dist.join("service-worker.js");
    fs::write(&worker, format!("{{\n{}\n{}}}\n", bridge?, own?))
        .map_err(|error| not_written(&worker, &error))?;
    begun.done()
}
