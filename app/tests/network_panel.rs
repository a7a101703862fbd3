//! The network panel in a real browser: what it says of peers, and how it opens and closes.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;
use std::time::Duration;

use kadenza_api::{ContentId, Network, Reach, Recording, Song, Visible};
use kadenza_app::actions::Action;
use kadenza_app::components::{Header, NetworkPanel, NetworkPanelProps};
use kadenza_app::state::{Ring, Sharing, Sought, Standing, State};
use kadenza_app::words::Words;
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

/// How often it is there; pictures are no HTML elements.
fn count(root: &Element, selector: &str) -> u32 {
    root.query_selector_all(selector).unwrap().length()
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

fn song(title: &str) -> Rc<Song> {
    let recording = Recording {
        time: 0,
        content: ContentId([1; 32]),
        bytes: 1,
        media_type: "audio/wav".into(),
        duration_ms: 65_000,
        bitrate: 128,
        title: title.into(),
        artist: "Ada".into(),
        album: String::new(),
        track: None,
        year: None,
        cover: None,
        uploader: String::new(),
        signature: String::new(),
    };
    Rc::new(Song::new(vec![recording]).unwrap())
}

fn with(peers: Vec<Visible>) -> NetworkPanelProps {
    let network = Network { bucket_size: 20, peers, ..Network::default() };
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
    assert_eq!(
        says(&second),
        "Tabother2RelayedRound trip not measured yet –Sent ↑ 0 bytesReceived ↓ 0 bytes"
    );
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

fn at(id: &str, position: u32, reach: Reach) -> Visible {
    Visible { position, ..peer(id, reach) }
}

#[wasm_bindgen_test]
async fn each_peer_has_its_dot_by_kind_and_reach_and_each_bucket_its_arc_and_number() {
    let relay = Visible { durable: true, ..at("relay1", 0x9000_0000, Reach::Direct) };
    let root = shown::<NetworkPanel>(with(vec![relay, at("other2", 0x2000_0000, Reach::Relayed)])).await;
    let ring = root.query_selector("svg.ring[role=img]").unwrap().unwrap();
    let name = "This tab and 2 peers at their places on the ring";
    assert_eq!(ring.get_attribute("aria-label").as_deref(), Some(name));
    assert_eq!(count(&ring, ".dot.relay.direct[data-peer='12D3KooWrelay1'] rect"), 1);
    assert_eq!(count(&ring, ".dot.tab.relayed[data-peer='12D3KooWother2'] circle.mark"), 1);
    assert_eq!(count(&root, ".way.relayed"), 1);
    assert_eq!(count(&root, ".arc"), 3);
    assert_eq!(says(&find(&root, ".arcs li:nth-child(1)")), "1/2 of the ring1 of 20");
    assert_eq!(says(&find(&root, ".arcs li:nth-child(2)")), "1/4 of the ring0 of 20");
    assert!(root.query_selector("[style]").unwrap().is_none(), "the page's policy forbids it");
}

#[wasm_bindgen_test]
async fn who_is_pointed_at_is_described_in_words_and_marked_in_picture_and_list() {
    let mut props = with(vec![at("other2", 0x9000_0000, Reach::Relayed)]);
    assert!(says(&shown::<NetworkPanel>(props.clone()).await).contains("Choose a dot"));
    let standing = Standing { picked: Some("12D3KooWother2".into()), ..(*props.standing).clone() };
    props.standing = Rc::new(standing);
    let root = shown::<NetworkPanel>(props).await;
    let words = "Tab other2Relayed · Round trip not measured yetSent 0 bytes, received 0 bytesIn the other half of the ring";
    assert_eq!(says(&find(&root, ".picked-peer")), words);
    assert_eq!(count(&root, ".dot.picked"), 1);
    assert_eq!(count(&root, ".way.picked"), 1);
    find(&root, ".peer button[aria-pressed=true]");
}

#[wasm_bindgen_test]
async fn a_songs_place_is_a_star_with_a_line_to_everybody_it_belongs_on() {
    let song = song("Sirens");
    let mut props = with(vec![at("a", 0x9000_0000, Reach::Direct), at("b", 0x2000_0000, Reach::Direct)]);
    props.songs = vec![song.clone()];
    let sought = Sought { song: song.clone(), position: 0x8000_0000 };
    props.standing = Rc::new(Standing { sought: Some(sought), ..(*props.standing).clone() });
    let root = shown::<NetworkPanel>(props).await;
    assert_eq!(count(&root, ".ring .star"), 1);
    assert_eq!(count(&root, ".belongs"), 3);
    assert!(says(&root).contains("2 peers and this tab are closest to it and remember it."));
    let choice = find(&root, ".ring-section select").dyn_into::<web_sys::HtmlSelectElement>().unwrap();
    assert_eq!(choice.value(), song.id().to_string());
}

#[wasm_bindgen_test]
async fn what_is_held_offered_sent_and_received_is_added_up() {
    let carried =
        |id, sent_bytes, received_bytes| Visible { sent_bytes, received_bytes, ..peer(id, Reach::Direct) };
    let mut props = with(vec![carried("a", 1_000, 2_000_000), carried("b", 2_000, 1_500_000)]);
    let mut network = props.standing.network.clone().unwrap();
    network.stored.held_songs = 12;
    props.standing = Rc::new(Standing { network: Some(network), ..(*props.standing).clone() });
    let root = shown::<NetworkPanel>(props.clone()).await;
    assert_eq!(says(&find(&root, ".figures")), "Songs here12Offered to others12Sent3 kBReceived3.5 MB");
    props.sharing.metered = true;
    let root = shown::<NetworkPanel>(props).await;
    assert!(says(&find(&root, ".figures")).contains("Offered to others0"));
}

/// As many peers as a browser's connections allow, and more.
const CROWD: u32 = 200;

/// A crowd at the `tick`-th second: every peer has carried something since the last, some of them songs.
fn crowd(tick: u32) -> Network {
    let peer = |number: u32| Visible {
        durable: number.is_multiple_of(20),
        // Scattered over the ring, as hashes are.
        position: number.wrapping_mul(0x9e37_79b9),
        round_trip_ms: Some(u64::from(10 + (number + tick) % 90)),
        received_bytes: u64::from(tick * if (number + tick).is_multiple_of(8) { 100_000 } else { 700 }),
        ..peer(&format!("{number:06}"), if number.is_multiple_of(3) { Reach::Relayed } else { Reach::Direct })
    };
    Network {
        position: 0x4000_0000,
        bucket_size: 20,
        peers: (0..CROWD).map(peer).collect(),
        ..Network::default()
    }
}

/// A page whose network panel is open, and what takes news for it. It looks as it does to visitors.
async fn open_panel() -> (Element, Callback<Action>) {
    let root = shown::<Page>(()).await;
    let style = document().create_element("style").unwrap();
    style.set_text_content(Some(concat!(
        include_str!("../../static/css/tokens.css"),
        include_str!("../../static/css/page.css"),
        include_str!("../../static/css/network.css"),
    )));
    root.append_child(&style).unwrap();
    document().body().unwrap().append_child(&root).unwrap();
    find(&root, "[role=status] button[aria-controls=network]").click();
    // The page takes no news before it knows that somebody looks.
    until("the page knows that the panel is open", || count(&root, "[aria-expanded=true]") == 1).await;
    (root, ACTIONS.with_borrow(Clone::clone).unwrap())
}

#[wasm_bindgen_test]
async fn two_hundred_peers_are_all_on_the_ring_and_those_in_sight_in_the_document_and_what_changes_is_shown()
{
    let (root, actions) = open_panel().await;
    for tick in 1..=3 {
        let network = crowd(tick);
        let first = network.peers[0].clone();
        let latency = format!("{} ms", first.round_trip_ms.unwrap());
        actions.emit(Action::NetworkSeen(network));
        until("the first relay's latency is shown", || {
            let row = root.query_selector(&format!("li[data-peer='{}']", first.peer)).unwrap();
            row.is_some_and(|row| says(&row).contains(&latency))
        })
        .await;
    }
    assert_eq!(count(&root, ".ring .dot"), CROWD);
    let rows = count(&root, "li[data-peer]");
    assert!((1..CROWD / 2).contains(&rows), "{rows} of {CROWD} rows are in the document");
    let first = find(&root, "li[data-peer]");
    assert_eq!(first.get_attribute("aria-setsize"), Some(CROWD.to_string()));
    let peer = first.get_attribute("data-peer").unwrap();
    actions.emit(Action::PeerPicked(Some(peer.clone())));
    until("the peer is picked", || count(&root, &format!("li[data-peer='{peer}'] [aria-pressed=true]")) == 1)
        .await;
    let parts = find(&root, ".network-parts");
    parts.set_scroll_top(find(&root, ".peers").offset_height());
    let last = format!("li[aria-posinset='{CROWD}']");
    until("the last peer is in the document once it is in sight", || count(&root, &last) == 1).await;
    root.remove();
}

/// How smoothly that is drawn says only a build for visitors:
/// `cargo test --release --target wasm32-unknown-unknown -p kadenza-app --test network_panel` prints it.
#[cfg(not(debug_assertions))]
#[wasm_bindgen_test]
async fn two_hundred_peers_are_drawn_sixty_times_a_second_while_all_have_news() {
    const SECONDS: u32 = 5;
    const FRAMES_MIN: f64 = 58.0;
    const OPENING_MAX_MS: f64 = 500.0;
    let (root, actions) = open_panel().await;
    // Opening it is one moment of its own.
    let opened = frame().await;
    actions.emit(Action::NetworkSeen(crowd(0)));
    until("all are drawn", || count(&root, ".ring .dot") == CROWD).await;
    frame().await;
    let (begun, mut frames, mut longest) = (frame().await, 0, 0.0_f64);
    let mut last = begun;
    for tick in 0..SECONDS {
        actions.emit(Action::NetworkSeen(crowd(tick + 1)));
        while last - begun < f64::from(tick + 1) * 1000.0 {
            let now = frame().await;
            longest = longest.max(now - last);
            (last, frames) = (now, frames + 1);
        }
    }
    assert_eq!(count(&root, ".ring .dot"), CROWD);
    root.remove();
    let per_second = f64::from(frames) * 1000.0 / (last - begun);
    let opening = begun - opened;
    wasm_bindgen_test::console_log!(
        "ring_fps: {per_second:.1}, longest frame: {longest:.0} ms, opening: {opening:.0} ms"
    );
    assert!(opening < OPENING_MAX_MS, "{opening} ms until all are drawn");
    assert!(per_second >= FRAMES_MIN, "{per_second} frames a second, the longest {longest} ms");
}

/// Waits for the next frame: when it was, in milliseconds.
#[cfg(not(debug_assertions))]
async fn frame() -> f64 {
    let next = js_sys::Promise::new(&mut |resolve, _| {
        web_sys::window().unwrap().request_animation_frame(&resolve).unwrap();
    });
    wasm_bindgen_futures::JsFuture::from(next).await.unwrap().as_f64().unwrap()
}

thread_local! {
    /// What the page of this test is told.
    static ACTIONS: RefCell<Option<Callback<Action>>> = const { RefCell::new(None) };
}

/// The two parts that belong together, over the page's own state.
#[function_component(Page)]
fn page() -> Html {
    let state = use_reducer(State::default);
    let actions = use_memo(state.dispatcher(), |dispatcher| Callback::<Action>::from(dispatcher.clone()));
    let status = Status { connection: Connection::Connected { peers: 1 }, keeping: Keeping::Browser };
    ACTIONS.set(Some((*actions).clone()));
    let words = use_memo((), |()| Words::default());
    html! {
        <ContextProvider<Words> context={(*words).clone()}>
        <ContextProvider<Callback<Action>> context={(*actions).clone()}>
            <Header query="" status={Some(status)} peer={None::<AttrValue>} shows_network={state.standing.open} />
            <NetworkPanel standing={state.standing.clone()} peer={None::<AttrValue>} />
        </ContextProvider<Callback<Action>>>
        </ContextProvider<Words>>
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
