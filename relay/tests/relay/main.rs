//! The relay from outside: its listener in process, and the real program.

#![expect(clippy::unwrap_used, reason = "tests")]

mod bad_frames;
mod circuits;
mod client;
mod frames;
mod process;
mod raw;
mod running;
mod server;
mod stun;
