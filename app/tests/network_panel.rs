//! The network panel in a real browser: what it says of peers, and how it opens and closes.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeSet;
use std::rc::Rc;
use std::time::Duration;

use kadenza_api::{Network, Reach, Visible};
use kadenza_app::actions::Action;
use kadenza_app::components::{Header, NetworkPanel, NetworkPanelProps};
use kadenza_app::state::{Ring, Sharing, Standing, State};
use kadenza_node::tab::{Connection, Keeping, Status};
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::{Document, Element, HtmlElement};
use yew::html::BaseComponent;
use yew::prelude::*;

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

/// How often the browser gets a turn before something it should have done counts as not done.
const TURNS_MAX: usize = 200;

fn document() -> Document {
    web_sys::window().unwrap().document().unwrap()
}

/// An element that holds `C`.
async fn shown<C: BaseComponent>(props: C::Properties) -> Element {
    let root = document().create_element("div").unwrap();
    yew::Renderer::<C>::with_root_and_props(root.clone(), props).render();
    until("it is rendered", || root.has_child_nodes()).await;
    root
}

async fn until(what: &str, is_so: impl Fn() -> bool) {
    for _ in 0..TURNS_MAX {
        if is_so() {
            return;
        }
        kadenza_platform::sleep(Duration::from_millis(5)).await;
    }
    panic!("it did not happen that {what}");
}

fn find(root: &Element, selector: &str) -> HtmlElement {
    let found = root.query_selector(selector).unwrap();
    found.unwrap_or_else(|| panic!("no {selector} in {}", root.inner_html())).dyn_into().unwrap()
}

fn says(root: &Element) -> String {
    root.text_content().unwrap()
}

fn peer(id: &str, reach: Reach) -> Visible {
    Visible {
        peer: format!("12D3KooW{id}"),
        address: "/ip4/127.0.0.1/tcp/1/ws".into(),
        reach,
        durable: false,
        position: 0x8000_0000,
        in_table: true,
        round_trip_ms: None,
        sent_bytes: 0,
        received_bytes: 0,
    }
}

fn with(peers: Vec<Visible>) -> NetworkPanelProps {
    let network = Network { peers, ..Network::default() };
    let standing = Standing {
        open: true,
        ring: Rc::new(Ring::of(&network, &BTreeSet::new())),
        network: Some(network),
        ..Standing::default()
    };
    NetworkPanelProps {
        standing: Rc::new(standing),
        peer: Some("12D3KooWabcdefgh".into()),
        sharing: Sharing::default(),
        songs: Vec::new(),
    }
}

#[wasm_bindgen_test]
async fn each_peer_says_what_it_is_how_it_is_reached_how_far_it_is_and_what_it_carried() {
    let near = Visible {
        durable: true,
        round_trip_ms: Some(12),
        sent_bytes: 1_200_000,
        received_bytes: 3_400,
        ..peer("relay1", Reach::Direct)
    };
    let root = shown::<NetworkPanel>(with(vec![near, peer("other2", Reach::Relayed)])).await;
    let list = find(&root, "[role=list][aria-label=Peers]");
    let first = find(&list, "li[data-peer='12D3KooWrelay1'][data-reach=direct]");
    assert_eq!(says(&first), "Relayrelay1DirectRound trip 12 msSent ↑ 1.2 MBReceived ↓ 3 kB");
    assert_eq!(find(&first, "code").title(), "12D3KooWrelay1");
    let second = find(&list, "li[data-peer='12D3KooWother2'][data-reach=relayed]");
    assert_eq!(says(&second), "Tabother2RelayedRound trip not measured yet–Sent ↑ 0 bytesReceived ↓ 0 bytes");
}

#[wasm_bindgen_test]
async fn what_relayed_means_is_said_where_somebody_is() {
    let meaning = "through a relay, because no direct path between the two browsers was found";
    let root = shown::<NetworkPanel>(with(vec![peer("a", Reach::Direct), peer("b", Reach::Relayed)])).await;
    assert!(says(&root).contains("2 peers: 1 direct, 1 relayed"));
    assert!(says(&root).contains(meaning));
    let root = shown::<NetworkPanel>(with(vec![peer("a", Reach::Direct)])).await;
    assert!(!says(&root).contains(meaning));
}

#[wasm_bindgen_test]
async fn it_says_that_nobody_is_there_only_once_that_is_known() {
    let root = shown::<NetworkPanel>(with(Vec::new())).await;
    assert!(says(&root).contains("Nobody is connected."));
    assert_eq!(find(&root, "section").get_attribute("aria-busy").as_deref(), Some("false"));
    let unknown = NetworkPanelProps { standing: Rc::default(), peer: None, ..with(Vec::new()) };
    let root = shown::<NetworkPanel>(unknown).await;
    assert!(!says(&root).contains("Nobody"));
    assert_eq!(find(&root, "section").get_attribute("aria-busy").as_deref(), Some("true"));
}

#[wasm_bindgen_test]
async fn the_whole_id_of_this_tab_can_be_copied() {
    let root = shown::<NetworkPanel>(with(Vec::new())).await;
    let id = find(&root, ".this-tab code");
    assert_eq!((says(&id), id.title()), ("12D3KooWabcdefgh".into(), "12D3KooWabcdefgh".into()));
}

/// The two parts that belong together, over the page's own state.
#[function_component(Page)]
fn page() -> Html {
    let state = use_reducer(State::default);
    let actions = use_memo(state.dispatcher(), |dispatcher| Callback::<Action>::from(dispatcher.clone()));
    let status = Status { connection: Connection::Connected { peers: 1 }, keeping: Keeping::Browser };
    html! {
        <ContextProvider<Callback<Action>> context={(*actions).clone()}>
            <Header query="" status={Some(status)} peer={None::<AttrValue>} shows_network={state.standing.open} />
            <NetworkPanel standing={state.standing.clone()} peer={None::<AttrValue>} />
        </ContextProvider<Callback<Action>>>
    }
}

#[wasm_bindgen_test]
async fn the_status_opens_the_panel_and_has_the_focus_when_it_closes() {
    let root = shown::<Page>(()).await;
    // What is not on the page is neither opened nor focused.
    document().body().unwrap().append_child(&root).unwrap();
    let button = find(&root, "[role=status] button[aria-controls=network]");
    let panel = find(&root, "#network");
    let is_expanded = |wanted: &str| button.get_attribute("aria-expanded").as_deref() == Some(wanted);
    assert!(is_expanded("false") && !panel.matches(":popover-open").unwrap());

    button.click();
    until("the button says that it is open", || is_expanded("true")).await;
    assert!(panel.matches(":popover-open").unwrap());

    find(&panel, "button[aria-label='Close network']").click();
    until("the button says that it is closed", || is_expanded("false")).await;
    assert!(!panel.matches(":popover-open").unwrap());
    assert_eq!(document().active_element().unwrap(), *button.as_ref());
}
