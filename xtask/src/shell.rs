//! Running other programs, and saying so.

use std::ffi::OsStr;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Why a command of ours stopped: a sentence or two for the person who typed it.
#[derive(Debug)]
pub(crate) struct Failure(String);

impl Failure {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Failure {}

pub(crate) type Result<T> = std::result::Result<T, Failure>;

/// Tells the user what happens next.
pub(crate) fn say(what: impl fmt::Display) {
    eprintln!("==> {what}");
}

/// The repository's folder. Cargo names ours when it runs us; a copied binary works from where it is called.
pub(crate) fn repository() -> PathBuf {
    let here = || std::env::current_dir().unwrap_or_default();
    match std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from) {
        Some(xtask) => xtask.parent().map_or_else(here, PathBuf::from),
        None => here(),
    }
}

/// Where Cargo builds.
pub(crate) fn target() -> PathBuf {
    repository().join(std::env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into()))
}

/// `command` as one could type it.
pub(crate) fn spelled(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args()).map(OsStr::to_string_lossy);
    let quoted = words.map(|word| if word.contains(' ') { format!("'{word}'") } else { word.into_owned() });
    quoted.collect::<Vec<_>>().join(" ")
}

/// Why `command` could not be started.
pub(crate) fn not_started(command: &Command, error: &std::io::Error) -> Failure {
    Failure::new(format!("`{}` could not be started: {error}", spelled(command)))
}

/// Runs `command` where the user sees it.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    eprintln!("    $ {}", spelled(command));
    let status = command.status().map_err(|error| not_started(command, &error))?;
    if status.success() {
        return Ok(());
    }
    Err(Failure::new(format!("`{}` failed ({status}).", spelled(command))))
}

/// What `command` prints, unseen; nothing when it is missing or fails.
pub(crate) fn answer(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Why there is no file at `path`.
pub(crate) fn not_written(path: &Path, error: &std::io::Error) -> Failure {
    Failure::new(format!("{} cannot be written: {error}", path.display()))
}

/// A file of the repository.
pub(crate) fn read(path: &str) -> Result<String> {
    std::fs::read_to_string(repository().join(path))
        .map_err(|error| Failure::new(format!("{path} cannot be read: {error}")))
}
