//! What differs between a browser tab and a native process, and nothing else: whether futures must be
//! `Send`, how a task is started, how time is told, and how a tab gives memory back. Every other crate is written once for both.

#[cfg(target_family = "wasm")]
mod buffer;
mod maybe_send;
mod sendable;
mod task;
mod time;

#[cfg(target_family = "wasm")]
pub use buffer::{give_back, taken};
pub use maybe_send::{BoxFuture, BoxStream, MaybeSend, MaybeSync, boxed, boxed_stream};
pub use sendable::sendable;
pub use task::spawn;
pub use time::{Elapsed, Instant, Timestamp, now, sleep, timeout};
