//! The conformance suite through HTTP: called in process, over real sockets, and past a server that is dead.

#![expect(clippy::unwrap_used, reason = "a test")]

use axum::Router;
use axum::body::Body as AxumBody;
use axum::extract::{Request, State};
use axum::response::Response;
use futures::TryStreamExt;
use kadenza_api::{Body, Error, Http, Result, conformance};
use kadenza_middleware::{Client, HttpClient, Middleware, Server};
use kadenza_platform::boxed_stream;
use kadenza_services::store::MemoryStore;
use kadenza_services::{Config, Services, identity};
use kadenza_views::Views;
use tokio::net::TcpListener;

type Node = Views<Services<MemoryStore>>;

async fn views() -> Node {
    let store = MemoryStore::default();
    let keypair = identity(&store).await.unwrap();
    let services = Services::open(store, keypair, Config::default()).await.unwrap();
    Views::new(services, kadenza_views::Config { body_limit_bytes: Config::default().file_limit_bytes })
}

/// Serves a fresh node at a port of its own, and returns the client for it.
async fn served() -> HttpClient {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = HttpClient::new(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    let router = Router::new().fallback(answer).with_state(views().await);
    tokio::spawn(async move { axum::serve(listener, router).await });
    client
}

async fn answer(State(views): State<Node>, request: Request) -> Response {
    let request = request.map(|body| {
        let stream = body.into_data_stream().map_err(|error| Error::unavailable(error.to_string()));
        Body::new(None, boxed_stream(stream))
    });
    views.send(request).await.unwrap().map(|body| AxumBody::from_stream(body.into_stream()))
}

/// The address of a server that is not there: its port was free a moment ago.
async fn dead() -> HttpClient {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    HttpClient::new(&format!("http://{}", listener.local_addr().unwrap())).unwrap()
}

/// A server in process that is never available.
#[derive(Debug, Clone)]
enum Maybe {
    Dead,
    Alive(Node),
}

impl Http for Maybe {
    async fn send(&self, request: http::Request<Body>) -> Result<http::Response<Body>> {
        match self {
            Self::Dead => Err(Error::unavailable("it is dead")),
            Self::Alive(views) => views.send(request).await,
        }
    }
}

mod views_called {
    use super::*;

    async fn stack() -> Client<Node> {
        Client::new(views().await)
    }

    conformance!(
        #[tokio::test]
        stack
    );
}

mod views_over_sockets {
    use super::*;

    async fn stack() -> Client<HttpClient> {
        Client::new(served().await)
    }

    conformance!(
        #[tokio::test]
        stack
    );
}

mod middleware_past_a_dead_server_in_process {
    use super::*;

    async fn stack() -> Middleware<Maybe> {
        Middleware::new(vec![Server::Here(Maybe::Dead), Server::Here(Maybe::Alive(views().await))])
    }

    conformance!(
        #[tokio::test]
        stack
    );
}

mod middleware_past_a_dead_server_elsewhere {
    use super::*;

    async fn stack() -> Middleware<Maybe> {
        Middleware::new(vec![Server::There(dead().await), Server::There(served().await)])
    }

    conformance!(
        #[tokio::test]
        stack
    );
}
