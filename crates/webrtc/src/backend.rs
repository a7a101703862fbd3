//! What the platform gives: WebRTC, where there is any, and a clock to give up by.

use std::task::{Context, Poll};
use std::time::Duration;

use futures::future::BoxFuture;
use libp2p_core::muxing::StreamMuxerBox;

use crate::Error;
use crate::signaling::{Agreed, Role};

/// Makes connections to peers. Futures are `Send` because libp2p asks for it; a browser has one thread.
pub trait Backend: Clone + Send + Sync + Unpin + 'static {
    /// What it makes.
    type PeerConnection: PeerConnection;

    /// A new connection, which nothing is sent on yet. `ice_servers` are URLs of STUN servers.
    ///
    /// # Errors
    /// [`Error::Browser`] when there is none to be had.
    fn open(&self, role: Role, ice_servers: &[String]) -> Result<Self::PeerConnection, Error>;

    /// Is ready after `duration`.
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()>;
}

/// A connection while it is being made. Dropping it closes it.
pub trait PeerConnection: Send + Sync + Unpin + 'static {
    /// Makes an offer and starts to look for candidates.
    fn offer(&mut self) -> BoxFuture<'_, Result<String, Error>>;

    /// Takes the other's offer, answers it, and starts to look for candidates. `agreed` is what both ends understand
    /// beyond the specification.
    fn answer(&mut self, offer: String, agreed: Option<Agreed>) -> BoxFuture<'_, Result<String, Error>>;

    /// Takes the other's answer.
    fn accept(&mut self, answer: String, agreed: Option<Agreed>) -> BoxFuture<'_, Result<(), Error>>;

    /// Takes a candidate of the other's. One that makes no sense is passed over.
    fn add_candidate(&mut self, candidate: String) -> BoxFuture<'_, ()>;

    /// The next candidate of our own, as JSON.
    fn poll_candidate(&mut self, cx: &mut Context<'_>) -> Poll<String>;

    /// Ready when the two are connected.
    ///
    /// # Errors
    /// [`Error::NoPath`] when they never will be.
    fn poll_connected(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>>;

    /// The streams of what has become a connection. `farewell` is to be run to its end beside it.
    fn into_muxer(self, farewell: BoxFuture<'static, ()>) -> StreamMuxerBox;
}
