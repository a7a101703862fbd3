//! The peers of the network panel, one row each.

use std::rc::Rc;

use kadenza_api::Visible;
use yew::prelude::*;

use super::{PeerRow, picking, windowed};
use crate::actions::use_actions;
use crate::hooks::use_window;
use crate::state::Standing;
use crate::words::{t, use_words};

/// Which peers.
#[derive(Debug, PartialEq, Properties)]
pub struct PeersProps {
    /// The peers, in the order in which they are shown, and who of them somebody points at.
    pub standing: Rc<Standing>,
}

/// The list. Rows out of sight are not in the document: with hundreds of peers, all of which have news each second, they
/// would take the time of several frames.
#[function_component(Peers)]
pub fn peers(PeersProps { standing }: &PeersProps) -> Html {
    let (words, actions, list) = (use_words(), use_actions(), use_node_ref());
    let window = use_window(&list);
    let pick = picking(&actions);
    let peers: &[Visible] = standing.network.as_ref().map(|network| &*network.peers).unwrap_or_default();
    let row = |place: usize| {
        let peer = &peers[place];
        let is_picked = standing.picked.as_deref() == Some(&*peer.peer);
        html! { <PeerRow key={&*peer.peer} peer={peer.clone()} {is_picked} {place} of={peers.len()} /> }
    };
    html! {
        <ul ref={list} class="peers" role="list" aria-label={t!(words, "peers")} onpointerover={pick.reform(Event::from)}
            onpointerleave={pick.reform(Event::from)} onfocusin={pick.reform(Event::from)}
            onclick={pick.reform(Event::from)}>
            { windowed(&window, peers.len(), row) }
        </ul>
    }
}
