//! The real process, started and ended.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// The program, without what this machine's environment says.
pub(crate) fn relay() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kadenza-relay"));
    for name in std::env::vars_os()
        .map(|(name, _)| name)
        .filter(|name| name.to_string_lossy().starts_with("KADENZA_"))
    {
        command.env_remove(name);
    }
    command
}

/// A relay on a free port that is killed when it is dropped.
pub(crate) struct Running {
    child: Child,
    pub(crate) address: SocketAddr,
}

impl Running {
    pub(crate) fn start(command: &mut Command) -> Self {
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut said = String::new();
        let address = loop {
            let line = lines.next().unwrap_or_else(|| panic!("it ended: {said}")).unwrap();
            if let Some((_, rest)) = line.split_once("open http://") {
                let address = rest.split(|c: char| c.is_whitespace() || c == '"').next().unwrap();
                break address.parse().unwrap();
            }
            said += &line;
        };
        // Someone must go on reading, or the relay would wait to log.
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, address }
    }

    /// A relay with its data in this folder.
    pub(crate) fn on(data: &Path) -> Self {
        Self::start(relay().args(["--listen", "127.0.0.1:0", "--data"]).arg(data))
    }

    /// The memory it takes.
    pub(crate) fn resident_bytes(&self) -> usize {
        let pages = std::fs::read_to_string(format!("/proc/{}/statm", self.child.id())).unwrap();
        pages.split(' ').nth(1).unwrap().parse::<usize>().unwrap() * 4096
    }

    /// Asks it to stop, and says how it ended.
    pub(crate) fn terminate(mut self) -> Option<i32> {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
        self.child.wait().unwrap().code()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
