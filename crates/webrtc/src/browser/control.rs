//! The `init` channel of the specification, which both ends keep where they agreed to: goodbye, signs of life, and how
//! much has arrived.
//!
//! A message is one byte, for the last kind followed by a count of bytes (u64, big-endian). The specification closes this channel once both are connected, and with it the only way to
//! say that a page is going: `RTCPeerConnection.close` alone is noticed after 8 to 16 s.

use std::rc::{Rc, Weak};

use js_sys::{ArrayBuffer, Uint8Array};
use wasm_bindgen::JsCast;
use web_sys::{Event, MessageEvent, RtcDataChannel, RtcDataChannelState, RtcDataChannelType};

use super::handlers::Handlers;
use super::link::Link;

/// The channel's label.
pub(super) const LABEL: &str = "init";

const GOODBYE: u8 = 0;
const ASK: u8 = 1;
const ALIVE: u8 = 2;
const ARRIVED: u8 = 3;

/// The control channel of a link.
pub(super) struct Control {
    raw: RtcDataChannel,
    _handlers: Handlers,
}

impl Control {
    pub(super) fn new(raw: RtcDataChannel, link: &Rc<Link>) -> Self {
        raw.set_binary_type(RtcDataChannelType::Arraybuffer);
        let (listening, ending) = (Rc::downgrade(link), Rc::downgrade(link));
        let answering = raw.clone();
        let on_message = move |event: MessageEvent| on_message(&listening, &answering, &event);
        let on_close = move |_: Event| {
            if let Some(link) = ending.upgrade() {
                link.over();
            }
        };
        let handlers = Handlers::of(&raw).on("message", on_message).on("close", on_close);
        Self { raw, _handlers: handlers }
    }

    /// Tells the other end that this one is going.
    pub(super) fn say_goodbye(&self) {
        say(&self.raw, &[GOODBYE]);
    }

    /// Asks the other end for a sign of life.
    pub(super) fn ask(&self) {
        say(&self.raw, &[ASK]);
    }

    /// Tells the other end how many bytes have come in all.
    pub(super) fn report(&self, total: u64) {
        let mut message = [ARRIVED; 9];
        message[1..].copy_from_slice(&total.to_be_bytes());
        say(&self.raw, &message);
    }
}

fn on_message(link: &Weak<Link>, raw: &RtcDataChannel, event: &MessageEvent) {
    let Some(link) = link.upgrade() else { return };
    link.heard();
    let Ok(bytes) = event.data().dyn_into::<ArrayBuffer>() else { return };
    match Uint8Array::new(&bytes).to_vec()[..] {
        [GOODBYE] => link.over(),
        [ASK] => say(raw, &[ALIVE]),
        [ARRIVED, ref total @ ..] => {
            if let Ok(total) = total.try_into() {
                link.arrived(u64::from_be_bytes(total));
            }
        }
        // A sign of life has been noted; what a later version says is not for us.
        _ => {}
    }
}

fn say(raw: &RtcDataChannel, what: &[u8]) {
    if raw.ready_state() == RtcDataChannelState::Open {
        // A channel that closes at this moment says the same.
        let _ = raw.send_with_u8_array(what);
    }
}
