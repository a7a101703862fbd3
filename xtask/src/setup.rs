//! What has to be installed, and how: each thing is looked for first, and said when it is installed. Everything
//! comes from rustup, Debian (apt), crates.io or npm.

pub(crate) mod apt;
mod rust;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

pub(crate) use rust::WASM;

use crate::shell::{Failure, Result, answer, read, repository, run, say};

const TRUNK: &str = "0.21.14";
const BINARYEN: &str = "132.0.0";
/// The oldest Node.js that npm's binaryen and the end-to-end tests run on; Debian 12 has it.
const NODE_MAJOR: u32 = 18;

/// Everything is installed; this is how to call it.
#[derive(Debug)]
pub(crate) struct Tools {
    path: OsString,
    wasm: Vec<(&'static str, OsString)>,
}

impl Tools {
    /// A call of `program` in the repository's folder, which finds what setup installed.
    pub(crate) fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.current_dir(repository()).env("PATH", &self.path);
        command
    }

    /// As [`Tools::command`], for calls that compile for the browser.
    pub(crate) fn wasm_command(&self, program: &str) -> Command {
        let mut command = self.command(program);
        command.envs(self.wasm.iter().map(|(name, value)| (*name, value)));
        command
    }

    /// What calls that compile for the browser find in this variable, where it differs from everybody else's.
    pub(crate) fn wasm_environment(&self, variable: &str) -> Option<&OsString> {
        self.wasm.iter().find(|(name, _)| *name == variable).map(|(_, value)| value)
    }

    /// Where `program` is.
    pub(crate) fn path_of(&self, program: &str) -> Result<PathBuf> {
        std::env::split_paths(&self.path)
            .map(|folder| folder.join(program))
            .find(|file| file.is_file())
            .ok_or_else(|| Failure::new(format!("There is no program `{program}` on the PATH.")))
    }
}

/// Installs what building the page and the relay needs.
pub(crate) fn for_running() -> Result<Tools> {
    install(&[])
}

/// Installs what building the npm package needs as well.
pub(crate) fn for_packing() -> Result<Tools> {
    let tools = for_running()?;
    npm_packages(&tools, "pkg")?;
    Ok(tools)
}

/// Installs what the tests need as well.
pub(crate) fn for_testing() -> Result<Tools> {
    let tools = install(&[
        ("chromium", "chromium"),
        ("chromedriver", "chromium-driver"),
        ("ffmpeg", "ffmpeg"),
        ("firefox-esr", "firefox-esr"),
    ])?;
    npm_packages(&tools, "tests")?;
    // js-libp2p is a hundred packages that only the tests of the WebRTC transport need.
    npm_packages(&tools, "tests/js-libp2p")?;
    // TypeScript, and what looks at packages.
    npm_packages(&tools, "pkg")?;
    Ok(tools)
}

/// Installs what measuring listening needs as well.
pub(crate) fn for_listening() -> Result<Tools> {
    let tools = for_testing()?;
    // WebTorrent is two hundred packages that only `bench listen` compares with.
    npm_packages(&tools, "bench")?;
    Ok(tools)
}

/// Installs what the tests behind home routers need as well.
pub(crate) fn for_nat() -> Result<Tools> {
    let tools =
        install(&[("chromium", "chromium"), ("ffmpeg", "ffmpeg"), ("ip", "iproute2"), ("nft", "nftables")])?;
    npm_packages(&tools, "tests")?;
    Ok(tools)
}

/// Installs what measuring listening behind home routers needs as well.
pub(crate) fn for_listening_in_lab() -> Result<Tools> {
    let tools = for_nat()?;
    npm_packages(&tools, "bench")?;
    Ok(tools)
}

/// `more`: programs and the Debian packages that have them.
fn install(more: &[(&str, &'static str)]) -> Result<Tools> {
    let path = search_path()?;
    let mut tools = Tools { path, wasm: Vec::new() };
    let always = [("cc", "gcc"), ("cc", "libc6-dev"), ("node", "nodejs"), ("npm", "npm")];
    let missing = |(program, _): &&(&str, &'static str)| tools.path_of(program).is_err();
    let packages: Vec<_> = always.iter().chain(more).filter(missing).map(|(_, package)| *package).collect();
    apt::install(&packages)?;
    node_is_new_enough(&tools)?;
    tools.wasm = rust::wasm_target(&tools)?;
    cargo_program(&tools, "trunk", "trunk", TRUNK)?;
    // The program and the library must be the very same version.
    cargo_program(&tools, "wasm-bindgen", "wasm-bindgen-cli", &locked("wasm-bindgen")?)?;
    wasm_opt(&tools)?;
    Ok(tools)
}

/// `PATH` with the folders in front that we install into.
fn search_path() -> Result<OsString> {
    let home = |name: &str| std::env::var_os(name).map(PathBuf::from);
    let cargo = home("CARGO_HOME").or_else(|| Some(home("HOME")?.join(".cargo"))).unwrap_or_default();
    let ours = [programs().join("node_modules/.bin"), cargo.join("bin")];
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::join_paths(ours.into_iter().chain(std::env::split_paths(&path)))
        .map_err(|error| Failure::new(format!("PATH cannot be extended: {error}")))
}

/// The folder of what npm installs for building.
fn programs() -> PathBuf {
    repository().join("target/tools")
}

fn node_is_new_enough(tools: &Tools) -> Result<()> {
    let version = answer(tools.command("node").arg("--version")).unwrap_or_default();
    let major = version.trim_start_matches('v').split('.').next().and_then(|major| major.parse().ok());
    if major.is_some_and(|major: u32| major >= NODE_MAJOR) {
        return Ok(());
    }
    Err(Failure::new(format!(
        "Node.js {NODE_MAJOR} or newer is needed, and `node --version` says \"{version}\". Install a newer one, \
         then run this again."
    )))
}

/// The version of `package` in Cargo.lock.
fn locked(package: &str) -> Result<String> {
    let lock = read("Cargo.lock")?;
    let entry = lock.split("[[package]]").find(|entry| entry.contains(&format!("\nname = \"{package}\"\n")));
    let version = entry.and_then(|entry| entry.split("version = \"").nth(1)?.split('"').next());
    version.map(str::to_owned).ok_or_else(|| Failure::new(format!("Cargo.lock names no {package}.")))
}

fn cargo_program(tools: &Tools, program: &str, package: &str, version: &str) -> Result<()> {
    let said = answer(tools.command(program).arg("--version")).unwrap_or_default();
    if said.split_whitespace().nth(1) == Some(version) {
        return Ok(());
    }
    say(format!("Installing {package} {version} with cargo (once; takes a few minutes)"));
    run(tools.command("cargo").args([
        "install",
        package,
        "--version",
        version,
        "--locked",
        "--force",
        "--quiet",
    ]))
}

fn wasm_opt(tools: &Tools) -> Result<()> {
    let manifest = programs().join("node_modules/binaryen/package.json");
    if package_version(&manifest).as_deref() == Some(BINARYEN) {
        return Ok(());
    }
    say(format!("Installing wasm-opt (npm package binaryen {BINARYEN}) into target/tools"));
    let mut npm = tools.command("npm");
    npm.args(["install", "--no-save", "--no-audit", "--no-fund", "--prefix"]).arg(programs());
    run(npm.arg(format!("binaryen@{BINARYEN}")))
}

fn package_version(manifest: &Path) -> Option<String> {
    let manifest: serde_json::Value = serde_json::from_slice(&std::fs::read(manifest).ok()?).ok()?;
    Some(manifest["version"].as_str()?.to_owned())
}

/// The npm packages of a folder.
fn npm_packages(tools: &Tools, folder: &str) -> Result<()> {
    let changed =
        |path: &str| repository().join(folder).join(path).metadata().and_then(|file| file.modified()).ok();
    let installed = changed("node_modules/.package-lock.json");
    if installed.is_some() && installed >= changed("package-lock.json") {
        return Ok(());
    }
    say(format!("Installing the npm packages of {folder}/"));
    run(tools.command("npm").args(["ci", "--no-audit", "--no-fund", "--prefix", folder]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_of_a_package_comes_from_the_lock_file() {
        let version = locked("wasm-bindgen").unwrap();
        assert_eq!(version.split('.').count(), 3, "{version}");
        assert!(locked("no-such-package").is_err());
    }
}
