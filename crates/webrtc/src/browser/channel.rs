//! A data channel and the state of the stream it carries.

use std::cell::{Cell, RefCell};
use std::io;
use std::rc::{Rc, Weak};
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use bytes::Bytes;
use js_sys::{ArrayBuffer, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Event, MessageEvent, RtcDataChannel, RtcDataChannelState, RtcDataChannelType};

use super::handlers::Handlers;
use super::link::Link;
use super::sleep;
use crate::signaling::Agreed;
use crate::stream::{self, Decoder, Outgoing, Read, SPEC_FRAME_BYTES, State, Windows, max_payload};

/// Bytes the browser may hold of a stream's before its writer waits, and how many are left when it goes on. The
/// browser sends streams in turn, so this delays nobody else; two megabytes hang Chromium (js-libp2p#2628).
const BUFFERED_HIGH_BYTES: u32 = 1024 * 1024;
const BUFFERED_LOW_BYTES: u32 = 512 * 1024;

/// How long an end waits for the other's acknowledgement, as js-libp2p does.
const ACKNOWLEDGE_LIMIT: Duration = Duration::from_secs(10);

/// How long whoever finished last leaves it to the other end to close the channel.
const LINGER: Duration = Duration::from_secs(1);

/// A channel. The link holds it until the channel is closed, its stream until the owner lets go.
pub(super) struct Channel {
    raw: RtcDataChannel,
    link: Weak<Link>,
    inner: RefCell<Inner>,
    handlers: RefCell<Option<Handlers>>,
    lingers: Cell<bool>,
}

struct Inner {
    state: State,
    decoder: Decoder,
    outgoing: Outgoing,
    /// What the link counts as unread here.
    counted: usize,
    closed: bool,
    reader: Option<Waker>,
    writer: Option<Waker>,
}

impl Channel {
    pub(super) fn new(raw: RtcDataChannel, link: &Rc<Link>, agreed: Option<Agreed>) -> Rc<Self> {
        raw.set_binary_type(RtcDataChannelType::Arraybuffer);
        raw.set_buffered_amount_low_threshold(BUFFERED_LOW_BYTES);
        let (ours, theirs) = agreed.map_or((SPEC_FRAME_BYTES, SPEC_FRAME_BYTES), |agreed| {
            (frame_limit(agreed.own.frame_bytes), frame_limit(agreed.theirs.frame_bytes))
        });
        let windows = agreed.map(|agreed| Windows::new(agreed.own.window_bytes, agreed.theirs.window_bytes));
        let inner = Inner {
            state: State::new(windows),
            decoder: Decoder::new(ours),
            outgoing: Outgoing::new(max_payload(theirs.min(ours))),
            counted: 0,
            closed: false,
            reader: None,
            writer: None,
        };
        let channel = Rc::new(Self {
            raw,
            link: Rc::downgrade(link),
            inner: RefCell::new(inner),
            handlers: RefCell::new(None),
            lingers: Cell::new(false),
        });
        *channel.handlers.borrow_mut() = Some(channel.handle());
        channel
    }

    fn handle(self: &Rc<Self>) -> Handlers {
        let to = |handle: fn(&Rc<Self>)| {
            let channel = Rc::downgrade(self);
            move |_: Event| {
                if let Some(channel) = channel.upgrade() {
                    handle(&channel);
                }
            }
        };
        let channel = Rc::downgrade(self);
        let on_message = move |event: MessageEvent| {
            if let Some(channel) = channel.upgrade() {
                channel.on_message(&event);
            }
        };
        Handlers::of(&self.raw)
            .on("message", on_message)
            .on("open", to(Self::on_writable))
            .on("bufferedamountlow", to(Self::on_writable))
            .on("close", to(Self::on_close))
    }

    fn on_message(self: &Rc<Self>, event: &MessageEvent) {
        {
            let inner = &mut *self.inner.borrow_mut();
            let taken = match event.data().dyn_into::<ArrayBuffer>() {
                Ok(bytes) => {
                    if let Some(link) = self.link.upgrade() {
                        link.received(bytes.byte_length() as usize);
                    }
                    inner.take(taken(&bytes).into())
                }
                // Text is nothing a peer has to say.
                Err(_) => Err(()),
            };
            if taken.is_err() {
                inner.state.reset();
            }
            inner.wake();
        }
        self.settle();
    }

    fn on_writable(self: &Rc<Self>) {
        self.settle();
        self.wake_writer();
    }

    /// There may be room for its writer.
    pub(super) fn wake_writer(&self) {
        self.inner.borrow_mut().wake_writer();
    }

    fn on_close(self: &Rc<Self>) {
        self.closed();
    }

    /// The channel is closed, by the other end or with the connection.
    pub(super) fn closed(self: &Rc<Self>) {
        self.handlers.borrow_mut().take();
        {
            let mut inner = self.inner.borrow_mut();
            if !inner.closed {
                inner.closed = true;
                inner.state.channel_closed();
            }
            inner.wake();
        }
        if let Some(link) = self.link.upgrade() {
            link.forget(self);
        }
    }

    /// Sends what there is to say, and closes the channel once nothing is.
    fn settle(self: &Rc<Self>) {
        self.count();
        if self.raw.ready_state() == RtcDataChannelState::Open {
            loop {
                let frame = self.inner.borrow_mut().state.next_frame();
                let Some(frame) = frame else { break };
                if self.send(&frame.encode_whole()).is_err() {
                    return self.close();
                }
            }
        }
        let needed = self.inner.borrow().state.channel();
        match needed {
            stream::Channel::Needed => {}
            stream::Channel::Done => self.close(),
            stream::Channel::Lingers if self.lingers.replace(true) => {}
            stream::Channel::Lingers => self.later(LINGER, Self::close),
        }
    }

    /// Tells the link how much lies unread.
    fn count(&self) {
        let inner = &mut *self.inner.borrow_mut();
        let now = inner.state.unread();
        let before = std::mem::replace(&mut inner.counted, now);
        let bearable = self.link.upgrade().is_none_or(|link| link.unread(before, now));
        if now > before && !bearable {
            tracing::debug!("reset a stream: too much lies unread on its connection");
            inner.state.reset();
            inner.wake();
            // What it held is gone, and must not weigh on the streams that are left.
            inner.counted = 0;
            if let Some(link) = self.link.upgrade() {
                link.unread(now, 0);
            }
        }
    }

    fn later(self: &Rc<Self>, duration: Duration, then: fn(&Rc<Self>)) {
        let channel = Rc::downgrade(self);
        spawn_local(async move {
            sleep(duration).await;
            if let Some(channel) = channel.upgrade() {
                then(&channel);
            }
        });
    }

    fn send(&self, message: &[u8]) -> Result<(), JsValue> {
        self.raw.send_with_u8_array(message)?;
        if let Some(link) = self.link.upgrade() {
            link.sent(message.len());
        }
        Ok(())
    }

    fn close(self: &Rc<Self>) {
        let unsent = self.raw.buffered_amount() as usize;
        self.raw.close();
        self.closed();
        if let Some(link) = self.link.upgrade().filter(|_| unsent > 0) {
            link.discarded(unsent);
        }
    }

    pub(super) fn poll_read(
        self: &Rc<Self>,
        cx: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let read = self.inner.borrow_mut().state.read(buffer);
        match read {
            Read::Bytes(read) => {
                self.settle();
                Poll::Ready(Ok(read))
            }
            Read::End => Poll::Ready(Ok(0)),
            Read::Reset => Poll::Ready(Err(io::ErrorKind::ConnectionReset.into())),
            Read::Nothing => {
                self.inner.borrow_mut().reader = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    }

    /// Takes bytes in; they go as soon as they fill a frame, and what is left at [`Channel::poll_flush`]. Every message
    /// costs the page a wait for the browser's network thread, however short it is.
    pub(super) fn poll_write(self: &Rc<Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let Some(credit) = self.inner.borrow().state.credit() else {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        };
        if !bytes.is_empty() && (credit == 0 || self.inner.borrow().outgoing.is_full()) {
            ready!(self.poll_send(cx))?;
            // What has credit goes; more of it comes with a frame, which wakes the writer.
            if credit == 0 {
                self.inner.borrow_mut().writer = Some(cx.waker().clone());
                return Poll::Pending;
            }
        }
        let inner = &mut *self.inner.borrow_mut();
        let taken = inner.outgoing.take(&bytes[..bytes.len().min(credit)]);
        inner.state.sent(taken);
        Poll::Ready(Ok(taken))
    }

    /// Sends what was written and is not sent.
    pub(super) fn poll_flush(self: &Rc<Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        // What was sent is the browser's, and it waits for nothing.
        self.poll_send(cx)
    }

    fn poll_send(self: &Rc<Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let inner = &mut *self.inner.borrow_mut();
        if inner.outgoing.is_empty() {
            return Poll::Ready(Ok(()));
        }
        if inner.state.credit().is_none() {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        let room = self.link.upgrade().map_or(0, |link| link.room());
        if room == 0
            || self.raw.ready_state() != RtcDataChannelState::Open
            || self.raw.buffered_amount() >= BUFFERED_HIGH_BYTES
        {
            inner.writer = Some(cx.waker().clone());
            return Poll::Pending;
        }
        let sent = self.send(inner.outgoing.frame());
        inner.outgoing.clear();
        Poll::Ready(sent.map_err(|_| io::ErrorKind::BrokenPipe.into()))
    }

    pub(super) fn poll_close(self: &Rc<Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let unsent = !self.inner.borrow().outgoing.is_empty();
        if unsent && self.inner.borrow().state.credit().is_some() {
            ready!(self.poll_send(cx))?;
        }
        if self.inner.borrow_mut().state.close_write() {
            self.settle();
            self.later(ACKNOWLEDGE_LIMIT, Self::acknowledge_anyway);
        }
        let inner = &mut *self.inner.borrow_mut();
        match inner.state.write_closed() {
            Ok(true) => Poll::Ready(Ok(())),
            Ok(false) => {
                inner.writer = Some(cx.waker().clone());
                Poll::Pending
            }
            Err(()) => Poll::Ready(Err(io::ErrorKind::ConnectionReset.into())),
        }
    }

    fn acknowledge_anyway(self: &Rc<Self>) {
        {
            let mut inner = self.inner.borrow_mut();
            inner.state.acknowledge_anyway();
            inner.wake();
        }
        self.settle();
    }

    /// The owner drops its end.
    pub(super) fn let_go(self: &Rc<Self>) {
        {
            let mut inner = self.inner.borrow_mut();
            (inner.reader, inner.writer) = (None, None);
            inner.state.let_go();
        }
        self.settle();
    }
}

impl Inner {
    fn take(&mut self, message: Bytes) -> Result<(), ()> {
        self.decoder.push(message).map_err(drop)?;
        while let Some(frame) = self.decoder.next().map_err(drop)? {
            self.state.receive(frame).map_err(|error| tracing::debug!(%error, "reset a stream"))?;
        }
        Ok(())
    }

    fn wake(&mut self) {
        if let Some(reader) = self.reader.take() {
            reader.wake();
        }
        self.wake_writer();
    }

    fn wake_writer(&mut self) {
        if let Some(writer) = self.writer.take() {
            writer.wake();
        }
    }
}

/// What is announced, within what any browser can send at once (RFC 8841, `max-message-size`) and never less than the
/// specification's.
fn frame_limit(announced: u32) -> usize {
    const BROWSERS_MAX_BYTES: usize = 256 * 1024;
    usize::try_from(announced).unwrap_or(usize::MAX).clamp(SPEC_FRAME_BYTES, BROWSERS_MAX_BYTES)
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(extends = ArrayBuffer)]
    type Transferable;

    /// ECMAScript 2024, `ArrayBuffer.prototype.transfer`: moves the bytes into another buffer of `len` bytes.
    #[wasm_bindgen(method, catch)]
    fn transfer(this: &Transferable, len: u32) -> Result<ArrayBuffer, JsValue>;
}

/// Copies the bytes of a message out, and gives back its own: the browser would collect them only after tens of megabytes.
fn taken(message: &ArrayBuffer) -> Vec<u8> {
    let bytes = Uint8Array::new(message).to_vec();
    // A browser older than 2024 cannot, and collects them when it likes.
    drop(message.unchecked_ref::<Transferable>().transfer(0));
    bytes
}
