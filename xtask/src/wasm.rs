//! Programs for a page that Trunk does not build.

use std::path::{Path, PathBuf};

use crate::setup::{Tools, WASM};
use crate::shell::{Result, not_written, run, target};

/// What Chromium and Firefox both take; the page's own are in `static/index.html`.
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

/// Builds `what` Cargo is asked for as the page is built, and binds the `program` that comes of it: `NAME.wasm` becomes
/// `NAME.js` and `NAME_bg.wasm` in `folder`, with types for TypeScript.
pub(crate) fn build(tools: &Tools, what: &[&str], program: &str, folder: &Path) -> Result<()> {
    let mut cargo = tools.wasm_command("cargo");
    cargo.args(["build", "--locked", "--quiet", "--profile", "page", "--target", WASM]);
    run(cargo.args(what))?;
    let wasm = built(tools).join(WASM).join("page").join(program);
    run(tools.command("wasm-bindgen").args(["--target", "web", "--out-dir"]).arg(folder).arg(&wasm))?;
    let name = wasm.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let (bound, small) = (folder.join(format!("{name}_bg.wasm")), folder.join("small.wasm"));
    run(tools.command("wasm-opt").args(WASM_OPT).arg(&bound).arg("-o").arg(&small))?;
    std::fs::rename(&small, &bound).map_err(|error| not_written(&bound, &error))
}

/// Where Cargo puts what it builds for the browser.
fn built(tools: &Tools) -> PathBuf {
    tools.wasm_environment("CARGO_TARGET_DIR").map_or_else(target, PathBuf::from)
}
