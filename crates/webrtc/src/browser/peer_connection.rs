//! A connection while it is being made.

use std::fmt;
use std::rc::Rc;
use std::task::{Context, Poll};

use futures::FutureExt;
use futures::future::{BoxFuture, LocalBoxFuture};
use js_sys::Reflect;
use libp2p_core::muxing::StreamMuxerBox;
use send_wrapper::SendWrapper;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{RtcDataChannel, RtcSdpType, RtcSessionDescriptionInit};

use super::control::LABEL;
use super::link::{self, Link};
use super::muxer::Muxer;
use super::refused;
use crate::signaling::{Agreed, Role};
use crate::{Error, PeerConnection};

/// A connection of the browser's. Dropping it closes it.
pub struct BrowserConnection {
    link: SendWrapper<Rc<Link>>,
    /// The offerer's `init` channel: without a channel an offer has nothing to connect.
    init: Option<SendWrapper<RtcDataChannel>>,
    handed_over: bool,
}

impl fmt::Debug for BrowserConnection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BrowserConnection").finish_non_exhaustive()
    }
}

impl BrowserConnection {
    pub(super) fn open(role: Role, ice_servers: &[String]) -> Result<Self, Error> {
        let link = Link::new(link::connection(ice_servers)?);
        let init = match role {
            Role::Offerer => Some(SendWrapper::new(link::create_channel(&link.raw, LABEL)?)),
            Role::Answerer => None,
        };
        Ok(Self { link: SendWrapper::new(link), init, handed_over: false })
    }

    /// The browser's calls, as futures that libp2p may hold.
    fn call<T>(&self, call: impl AsyncFnOnce(Rc<Link>) -> T + 'static) -> BoxFuture<'static, T>
    where
        T: 'static,
    {
        let link = Rc::clone(&self.link);
        let future: LocalBoxFuture<'static, T> = async move { call(link).await }.boxed_local();
        SendWrapper::new(future).boxed()
    }
}

impl PeerConnection for BrowserConnection {
    fn offer(&mut self) -> BoxFuture<'_, Result<String, Error>> {
        self.call(async |link| {
            let offer = JsFuture::from(link.raw.create_offer()).await.map_err(refused)?;
            describe(&link, RtcSdpType::Offer, &offer)
        })
    }

    fn answer(&mut self, offer: String, agreed: Option<Agreed>) -> BoxFuture<'_, Result<String, Error>> {
        self.link.agree(agreed);
        self.call(async move |link| {
            take(&link, RtcSdpType::Offer, &offer).await?;
            let answer = JsFuture::from(link.raw.create_answer()).await.map_err(refused)?;
            describe(&link, RtcSdpType::Answer, &answer)
        })
    }

    fn accept(&mut self, answer: String, agreed: Option<Agreed>) -> BoxFuture<'_, Result<(), Error>> {
        self.link.agree(agreed);
        self.call(async move |link| take(&link, RtcSdpType::Answer, &answer).await)
    }

    fn add_candidate(&mut self, candidate: String) -> BoxFuture<'_, ()> {
        self.call(async move |link| {
            let Some(candidate) = link::candidate(&candidate) else { return };
            let added = link.raw.add_ice_candidate_with_opt_rtc_ice_candidate_init(Some(&candidate));
            if let Err(error) = JsFuture::from(added).await {
                tracing::debug!(error = %refused(error), "a candidate was not understood");
            }
        })
    }

    fn poll_candidate(&mut self, cx: &mut Context<'_>) -> Poll<String> {
        self.link.poll_candidate(cx)
    }

    fn poll_connected(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.link.poll_connected(cx)
    }

    fn into_muxer(mut self, farewell: BoxFuture<'static, ()>) -> StreamMuxerBox {
        if let Some(init) = self.init.take() {
            self.link.keep_control(init.take());
        }
        self.handed_over = true;
        spawn_local(farewell);
        StreamMuxerBox::new(Muxer::new(Rc::clone(&self.link)))
    }
}

impl Drop for BrowserConnection {
    fn drop(&mut self) {
        if !self.handed_over {
            self.link.close();
        }
    }
}

/// Takes our own description and starts to look for candidates, without waiting for it: the browser does what it is
/// told in order.
fn describe(link: &Rc<Link>, kind: RtcSdpType, description: &JsValue) -> Result<String, Error> {
    let sdp = Reflect::get(description, &"sdp".into()).ok().and_then(|sdp| sdp.as_string());
    let sdp = sdp.ok_or_else(|| Error::Browser("a session description without text".into()))?;
    let init = RtcSessionDescriptionInit::new(kind);
    init.set_sdp(&sdp);
    let (described, link) = (link.raw.set_local_description(&init), link.clone());
    spawn_local(async move {
        if JsFuture::from(described).await.is_err() {
            link.close();
        }
    });
    Ok(sdp)
}

async fn take(link: &Rc<Link>, kind: RtcSdpType, sdp: &str) -> Result<(), Error> {
    let init = RtcSessionDescriptionInit::new(kind);
    init.set_sdp(sdp);
    JsFuture::from(link.raw.set_remote_description(&init)).await.map(drop).map_err(refused)
}
