//! The page's side of the service worker: what the browser's `<audio>` and `<img>` ask for is answered by the peer
//! in this tab, piece by piece as the worker asks for it. The other side is `static/service-worker.js`, and
//! `bridge/worker.js` on pages that are not a relay's own.
//!
//! The worker sends `{method, url, headers}` and a port. On the port the page answers `"accepted"` at once, then
//! `{status, headers}` or `"unavailable"`; then a few chunks of bytes unasked, and one more for each `"pull"`; at the
//! end of them `"end"` or `{error}`. `"cancel"` ends it.

use std::time::Duration;

use futures::channel::{mpsc, oneshot};
use futures::future::select;
use futures::{FutureExt, StreamExt, pin_mut};
use gloo_events::EventListener;
use http::{Method, Request, Response};
use js_sys::{Array, Object, Reflect, Uint8Array};
use kadenza_api::http::{COVERS, LISTEN};
use kadenza_api::{Body, Http};
use kadenza_platform::{spawn, timeout};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{MessageEvent, MessagePort, ServiceWorkerContainer, Url};

/// Where the worker's script is.
const SCRIPT: &str = "/service-worker.js";

/// Requests answered at the same time: a player, and a screenful of covers.
const CALLS_MAX: usize = 64;

/// Requests that wait for their turn; one more is told at once that it cannot be answered here.
const CALLS_WAITING_MAX: usize = 256;

/// Chunks that are on their way to the worker before it has asked for any: the first is played a round trip sooner,
/// and the next ones are read meanwhile. A chunk has 1 MiB at the most.
const CHUNKS_AHEAD: usize = 4;

/// How long a request may rest between two pulls. A song may be paused for a while; but a worker the browser has
/// ended never says so, and what it asked for must not be held for ever.
const PATIENCE: Duration = Duration::from_secs(600);

/// One request of the worker, and where its answer goes.
struct Call {
    request: Request<Body>,
    port: MessagePort,
}

/// Registers the service worker and answers its requests for as long as the page lives. Without one (some private windows,
/// an insecure address) the relay answers the same URLs, and `missing` is told.
pub async fn serve_service_worker(http: impl Http + Clone, missing: impl FnOnce() + 'static) {
    let Some(container) = container() else { return missing() };
    let (mut hear, calls) = listen("");
    let listener = Closure::<dyn FnMut(MessageEvent)>::new(move |event| hear(&event));
    container.set_onmessage(Some(listener.as_ref().unchecked_ref()));
    let registered = JsFuture::from(container.register(SCRIPT));
    spawn(async move {
        // A browser that blocks service workers may as well answer with nothing.
        let refusal = match registered.await {
            Ok(registration) if registration.is_truthy() => return,
            Ok(nothing) => nothing,
            Err(refusal) => refusal,
        };
        tracing::info!(?refusal, "no service worker");
        // One of an earlier visit may be there all the same.
        if !has_service_worker() {
            missing();
        }
    });
    calls.for_each_concurrent(CALLS_MAX, |call| answer(http.clone(), call)).await;
}

/// Answers the requests below a path, `/kadenza/12D3…/` for one, of a service worker that somebody else has registered, until
/// it is dropped. So several peers of a page are each asked for their own.
pub async fn serve_below(prefix: &str, http: impl Http + Clone) {
    let Some(container) = container() else { return };
    let (mut hear, calls) = listen(prefix);
    let _listening = EventListener::new(&container, "message", move |event| {
        event.dyn_ref().into_iter().for_each(&mut hear);
    });
    calls.for_each_concurrent(CALLS_MAX, |call| answer(http.clone(), call)).await;
}

/// What hears the worker's messages, and the calls among them whose paths begin with `prefix`.
fn listen(prefix: &str) -> (impl FnMut(&MessageEvent) + use<>, mpsc::Receiver<Call>) {
    let (mut sender, calls) = mpsc::channel(CALLS_WAITING_MAX);
    let prefix = prefix.to_owned();
    let hear = move |event: &MessageEvent| {
        if let Some(call) = Call::of(event, &prefix) {
            let port = call.port.clone();
            let told = if sender.try_send(call).is_ok() { "accepted" } else { "unavailable" };
            post(&port, &told.into());
        }
    };
    (hear, calls)
}

/// Whether a service worker answers what this page's elements ask for.
pub fn has_service_worker() -> bool {
    container().is_some_and(|container| container.controller().is_some())
}

fn container() -> Option<ServiceWorkerContainer> {
    let navigator = web_sys::window()?.navigator();
    let container = Reflect::get(&navigator, &"serviceWorker".into()).ok()?;
    container.dyn_into().ok()
}

impl Call {
    /// Reads a message of the worker. Anything else that may be sent to the page is none of ours.
    fn of(event: &MessageEvent, prefix: &str) -> Option<Self> {
        let port = event.ports().get(0).dyn_into::<MessagePort>().ok()?;
        let field = |name: &str| Reflect::get(&event.data(), &name.into()).ok();
        let method = match field("method")?.as_string()?.as_str() {
            "GET" => Method::GET,
            "HEAD" => Method::HEAD,
            _ => return None,
        };
        let url = Url::new(&field("url")?.as_string()?).ok()?;
        let path = url.pathname();
        let path = path.strip_prefix(prefix)?;
        if !path.starts_with(LISTEN) && !path.starts_with(COVERS) {
            return None;
        }
        let mut request = Request::builder().method(method).uri(format!("{path}{}", url.search()));
        for header in Array::from(&field("headers")?).iter() {
            let header = Array::from(&header);
            request = request.header(header.get(0).as_string()?, header.get(1).as_string()?);
        }
        Some(Self { request: request.body(Body::empty()).ok()?, port })
    }
}

/// The worker's port. The worker hears of an answer that is dropped before it has come to its end.
struct Answering {
    port: MessagePort,
    is_over: bool,
}

impl Drop for Answering {
    fn drop(&mut self) {
        if !self.is_over {
            post(&self.port, &object(&[("error", "the peer has stopped".into())]));
        }
        self.port.set_onmessage(None);
        self.port.close();
    }
}

/// Answers one request, until its body is over or the worker does not want it any more.
async fn answer(http: impl Http, Call { request, port }: Call) {
    let mut answering = Answering { port: port.clone(), is_over: false };
    // One place is the sender's own.
    let (mut pull, pulls) = mpsc::channel(CHUNKS_AHEAD - 1);
    // All of them are free, so each of these is sent.
    (0..CHUNKS_AHEAD).for_each(|_| drop(pull.try_send(())));
    let (cancel, cancelled) = oneshot::channel::<()>();
    let mut cancel = Some(cancel);
    let listener = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        match event.data().as_string().as_deref() {
            // A worker that pulls more often than it was sent chunks gets no more than fit.
            Some("pull") => drop(pull.try_send(())),
            Some("cancel") => drop(cancel.take()),
            _ => {}
        }
    });
    port.set_onmessage(Some(listener.as_ref().unchecked_ref()));
    {
        let answered = stream(&http, request, &port, pulls);
        pin_mut!(answered);
        select(answered, cancelled.map(drop)).await;
    }
    answering.is_over = true;
}

async fn stream(http: &impl Http, request: Request<Body>, port: &MessagePort, mut pulls: mpsc::Receiver<()>) {
    let Ok(response) = http.send(request).await else {
        return post(port, &"unavailable".into());
    };
    post(port, &head(&response));
    let mut body = response.into_body().into_stream();
    while let Ok(Some(())) = timeout(PATIENCE, pulls.next()).await {
        match body.next().await {
            Some(Ok(bytes)) => {
                let bytes = Uint8Array::from(&*bytes);
                let buffer = Array::of1(&bytes.buffer());
                // A port that is closed swallows what it is sent; that it does is no error of ours.
                drop(port.post_message_with_transferable(&bytes, &buffer));
            }
            Some(Err(error)) => return post(port, &object(&[("error", error.to_string().into())])),
            None => return post(port, &"end".into()),
        }
    }
}

fn head<B>(response: &Response<B>) -> JsValue {
    let headers = response
        .headers()
        .iter()
        .filter_map(|(name, value)| Some(Array::of2(&name.as_str().into(), &value.to_str().ok()?.into())));
    let status = response.status().as_u16();
    object(&[("status", status.into()), ("headers", headers.collect::<Array>().into())])
}

fn object(fields: &[(&str, JsValue)]) -> JsValue {
    let object = Object::new();
    for (name, value) in fields {
        // Setting a field of a new plain object always succeeds.
        drop(Reflect::set(&object, &(*name).into(), value));
    }
    object.into()
}

fn post(port: &MessagePort, message: &JsValue) {
    // As above: a closed port swallows what it is sent.
    drop(port.post_message(message));
}
