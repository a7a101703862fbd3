//! One peer of the network panel.

use kadenza_api::{Reach, Visible};
use yew::prelude::*;

use super::{Icon, Shape};
use crate::wording;

/// Which peer.
#[derive(Debug, PartialEq, Properties)]
pub struct PeerRowProps {
    /// The peer.
    pub peer: Visible,
}

/// A peer: what it is, how it is reached, how far it is, and what went to and fro.
#[function_component(PeerRow)]
pub fn peer_row(PeerRowProps { peer }: &PeerRowProps) -> Html {
    let (kind, shape) = if peer.durable { ("Relay", Shape::Relay) } else { ("Tab", Shape::Tab) };
    let (reach, badge, hint) = match peer.reach {
        Reach::Direct => ("direct", "Direct", wording::DIRECT),
        Reach::Relayed => ("relayed", "Relayed", wording::RELAYED),
    };
    html! {
        <li class={classes!("peer", reach)} data-peer={peer.peer.clone()} data-reach={reach}>
            <span class="peer-icon"><Icon {shape} /></span>
            <span class="peer-name">
                { kind }
                <code title={peer.peer.clone()}>{ wording::split_peer(&peer.peer).1 }</code>
            </span>
            <span class="peer-reach" title={hint}>{ badge }</span>
            <span class="peer-figures">
                <span title="Round trip">{ latency(peer.round_trip_ms) }</span>
                <span class="peer-bytes" title="Sent to it">{ bytes("Sent ", "↑ ", peer.sent_bytes) }</span>
                <span class="peer-bytes" title="Received from it">{ bytes("Received ", "↓ ", peer.received_bytes) }</span>
            </span>
        </li>
    }
}

fn latency(round_trip_ms: Option<u64>) -> Html {
    match round_trip_ms {
        Some(ms) => html! { <>{ heard("Round trip ") }{ wording::latency(ms) }</> },
        None => html! { <>{ heard("Round trip not measured yet") }{ seen("–") }</> },
    }
}

fn bytes(done: &'static str, arrow: &'static str, bytes: u64) -> Html {
    html! { <>{ heard(done) }{ seen(arrow) }{ wording::size(bytes) }</> }
}

/// Words for a screen reader alone.
fn heard(words: &'static str) -> Html {
    html! { <span class="visually-hidden">{ words }</span> }
}

/// A sign for the eye alone.
fn seen(sign: &'static str) -> Html {
    html! { <span aria-hidden="true">{ sign }</span> }
}
