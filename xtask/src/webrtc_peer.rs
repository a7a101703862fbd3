//! Building `crates/webrtc/examples/peer` for a page: the bare rust-libp2p peer that interoperability tests and
//! measurements drive.

use std::path::PathBuf;

use crate::setup::{Tools, WASM};
use crate::shell::{Failure, Result, run, say, target};

/// The variable that tells tests and measurements where it is.
pub(crate) const FOLDER: &str = "KADENZA_WEBRTC_PEER";

/// What Chromium and Firefox both take.
const WASM_OPT: [&str; 8] = [
    "-Oz",
    "--enable-bulk-memory",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--enable-reference-types",
    "--enable-multivalue",
    "--enable-simd",
];

/// Builds it as the page is built, and returns the folder that holds `peer.js` and `peer_bg.wasm`.
pub(crate) fn build(tools: &Tools) -> Result<PathBuf> {
    say("Building the bare WebRTC peer");
    let folder = target().join("webrtc-peer");
    let mut cargo = tools.wasm_command("cargo");
    cargo.args(["build", "--locked", "--quiet", "--profile", "page", "--target", WASM]);
    run(cargo.args(["--package", "kadenza-webrtc", "--example", "peer"]))?;
    let wasm = wasm_folder(tools).join(WASM).join("page/examples/peer.wasm");
    run(tools
        .command("wasm-bindgen")
        .args(["--target", "web", "--no-typescript", "--out-dir"])
        .arg(&folder)
        .arg(&wasm))?;
    let (bound, small) = (folder.join("peer_bg.wasm"), folder.join("small.wasm"));
    run(tools.command("wasm-opt").args(WASM_OPT).arg(&bound).arg("-o").arg(&small))?;
    std::fs::rename(&small, &bound)
        .map_err(|error| Failure::new(format!("{} cannot be written: {error}", bound.display())))?;
    Ok(folder)
}

/// Where Cargo puts what it builds for the browser.
fn wasm_folder(tools: &Tools) -> PathBuf {
    tools.wasm_environment("CARGO_TARGET_DIR").map_or_else(target, PathBuf::from)
}
