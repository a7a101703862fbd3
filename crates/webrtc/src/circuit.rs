//! A circuit while it carries signalling: an authenticated, multiplexed connection that is never the swarm's.

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures::future::{BoxFuture, poll_fn};
use futures::stream::FuturesUnordered;
use futures::{AsyncRead, AsyncReadExt, AsyncWriteExt, FutureExt, StreamExt};
use libp2p_core::muxing::{StreamMuxer, StreamMuxerBox, SubstreamBox};
use multistream_select::{Negotiated, NegotiationError, Version, dialer_select_proto, listener_select_proto};

use crate::Error;
use crate::signaling::{MESSAGE_MAX_BYTES, Message, SignalingError};

/// A stream of a circuit whose protocol is agreed on.
pub(crate) type CircuitStream = Negotiated<SubstreamBox>;

/// Streams the other end may open at once while its protocol is not agreed on. js-libp2p opens identify and ping
/// beside the signalling; those are told that they are not spoken here.
const NEGOTIATING_MAX: usize = 8;

type Negotiation = BoxFuture<'static, Result<(&'static str, CircuitStream), NegotiationError>>;

/// A circuit, and what the other end asks of it.
pub(crate) struct Circuit {
    muxer: StreamMuxerBox,
    accepts: Vec<&'static str>,
    negotiating: FuturesUnordered<Negotiation>,
    accepted: VecDeque<(&'static str, CircuitStream)>,
}

/// How [`Circuit::run`] ended.
pub(crate) enum Ran<T> {
    /// The future is ready.
    Done(T),
    /// The other end opened a stream of a protocol this one accepts.
    Asked(&'static str, CircuitStream),
}

impl Circuit {
    /// A circuit on which the other end may open streams of the protocols in `accepts`.
    pub(crate) fn new(muxer: StreamMuxerBox, accepts: Vec<&'static str>) -> Self {
        Self { muxer, accepts, negotiating: FuturesUnordered::new(), accepted: VecDeque::new() }
    }

    /// The connection itself, to be used for more than signalling: `stream` is where both have agreed to that.
    pub(crate) async fn hand_over(mut self, stream: CircuitStream) -> Result<StreamMuxerBox, Error> {
        // Until the other end has heard the agreement, only this drives it.
        self.run(end(stream)).await?;
        Ok(self.muxer)
    }

    /// Opens a stream of `protocol`.
    pub(crate) async fn open(&mut self, protocol: &'static str) -> Result<CircuitStream, Error> {
        let stream = poll_fn(|cx| {
            self.drive(cx)?;
            Pin::new(&mut self.muxer).poll_outbound(cx).map_err(Error::from)
        });
        let stream = stream.await?;
        let agreed = dialer_select_proto(stream, [protocol], Version::V1);
        match self.run(agreed).await? {
            Ran::Done(agreed) => Ok(agreed?.1),
            Ran::Asked(..) => Err(Error::Circuit("the peer opened a stream out of turn".into())),
        }
    }

    /// Waits until the other end opens a stream of a protocol this one accepts.
    pub(crate) async fn accept(&mut self) -> Result<(&'static str, CircuitStream), Error> {
        match self.run(std::future::pending::<()>()).await? {
            Ran::Asked(protocol, stream) => Ok((protocol, stream)),
            Ran::Done(()) => Err(Error::Circuit("ended".into())),
        }
    }

    /// Runs `future`, which may use streams of this circuit: they move only while the circuit is driven.
    pub(crate) async fn run<F: Future>(&mut self, future: F) -> Result<Ran<F::Output>, Error> {
        let mut future = std::pin::pin!(future);
        poll_fn(|cx| {
            if let Poll::Ready(output) = future.poll_unpin(cx) {
                // What it said last is on its way then; that the circuit ends is no error any more.
                let _ = self.drive(cx);
                return Poll::Ready(Ok(Ran::Done(output)));
            }
            self.drive(cx)?;
            match self.accepted.pop_front() {
                Some((protocol, stream)) => Poll::Ready(Ok(Ran::Asked(protocol, stream))),
                None => Poll::Pending,
            }
        })
        .await
    }

    /// Lets the other end finish with `stream`, then closes the circuit.
    pub(crate) async fn finish(mut self, stream: CircuitStream) {
        // Whether the last words arrive is the other end's concern: both are connected.
        let _ = self.run(end(stream)).await;
        let _ = poll_fn(|cx| Pin::new(&mut self.muxer).poll_close(cx)).await;
    }

    fn drive(&mut self, cx: &mut Context<'_>) -> Result<(), Error> {
        while let Poll::Ready(event) = Pin::new(&mut self.muxer).poll(cx) {
            // The address of a circuit's other end does not matter.
            event?;
        }
        while self.negotiating.len() < NEGOTIATING_MAX {
            let Poll::Ready(stream) = Pin::new(&mut self.muxer).poll_inbound(cx) else { break };
            self.negotiating.push(listener_select_proto(stream?, self.accepts.clone()).boxed());
        }
        while let Poll::Ready(Some(agreed)) = self.negotiating.poll_next_unpin(cx) {
            // A stream of another protocol has been refused by the negotiation itself.
            self.accepted.extend(agreed.ok());
        }
        Ok(())
    }
}

/// Says that nothing more is written, and waits for the other end to do the same.
async fn end(mut stream: CircuitStream) {
    let _ = stream.close().await;
    let mut rest = [0; 64];
    while stream.read(&mut rest).await.is_ok_and(|read| read > 0) {}
}

/// Messages as they come on a stream. Cancel-safe: what has come in part stays here.
pub(crate) struct Messages {
    buffer: Vec<u8>,
}

impl Messages {
    pub(crate) fn new() -> Self {
        Self { buffer: Vec::new() }
    }

    /// The next message; `None` at the end of the stream.
    pub(crate) fn poll_next(
        &mut self,
        stream: &mut CircuitStream,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Option<Message>, Error>> {
        let mut chunk = [0; 2048];
        loop {
            if let Some(message) = self.take()? {
                return Poll::Ready(Ok(Some(message)));
            }
            match std::task::ready!(Pin::new(&mut *stream).poll_read(cx, &mut chunk)) {
                Ok(0) if self.buffer.is_empty() => return Poll::Ready(Ok(None)),
                Ok(0) => return Poll::Ready(Err(SignalingError::Ended.into())),
                Ok(read) => self.buffer.extend_from_slice(&chunk[..read]),
                Err(error) => return Poll::Ready(Err(error.into())),
            }
        }
    }

    fn take(&mut self) -> Result<Option<Message>, SignalingError> {
        let (length, prefix) = match prost::decode_length_delimiter(&self.buffer[..]) {
            Ok(length) => (length, prost::length_delimiter_len(length)),
            // Ten bytes hold any length; fewer may be a part of one.
            Err(_) if self.buffer.len() < 10 => return Ok(None),
            Err(error) => return Err(SignalingError::Malformed(error.to_string())),
        };
        if length > MESSAGE_MAX_BYTES {
            return Err(SignalingError::TooLong(length));
        }
        let Some(body) = self.buffer.get(prefix..prefix + length) else { return Ok(None) };
        let message = Message::decode(body)?;
        self.buffer.drain(..prefix + length);
        Ok(Some(message))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_taken_however_they_are_split_and_long_ones_refused() {
        let candidate = Message::Candidate(Some("x".repeat(300)));
        let bytes = candidate.clone().encode();
        let mut messages = Messages::new();
        for byte in &bytes[..bytes.len() - 1] {
            messages.buffer.push(*byte);
            assert_eq!(messages.take(), Ok(None));
        }
        messages.buffer.push(bytes[bytes.len() - 1]);
        assert_eq!(messages.take(), Ok(Some(candidate)));
        messages.buffer.extend([0xff, 0xff, 0x7f]);
        assert!(matches!(messages.take(), Err(SignalingError::TooLong(_))));
    }
}
