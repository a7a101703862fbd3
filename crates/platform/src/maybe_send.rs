//! `Send` where there are threads, nothing where there are none.
//!
//! A relay answers on many threads, so its futures must be `Send`; a tab has one thread and its futures hold
//! JavaScript objects, which never are. These aliases let one trait serve both.

use std::pin::Pin;

use futures::{Future, Stream};

/// `Send` on native targets, every type in a browser.
#[cfg(not(target_family = "wasm"))]
pub trait MaybeSend: Send {}
#[cfg(not(target_family = "wasm"))]
impl<T: Send + ?Sized> MaybeSend for T {}
/// `Send` on native targets, every type in a browser.
#[cfg(target_family = "wasm")]
pub trait MaybeSend {}
#[cfg(target_family = "wasm")]
impl<T: ?Sized> MaybeSend for T {}

/// `Sync` on native targets, every type in a browser.
#[cfg(not(target_family = "wasm"))]
pub trait MaybeSync: Sync {}
#[cfg(not(target_family = "wasm"))]
impl<T: Sync + ?Sized> MaybeSync for T {}
/// `Sync` on native targets, every type in a browser.
#[cfg(target_family = "wasm")]
pub trait MaybeSync {}
#[cfg(target_family = "wasm")]
impl<T: ?Sized> MaybeSync for T {}

/// A boxed future, `Send` on native targets.
#[cfg(not(target_family = "wasm"))]
pub type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;
/// A boxed future, `Send` on native targets.
#[cfg(target_family = "wasm")]
pub type BoxFuture<T> = Pin<Box<dyn Future<Output = T>>>;

/// A boxed stream, `Send` on native targets.
#[cfg(not(target_family = "wasm"))]
pub type BoxStream<T> = Pin<Box<dyn Stream<Item = T> + Send>>;
/// A boxed stream, `Send` on native targets.
#[cfg(target_family = "wasm")]
pub type BoxStream<T> = Pin<Box<dyn Stream<Item = T>>>;

/// Boxes a future for [`BoxFuture`].
pub fn boxed<T>(future: impl Future<Output = T> + MaybeSend + 'static) -> BoxFuture<T> {
    Box::pin(future)
}

/// Boxes a stream for [`BoxStream`].
pub fn boxed_stream<T>(stream: impl Stream<Item = T> + MaybeSend + 'static) -> BoxStream<T> {
    Box::pin(stream)
}
