//! One port for everything: the page, the HTTP API, and the peer-to-peer WebSocket.

use std::convert::Infallible;
use std::fmt;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::FromRequestParts;
use axum::extract::ws::{WebSocket, WebSocketUpgrade};
use axum::response::{IntoResponse, Response};
use http::{Method, Request, header};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use kadenza_api::Http;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use crate::page::Page;
use crate::{exchange, headers};

/// How long a client may take to send a request's head, and how long a connection may idle between two: 200
/// half-open connections are gone before they are a nuisance.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);

/// The most connections that are served at once; more wait in the kernel's queue.
const CONNECTIONS_MAX: usize = 4096;

/// The longest WebSocket message, in bytes. Peers write at most a few encrypted frames of 64 KiB into one.
const MESSAGE_LIMIT_BYTES: usize = 1024 * 1024;

/// How long open requests may go on after the relay was asked to stop.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(5);

/// A pause after the system refused a connection, for want of file descriptors for example.
const REFUSED_PAUSE: Duration = Duration::from_millis(200);

/// Takes a WebSocket into the network. It must not block.
pub type Sockets = Arc<dyn Fn(WebSocket, SocketAddr) + Send + Sync>;

/// What is behind the port.
#[derive(Clone)]
pub struct Site<H> {
    /// Answers `/api`, `/listen` and `/healthz`.
    pub http: H,
    /// Takes the WebSockets.
    pub sockets: Sockets,
    /// Answers everything else.
    pub page: Arc<Page>,
}

impl<H> fmt::Debug for Site<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Site").field("page", &self.page).finish_non_exhaustive()
    }
}

/// Serves `site` until `stop` is ready, then lets open requests finish for a few seconds.
pub async fn serve<H: Http + Clone>(listener: TcpListener, site: Site<H>, stop: impl Future<Output = ()>) {
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let (stopping, _) = watch::channel(());
    let mut stop = pin!(stop);
    loop {
        let accepted = tokio::select! {
            accepted = accept(&listener, &places) => accepted,
            () = &mut stop => break,
        };
        match accepted {
            Ok((stream, from, place)) => connect(stream, from, place, site.clone(), stopping.subscribe()),
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(REFUSED_PAUSE).await;
            }
        }
    }
    drop(listener);
    stopping.send_replace(());
    // Each connection holds a receiver until it has ended.
    if tokio::time::timeout(DRAIN_TIMEOUT, stopping.closed()).await.is_err() {
        tracing::info!("requests that were still open have been cut off");
    }
}

async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> io::Result<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
    let place = Arc::clone(places).acquire_owned().await.map_err(io::Error::other)?;
    let (stream, from) = listener.accept().await?;
    // Small answers and WebSocket frames are not to wait for more to send.
    stream.set_nodelay(true)?;
    Ok((stream, from, place))
}

fn connect<H: Http + Clone>(
    stream: TcpStream,
    from: SocketAddr,
    place: OwnedSemaphorePermit,
    site: Site<H>,
    mut stopping: watch::Receiver<()>,
) {
    let service = service_fn(move |request: Request<Incoming>| {
        let site = site.clone();
        async move { Ok::<_, Infallible>(site.answer(request.map(axum::body::Body::new), from).await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    tokio::spawn(async move {
        let mut connection = pin!(connection);
        let ended = tokio::select! {
            ended = &mut connection => ended,
            _ = stopping.changed() => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = ended {
            tracing::debug!(%from, %error, "a connection broke off");
        }
        drop(place);
    });
}

impl<H: Http + Clone> Site<H> {
    async fn answer(&self, request: Request<axum::body::Body>, from: SocketAddr) -> Response {
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        let is_read = matches!(method, Method::GET | Method::HEAD);
        let mut response = if is_websocket(&request) {
            self.upgrade(request, from).await
        } else if is_nodes(&path) {
            let mut response = self.ask_node(request).await;
            if is_read {
                headers::share(&mut response);
            }
            response
        } else {
            self.page.answer(&request)
        };
        headers::secure(&mut response);
        tracing::debug!(%from, %method, path, status = response.status().as_u16(), "request");
        response
    }

    async fn ask_node(&self, request: Request<axum::body::Body>) -> Response {
        match self.http.send(exchange::request(request)).await {
            Ok(response) => exchange::response(response),
            Err(error) => {
                tracing::error!(%error, "the node gave no answer");
                http::StatusCode::INTERNAL_SERVER_ERROR.into_response()
            }
        }
    }

    async fn upgrade(&self, request: Request<axum::body::Body>, from: SocketAddr) -> Response {
        let (mut head, _) = request.into_parts();
        let sockets = Arc::clone(&self.sockets);
        match WebSocketUpgrade::from_request_parts(&mut head, &()).await {
            Ok(upgrade) => upgrade
                .max_message_size(MESSAGE_LIMIT_BYTES)
                .max_frame_size(MESSAGE_LIMIT_BYTES)
                .on_upgrade(move |socket| async move { sockets(socket, from) }),
            Err(refusal) => refusal.into_response(),
        }
    }
}

/// Whether a path belongs to the node; all others are the page's.
fn is_nodes(path: &str) -> bool {
    ["/api", "/listen", "/healthz"]
        .iter()
        .any(|place| path.strip_prefix(place).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
}

fn is_websocket<B>(request: &Request<B>) -> bool {
    let upgrade = request.headers().get(header::UPGRADE);
    upgrade.is_some_and(|protocol| protocol.as_bytes().eq_ignore_ascii_case(b"websocket"))
}
