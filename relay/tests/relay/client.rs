//! A client that can say anything: HTTP by hand, over a real socket.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::Duration;

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    head: String,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

pub(crate) fn connect(to: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(to).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream
}

/// Reads one answer to its end; the request asked for the connection to be closed.
pub(crate) fn answer(mut stream: TcpStream) -> Answer {
    let mut bytes = Vec::new();
    // A server that closes with unread bytes in its buffer resets the connection after its answer.
    let _ = stream.read_to_end(&mut bytes);
    let end = bytes
        .windows(4)
        .position(|four| four == b"\r\n\r\n")
        .unwrap_or_else(|| panic!("no answer: {bytes:?}"));
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Answer { status, head, body: bytes[end + 4..].to_vec() }
}

/// Sends one request as it is written here, then hears the answer.
pub(crate) fn send(to: SocketAddr, line: &str, headers: &[&str], body: &[u8]) -> Answer {
    let mut stream = connect(to);
    stream.write_all(&request(line, headers)).unwrap();
    stream.write_all(body).unwrap();
    answer(stream)
}

/// Sends one request and not a byte more: the sending half is closed after it.
pub(crate) fn send_and_hang_up(to: SocketAddr, line: &str, headers: &[&str], body: &[u8]) -> Vec<u8> {
    let mut stream = connect(to);
    stream.write_all(&request(line, headers)).unwrap();
    stream.write_all(body).unwrap();
    stream.shutdown(Shutdown::Write).unwrap();
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes);
    bytes
}

pub(crate) fn get(to: SocketAddr, path: &str, headers: &[&str]) -> Answer {
    send(to, &format!("GET {path}"), headers, b"")
}

/// Uploads `body` under `name`.
pub(crate) fn post(to: SocketAddr, path: &str, headers: &[&str], body: &[u8]) -> Answer {
    let length = format!("Content-Length: {}", body.len());
    send(to, &format!("POST {path}"), &[headers, &[&length]].concat(), body)
}

fn request(line: &str, headers: &[&str]) -> Vec<u8> {
    let headers: String = headers.iter().map(|header| format!("{header}\r\n")).collect();
    format!("{line} HTTP/1.1\r\nHost: relay\r\nConnection: close\r\n{headers}\r\n").into_bytes()
}
