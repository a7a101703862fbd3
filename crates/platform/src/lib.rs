//! What differs between a browser tab and a native process, and nothing else: whether futures must be
//! `Send`, how a task is started, and how time is told. Every other crate is written once for both.

mod maybe_send;
mod sendable;
mod task;
mod time;

pub use maybe_send::{BoxFuture, BoxStream, MaybeSend, MaybeSync, boxed, boxed_stream};
pub use sendable::sendable;
pub use task::spawn;
pub use time::{Elapsed, Instant, Timestamp, now, sleep, timeout};
