//! Signalling: what two peers say over a circuit until their browsers have found each other (libp2p specification
//! `webrtc/webrtc.md`). The messages, and the state machine that says which may come when.

mod exchange;
mod message;

pub use exchange::{Agreed, Role};
pub(crate) use exchange::{Exchange, Step};
pub use message::{Extensions, SignalingError};
pub(crate) use message::{MESSAGE_MAX_BYTES, Message};

/// The protocol's id, negotiated on a stream of the circuit.
pub(crate) const PROTOCOL: &str = "/webrtc-signaling/0.0.1";
