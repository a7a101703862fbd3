//! Several servers as one: the tab's own Views first, relays by fetch after it. It picks one, speaks HTTP to it,
//! and goes to the next where one is not available.
//!
//! What the answers mean is the business of the layers on both sides: only [`kadenza_api::Error::Unavailable`],
//! or no answer at all, makes it try another server.

mod client;
mod http_client;
mod middleware;
mod order;

pub use client::Client;
pub use http_client::HttpClient;
pub use middleware::{Middleware, Server};
