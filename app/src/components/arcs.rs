//! The buckets of this tab, as arcs of the ring: how large each is, and how many peers of it this tab remembers.

use std::rc::Rc;

use yew::prelude::*;

use crate::state::Ring;
use crate::wording;
use crate::words::{t, use_words};

/// Which ring.
#[derive(Debug, PartialEq, Properties)]
pub struct ArcsProps {
    /// The ring.
    pub ring: Rc<Ring>,
}

/// The arcs, the largest first.
#[function_component(Arcs)]
pub fn arcs(ArcsProps { ring }: &ArcsProps) -> Html {
    let words = use_words();
    let limit = ring.bucket_size;
    html! {
        <section class="arcs" aria-labelledby="arcs-title">
            <h3 id="arcs-title">{ t!(words, "arcs") }</h3>
            <p class="network-note">{ t!(words, "arcs-about", limit = limit) }</p>
            <ul role="list">
                { for ring.buckets.iter().map(|bucket| html! {
                    <li>
                        <span>{ wording::part_of_ring(&words, bucket.shared_bits) }</span>
                        <progress max={limit.to_string()} value={bucket.peers.to_string()} aria-hidden="true" />
                        <span>{ t!(words, "arc-peers", peers = bucket.peers, limit = limit) }</span>
                    </li>
                }) }
            </ul>
        </section>
    }
}
