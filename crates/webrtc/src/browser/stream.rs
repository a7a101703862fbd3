//! The end of a stream that its owner holds.

use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use futures::{AsyncRead, AsyncWrite};
use send_wrapper::SendWrapper;

use super::channel::Channel;

/// A stream. Dropping it before both directions are closed resets it.
pub(crate) struct Stream(SendWrapper<Rc<Channel>>);

impl Stream {
    pub(super) fn new(channel: Rc<Channel>) -> Self {
        Self(SendWrapper::new(channel))
    }
}

impl AsyncRead for Stream {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut [u8]) -> Poll<io::Result<usize>> {
        self.0.poll_read(cx, buffer)
    }
}

impl AsyncWrite for Stream {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.0.poll_write(cx, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.0.poll_flush(cx)
    }

    fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.0.poll_close(cx)
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.0.let_go();
    }
}
