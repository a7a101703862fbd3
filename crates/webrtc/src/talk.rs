//! Runs an exchange over a stream of the circuit: passes on what browser and peer say until both are connected.

use std::task::{Context, Poll};

use futures::AsyncWriteExt;
use futures::future::{BoxFuture, FutureExt, poll_fn};

use crate::Error;
use crate::backend::PeerConnection;
use crate::circuit::{CircuitStream, Messages};
use crate::signaling::{Agreed, Exchange, Extensions, Message, Role, SignalingError, Step};

/// An exchange under way.
pub(crate) struct Talk {
    stream: CircuitStream,
    messages: Messages,
    exchange: Exchange,
    /// The other end has said all it has to say.
    over: bool,
}

enum Event {
    Connected(Result<(), Error>),
    Found(String),
    Said(Result<Option<Message>, Error>),
    TimeIsUp,
}

impl Talk {
    pub(crate) fn new(role: Role, stream: CircuitStream, own: Option<Extensions>) -> Self {
        Self { stream, messages: Messages::new(), exchange: Exchange::new(role, own), over: false }
    }

    /// Sends our offer.
    pub(crate) async fn offer(&mut self, connection: &mut impl PeerConnection) -> Result<(), Error> {
        let offer = connection.offer().await?;
        self.introduce(offer).await
    }

    /// Whether the other end has described itself.
    pub(crate) fn is_answered(&self) -> bool {
        self.exchange.is_described()
    }

    fn agreed(&self) -> Option<Agreed> {
        self.exchange.agreed()
    }

    /// The stream, for its end.
    pub(crate) fn into_stream(self) -> CircuitStream {
        self.stream
    }

    /// Goes on until both are connected. `refuses` is asked once the other end has described itself; `patience` is how long to
    /// look for a path once both have described themselves and agreed on extensions.
    pub(crate) async fn meet(
        &mut self,
        connection: &mut impl PeerConnection,
        refuses: impl Fn() -> bool,
        patience: impl Fn() -> BoxFuture<'static, ()>,
    ) -> Result<(), Error> {
        let mut time = None;
        loop {
            if time.is_none() && self.agreed().is_some() {
                time = Some(patience());
            }
            match poll_fn(|cx| self.poll_event(connection, &mut time, cx)).await {
                Event::Connected(connected) => return connected,
                Event::TimeIsUp => return Err(Error::NoPath),
                Event::Found(candidate) => self.pass_on(candidate).await?,
                Event::Said(Ok(Some(message))) => {
                    for step in self.exchange.receive(message)? {
                        self.tell(connection, step, &refuses).await?;
                    }
                }
                // Whoever is connected first stops talking, and may hang up.
                Event::Said(_) if self.is_answered() => self.over = true,
                Event::Said(Ok(None)) => return Err(SignalingError::Ended.into()),
                Event::Said(Err(error)) => return Err(error),
            }
        }
    }

    fn poll_event(
        &mut self,
        connection: &mut impl PeerConnection,
        time: &mut Option<BoxFuture<'static, ()>>,
        cx: &mut Context<'_>,
    ) -> Poll<Event> {
        if self.is_answered()
            && let Poll::Ready(connected) = connection.poll_connected(cx)
        {
            return Poll::Ready(Event::Connected(connected));
        }
        if let Poll::Ready(candidate) = connection.poll_candidate(cx) {
            return Poll::Ready(Event::Found(candidate));
        }
        if !self.over
            && let Poll::Ready(said) = self.messages.poll_next(&mut self.stream, cx)
        {
            return Poll::Ready(Event::Said(said));
        }
        match time {
            Some(time) => time.poll_unpin(cx).map(|()| Event::TimeIsUp),
            None => Poll::Pending,
        }
    }

    async fn tell(
        &mut self,
        connection: &mut impl PeerConnection,
        step: Step,
        refuses: &impl Fn() -> bool,
    ) -> Result<(), Error> {
        match (step, self.exchange.role()) {
            (Step::Candidate(candidate), _) => connection.add_candidate(candidate).await,
            (Step::Description(_), _) if refuses() && self.agreed().is_some() => return Err(Error::Merged),
            (Step::Description(answer), Role::Offerer) => connection.accept(answer, self.agreed()).await?,
            (Step::Description(offer), Role::Answerer) => {
                let answer = connection.answer(offer, self.agreed()).await?;
                self.introduce(answer).await?;
            }
        }
        Ok(())
    }

    async fn introduce(&mut self, description: String) -> Result<(), Error> {
        for message in self.exchange.introduce(description) {
            self.stream.write_all(&message.encode()).await?;
        }
        Ok(self.stream.flush().await?)
    }

    async fn pass_on(&mut self, candidate: String) -> Result<(), Error> {
        let Some(message) = self.exchange.found(candidate) else { return Ok(()) };
        let bytes = message.encode();
        let sent = match self.stream.write_all(&bytes).await {
            Ok(()) => self.stream.flush().await,
            failed => failed,
        };
        // Once it has described itself, the other end may have hung up because it is connected.
        if self.is_answered() { Ok(()) } else { Ok(sent?) }
    }
}
