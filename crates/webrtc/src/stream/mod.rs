//! A stream over a data channel, without the data channel: its frames, and what they mean.

mod frame;
mod state;

pub(crate) use frame::{Decoder, Flag, Frame, FrameError, Outgoing, SPEC_FRAME_BYTES, max_payload};
pub(crate) use state::{Channel, Read, State, Windows};
