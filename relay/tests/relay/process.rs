//! The real process: flags, environment, signals, and what is left after `kill -9`.

use crate::client::{get, post};
use crate::running::{Running, relay};
use kadenza_api::testing::wav;

#[test]
fn help_explains_every_flag_and_its_variable() {
    let help = relay().arg("--help").output().unwrap();
    let text = String::from_utf8(help.stdout).unwrap();
    for flag in [
        "listen",
        "data",
        "quota",
        "file-limit",
        "bootstrap",
        "public",
        "stun",
        "circuit-bytes",
        "circuit-minutes",
        "circuits",
        "log",
        "log-format",
    ] {
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
fn a_udp_port_that_is_taken_is_named() {
    let (address, _taken) = loop {
        let taken = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
        let address = taken.local_addr().unwrap();
        // Its TCP twin has to be free, or the relay would not come as far.
        if std::net::TcpListener::bind(address).is_ok() {
            break (address.to_string(), taken);
        }
    };
    let data = tempfile::tempdir().unwrap();
    let refusal = relay().args(["--listen", &address, "--data"]).arg(data.path()).output().unwrap();
    assert_eq!(refusal.status.code(), Some(1));
    let text = String::from_utf8(refusal.stderr).unwrap();
    assert!(text.contains(&address) && text.contains("UDP"), "{text}");
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
