//! Which server is asked, and when the next one is.

#![expect(clippy::unwrap_used, reason = "a test")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use futures::executor::block_on;
use http::{Request, Response, StatusCode};
use kadenza_api::{Body, Error, Http, Music, Result, SongId, Source, Tags, Upload};
use kadenza_middleware::{HttpClient, Middleware, Server};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

/// Gives the same answer to everything, reads the body it was sent, and counts.
#[derive(Debug, Clone)]
struct Scripted {
    answer: Option<(StatusCode, &'static str)>,
    requests: Arc<AtomicUsize>,
    body_bytes: Arc<AtomicUsize>,
}

impl Scripted {
    fn answering(status: StatusCode, body: &'static str) -> Self {
        Self { answer: Some((status, body)), requests: Arc::default(), body_bytes: Arc::default() }
    }

    fn dead() -> Self {
        Self { answer: None, requests: Arc::default(), body_bytes: Arc::default() }
    }

    fn requests(&self) -> usize {
        self.requests.load(Ordering::Relaxed)
    }
}

impl Http for Scripted {
    async fn send(&self, request: Request<Body>) -> Result<Response<Body>> {
        self.requests.fetch_add(1, Ordering::Relaxed);
        let body = request.into_body().bytes(1000).await?;
        self.body_bytes.fetch_add(body.len(), Ordering::Relaxed);
        let (status, body) = self.answer.ok_or_else(|| Error::unavailable("connection refused"))?;
        let mut response = Response::new(Body::from(Bytes::from_static(body.as_bytes())));
        *response.status_mut() = status;
        Ok(response)
    }
}

/// A server that gives every connection this answer and hangs up, its URL, and how many there were.
async fn listening(answer: &'static str) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (address, connections) = (listener.local_addr().unwrap(), Arc::<AtomicUsize>::default());
    let counted = connections.clone();
    tokio::spawn(async move {
        while let Ok((mut connection, _)) = listener.accept().await {
            counted.fetch_add(1, Ordering::Relaxed);
            let _ = connection.read(&mut [0; 4096]).await;
            let _ = connection.write_all(answer.as_bytes()).await;
        }
    });
    (format!("http://{address}"), connections)
}

const NOT_FOUND: &str = r#"{"code":"not-found","message":"no such song"}"#;
const UNAVAILABLE: &str = r#"{"code":"unavailable","message":"no peers"}"#;

fn middleware(servers: &[&Scripted]) -> Middleware<Scripted> {
    Middleware::new(servers.iter().map(|server| Server::Here((*server).clone())).collect())
}

#[test]
fn an_answer_that_is_a_refusal_is_the_answer() {
    let (first, second) = (Scripted::answering(StatusCode::NOT_FOUND, NOT_FOUND), Scripted::dead());
    let song = block_on(middleware(&[&first, &second]).song(SongId([1; 20])));
    assert_eq!(song, Err(Error::not_found("no such song")));
    assert_eq!(second.requests(), 0);
}

#[tokio::test]
async fn a_server_that_is_not_available_is_left_out_until_it_has_rested() {
    for answer in ["", "HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"] {
        let (address, requests) = listening(answer).await;
        let first = Server::There(HttpClient::new(&address).unwrap());
        let second = Scripted::answering(StatusCode::NOT_FOUND, NOT_FOUND);
        let middleware = Middleware::new(vec![first, Server::Here(second.clone())]);
        for _ in 0..3 {
            assert!(matches!(middleware.song(SongId([1; 20])).await, Err(Error::NotFound { .. })));
        }
        assert_eq!((requests.load(Ordering::Relaxed), second.requests()), (1, 3), "{answer:?}");
    }
}

#[test]
fn the_server_in_this_process_is_asked_first_whatever_it_could_not_answer_before() {
    for first in [Scripted::dead(), Scripted::answering(StatusCode::SERVICE_UNAVAILABLE, UNAVAILABLE)] {
        let second = Scripted::answering(StatusCode::NOT_FOUND, NOT_FOUND);
        let middleware = middleware(&[&first, &second]);
        for _ in 0..3 {
            assert!(matches!(block_on(middleware.song(SongId([1; 20]))), Err(Error::NotFound { .. })));
        }
        assert_eq!((first.requests(), second.requests()), (3, 3));
    }
}

#[test]
fn when_nobody_is_available_each_is_named() {
    let (first, second) =
        (Scripted::dead(), Scripted::answering(StatusCode::SERVICE_UNAVAILABLE, UNAVAILABLE));
    let refusal = block_on(middleware(&[&first, &second]).network()).unwrap_err();
    let Error::Unavailable { message } = refusal else { panic!("{refusal:?}") };
    assert!(message.contains("connection refused") && message.contains("no peers"), "{message}");
    assert!(matches!(block_on(middleware(&[]).network()), Err(Error::Unavailable { .. })));
}

#[test]
fn an_upload_is_read_anew_for_each_server() {
    let (first, second) = (Scripted::dead(), Scripted::answering(StatusCode::BAD_REQUEST, NOT_FOUND));
    let source = Source::from(Bytes::from_static(b"RIFF"));
    let upload = Upload { name: "a.wav".into(), tags: Tags::default(), source };
    block_on(middleware(&[&first, &second]).upload(upload)).unwrap_err();
    assert_eq!([&first, &second].map(|server| server.body_bytes.load(Ordering::Relaxed)), [4, 4]);
}

#[test]
fn a_bare_request_goes_from_server_to_server() {
    let (first, second) = (Scripted::dead(), Scripted::answering(StatusCode::OK, "bytes"));
    let request = Request::get("/listen/x").body(Body::empty()).unwrap();
    let response = block_on(middleware(&[&first, &second]).send(request)).unwrap();
    assert_eq!(block_on(response.into_body().bytes(10)).unwrap(), "bytes");
}

#[test]
fn a_request_with_a_body_goes_to_the_best_server_alone() {
    let (first, second) = (Scripted::dead(), Scripted::answering(StatusCode::OK, ""));
    let request = Request::post("/api/songs").body(Bytes::from_static(b"RIFF").into()).unwrap();
    assert!(block_on(middleware(&[&first, &second]).send(request)).is_err());
    assert_eq!((first.requests(), second.requests()), (1, 0));
}

#[test]
fn the_last_503_is_handed_on_when_there_is_nothing_better() {
    let busy = Scripted::answering(StatusCode::SERVICE_UNAVAILABLE, UNAVAILABLE);
    let request = Request::get("/api/network").body(Body::empty()).unwrap();
    let response = block_on(middleware(&[&busy, &Scripted::dead()]).send(request)).unwrap();
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
}
