//! The relay from outside: its listener in process, and the real program.

#![expect(clippy::unwrap_used, reason = "tests")]

mod circuits;
mod client;
mod process;
mod running;
mod server;
mod stun;
