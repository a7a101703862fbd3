//! The backend of native processes: they have no WebRTC, and reach peers behind circuits over the circuit alone.

use std::task::{Context, Poll};
use std::time::Duration;

use futures::future::BoxFuture;
use libp2p_core::muxing::StreamMuxerBox;

use crate::signaling::{Agreed, Role};
use crate::{Backend, Error, PeerConnection};

/// A process without WebRTC. It reaches peers behind circuits only by [`crate::Config::relayed`].
#[derive(Debug, Clone, Copy, Default)]
pub struct NoWebRtc;

/// What [`NoWebRtc`] makes: nothing.
#[derive(Debug)]
pub enum Never {}

impl Backend for NoWebRtc {
    type PeerConnection = Never;

    fn open(&self, _: Role, _: &[String]) -> Result<Never, Error> {
        Err(Error::NoPath)
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        Box::pin(futures_timer::Delay::new(duration))
    }
}

impl PeerConnection for Never {
    fn offer(&mut self) -> BoxFuture<'_, Result<String, Error>> {
        match *self {}
    }

    fn answer(&mut self, _: String, _: Option<Agreed>) -> BoxFuture<'_, Result<String, Error>> {
        match *self {}
    }

    fn accept(&mut self, _: String, _: Option<Agreed>) -> BoxFuture<'_, Result<(), Error>> {
        match *self {}
    }

    fn add_candidate(&mut self, _: String) -> BoxFuture<'_, ()> {
        match *self {}
    }

    fn poll_candidate(&mut self, _: &mut Context<'_>) -> Poll<String> {
        match *self {}
    }

    fn poll_connected(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Error>> {
        match *self {}
    }

    fn into_muxer(self, _: BoxFuture<'static, ()>) -> StreamMuxerBox {
        match self {}
    }
}
