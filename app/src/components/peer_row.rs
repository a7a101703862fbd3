//! One peer of the network panel.

use kadenza_api::{Reach, Visible};
use yew::prelude::*;

use super::{Icon, Shape};
use crate::wording;
use crate::words::{Words, t, use_words};

/// Which peer.
#[derive(Debug, PartialEq, Properties)]
pub struct PeerRowProps {
    /// The peer.
    pub peer: Visible,
    /// Whether somebody points at it.
    #[prop_or_default]
    pub is_picked: bool,
    /// Its place in the list, from 0.
    pub place: usize,
    /// How many there are in all.
    pub of: usize,
}

/// A peer: what it is, how it is reached, how far it is, and what went to and fro.
#[function_component(PeerRow)]
pub fn peer_row(PeerRowProps { peer, is_picked, place, of }: &PeerRowProps) -> Html {
    let words = use_words();
    let (kind, shape) = match peer.durable {
        true => (t!(words, "peer-relay"), Shape::Relay),
        false => (t!(words, "peer-tab"), Shape::Tab),
    };
    let reach = match peer.reach {
        Reach::Direct => "direct",
        Reach::Relayed => "relayed",
    };
    html! {
        <li class={classes!("peer", reach)} data-peer={peer.peer.clone()} data-reach={reach}
            aria-posinset={(place + 1).to_string()} aria-setsize={of.to_string()}>
            <button type="button" aria-pressed={is_picked.to_string()}>
                <span class="peer-icon"><Icon {shape} /></span>
                <span class="peer-name">
                    { kind }
                    <code title={peer.peer.clone()}>{ wording::split_peer(&peer.peer).1 }</code>
                </span>
                <span class="peer-reach" title={wording::reach_hint(&words, peer.reach)}>
                    { wording::reach(&words, peer.reach) }
                </span>
                <span class="peer-figures">
                    <span title={t!(words, "round-trip")}>{ latency(&words, peer.round_trip_ms) }</span>
                    <span class="peer-bytes" title={t!(words, "bytes-sent-hint")}>
                        { heard(t!(words, "bytes-sent")) }{ seen("↑ ") }{ wording::size(&words, peer.sent_bytes) }
                    </span>
                    <span class="peer-bytes" title={t!(words, "bytes-received-hint")}>
                        { heard(t!(words, "bytes-received")) }{ seen("↓ ") }{ wording::size(&words, peer.received_bytes) }
                    </span>
                </span>
            </button>
        </li>
    }
}

fn latency(words: &Words, round_trip_ms: Option<u64>) -> Html {
    match round_trip_ms {
        Some(ms) => html! { <>{ heard(t!(words, "round-trip")) }{ wording::latency(words, ms) }</> },
        None => html! { <>{ heard(t!(words, "round-trip-unknown")) }{ seen("–") }</> },
    }
}

/// What a figure is, for a screen reader alone.
fn heard(label: String) -> Html {
    html! { <span class="visually-hidden">{ label }{ " " }</span> }
}

/// A sign for the eye alone.
fn seen(sign: &'static str) -> Html {
    html! { <span aria-hidden="true">{ sign }</span> }
}
