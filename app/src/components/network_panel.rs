//! Who this tab is connected to, and how.

use std::rc::Rc;

use kadenza_api::{Network, Reach, Song, Visible};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};
use yew::prelude::*;

use super::{Arcs, Icon, Peers, RingSection, Shape, SharingPart};
use crate::actions::{Action, use_actions};
use crate::state::{Sharing, Standing};
use crate::wording;
use crate::words::{Words, t, use_words};

/// The panel's id, by which the button that opens it names it.
pub(super) const NETWORK_PANEL: &str = "network";

/// What the panel shows.
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct NetworkPanelProps {
    /// Whether it is open, and the peers.
    pub standing: Rc<Standing>,
    /// This tab's peer id.
    pub peer: Option<AttrValue>,
    /// What others may have of this tab.
    #[prop_or_default]
    pub sharing: Sharing,
    /// Songs whose places on the ring can be shown.
    #[prop_or_default]
    pub songs: Vec<Rc<Song>>,
}

/// The panel. It is a popover: the browser opens it, closes it on Escape or a press elsewhere, and keeps it on top.
#[function_component(NetworkPanel)]
pub fn network_panel(NetworkPanelProps { standing, peer, sharing, songs }: &NetworkPanelProps) -> Html {
    let (words, actions) = (use_words(), use_actions());
    // A dialog that opens closes the panel.
    let storage = actions.reform(|_: MouseEvent| Action::StorageToggled(true));
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
            { for network.map(|network| html! {
                <div class="network-parts">
                    <RingSection standing={standing.clone()} songs={songs.clone()} />
                    <div class="network-details">
                        { peers(&words, &network.peers, standing) }
                        { figures(&words, network, *sharing) }
                        <button type="button" class="button" onclick={storage}>{ t!(words, "storage-open") }</button>
                        if !standing.ring.buckets.is_empty() {
                            <Arcs ring={standing.ring.clone()} />
                        }
                        <SharingPart sharing={*sharing} />
                        { for peer.as_ref().map(|peer| this_tab(&words, peer)) }
                    </div>
                </div>
            }) }
        </section>
    }
}

fn peers(words: &Words, peers: &[Visible], standing: &Rc<Standing>) -> Html {
    let is_relayed = peers.iter().any(|peer| peer.reach == Reach::Relayed);
    html! {
        <>
            <p class="network-standing">{ wording::standing(words, peers) }</p>
            if peers.is_empty() {
                <p class="network-note">{ t!(words, "nobody-hint") }</p>
            } else {
                <Peers standing={standing.clone()} />
            }
            if is_relayed {
                <p class="network-note">{ t!(words, "relayed-note") }</p>
            }
        </>
    }
}

/// What is here, what others can have of it, and what went over all connections there are now.
fn figures(words: &Words, Network { peers, stored, .. }: &Network, sharing: Sharing) -> Html {
    let figure = |name: String, value: String| html! { <div><dt>{ name }</dt><dd>{ value }</dd></div> };
    let offered = if sharing.metered { 0 } else { stored.held_songs };
    let sent = peers.iter().map(|peer| peer.sent_bytes).sum();
    let received = peers.iter().map(|peer| peer.received_bytes).sum();
    html! {
        <dl class="figures">
            { figure(t!(words, "songs-held"), t!(words, "number", number = stored.held_songs)) }
            { figure(t!(words, "songs-offered"), t!(words, "number", number = offered)) }
            { figure(t!(words, "bytes-sent"), wording::size(words, sent)) }
            { figure(t!(words, "bytes-received"), wording::size(words, received)) }
        </dl>
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
