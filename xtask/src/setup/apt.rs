//! Debian's packages: installed where we may, the command printed where we may not.

use std::process::Command;

use crate::shell::{Failure, Result, answer, run, say};

/// Installs `packages`, if there are any.
///
/// # Errors
/// The commands to type, where this is not a Debian or we are not root and cannot become root without a password.
pub(crate) fn install(packages: &[&str]) -> Result<()> {
    if packages.is_empty() {
        return Ok(());
    }
    let names = packages.join(" ");
    let by_hand = format!(
        "Missing: {names}. Install with\n  \
         sudo apt-get update && sudo apt-get install --yes --no-install-recommends {names}\n\
         (or the same programs in your system's way), then run this again."
    );
    let Some(privilege) = privilege() else { return Err(Failure::new(by_hand)) };
    say(format!("Installing {names} with apt-get"));
    let install = [&["install", "--yes", "--no-install-recommends"], packages].concat();
    apt_get(&privilege, &["update", "--quiet"])
        .and_then(|()| apt_get(&privilege, &install))
        .map_err(|failure| Failure::new(format!("{failure}\n{by_hand}")))
}

/// Refreshes apt's lists of packages.
pub(crate) fn update() -> Result<()> {
    let Some(privilege) = privilege() else {
        return Err(Failure::new("Run `sudo apt-get update`, then run this again."));
    };
    apt_get(&privilege, &["update", "--quiet"])
}

fn apt_get(privilege: &[&str], arguments: &[&str]) -> Result<()> {
    let words = [privilege, &["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"], arguments].concat();
    run(Command::new(words[0]).args(&words[1..]))
}

/// The words that make a command run as root; none at all for root, `None` where we cannot.
fn privilege() -> Option<Vec<&'static str>> {
    answer(Command::new("apt-get").arg("--version"))?;
    if answer(Command::new("id").arg("-u")).as_deref() == Some("0") {
        return Some(Vec::new());
    }
    answer(Command::new("sudo").args(["--non-interactive", "true"]))?;
    Some(vec!["sudo", "--non-interactive"])
}
