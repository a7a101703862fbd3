//! The project's own rules, as far as a program can check them.
#![expect(clippy::unwrap_used, reason = "a tree that cannot be read is a failed test")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

const LINES_MAX: usize = 600;
const ARCHITECTURE_LINES_MAX: usize = 120;

/// The only places that may ask whether they are compiled for a browser.
const PLATFORM_PLACES: [&str; 5] = [
    "crates/platform/",
    "crates/services/src/store",
    "crates/distributed/src/transport",
    "crates/webrtc/src/lib.rs",
    "crates/webrtc/examples/",
];

const LAYERS: [&str; 4] = ["kadenza-middleware", "kadenza-views", "kadenza-distributed", "kadenza-services"];

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Our own sources with one of these extensions, as (path from the repository's folder, text).
fn sources(extensions: &[&str]) -> Vec<(String, String)> {
    let mut files = Vec::new();
    for folder in ["app", "bench", "crates", "pkg", "relay", "static", "tests", "xtask"] {
        walk(&repository().join(folder), &mut files);
    }
    let wanted = |file: &&PathBuf| {
        file.extension().is_some_and(|e| extensions.contains(&e.to_string_lossy().as_ref()))
    };
    let named = |file: &PathBuf| {
        let name = file.strip_prefix(repository()).unwrap().to_string_lossy().into_owned();
        (name, fs::read_to_string(file).unwrap())
    };
    files.iter().filter(wanted).map(named).collect()
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
    for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        let generated = ["target", "node_modules", "dist"].iter().any(|name| path.ends_with(name));
        if path.is_dir() && !generated {
            walk(&path, files);
        } else if path.is_file() {
            files.push(path);
        }
    }
}

fn matching(sources: Vec<(String, String)>, breaks: impl Fn(&str, &str) -> bool) -> Vec<String> {
    sources.into_iter().filter(|(path, text)| breaks(path, text)).map(|(path, _)| path).collect()
}

#[test]
fn the_platform_is_asked_for_in_its_own_places_only() {
    // Put together here, or this file would find itself.
    let questions = ["target_family", "target_arch"].map(|what| format!("{what} = \"wasm"));
    let broken = matching(sources(&["rs"]), |path, text| {
        !PLATFORM_PLACES.iter().any(|place| path.starts_with(place))
            && questions.iter().any(|question| text.contains(question))
    });
    assert_eq!(broken, [] as [String; 0], "move this to crates/platform");
}

#[test]
fn the_interface_and_views_know_no_peers() {
    let type_name = ["Peer", "Id"].concat();
    let broken = matching(sources(&["rs"]), |path, text| {
        (path.starts_with("crates/views/") || path.starts_with("app/")) && text.contains(&type_name)
    });
    assert_eq!(broken, [] as [String; 0]);
}

#[test]
fn no_layer_depends_on_another() {
    let metadata = ["metadata", "--no-deps", "--format-version", "1", "--offline"];
    let output = Command::new(env!("CARGO")).args(metadata).current_dir(repository()).output().unwrap();
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let dependencies = |package: &str| -> Vec<String> {
        let packages = metadata["packages"].as_array().unwrap();
        let package = packages.iter().find(|candidate| candidate["name"] == package).unwrap();
        let dependencies = package["dependencies"].as_array().unwrap().iter();
        // Tests may put any stack together; `kind` is null for what the product itself depends on.
        let product = dependencies.filter(|dependency| dependency["kind"] != "dev");
        let names = product.map(|dependency| dependency["name"].as_str().unwrap().to_owned());
        names.filter(|name| name.starts_with("kadenza-")).collect()
    };
    for layer in LAYERS {
        let others: Vec<_> =
            dependencies(layer).into_iter().filter(|name| LAYERS.contains(&name.as_str())).collect();
        assert_eq!(others, [] as [String; 0], "{layer} must not name another layer");
    }
    for name in dependencies("kadenza-app") {
        assert!(
            ["kadenza-api", "kadenza-node", "kadenza-platform"].contains(&name.as_str()),
            "the page names {name}"
        );
    }
}

#[test]
fn a_file_can_be_read_in_one_sitting() {
    let broken =
        matching(sources(&["rs", "js", "mjs", "ts", "css"]), |_, text| text.lines().count() > LINES_MAX);
    assert_eq!(broken, [] as [String; 0], "longer than {LINES_MAX} lines");
}

#[test]
fn the_architecture_fits_on_two_pages() {
    let Ok(text) = fs::read_to_string(repository().join("ARCHITECTURE.md")) else { return };
    assert!(text.lines().count() <= ARCHITECTURE_LINES_MAX);
}
