//! A WebSocket as a stream of bytes: binary messages one after the other, as libp2p's WebSocket transport
//! has it.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::Error;
use axum::extract::ws::{Message, WebSocket};
use futures::{Sink, SinkExt, Stream, StreamExt};
use kadenza_distributed::transport::Socket;
use rw_stream_sink::RwStreamSink;

/// The bytes of a WebSocket's binary messages, both ways.
pub(super) fn byte_stream(socket: WebSocket) -> impl Socket + 'static {
    RwStreamSink::new(Binary(socket))
}

/// Only the binary messages of a WebSocket.
struct Binary(WebSocket);

impl Stream for Binary {
    type Item = io::Result<Vec<u8>>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            return match std::task::ready!(self.0.poll_next_unpin(cx)) {
                Some(Ok(Message::Binary(bytes))) => Poll::Ready(Some(Ok(bytes.into()))),
                // Pings are answered by the WebSocket itself; no peer sends text.
                Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Text(_))) => continue,
                Some(Ok(Message::Close(_))) | None => Poll::Ready(None),
                Some(Err(error)) => Poll::Ready(Some(Err(broken(error)))),
            };
        }
    }
}

impl Sink<Vec<u8>> for Binary {
    type Error = io::Error;

    fn poll_ready(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.0.poll_ready_unpin(cx).map_err(broken)
    }

    fn start_send(mut self: Pin<&mut Self>, bytes: Vec<u8>) -> io::Result<()> {
        self.0.start_send_unpin(Message::Binary(bytes.into())).map_err(broken)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.0.poll_flush_unpin(cx).map_err(broken)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.0.poll_close_unpin(cx).map_err(broken)
    }
}

fn broken(error: Error) -> io::Error {
    io::Error::new(io::ErrorKind::ConnectionReset, error)
}
