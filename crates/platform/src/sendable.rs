//! Handing a stream to a library that insists on `Send` where there are no threads.

use std::pin::Pin;

use futures::Stream;

use crate::BoxStream;

/// `stream` as one that is `Send` on every target. A tab has one thread, so nothing is ever sent there.
#[cfg(not(target_family = "wasm"))]
pub fn sendable<T>(stream: BoxStream<T>) -> Pin<Box<dyn Stream<Item = T> + Send>> {
    stream
}

/// `stream` as one that is `Send` on every target. A tab has one thread, so nothing is ever sent there.
#[cfg(target_family = "wasm")]
pub fn sendable<T: 'static>(stream: BoxStream<T>) -> Pin<Box<dyn Stream<Item = T> + Send>> {
    Box::pin(send_wrapper::SendWrapper::new(stream))
}
