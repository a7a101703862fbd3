//! The peer of the network panel that somebody points at, in the picture or in the list.

use kadenza_api::Visible;
use web_sys::Element;
use yew::prelude::*;

use crate::actions::Action;
use crate::state::shared_bits;
use crate::wording;
use crate::words::{t, use_words};

/// Which peer.
#[derive(Debug, PartialEq, Properties)]
pub struct PickedPeerProps {
    /// The peer; nothing, and it is said how to point at one.
    pub peer: Option<Visible>,
    /// Where this tab is on the ring.
    pub own: u32,
}

/// What is said of it.
#[function_component(PickedPeer)]
pub fn picked_peer(PickedPeerProps { peer, own }: &PickedPeerProps) -> Html {
    let words = use_words();
    let Some(peer) = peer else {
        return html! { <p class="picked-peer nobody">{ t!(words, "picked-nobody") }</p> };
    };
    let kind = if peer.durable { t!(words, "peer-relay") } else { t!(words, "peer-tab") };
    let latency = match peer.round_trip_ms {
        Some(ms) => wording::latency(&words, ms),
        None => t!(words, "round-trip-unknown"),
    };
    let carried = t!(
        words,
        "picked-carried",
        sent = wording::size(&words, peer.sent_bytes),
        received = wording::size(&words, peer.received_bytes)
    );
    html! {
        <p class="picked-peer">
            <b>{ kind }{ " " }<code>{ wording::split_peer(&peer.peer).1 }</code></b>
            <span>{ wording::reach(&words, peer.reach) }{ " · " }{ latency }</span>
            <span>{ carried }</span>
            <span>{ wording::place_on_ring(&words, shared_bits(*own, peer.position)) }</span>
        </p>
    }
}

/// Picks the peer that an event is about: pointing at it, pressing it or going to it with the keyboard.
pub(super) fn picking(actions: &Callback<Action>) -> Callback<Event> {
    actions.reform(|event: Event| {
        let at = event.target_dyn_into::<Element>().filter(|_| event.type_() != "pointerleave");
        let peer = at.and_then(|at| at.closest("[data-peer]").ok().flatten());
        Action::PeerPicked(peer.and_then(|peer| peer.get_attribute("data-peer")))
    })
}
