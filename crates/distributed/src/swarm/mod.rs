//! The shell around libp2p: one task owns the swarm, a cloneable handle with a bounded queue talks to it.

mod behaviour;
mod circuits;
mod event_loop;
mod handle;

pub(crate) use behaviour::Behaviour;
pub use circuits::CircuitLimits;
pub(crate) use event_loop::EventLoop;
pub(crate) use handle::{Command, Ends, Handle, Standing};
