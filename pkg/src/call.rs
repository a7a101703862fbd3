//! Calls from JavaScript: a promise, for as long as nobody aborts it.

use std::future::Future;
use std::pin::pin;

use futures::channel::oneshot;
use futures::future::{Either, select};
use gloo_events::EventListener;
use js_sys::Promise;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::future_to_promise;
use web_sys::{AbortSignal, EventTarget};

/// What a call comes to: a value of JavaScript, or what is thrown.
pub(crate) type Answer<T = JsValue> = Result<T, JsValue>;

/// A promise of what `work` comes to. It is rejected with the signal's reason once that aborts, and the work is dropped.
pub(crate) fn promise<T: Into<JsValue>>(
    signal: AbortSignal,
    work: impl Future<Output = Answer<T>> + 'static,
) -> Promise {
    future_to_promise(async move { until(&signal, work).await.map(Into::into) })
}

async fn until<T>(signal: &AbortSignal, work: impl Future<Output = Answer<T>>) -> Answer<T> {
    if signal.aborted() {
        return Err(signal.reason());
    }
    let (aborting, aborted) = oneshot::channel::<()>();
    let target: &EventTarget = signal.unchecked_ref();
    // Dropped with its sender, it tells of itself.
    let _listening = EventListener::once(target, "abort", move |_| drop(aborting));
    match select(pin!(work), aborted).await {
        Either::Left((answer, _)) => answer,
        Either::Right(_) => Err(signal.reason()),
    }
}
