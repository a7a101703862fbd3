//! A connection as the swarm sees it: streams in, streams out, and an end.

use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use futures::FutureExt;
use futures::future::{BoxFuture, LocalBoxFuture};
use libp2p_core::muxing::{StreamMuxer, StreamMuxerEvent};
use send_wrapper::SendWrapper;
use wasm_bindgen_futures::spawn_local;

use super::link::Link;
use super::sleep;
use super::stream::Stream;
use crate::Error;
use crate::liveness::TICK;

/// The streams of a connection.
pub(super) struct Muxer {
    link: SendWrapper<Rc<Link>>,
    tick: SendWrapper<BoxFuture<'static, ()>>,
    closing: Option<SendWrapper<LocalBoxFuture<'static, ()>>>,
}

impl Muxer {
    pub(super) fn new(link: Rc<Link>) -> Self {
        Self { link: SendWrapper::new(link), tick: SendWrapper::new(sleep(TICK)), closing: None }
    }
}

impl StreamMuxer for Muxer {
    type Substream = Stream;
    type Error = Error;

    fn poll_inbound(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<Stream, Error>> {
        self.link.poll_incoming(cx).map_ok(Stream::new)
    }

    fn poll_outbound(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<Stream, Error>> {
        self.link.poll_open(cx).map_ok(Stream::new)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        let link = Rc::clone(&self.link);
        let closing = self.closing.get_or_insert_with(|| SendWrapper::new(link.part().boxed_local()));
        closing.poll_unpin(cx).map(Ok)
    }

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<StreamMuxerEvent, Error>> {
        while self.tick.poll_unpin(cx).is_ready() {
            self.link.look();
            self.tick = SendWrapper::new(sleep(TICK));
        }
        match self.link.poll_end(cx) {
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            _ => Poll::Pending,
        }
    }
}

impl Drop for Muxer {
    fn drop(&mut self) {
        spawn_local(Rc::clone(&self.link).part());
    }
}
