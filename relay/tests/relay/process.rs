//! The real process: flags, environment, signals, and what is left after `kill -9`.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::client::{get, post};
use kadenza_api::testing::wav;

fn relay() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kadenza-relay"));
    // What this machine's environment says must not decide a test.
    for name in std::env::vars_os()
        .map(|(name, _)| name)
        .filter(|name| name.to_string_lossy().starts_with("KADENZA_"))
    {
        command.env_remove(name);
    }
    command
}

/// A relay on a free port that is killed when it is dropped.
struct Running {
    child: Child,
    address: SocketAddr,
}

impl Running {
    fn start(command: &mut Command) -> Self {
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

    fn on(data: &Path) -> Self {
        Self::start(relay().args(["--listen", "127.0.0.1:0", "--data"]).arg(data))
    }

    fn terminate(mut self) -> Option<i32> {
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

#[test]
fn help_explains_every_flag_and_its_variable() {
    let help = relay().arg("--help").output().unwrap();
    let text = String::from_utf8(help.stdout).unwrap();
    for flag in ["listen", "data", "quota", "file-limit", "bootstrap", "public", "log", "log-format"] {
        let variable = format!("KADENZA_{}", flag.to_uppercase().replace('-', "_"));
        assert!(text.contains(&format!("--{flag} ")) && text.contains(&variable), "{flag}: {text}");
    }
}

#[test]
fn a_wrong_value_is_refused_by_name_from_flag_and_environment_alike() {
    let flag = relay().args(["--quota", "lots"]).output().unwrap();
    let variable = relay().env("KADENZA_QUOTA", "lots").output().unwrap();
    for refusal in [flag, variable] {
        let text = String::from_utf8(refusal.stderr).unwrap();
        assert_eq!(refusal.status.code(), Some(2));
        assert!(text.contains("--quota") && text.contains("lots") && text.contains("50GB"), "{text}");
    }
}

#[test]
fn a_port_that_is_taken_is_named() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let data = tempfile::tempdir().unwrap();
    let refusal = relay().args(["--listen", &address, "--data"]).arg(data.path()).output().unwrap();
    assert_eq!(refusal.status.code(), Some(1));
    assert!(String::from_utf8(refusal.stderr).unwrap().contains(&address));
}

#[test]
fn environment_variables_set_what_flags_do() {
    let data = tempfile::tempdir().unwrap();
    let mut command = relay();
    command
        .env("KADENZA_LISTEN", "127.0.0.1:0")
        .env("KADENZA_DATA", data.path())
        .env("KADENZA_FILE_LIMIT", "1KB");
    let relay = Running::start(command.env("KADENZA_LOG_FORMAT", "json"));
    let refusal = post(relay.address, "/api/songs?name=a.wav&title=A&artist=B", &[], &wav(2000, 1));
    assert_eq!(refusal.status, 413);
    assert!(refusal.json()["message"].as_str().unwrap().contains("1000"));
}

#[test]
fn it_stops_when_it_is_told_to() {
    let data = tempfile::tempdir().unwrap();
    let relay = Running::on(data.path());
    assert_eq!(get(relay.address, "/healthz", &[]).json()["status"], "ok");
    assert_eq!(relay.terminate(), Some(0));
}

#[test]
fn an_acknowledged_upload_survives_kill_9() {
    let data = tempfile::tempdir().unwrap();
    let file = wav(300_000, 5);
    let relay = Running::on(data.path());
    let uploaded = post(relay.address, "/api/songs?name=a.wav&title=Sirens&artist=Ada", &[], &file);
    assert_eq!(uploaded.status, 201, "{uploaded:?}");
    assert_eq!(uploaded.json()["copies"]["safe"], true);
    drop(relay); // SIGKILL

    let relay = Running::on(data.path());
    let id = uploaded.json()["song"]["id"].as_str().unwrap().to_owned();
    assert_eq!(get(relay.address, "/api/songs?q=sirens", &[]).json()["total"], 1);
    assert!(get(relay.address, &format!("/listen/{id}"), &[]).body == file);
}
