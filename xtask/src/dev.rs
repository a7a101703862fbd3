//! `cargo xtask dev`: a relay, and Trunk's live reload in front of it.

use std::process::{Child, Command};
use std::sync::mpsc;
use std::time::Duration;

use crate::setup;
use crate::shell::{Failure, Result, not_started, run, say, spelled, target};

/// How often we look whether one of the two has ended by itself.
const LOOK_EVERY: Duration = Duration::from_millis(300);

/// Runs both until Ctrl-C, or until one of them ends.
pub(crate) fn dev(arguments: &[&str]) -> Result<()> {
    let tools = setup::for_running()?;
    say("Building the relay");
    run(tools.command("cargo").args(["build", "--locked", "--quiet", "--package", "kadenza-relay"]))?;
    let (interrupted, stop) = mpsc::sync_channel(1);
    let interrupt = move || {
        // A second Ctrl-C finds the channel full, and the first is being answered already.
        let _ = interrupted.try_send(());
    };
    ctrlc::set_handler(interrupt)
        .map_err(|error| Failure::new(format!("Ctrl-C cannot be handled: {error}")))?;
    say("The page with live reload: http://127.0.0.1:8081 (the relay's own: http://127.0.0.1:8080)");
    let relay = target().join("debug/kadenza-relay");
    let mut trunk = tools.wasm_command("trunk");
    trunk.args(["serve", "--skip-version-check", "--address", "127.0.0.1", "--port", "8081"]);
    // Trunk's own output must not replace the page that the relay has inside.
    trunk.arg("--dist").arg(target().join("dev-page"));
    let mut relay = Running::start(tools.command(&relay.to_string_lossy()).args(arguments))?;
    let mut trunk = Running::start(&mut trunk)?;
    while stop.recv_timeout(LOOK_EVERY).is_err() {
        relay.check()?;
        trunk.check()?;
    }
    Ok(())
}

/// A program that is stopped when this goes.
struct Running {
    name: String,
    child: Child,
}

impl Running {
    fn start(command: &mut Command) -> Result<Self> {
        let child = command.spawn().map_err(|error| not_started(command, &error))?;
        Ok(Self { name: spelled(command), child })
    }

    /// Fails once the program has ended.
    fn check(&mut self) -> Result<()> {
        match self.child.try_wait() {
            Ok(None) => Ok(()),
            Ok(Some(status)) => Err(Failure::new(format!("`{}` ended ({status}).", self.name))),
            Err(error) => Err(Failure::new(format!("`{}` is lost: {error}", self.name))),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Either may have ended already; then there is nothing left to stop.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
