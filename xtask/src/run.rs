//! `cargo xtask run`: everything from a fresh clone to a link to open.

use std::os::unix::process::CommandExt;

use crate::shell::{Result, not_started, say};
use crate::{page, setup};

/// Sets up, builds and becomes the relay, so that signals reach it.
pub(crate) fn run(arguments: &[&str]) -> Result<()> {
    let tools = setup::for_running()?;
    page::build(&tools)?;
    let relay = page::relay(&tools)?;
    say("Starting the relay (Ctrl-C stops it)");
    let mut relay = tools.command(&relay.to_string_lossy());
    let error = relay.args(arguments).exec();
    Err(not_started(&relay, &error))
}
