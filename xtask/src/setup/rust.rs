//! The compiler for the browser: rustup's, or Debian's where rustup cannot fetch it.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Tools, apt};
use crate::shell::{Failure, Result, answer, run, say, target};

/// The target triple of the page.
pub(crate) const WASM: &str = "wasm32-unknown-unknown";

const DEBIAN: [&str; 4] = ["rustc-web", "cargo-web", "rust-web-clippy", "rust-web-src"];

/// Makes sure something compiles for the browser. Returns the environment to call Cargo and Trunk with.
pub(crate) fn wasm_target(tools: &Tools) -> Result<Vec<(&'static str, OsString)>> {
    if has_target(tools) {
        return Ok(Vec::new());
    }
    if !has_debian_rust() {
        say(format!("Installing the Rust target {WASM} with rustup"));
        let Err(failure) = run(tools.command("rustup").args(["target", "add", WASM])) else {
            return Ok(Vec::new());
        };
        say(format!("{failure} Trying Debian's Rust instead"));
        apt::install(&DEBIAN)?;
    }
    say("Debian's Rust compiles what runs in the browser, rustup's the rest");
    debian_rust(tools)
}

fn has_target(tools: &Tools) -> bool {
    let folder = answer(tools.command("rustc").args(["--print", "target-libdir", "--target", WASM]));
    folder.is_some_and(|folder| Path::new(&folder).is_dir())
}

/// Whether Debian's compiler is here, with the source of the standard library: it has no build of that for the
/// browser.
fn has_debian_rust() -> bool {
    DEBIAN.iter().all(|package| {
        let mut dpkg = Command::new("dpkg-query");
        answer(dpkg.args(["--show", "--showformat=${db:Status-Status}", package])).as_deref()
            == Some("installed")
    })
}

/// The environment in which `cargo` means Debian's, and the standard library is built along.
fn debian_rust(tools: &Tools) -> Result<Vec<(&'static str, OsString)>> {
    let libraries = answer(tools.command("rustc").args(["--print", "target-libdir"])).unwrap_or_default();
    let linker = PathBuf::from(libraries).with_file_name("bin").join("rust-lld");
    if !linker.is_file() {
        return Err(Failure::new(format!("rustup's linker is missing: {}", linker.display())));
    }
    let folders = [PathBuf::from("/usr/bin")].into_iter().chain(std::env::split_paths(&tools.path));
    let path = std::env::join_paths(folders)
        .map_err(|error| Failure::new(format!("PATH cannot be extended: {error}")))?;
    Ok(vec![
        ("PATH", path),
        ("CARGO", "/usr/bin/cargo".into()),
        ("RUSTC", "/usr/bin/rustc".into()),
        // What two compilers build must not overwrite each other.
        ("CARGO_TARGET_DIR", target().join("debian-rust").into()),
        // Lets a stable compiler build its own standard library, nothing else.
        ("RUSTC_BOOTSTRAP", "1".into()),
        ("CARGO_UNSTABLE_BUILD_STD", "std,panic_abort".into()),
        ("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker.into()),
    ])
}
