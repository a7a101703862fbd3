//! A connection from its first candidate to its end: the `RTCPeerConnection`, its channels, and how it stands.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use js_sys::{Array, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{
    Event, RtcDataChannel, RtcDataChannelEvent, RtcPeerConnection, RtcPeerConnectionIceEvent,
    RtcPeerConnectionState,
};
use web_time::Instant;

use super::channel::Channel;
use super::control::{self, Control};
use super::handlers::Handlers;
use super::{page, refused, sleep};
use crate::Error;
use crate::liveness::{Action, Liveness};
use crate::pacing::Pacing;
use crate::signaling::Agreed;

/// Channels the other end opened and the swarm has not taken; a further one is closed at once.
const INCOMING_MAX: usize = 256;

/// Channels open at once, both ways together. Browsers have 1,024 a connection, half of them for each end.
const CHANNELS_MAX: usize = 512;

/// Bytes that may lie unread on all streams together. Where it is more, the stream that brings them is given up.
const UNREAD_MAX_BYTES: usize = 96 * 1024 * 1024;

/// Candidates of our own that were not passed on yet. A browser on a dozen networks has fewer.
const CANDIDATES_MAX: usize = 64;

/// How long the other end may take to go when told goodbye.
const GOODBYE_LIMIT: Duration = Duration::from_millis(200);

/// A connection.
pub(super) struct Link {
    pub(super) raw: RtcPeerConnection,
    handlers: RefCell<Option<Handlers>>,
    agreed: Cell<Option<Agreed>>,
    control: RefCell<Option<Control>>,
    incoming: RefCell<VecDeque<Rc<Channel>>>,
    channels: RefCell<Vec<Rc<Channel>>>,
    candidates: RefCell<VecDeque<String>>,
    heard: Cell<bool>,
    unread: Cell<usize>,
    liveness: RefCell<Liveness>,
    pacing: RefCell<Pacing>,
    end: Cell<Option<End>>,
    waker: RefCell<Option<Waker>>,
}

/// Why a link is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// The other end said goodbye.
    Goodbye,
    /// Nothing came from it any more, or the browser gave the connection up.
    Gone,
    /// This end closed it.
    Ours,
}

impl Link {
    pub(super) fn new(raw: RtcPeerConnection) -> Rc<Self> {
        let link = Rc::new(Self {
            raw,
            handlers: RefCell::new(None),
            agreed: Cell::new(None),
            control: RefCell::new(None),
            incoming: RefCell::default(),
            channels: RefCell::default(),
            candidates: RefCell::default(),
            heard: Cell::new(false),
            unread: Cell::new(0),
            liveness: RefCell::new(Liveness::new(Instant::now())),
            pacing: RefCell::default(),
            end: Cell::new(None),
            waker: RefCell::new(None),
        });
        *link.handlers.borrow_mut() = Some(link.handle());
        page::opened(&link);
        link
    }

    fn handle(self: &Rc<Self>) -> Handlers {
        let (channels, candidates, changes) = (Rc::downgrade(self), Rc::downgrade(self), Rc::downgrade(self));
        Handlers::of(&self.raw)
            .on("datachannel", move |event: RtcDataChannelEvent| {
                if let Some(link) = channels.upgrade() {
                    link.on_channel(event.channel());
                }
            })
            .on("icecandidate", move |event: RtcPeerConnectionIceEvent| {
                if let (Some(link), Some(candidate)) = (candidates.upgrade(), event.candidate()) {
                    link.on_candidate(&candidate.to_json());
                }
            })
            .on("connectionstatechange", move |_: Event| {
                if let Some(link) = changes.upgrade() {
                    link.on_change();
                }
            })
    }

    fn on_channel(self: &Rc<Self>, raw: RtcDataChannel) {
        if raw.label() == control::LABEL {
            // Elsewhere it is the offerer's to close: js-libp2p waits in vain where it is closed before it looks.
            if self.agreed.get().is_some() {
                self.keep_control(raw);
            }
            return;
        }
        if self.incoming.borrow().len() >= INCOMING_MAX || self.channels.borrow().len() >= CHANNELS_MAX {
            tracing::debug!("refused a stream: too many are open");
            return raw.close();
        }
        let channel = Channel::new(raw, self, self.agreed.get());
        self.channels.borrow_mut().push(channel.clone());
        self.incoming.borrow_mut().push_back(channel);
        self.wake();
    }

    /// Keeps the `init` channel where both ends do; elsewhere it has done its work.
    pub(super) fn keep_control(self: &Rc<Self>, raw: RtcDataChannel) {
        match self.agreed.get() {
            Some(_) => *self.control.borrow_mut() = Some(Control::new(raw, self)),
            None => raw.close(),
        }
    }

    fn on_candidate(&self, candidate: &JsValue) {
        let json = js_sys::JSON::stringify(candidate).ok().and_then(|json| json.as_string());
        let mut candidates = self.candidates.borrow_mut();
        if candidates.len() < CANDIDATES_MAX {
            candidates.extend(json);
        }
        drop(candidates);
        self.wake();
    }

    fn on_change(self: &Rc<Self>) {
        match self.raw.connection_state() {
            RtcPeerConnectionState::Failed | RtcPeerConnectionState::Closed => self.finish(End::Gone),
            _ => self.wake(),
        }
    }

    /// What both ends understand is known.
    pub(super) fn agree(&self, agreed: Option<Agreed>) {
        self.agreed.set(agreed);
    }

    /// The next candidate of our own.
    pub(super) fn poll_candidate(&self, cx: &mut Context<'_>) -> Poll<String> {
        self.wakes(cx);
        self.candidates.borrow_mut().pop_front().map_or(Poll::Pending, Poll::Ready)
    }

    /// Ready when the two are connected, or never will be.
    pub(super) fn poll_connected(&self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.wakes(cx);
        if self.end.get().is_some() {
            return Poll::Ready(Err(Error::NoPath));
        }
        match self.raw.connection_state() {
            RtcPeerConnectionState::Connected => Poll::Ready(Ok(())),
            _ => Poll::Pending,
        }
    }

    /// A channel that the other end has opened.
    pub(super) fn poll_incoming(&self, cx: &mut Context<'_>) -> Poll<Result<Rc<Channel>, Error>> {
        self.check()?;
        self.wakes(cx);
        self.incoming.borrow_mut().pop_front().map_or(Poll::Pending, |channel| Poll::Ready(Ok(channel)))
    }

    /// A channel of our own; waits while too many are open.
    pub(super) fn poll_open(self: &Rc<Self>, cx: &mut Context<'_>) -> Poll<Result<Rc<Channel>, Error>> {
        self.check()?;
        if self.channels.borrow().len() >= CHANNELS_MAX {
            self.wakes(cx);
            return Poll::Pending;
        }
        let raw = create_channel(&self.raw, "")?;
        let channel = Channel::new(raw, self, self.agreed.get());
        self.channels.borrow_mut().push(channel.clone());
        Poll::Ready(Ok(channel))
    }

    /// Never ready with success; tells when the connection is over.
    pub(super) fn poll_end(&self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.wakes(cx);
        self.check()?;
        Poll::Pending
    }

    fn check(&self) -> Result<(), Error> {
        match self.end.get() {
            None => Ok(()),
            Some(End::Goodbye | End::Ours) => Err(Error::Closed),
            Some(End::Gone) => Err(Error::Gone),
        }
    }

    /// Something came from the other end.
    pub(super) fn heard(&self) {
        self.heard.set(true);
    }

    /// Something came on a stream.
    pub(super) fn received(&self, bytes: usize) {
        self.heard();
        let report = self.pacing.borrow_mut().received(bytes);
        if let (Some(total), Some(control)) = (report, &*self.control.borrow()) {
            control.report(total);
        }
    }

    /// What lies unread on a stream has changed. Returns whether that is still bearable.
    pub(super) fn unread(&self, before: usize, now: usize) -> bool {
        self.unread.set((self.unread.get() + now).saturating_sub(before));
        self.unread.get() <= UNREAD_MAX_BYTES
    }

    /// Something was sent on a stream.
    pub(super) fn sent(&self, bytes: usize) {
        self.pacing.borrow_mut().sent(bytes, Instant::now());
    }

    /// Bytes that were sent on a stream were discarded.
    pub(super) fn discarded(&self, bytes: usize) {
        self.pacing.borrow_mut().discarded(bytes);
        self.go_on();
    }

    /// How many bytes may be sent now. Without a channel to report on there is nothing to go by.
    pub(super) fn room(&self) -> usize {
        if self.control.borrow().is_some() { self.pacing.borrow().room() } else { usize::MAX }
    }

    /// The other end says how many bytes have come.
    pub(super) fn arrived(&self, total: u64) {
        self.pacing.borrow_mut().report(total, Instant::now());
        self.go_on();
    }

    /// Wakes whoever waits for room.
    fn go_on(&self) {
        if self.room() > 0 {
            self.channels.borrow().iter().for_each(|channel| channel.wake_writer());
        }
    }

    /// The other end has gone, of its own will.
    pub(super) fn over(self: &Rc<Self>) {
        self.finish(End::Goodbye);
    }

    /// A channel is closed.
    pub(super) fn forget(&self, channel: &Rc<Channel>) {
        self.channels.borrow_mut().retain(|known| !Rc::ptr_eq(known, channel));
        self.incoming.borrow_mut().retain(|known| !Rc::ptr_eq(known, channel));
        self.wake();
    }

    /// How many channels are open, the control channel included.
    pub(super) fn channels(&self) -> usize {
        self.channels.borrow().len() + usize::from(self.control.borrow().is_some())
    }

    /// Time to look whether the other end is still there.
    pub(super) fn look(self: &Rc<Self>) {
        if self.control.borrow().is_none() {
            return;
        }
        self.pacing.borrow_mut().look();
        self.go_on();
        let now = Instant::now();
        let action = {
            let mut liveness = self.liveness.borrow_mut();
            if self.heard.replace(false) {
                liveness.heard(now);
            }
            liveness.tick(now)
        };
        match action {
            Action::Nothing => {}
            Action::GiveUp => self.finish(End::Gone),
            Action::Ask => self.ask(),
            Action::Doubt => {
                self.ask();
                let link = self.clone();
                spawn_local(async move {
                    let age = link.last_packet().await;
                    let gone = age.map(|age| link.liveness.borrow().last_packet(age, Instant::now()));
                    if gone == Some(Action::GiveUp) && !link.heard.get() {
                        link.finish(End::Gone);
                    }
                });
            }
        }
    }

    fn ask(&self) {
        if let Some(control) = &*self.control.borrow() {
            control.ask();
        }
    }

    /// How long ago the last packet came over the path in use, by the browser's statistics (W3C webrtc-stats,
    /// `RTCIceCandidatePairStats`).
    async fn last_packet(&self) -> Option<Duration> {
        let report = JsFuture::from(self.raw.get_stats()).await.ok()?;
        let mut youngest = None;
        for entry in js_sys::try_iter(&report).ok()??.flatten() {
            let stat = Array::from(&entry).get(1);
            let field = |name: &str| Reflect::get(&stat, &name.into()).ok();
            if field("type").and_then(|kind| kind.as_string()).as_deref() != Some("candidate-pair") {
                continue;
            }
            let number = |name: &str| field(name).and_then(|value| value.as_f64());
            if let (Some(now), Some(last)) = (number("timestamp"), number("lastPacketReceivedTimestamp")) {
                let age = Duration::try_from_secs_f64((now - last).max(0.0) / 1000.0).ok();
                youngest = youngest.min(age).or(age);
            }
        }
        youngest
    }

    /// Says goodbye, as far as that is possible.
    pub(super) fn say_goodbye(&self) {
        if let Some(control) = &*self.control.borrow() {
            control.say_goodbye();
        }
    }

    /// Says goodbye, and closes the connection once the other end has gone or had the time to.
    pub(super) async fn part(self: Rc<Self>) {
        if self.end.get().is_none() && self.control.borrow().is_some() {
            self.say_goodbye();
            let gone = std::future::poll_fn(|cx| self.poll_end(cx));
            // Which of the two it is makes no difference.
            futures::future::select(std::pin::pin!(gone), sleep(GOODBYE_LIMIT)).await;
        }
        self.close();
    }

    /// Closes the connection now.
    pub(super) fn close(self: &Rc<Self>) {
        self.finish(End::Ours);
        self.raw.close();
    }

    fn finish(self: &Rc<Self>, end: End) {
        if self.end.get().is_some() {
            return;
        }
        self.end.set(Some(end));
        self.handlers.borrow_mut().take();
        let channels = std::mem::take(&mut *self.channels.borrow_mut());
        self.incoming.borrow_mut().clear();
        channels.iter().for_each(Channel::closed);
        self.control.borrow_mut().take();
        self.wake();
    }

    fn wakes(&self, cx: &Context<'_>) {
        *self.waker.borrow_mut() = Some(cx.waker().clone());
    }

    fn wake(&self) {
        if let Some(waker) = self.waker.borrow_mut().take() {
            waker.wake();
        }
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.raw.close();
    }
}

#[wasm_bindgen]
extern "C" {
    /// `RTCPeerConnection`, with exceptions where `web-sys` has none.
    type Throwing;

    #[wasm_bindgen(method, catch, js_name = createDataChannel)]
    fn create_data_channel(this: &Throwing, label: &str) -> Result<RtcDataChannel, JsValue>;
}

/// A new data channel: ordered, reliable, announced to the other end in band.
pub(super) fn create_channel(connection: &RtcPeerConnection, label: &str) -> Result<RtcDataChannel, Error> {
    connection.unchecked_ref::<Throwing>().create_data_channel(label).map_err(refused)
}

/// A new connection of the browser's.
pub(super) fn connection(ice_servers: &[String]) -> Result<RtcPeerConnection, Error> {
    let servers: Array = ice_servers
        .iter()
        .map(|url| {
            let server = web_sys::RtcIceServer::new();
            server.set_urls(&url.as_str().into());
            JsValue::from(server)
        })
        .collect();
    let configuration = web_sys::RtcConfiguration::new();
    configuration.set_ice_servers(&servers);
    RtcPeerConnection::new_with_configuration(&configuration)
        .inspect_err(|_| tracing::debug!(?ice_servers, "the browser takes none of these servers"))
        // Firefox refuses some ports. Peers on the same network are reached without a server.
        .or_else(|_| RtcPeerConnection::new())
        .map_err(refused)
}

/// Makes a plain object of the browser's into what its methods take.
pub(super) fn candidate(json: &str) -> Option<web_sys::RtcIceCandidateInit> {
    js_sys::JSON::parse(json).ok().filter(JsValue::is_object).map(JsCast::unchecked_into)
}
