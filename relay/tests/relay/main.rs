//! The relay from outside: its listener in process, and the real program.

#![expect(clippy::unwrap_used, reason = "tests")]

mod client;
mod process;
mod server;
