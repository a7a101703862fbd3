//! The stages, in the order in which they fail fastest.

use std::process::Command;

use super::counts::{Counts, count};
use crate::setup::{Tools, WASM};
use crate::shell::{Result, repository, run};
use crate::{page, pkg, webrtc_peer};

/// One kind of check.
#[derive(Debug)]
pub(crate) struct Stage {
    /// How it is called on the command line.
    pub(crate) name: &'static str,
    /// What it checks.
    pub(crate) about: &'static str,
    /// Runs it.
    pub(crate) run: fn(&Tools) -> Result<Counts>,
}

/// All of them.
pub(crate) const STAGES: [Stage; 7] = [
    Stage { name: "fmt", about: "rustfmt leaves every file as it is", run: fmt },
    Stage { name: "clippy", about: "no warning in what runs natively", run: clippy },
    Stage { name: "clippy-wasm", about: "no warning in what runs in a tab", run: clippy_wasm },
    Stage { name: "native", about: "unit, property and conformance tests", run: native },
    Stage { name: "wasm", about: "tests in headless Chromium", run: wasm },
    Stage { name: "pkg", about: "the npm package, packed and installed", run: package },
    Stage { name: "e2e", about: "real tabs and real relays, end to end", run: end_to_end },
];

/// Compiles for the browser only.
const APP: &str = "kadenza-app";

/// As well, and its tests are those of what is packed.
const PKG: &str = "kadenza-pkg";

/// Have tests that run in a browser.
const TESTED_IN_BROWSER: [&str; 2] = ["kadenza-services", APP];

/// Its tests run natively; its example is a page.
const WEBRTC: &str = "kadenza-webrtc";

fn check(command: &mut Command) -> Result<Counts> {
    // What failed has been printed where it happened.
    Ok(Counts::of_check(run(command).is_ok()))
}

fn fmt(tools: &Tools) -> Result<Counts> {
    check(tools.command("cargo").args(["fmt", "--all", "--", "--check"]))
}

fn clippy(tools: &Tools) -> Result<Counts> {
    let clippy =
        ["clippy", "--locked", "--quiet", "--workspace", "--exclude", APP, "--exclude", PKG, "--all-targets"];
    check(tools.command("cargo").args(clippy).args(["--", "--deny", "warnings"]))
}

fn clippy_wasm(tools: &Tools) -> Result<Counts> {
    // The page depends on every layer, and clippy looks at what is depended on within the workspace.
    let packages = TESTED_IN_BROWSER.iter().flat_map(|package| ["--package", package]);
    // Examples of these run natively.
    let mut counts = clippy_in_browser(tools, packages.chain(["--lib", "--bins", "--tests"]))?;
    counts += clippy_in_browser(tools, ["--package", PKG])?;
    counts += clippy_in_browser(tools, ["--package", WEBRTC, "--lib", "--examples"])?;
    Ok(counts)
}

fn clippy_in_browser<'a>(tools: &Tools, what: impl IntoIterator<Item = &'a str>) -> Result<Counts> {
    let clippy = ["clippy", "--locked", "--quiet", "--target", WASM];
    check(tools.wasm_command("cargo").args(clippy).args(what).args(["--", "--deny", "warnings"]))
}

fn native(tools: &Tools) -> Result<Counts> {
    let test = ["test", "--locked", "--no-fail-fast", "--workspace", "--exclude", APP, "--exclude", PKG];
    count(tools.command("cargo").args(test))
}

fn wasm(tools: &Tools) -> Result<Counts> {
    let mut counts = Counts::default();
    for package in TESTED_IN_BROWSER {
        let mut test = tools.wasm_command("cargo");
        test.args(["test", "--locked", "--no-fail-fast", "--target", WASM, "--tests", "--package", package]);
        test.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", "wasm-bindgen-test-runner");
        test.env("CHROMEDRIVER", tools.path_of("chromedriver")?);
        counts += count(&mut test)?;
    }
    Ok(counts)
}

fn package(tools: &Tools) -> Result<Counts> {
    pkg::build(tools)?;
    node_tests(page::driven_by_node(tools)?, "pkg/tests")
}

fn end_to_end(tools: &Tools) -> Result<Counts> {
    let mut node = page::driven_by_node(tools)?;
    node.env(webrtc_peer::FOLDER, webrtc_peer::build(tools)?);
    node_tests(node, "tests")
}

/// Ten minutes for a file, in milliseconds, many times what any takes: a browser that hangs is a failure, not the end of
/// all time there is for the tests.
const FILE_TIMEOUT: &str = "--test-timeout=600000";

/// Runs the test files of a folder.
fn node_tests(mut node: Command, folder: &str) -> Result<Counts> {
    let files = std::fs::read_dir(repository().join(folder));
    let files = files.into_iter().flatten().flatten().map(|entry| entry.path());
    let mut files: Vec<_> = files.filter(|file| file.to_string_lossy().ends_with(".test.mjs")).collect();
    files.sort();
    // One file at a time: several browsers at once on two cores only time out.
    node.args(["--test", "--test-concurrency=1", FILE_TIMEOUT, "--test-reporter=spec"]).args(files);
    count(&mut node)
}
