//! The listener over real sockets, with a node in memory behind it.

use std::io::Write;
use std::net::SocketAddr;
use std::sync::Arc;

use crate::client::{answer, connect, get, post, send, send_and_hang_up};
use kadenza_api::testing::wav;
use kadenza_relay::page::{File, Page};
use kadenza_relay::server::{Site, serve};
use kadenza_services::store::MemoryStore;
use kadenza_services::{Config, Services, identity};
use kadenza_views::Views;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::{mpsc, oneshot};

const LIMIT: u64 = 10_000_000;

const PAGE: &[File] = &[
    File { name: "index.html", plain: b"<h1>Kadenza</h1>", brotli: None },
    File { name: "app-0123456789abcdef_bg.wasm", plain: b"\0asm", brotli: Some(b"br") },
];

/// A listener that runs until it is dropped.
struct Server {
    runtime: Runtime,
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    served: Option<tokio::task::JoinHandle<()>>,
    sockets: mpsc::Receiver<SocketAddr>,
}

impl Server {
    fn start() -> Self {
        let runtime = Runtime::new().unwrap();
        let (listener, http) = runtime.block_on(async {
            let store = MemoryStore::default();
            let keypair = identity(&store).await.unwrap();
            let config = Config { file_limit_bytes: LIMIT, quota_bytes: 1 << 30, durable: true };
            let services = Services::open(store, keypair, config).await.unwrap();
            let views = Views::new(services, kadenza_views::Config { body_limit_bytes: LIMIT });
            (TcpListener::bind("127.0.0.1:0").await.unwrap(), views)
        });
        let address = listener.local_addr().unwrap();
        let (arrived, sockets) = mpsc::channel(1);
        let site = Site {
            http,
            sockets: Arc::new(move |_, from| arrived.try_send(from).unwrap()),
            page: Arc::new(Page::new(PAGE).unwrap()),
        };
        let (stop, stopped) = oneshot::channel();
        let served = runtime.spawn(serve(listener, site, async move { drop(stopped.await) }));
        Self { runtime, address, stop: Some(stop), served: Some(served), sockets }
    }

    fn upload(&self, title: &str) -> String {
        let path = format!("/api/songs?name=a.wav&title={title}&artist=Ada");
        let answer = post(self.address, &path, &[], &wav(200_000, 1));
        assert_eq!(answer.status, 201, "{answer:?}");
        answer.json()["song"]["id"].as_str().unwrap().to_owned()
    }

    fn total(&self) -> serde_json::Value {
        get(self.address, "/api/songs", &[]).json()["total"].clone()
    }
}

#[test]
fn a_song_is_uploaded_found_and_heard() {
    let server = Server::start();
    let id = server.upload("Sirens");
    let found = get(server.address, "/api/songs?q=sir", &[]).json();
    assert_eq!((&found["total"], &found["songs"][0]["id"]), (&1.into(), &id.clone().into()));
    let heard = get(server.address, &format!("/listen/{id}"), &[]);
    assert_eq!((heard.status, heard.header("content-type")), (200, Some("audio/wav")));
    assert!(heard.body == wav(200_000, 1));
    let part = get(server.address, &format!("/listen/{id}"), &["Range: bytes=100000-100009"]);
    assert_eq!((part.status, &part.body[..]), (206, &wav(200_000, 1)[100_000..100_010]));
    let past = get(server.address, &format!("/listen/{id}"), &["Range: bytes=9999999999-"]);
    assert_eq!((past.status, past.header("content-range")), (416, Some("bytes */200000")));
    let head = send(server.address, &format!("HEAD /listen/{id}"), &[], b"");
    assert_eq!((head.status, head.header("content-length"), head.body.len()), (200, Some("200000"), 0));
}

#[test]
fn a_form_is_taken_as_well() {
    let server = Server::start();
    let mut form = b"--B\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nSirens\r\n--B\r\nContent-Disposition: form-data; name=\"artist\"\r\n\r\nAda\r\n--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.wav\"\r\n\r\n".to_vec();
    form.extend_from_slice(&wav(100_000, 2));
    form.extend_from_slice(b"\r\n--B--\r\n");
    let answer =
        post(server.address, "/api/songs", &["Content-Type: multipart/form-data; boundary=B"], &form);
    assert_eq!(answer.status, 201, "{answer:?}");
    assert_eq!(answer.json()["recording"]["bytes"], 100_000);
}

#[test]
fn every_kind_of_response_has_the_security_headers() {
    let server = Server::start();
    let id = server.upload("Sirens");
    let listen = format!("/listen/{id}");
    let requests = [
        ("GET /", 200),
        ("GET /app-0123456789abcdef_bg.wasm", 200),
        ("GET /nothing", 404),
        ("PUT /", 405),
        ("GET /api/songs", 200),
        ("GET /api/songs/12", 400),
        ("GET /api/nothing", 404),
        ("DELETE /api/songs", 405),
        ("GET /healthz", 200),
        (&format!("GET {listen}"), 200),
        ("GET /listen/../../etc/passwd", 404),
        ("GET /../../etc/passwd", 404),
    ];
    for (line, status) in requests {
        let answer = send(server.address, line, &[], b"");
        assert_eq!(answer.status, status, "{line}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{line}");
        assert_eq!(answer.header("referrer-policy"), Some("no-referrer"), "{line}");
        assert_eq!(answer.header("cross-origin-opener-policy"), Some("same-origin"), "{line}");
        assert!(answer.header("permissions-policy").is_some(), "{line}");
        let policy = answer.header("content-security-policy").unwrap();
        let expected = if line.contains(&listen) { "sandbox" } else { "frame-ancestors 'none'" };
        assert!(policy.contains(expected) && !policy.contains("unsafe-inline"), "{line}: {policy}");
        let shared = line.contains("/api") || line.contains("/listen") || line.contains("/healthz");
        let shared = shared && line.starts_with("GET");
        assert_eq!(answer.header("access-control-allow-origin").is_some(), shared, "{line}");
    }
}

#[test]
fn an_upload_past_the_limit_is_refused_before_it_is_sent() {
    let server = Server::start();
    let headers = ["Content-Length: 300000000"];
    let answer = send(server.address, "POST /api/songs?name=a.wav", &headers, b"RIFF");
    assert_eq!((answer.status, &answer.json()["code"]), (413, &"too-large".into()));
}

#[test]
fn who_sends_all_of_a_refused_upload_still_hears_why() {
    let server = Server::start();
    let answer = post(server.address, "/api/songs?name=a.wav", &[], &vec![0; 30_000_000]);
    assert_eq!((answer.status, &answer.json()["code"]), (413, &"too-large".into()));
}

#[test]
fn an_upload_that_is_cut_short_leaves_nothing() {
    let server = Server::start();
    let file = wav(100_000, 3);
    let line = "POST /api/songs?name=a.wav&title=A&artist=B";
    let answer = send_and_hang_up(server.address, line, &["Content-Length: 200000"], &file);
    let text = String::from_utf8_lossy(&answer);
    assert!(text.is_empty() || text.contains(" 400 "), "{text}");
    let chunked = [b"186a0\r\n", &file[..5000]].concat();
    send_and_hang_up(server.address, line, &["Transfer-Encoding: chunked"], &chunked);
    assert_eq!(server.total(), 0);
}

#[test]
fn a_wrong_content_length_is_refused() {
    let server = Server::start();
    for wrong in ["-5", "many", "5, 6"] {
        let header = format!("Content-Length: {wrong}");
        let answer = send(server.address, "POST /api/songs?name=a.wav", &[&header], b"RIFF");
        assert_eq!(answer.status, 400, "{wrong}");
    }
}

#[test]
fn idle_half_open_connections_do_not_hold_up_a_search() {
    let server = Server::start();
    server.upload("Sirens");
    let idle: Vec<_> = (0..200)
        .map(|number| {
            let mut stream = connect(server.address);
            let begun: &[u8] = if number % 2 == 0 {
                b"GET /api/so"
            } else {
                b"POST /api/songs?name=a HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nRI"
            };
            stream.write_all(begun).unwrap();
            stream
        })
        .collect();
    assert_eq!(get(server.address, "/api/songs?q=sirens", &[]).json()["total"], 1);
    drop(idle);
}

#[test]
fn a_websocket_on_any_path_goes_to_the_network() {
    let mut server = Server::start();
    for path in ["/", "/some/where"] {
        let mut stream = connect(server.address);
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: relay\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).unwrap();
        let from = server.runtime.block_on(server.sockets.recv()).unwrap();
        assert_eq!(from, stream.local_addr().unwrap());
    }
    let not_one = send(server.address, "GET /", &["Upgrade: websocket"], b"");
    assert_eq!(not_one.status, 400);
}

#[test]
fn told_to_stop_it_finishes_what_is_open_and_takes_nothing_new() {
    let mut server = Server::start();
    let file = wav(100_000, 4);
    let mut upload = connect(server.address);
    let head = format!(
        "POST /api/songs?name=a.wav&title=A&artist=B HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n",
        file.len()
    );
    upload.write_all(head.as_bytes()).unwrap();
    upload.write_all(&file[..50_000]).unwrap();
    // A second connection, served to its end, shows that the first has been accepted.
    assert_eq!(get(server.address, "/healthz", &[]).status, 200);
    server.stop.take().unwrap().send(()).unwrap();
    while std::net::TcpStream::connect(server.address).is_ok() {
        std::thread::yield_now();
    }
    upload.write_all(&file[50_000..]).unwrap();
    assert_eq!(answer(upload).status, 201);
    server.runtime.block_on(server.served.take().unwrap()).unwrap();
}
