//! STUN, asked of the real process.

use std::net::{SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use crate::client::get;
use crate::running::{Running, relay};
use kadenza_api::Network;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use stun_types::attribute::XorMappedAddress;
use stun_types::message::{BINDING, Message, MessageWrite, MessageWriteVec};

/// Asked again after this, as browsers do: UDP loses what comes too fast.
const ASK_AGAIN: Duration = Duration::from_millis(250);

/// No answer by then is none.
const PATIENCE: Duration = Duration::from_secs(10);

/// A relay at `listen`, and the folder it needs.
fn running(listen: &str, flags: &[&str]) -> (Running, tempfile::TempDir) {
    let data = tempfile::tempdir().unwrap();
    let mut command = relay();
    command.args(["--listen", listen]).args(flags).arg("--data").arg(data.path());
    (Running::start(&mut command), data)
}

/// A socket that hears only what comes from where it sends to.
fn socket(from: &str, to: SocketAddr) -> UdpSocket {
    let socket = UdpSocket::bind(from).unwrap();
    socket.connect(to).unwrap();
    socket.set_read_timeout(Some(ASK_AGAIN)).unwrap();
    socket
}

fn question() -> Vec<u8> {
    Message::builder_request(BINDING, MessageWriteVec::new()).finish()
}

/// The address that the relay says `socket` has.
fn mapped(socket: &UdpSocket) -> SocketAddr {
    let question = question();
    let transaction = Message::from_bytes(&question).unwrap().transaction_id();
    let asked = Instant::now();
    let mut buffer = [0; 2048];
    while asked.elapsed() < PATIENCE {
        // An ICMP error of an earlier datagram may be reported here.
        let _ = socket.send(&question);
        let Ok(length) = socket.recv(&mut buffer) else { continue };
        let answer = Message::from_bytes(&buffer[..length]).unwrap();
        if answer.transaction_id() == transaction {
            return answer.attribute::<XorMappedAddress>().unwrap().addr(transaction);
        }
    }
    panic!("no answer from {:?}", socket.peer_addr());
}

fn network(relay: &Running) -> Network {
    serde_json::from_value(get(relay.address, "/api/network", &[]).json()).unwrap()
}

#[test]
fn it_answers_at_the_port_of_the_page_over_ipv4_and_ipv6() {
    for (listen, own) in [("127.0.0.1:0", "127.0.0.1:0"), ("[::1]:0", "[::1]:0")] {
        let (relay, _data) = running(listen, &[]);
        let socket = socket(own, relay.address);
        assert_eq!(mapped(&socket), socket.local_addr().unwrap());
        assert_eq!(network(&relay).stun, [format!("stun:{}", relay.address)]);
    }
}

#[test]
fn of_several_addresses_the_one_that_was_asked_answers() {
    for (listen, asked) in [("0.0.0.0:0", ["127.0.0.1", "127.0.0.2"]), ("[::]:0", ["127.0.0.2", "::1"])] {
        let (relay, _data) = running(listen, &[]);
        for ip in asked {
            let to = SocketAddr::new(ip.parse().unwrap(), relay.address.port());
            let own = if to.is_ipv4() { "127.0.0.1:0" } else { "[::1]:0" };
            let socket = socket(own, to);
            assert_eq!(mapped(&socket), socket.local_addr().unwrap(), "{listen} {ip}");
        }
    }
}

#[test]
fn tabs_are_told_where_the_operator_says_it_is() {
    let (relay, _data) = running("127.0.0.1:0", &["--stun", "stun.example:3478"]);
    assert_eq!(network(&relay).stun, ["stun:stun.example:3478"]);
}

#[test]
fn it_still_answers_after_a_flood_of_noise() {
    let (relay, _data) = running("127.0.0.1:0", &[]);
    let flood = socket("127.0.0.1:0", relay.address);
    let mut runner = TestRunner::deterministic();
    let header = vec(any::<u8>(), 0..40).prop_map(|rest| [&question()[..18], &rest].concat());
    let noise = prop_oneof![vec(any::<u8>(), 0..1500), header];
    for _ in 0..5_000 {
        let datagram = noise.new_tree(&mut runner).unwrap().current();
        // A full buffer is the flood's own problem.
        let _ = flood.send(&datagram);
    }
    let honest = socket("127.0.0.1:0", relay.address);
    assert_eq!(mapped(&honest), honest.local_addr().unwrap());
    assert_eq!(get(relay.address, "/healthz", &[]).status, 200);
}

#[test]
fn who_does_not_wait_for_an_answer_does_no_harm() {
    let (relay, _data) = running("127.0.0.1:0", &[]);
    for _ in 0..100 {
        // Its port is closed when the answer comes, and the relay's machine hears that by ICMP.
        socket("127.0.0.1:0", relay.address).send(&question()).unwrap();
    }
    let honest = socket("127.0.0.1:0", relay.address);
    assert_eq!(mapped(&honest), honest.local_addr().unwrap());
}
