//! Who this tab is connected to, and how.

use std::rc::Rc;

use kadenza_api::{Network, Reach};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};
use yew::prelude::*;

use super::{Icon, PeerRow, Shape, SharingPart};
use crate::actions::{Action, use_actions};
use crate::state::{Sharing, Standing};
use crate::wording;
use crate::words::{Words, t, use_words};

/// The panel's id, by which the button that opens it names it.
pub(super) const NETWORK_PANEL: &str = "network";

/// What the panel shows.
#[derive(Debug, PartialEq, Properties)]
pub struct NetworkPanelProps {
    /// Whether it is open, and the peers.
    pub standing: Rc<Standing>,
    /// This tab's peer id.
    pub peer: Option<AttrValue>,
    /// What others may have of this tab.
    #[prop_or_default]
    pub sharing: Sharing,
}

/// The panel. It is a popover: the browser opens it, closes it on Escape or a press elsewhere, and keeps it on top.
#[function_component(NetworkPanel)]
pub fn network_panel(NetworkPanelProps { standing, peer, sharing }: &NetworkPanelProps) -> Html {
    let (words, actions) = (use_words(), use_actions());
    let ontoggle = Callback::from(move |event: Event| {
        let open = event.target_unchecked_into::<Element>().matches(":popover-open").unwrap_or(false);
        if !open {
            focus_button();
        }
        actions.emit(Action::NetworkToggled(open));
    });
    let network = standing.network.as_ref();
    html! {
        <section
            id={NETWORK_PANEL}
            class="network sheet"
            popover="auto"
            aria-label={t!(words, "network")}
            aria-busy={network.is_none().to_string()}
            {ontoggle}
        >
            <header>
                <h2>{ t!(words, "network") }</h2>
                <button type="button" class="round" aria-label={t!(words, "close-network")}
                    title={t!(words, "close")} popovertarget={NETWORK_PANEL}>
                    <Icon shape={Shape::Close} />
                </button>
            </header>
            { for network.map(|network| peers(&words, network)) }
            <SharingPart sharing={*sharing} />
            { for peer.as_ref().map(|peer| this_tab(&words, peer)) }
        </section>
    }
}

fn peers(words: &Words, Network { peers, .. }: &Network) -> Html {
    let is_relayed = peers.iter().any(|peer| peer.reach == Reach::Relayed);
    html! {
        <>
            <p class="network-standing">{ wording::standing(words, peers) }</p>
            if peers.is_empty() {
                <p class="network-note">{ t!(words, "nobody-hint") }</p>
            } else {
                <ul class="peers" role="list" aria-label={t!(words, "peers")}>
                    { for peers.iter().map(|peer| html! { <PeerRow key={&*peer.peer} peer={peer.clone()} /> }) }
                </ul>
            }
            if is_relayed {
                <p class="network-note">{ t!(words, "relayed-note") }</p>
            }
        </>
    }
}

/// The whole id is there to be copied; where it is too long to be seen, its end is what others see of it.
fn this_tab(words: &Words, peer: &AttrValue) -> Html {
    let (start, end) = wording::split_peer(peer);
    html! {
        <p class="this-tab">
            <span>{ t!(words, "this-tab") }</span>
            <code title={peer}><span>{ start }</span><b>{ end }</b></code>
        </p>
    }
}

/// Gives the focus back to where the panel was opened, unless the press that closed it went to something else.
fn focus_button() {
    let Some(document) = web_sys::window().and_then(|window| window.document()) else { return };
    let is_free = document.active_element().is_none_or(|element| element.tag_name() == "BODY");
    let button = document.query_selector(&format!("[aria-controls={NETWORK_PANEL}]")).ok().flatten();
    if let Some(button) = button.filter(|_| is_free).and_then(|button| button.dyn_into::<HtmlElement>().ok())
    {
        // What cannot be focused any more is no longer on the page.
        let _ = button.focus();
    }
}
