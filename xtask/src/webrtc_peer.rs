//! Building `crates/webrtc/examples/peer` for a page: the bare rust-libp2p peer that interoperability tests and
//! measurements drive.

use std::path::PathBuf;

use crate::setup::Tools;
use crate::shell::{Result, say, target};
use crate::wasm;

/// The variable that tells tests and measurements where it is.
pub(crate) const FOLDER: &str = "KADENZA_WEBRTC_PEER";

/// Builds it as the page is built, and returns the folder that holds `peer.js` and `peer_bg.wasm`.
pub(crate) fn build(tools: &Tools) -> Result<PathBuf> {
    say("Building the bare WebRTC peer");
    let folder = target().join("webrtc-peer");
    let what = ["--package", "kadenza-webrtc", "--example", "peer"];
    wasm::build(tools, &what, "examples/peer.wasm", &folder)?;
    Ok(folder)
}
