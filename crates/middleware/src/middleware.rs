//! The layer itself: one face, several servers behind it.

use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use futures::Future;
use http::{Request, Response, StatusCode};
use kadenza_api::{
    Body, ContentId, Error, Found, Http, Music, Network, Query, Result, Song, SongId, Upload, Uploaded,
};
use kadenza_platform::{Instant, MaybeSend};

use crate::client::Client;
use crate::http_client::HttpClient;
use crate::order::Order;

/// One server that can be asked.
#[derive(Debug, Clone)]
pub enum Server<V> {
    /// In this process: a call.
    Here(V),
    /// Elsewhere: over the network.
    There(HttpClient),
}

impl<V: Http> Http for Server<V> {
    async fn send(&self, request: Request<Body>) -> Result<Response<Body>> {
        match self {
            Self::Here(views) => views.send(request).await,
            Self::There(client) => client.send(request).await,
        }
    }
}

/// The servers as one. Cloning it gives another handle to the same one.
#[derive(Debug)]
pub struct Middleware<V> {
    servers: Arc<[Client<Server<V>>]>,
    order: Arc<Mutex<Order>>,
}

impl<V: Http> Middleware<V> {
    /// Asks `servers`, the first of them first.
    pub fn new(servers: Vec<Server<V>>) -> Self {
        let order = Order::new(servers.len());
        Self { servers: servers.into_iter().map(Client::new).collect(), order: Arc::new(Mutex::new(order)) }
    }

    /// Asks one server after the other until one is available.
    async fn first<'a, T, F>(&'a self, ask: impl Fn(&'a Client<Server<V>>) -> F + MaybeSend) -> Result<T>
    where
        F: Future<Output = Result<T>> + MaybeSend,
    {
        let mut refusals = Vec::new();
        let tries = self.order().tries(Instant::now());
        for server in tries {
            match ask(&self.servers[server]).await {
                Err(Error::Unavailable { message }) => {
                    self.failed(server);
                    refusals.push(message);
                }
                answer => {
                    self.order().answered(server);
                    return answer;
                }
            }
        }
        Err(nobody(&refusals))
    }

    /// A server that is not available rests. The one in this process is there whatever it says: that nobody it can reach has
    /// a song says nothing of the next one.
    fn failed(&self, server: usize) {
        if let Server::There(_) = self.servers[server].http() {
            self.order().failed(server, Instant::now());
        }
    }

    fn order(&self) -> MutexGuard<'_, Order> {
        // Held for a look or a note only; what it protects is whole between any two statements.
        self.order.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<V: Http> Music for Middleware<V> {
    async fn upload(&self, upload: Upload) -> Result<Uploaded> {
        self.first(|server| server.upload(upload.clone())).await
    }

    async fn search(&self, query: Query) -> Result<Found> {
        self.first(|server| server.search(query.clone())).await
    }

    async fn song(&self, id: SongId) -> Result<Song> {
        self.first(|server| server.song(id)).await
    }

    async fn read(&self, content: ContentId, len: u64, range: Range<u64>) -> Result<Bytes> {
        self.first(|server| server.read(content, len, range.clone())).await
    }

    async fn network(&self) -> Result<Network> {
        self.first(Music::network).await
    }
}

impl<V: Http> Http for Middleware<V> {
    /// Hands `request` on as it is. One without a body goes from server to server until one is available; a body
    /// passes by only once, so a request with one goes to the best server alone.
    async fn send(&self, request: Request<Body>) -> Result<Response<Body>> {
        let (head, body) = request.into_parts();
        if !body.is_empty() {
            let best = self.order().tries(Instant::now()).into_iter().next();
            let best = best.ok_or_else(|| nobody(&[]))?;
            return self.servers[best].http().send(Request::from_parts(head, body)).await;
        }
        let mut refusals = Vec::new();
        let mut refused = None;
        let tries = self.order().tries(Instant::now());
        for server in tries {
            let request = Request::from_parts(head.clone(), Body::empty());
            match self.servers[server].http().send(request).await {
                Ok(response) if response.status() != StatusCode::SERVICE_UNAVAILABLE => {
                    self.order().answered(server);
                    return Ok(response);
                }
                Ok(response) => refused = refused.or(Some(response)),
                Err(error) => refusals.push(error.to_string()),
            }
            self.failed(server);
        }
        refused.ok_or_else(|| nobody(&refusals))
    }
}

impl<V> Clone for Middleware<V> {
    fn clone(&self) -> Self {
        Self { servers: Arc::clone(&self.servers), order: Arc::clone(&self.order) }
    }
}

fn nobody(refusals: &[String]) -> Error {
    match refusals {
        [] => Error::unavailable("there is no server to ask"),
        refusals => Error::unavailable(format!("no server is available: {}", refusals.join("; "))),
    }
}
