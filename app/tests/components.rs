//! Components in a real browser: what a person, or a screen reader, gets to see of each state.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::rc::Rc;

use kadenza_api::{ContentId, Error, Losses, Recording, Song, Stored};
use kadenza_app::components::{
    Header, HeaderProps, InRoom, Notices, NoticesProps, PlayerBar, PlayerBarProps, Publish, PublishProps,
    SharingPart, SharingPartProps, Shortcuts, ShortcutsProps, Songs, SongsProps, StoragePanel,
    StoragePanelProps, TagsForm, TagsFormProps, UpNext, UpNextProps,
};
use kadenza_app::state::{Asked, Extent, Formats, Link, Listing, Phase, Player, Sharing, StorageSheet, View};
use kadenza_node::tab::{Connection, Holdings, Keeping, Lasting, Status};
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::Element;
use yew::html::BaseComponent;

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

async fn shown<C: BaseComponent>(props: C::Properties) -> Element {
    let root = web_sys::window().unwrap().document().unwrap().create_element("div").unwrap();
    yew::Renderer::<C>::with_root_and_props(root.clone(), props).render();
    // Rendering takes its turn in the browser's queue of tasks; so does this.
    for _ in 0..5 {
        kadenza_platform::sleep(std::time::Duration::ZERO).await;
    }
    root
}

fn find(root: &Element, selector: &str) -> Element {
    root.query_selector(selector).unwrap().unwrap_or_else(|| panic!("no {selector} in {}", root.inner_html()))
}

fn says(root: &Element) -> String {
    root.text_content().unwrap()
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
        album: "Coast".into(),
        track: None,
        year: None,
        cover: None,
        uploader: String::new(),
        signature: String::new(),
    };
    Rc::new(Song::new(vec![recording]).unwrap())
}

fn songs(listing: Listing, connection: Connection) -> SongsProps {
    SongsProps {
        listing: Rc::new(listing),
        connection,
        current: None,
        playing: false,
        formats: Rc::default(),
        in_room: None,
        view: View::Songs,
        group: None,
    }
}

#[wasm_bindgen_test]
async fn a_song_shows_its_names_and_length_and_markup_in_them_is_text() {
    let title = "<img src=x onerror=alert(1)>";
    let listing =
        Listing { songs: vec![song(title)], total: 1, phase: Phase::Complete, ..Listing::default() };
    let root = shown::<Songs>(songs(listing, Connection::Offline)).await;
    let list = find(&root, "[role=list][aria-label=Songs]");
    assert_eq!(find(&list, "button").get_attribute("aria-label").unwrap(), format!("Play {title}"));
    assert_eq!(says(&find(&list, ".song-title")), title);
    assert!(says(&list).contains("Ada") && says(&list).contains("Coast") && says(&list).contains("1:05"));
    assert!(root.query_selector("img").unwrap().is_none());
}

#[wasm_bindgen_test]
async fn a_long_list_is_a_screenful_of_songs_that_say_their_place_and_room_for_the_rest() {
    let all: Vec<_> = (0..500).map(|number| song(&format!("Song {number}"))).collect();
    let here = Extent { read: 500, total: 10_000 };
    let listing = Listing { songs: all, here, total: 10_000, phase: Phase::Complete, ..Listing::default() };
    let root = shown::<Songs>(songs(listing, Connection::Offline)).await;
    let list = find(&root, "ul[aria-label=Songs]");
    let rows = list.query_selector_all("[data-song]").unwrap().length();
    assert!((10..100).contains(&rows), "{rows} rows");
    let first = find(&list, "li");
    assert_eq!(first.get_attribute("aria-posinset").as_deref(), Some("1"));
    assert_eq!(first.get_attribute("aria-setsize").as_deref(), Some("10000"), "those not read yet too");
    let gap = find(&list, "li.gap[aria-hidden=true]");
    assert_eq!(gap.get_attribute("data-rows"), Some((10_000 - rows).to_string()));
}

#[wasm_bindgen_test]
async fn only_a_rooms_own_song_can_be_made_public() {
    let listing =
        Listing { songs: vec![song("Sirens")], total: 1, phase: Phase::Complete, ..Listing::default() };
    for (in_room, buttons) in [
        (None, vec!["Play Sirens", "Queue next: Sirens"]),
        (Some(InRoom::Public), vec!["Play Sirens", "Add to this room: Sirens"]),
        (Some(InRoom::Own), vec!["Play Sirens", "Add to queue: Sirens", "Make public: Sirens"]),
    ] {
        let props = SongsProps { in_room, ..songs(listing.clone(), Connection::Offline) };
        let root = shown::<Songs>(props).await;
        let found = root.query_selector_all(".song button").unwrap();
        assert_eq!(found.length() as usize, buttons.len());
        for label in buttons {
            find(&root, &format!("button[aria-label='{label}']"));
        }
    }
}

#[wasm_bindgen_test]
async fn whoever_is_to_make_a_song_public_reads_what_that_means_and_can_keep_it_private() {
    let root = shown::<Publish>(PublishProps { room: "Drafts".into(), song: Some(song("Sirens")) }).await;
    let warning = find(&root, "dialog[role=alertdialog]");
    for words in ["Sirens", "Drafts", "everybody can find it", "nobody can take it back", "Keep it private"] {
        assert!(says(&warning).contains(words), "{words}");
    }
    let nothing = shown::<Publish>(PublishProps { room: "Drafts".into(), song: None }).await;
    assert_eq!(says(&nothing), "");
}

#[wasm_bindgen_test]
async fn an_empty_library_invites_and_an_empty_answer_names_the_words() {
    let complete = Listing { phase: Phase::Complete, ..Listing::default() };
    let root = shown::<Songs>(songs(complete.clone(), Connection::Connected { peers: 1 })).await;
    assert!(says(&root).contains("No music here yet"));
    let root = shown::<Songs>(songs(complete.clone(), Connection::Starting)).await;
    assert!(says(&root).contains("Looking for songs"), "nobody has been asked yet");
    let wordy = Listing { words: "zzz".into(), ..complete };
    let root = shown::<Songs>(songs(wordy, Connection::Connected { peers: 1 })).await;
    assert!(says(&root).contains("Nothing found for “\u{2068}zzz\u{2069}”"));
}

#[wasm_bindgen_test]
async fn the_status_says_how_the_network_is_and_who_this_tab_is() {
    let status = Status { connection: Connection::Connected { peers: 3 }, keeping: Keeping::Browser };
    let peer = Some("12D3".into());
    let props = HeaderProps { query: "".into(), status: Some(status), peer, shows_network: false };
    let root = shown::<Header>(props).await;
    let status = find(&root, "[role=status]");
    assert_eq!(says(&status), "Connected to 3 peers");
    assert_eq!(status.get_attribute("data-peer").as_deref(), Some("12D3"));
    assert_eq!(
        find(&root, "input[type=search]").get_attribute("aria-label").as_deref(),
        Some("Search songs")
    );
}

fn notices(keeping: Keeping, link: Link) -> NoticesProps {
    NoticesProps { keeping, streams: true, failure: None, link }
}

#[wasm_bindgen_test]
async fn a_link_that_leads_nowhere_says_why() {
    let root = shown::<Notices>(notices(Keeping::Browser, Link::Damaged)).await;
    assert!(says(&find(&root, "[role=alert]")).contains("This link is damaged"));
    let id = song("Sirens").id();
    let root =
        shown::<Notices>(notices(Keeping::Browser, Link::Missing(id, Error::not_found("no song")))).await;
    assert!(says(&find(&root, "[role=alert]")).contains("Nobody who is reachable knows the song"));
    assert_eq!(root.query_selector_all("button").unwrap().length(), 2);
    let root = shown::<Notices>(notices(Keeping::Browser, Link::Looking(id))).await;
    assert!(says(&find(&root, "[role=status]")).contains("Looking for the song"));
}

#[wasm_bindgen_test]
async fn what_this_browser_cannot_play_says_so_before_the_click() {
    let listing =
        Listing { songs: vec![song("Sirens")], total: 1, phase: Phase::Complete, ..Listing::default() };
    let props = songs(listing, Connection::Offline);
    let root =
        shown::<Songs>(SongsProps { formats: Rc::new(Formats::new(|_| false)), ..props.clone() }).await;
    let button = find(&root, "button[aria-label='Play Sirens']");
    assert_eq!(button.get_attribute("aria-disabled").as_deref(), Some("true"));
    let note = find(&root, &format!("[id='{}']", button.get_attribute("aria-describedby").unwrap()));
    assert_eq!(says(&note), "This browser cannot play WAV.");
    let root = shown::<Songs>(props).await;
    assert!(!says(&root).contains("cannot play"));
}

#[wasm_bindgen_test]
async fn the_upload_limit_is_chosen_from_a_few_or_given_in_numbers() {
    let shown = |sharing| shown::<SharingPart>(SharingPartProps { sharing });
    let value = |root: &Element| {
        let select: web_sys::HtmlSelectElement = wasm_bindgen::JsCast::unchecked_into(find(root, "select"));
        select.value()
    };
    let root = shown(Sharing::default()).await;
    assert_eq!(value(&root), "");
    assert!(says(&root).contains("Others can play what this tab has"));
    let root = shown(Sharing { metered: true, limit: Some(500_000), keeps: true }).await;
    assert_eq!(value(&root), "500000");
    assert!(says(&root).contains("Not serving others: your connection is metered"));
    let root = shown(Sharing { metered: false, limit: Some(123_000), keeps: true }).await;
    let number: web_sys::HtmlInputElement =
        wasm_bindgen::JsCast::unchecked_into(find(&root, "input[type=number]"));
    assert_eq!((value(&root), number.value()), ("other".into(), "123".into()));
}

#[wasm_bindgen_test]
async fn a_tab_that_cannot_keep_songs_says_so() {
    let root = shown::<Notices>(notices(Keeping::Memory, Link::None)).await;
    assert!(says(&root).contains("gone when you close it"));
    let root = shown::<Notices>(notices(Keeping::Browser, Link::None)).await;
    assert_eq!(says(&root), "");
}

#[wasm_bindgen_test]
async fn a_window_that_cannot_stream_from_this_tab_says_what_that_means() {
    let props = NoticesProps { streams: false, ..notices(Keeping::Browser, Link::None) };
    assert!(says(&shown::<Notices>(props).await).contains("The relay streams them instead"));
}

#[wasm_bindgen_test]
async fn the_player_names_its_buttons_and_says_where_it_is() {
    let player = Player {
        song: Some(song("Sirens")),
        playing: true,
        position: 5.0,
        length: 65.0,
        ..Player::default()
    };
    let root = shown::<PlayerBar>(PlayerBarProps { player: Rc::new(player), has_link: true }).await;
    let player = find(&root, "section[aria-label=Player]");
    for name in ["Previous", "Pause", "Next", "Copy link to this song"] {
        find(&player, &format!("button[aria-label='{name}']"));
    }
    let seek = find(&player, "input[type=range][aria-label=Seek]");
    assert_eq!(seek.get_attribute("aria-valuetext").as_deref(), Some("0:05 of 1:05"));
    let volume = find(&player, "input[type=range][aria-label=Volume]");
    assert_eq!(volume.get_attribute("aria-valuetext").as_deref(), Some("100%"));
}

#[wasm_bindgen_test]
async fn what_a_file_may_be_is_filled_in_already() {
    let guess = kadenza_api::Tags { title: Some("Sirens".into()), ..kadenza_api::Tags::default() };
    let root = shown::<TagsForm>(TagsFormProps { id: 1, name: "sirens.wav".into(), guess }).await;
    assert_eq!(find(&root, "form").get_attribute("aria-label").as_deref(), Some("Details of sirens.wav"));
    let fields = root.query_selector_all("input").unwrap();
    assert_eq!(fields.length(), 3);
    let first: web_sys::HtmlInputElement = wasm_bindgen::JsCast::unchecked_into(fields.get(0).unwrap());
    assert_eq!((first.value(), first.required()), ("Sirens".into(), true));
}

#[wasm_bindgen_test]
async fn the_songs_that_follow_are_listed_with_what_can_be_done_to_them() {
    let (now, then) = (song("Sirens"), song("Lights"));
    let queue = vec![now.clone(), then.clone()];
    let player = Player { song: Some(now), list: queue.clone(), queue, ..Player::default() };
    let root = shown::<UpNext>(UpNextProps { songs: player.up_next().to_vec() }).await;
    let list = find(&root, "ol[aria-label='Up next']");
    assert_eq!(list.child_element_count(), 1, "the one that plays is not among them");
    for name in ["Play now: Lights", "Move up: Lights", "Move down: Lights", "Take out of the queue: Lights"]
    {
        find(&list, &format!("button[aria-label='{name}']"));
    }
    let root = shown::<UpNext>(UpNextProps { songs: Vec::new() }).await;
    assert!(says(&root).contains("Nothing follows"));
}

#[wasm_bindgen_test]
async fn the_keyboards_sheet_names_each_key_and_lets_them_be_switched_off() {
    let root = shown::<Shortcuts>(ShortcutsProps { open: true, on: true }).await;
    for words in ["Play or pause", "Space", "5 seconds back", "←", "This list", "?"] {
        assert!(says(&root).contains(words), "{words}");
    }
    let check: web_sys::HtmlInputElement =
        wasm_bindgen::JsCast::unchecked_into(find(&root, "input[type=checkbox]"));
    assert!(check.checked());
    assert_eq!(says(&shown::<Shortcuts>(ShortcutsProps { open: false, on: true }).await), "");
}

#[wasm_bindgen_test]
async fn an_album_is_a_card_with_its_cover_and_opens_to_its_songs() {
    let listing = Listing {
        songs: vec![song("Sirens"), song("Lights")],
        phase: Phase::Complete,
        total: 2,
        ..Listing::default()
    };
    let albums = |group| SongsProps {
        view: View::Albums,
        group,
        ..songs(listing.clone(), Connection::Connected { peers: 1 })
    };
    let root = shown::<Songs>(albums(None)).await;
    let cards = find(&root, "ul[aria-label=Albums]");
    assert_eq!(cards.child_element_count(), 1);
    assert!(says(&cards).contains("Coast") && says(&cards).contains("Ada · 2 songs"));
    find(&cards, ".cover");
    let root = shown::<Songs>(albums(View::Albums.group(&listing.songs, "Coast"))).await;
    assert_eq!(find(&root, "ul[aria-label=Songs]").child_element_count(), 2);
    assert_eq!(says(&find(&root, ".group-head h2")), "Coast");
}

fn stored(sheet: StorageSheet) -> StoragePanelProps {
    StoragePanelProps { sheet: Rc::new(StorageSheet { open: true, ..sheet }) }
}

fn storage(lasting: Lasting) -> Holdings {
    let stored = Stored {
        songs: 40,
        held_songs: 3,
        bytes: 600_000_000,
        own_bytes: 400_000_000,
        quota_bytes: 1_500_000_000,
    };
    Holdings { stored, allowed_bytes: 1_500_000_000, lasting }
}

#[wasm_bindgen_test]
async fn what_is_stored_is_told_by_whom_it_is_for_and_how_much_more_there_may_be() {
    let sheet = StorageSheet { storage: Some(storage(Lasting::Evictable)), ..StorageSheet::default() };
    let root = shown::<StoragePanel>(stored(sheet)).await;
    assert!(says(&root).contains("600.0 MB of 1.5 GB used"));
    assert!(says(&find(&root, "li.own")).ends_with("400.0 MB"));
    assert!(says(&find(&root, "li.others")).ends_with("200.0 MB"));
    assert!(says(&find(&root, "li.free")).ends_with("900.0 MB"));
    assert!(says(&root).contains("3 whole songs are here."));
    assert!(says(&root).contains("All that the browser allows: 1.5 GB"));
    assert!(root.query_selector("[style]").unwrap().is_none(), "the page's policy forbids it");
    assert_eq!(says(&shown::<StoragePanel>(StoragePanelProps { sheet: Rc::default() }).await), "");
}

#[wasm_bindgen_test]
async fn a_limit_below_what_is_stored_says_that_nothing_is_deleted_and_nothing_more_kept() {
    for (limit, warns) in [(Some(500_000_000), true), (Some(1_000_000_000), false), (None, false)] {
        let storage = Some(storage(Lasting::Evictable));
        let root =
            shown::<StoragePanel>(stored(StorageSheet { storage, limit, ..StorageSheet::default() })).await;
        assert_eq!(says(&root).contains("Nothing is deleted, but nothing more is kept"), warns, "{limit:?}");
    }
}

#[wasm_bindgen_test]
async fn the_browser_can_be_asked_to_keep_songs_only_where_it_might_clear_them() {
    for (lasting, asked, words, can_ask) in [
        (Lasting::Persistent, Asked::No, "keeps these songs until you clear", false),
        (Lasting::Evictable, Asked::No, "may clear these songs", true),
        (Lasting::Evictable, Asked::Waiting, "Asking the browser", true),
        (Lasting::Evictable, Asked::Refused, "did not agree", true),
        (Lasting::Memory, Asked::No, "gone when you close it", false),
    ] {
        let sheet = StorageSheet { storage: Some(storage(lasting)), asked, ..StorageSheet::default() };
        let root = shown::<StoragePanel>(stored(sheet)).await;
        assert!(says(&root).contains(words), "{words}: {}", says(&root));
        assert_eq!(says(&root).contains("Ask the browser to keep them"), can_ask, "{words}");
    }
}

#[wasm_bindgen_test]
async fn what_would_be_lost_is_counted_before_the_eyes_and_said_in_the_end() {
    let counted = |songs, counted, only_here| Some(Ok(Losses { songs, counted, only_here }));
    for (losses, words, is_counting) in [
        (None, "Asking others which", false),
        (counted(120, 50, 0), "50 of 120 songs looked for elsewhere; so far none is only here.", true),
        (counted(0, 0, 0), "nothing would be lost", false),
        (counted(120, 120, 0), "others have copies of all 120 songs", false),
        (counted(120, 120, 3), "3 of 120 songs would be lost", false),
        (counted(1, 1, 1), "The song would be lost", false),
        (Some(Err(kadenza_api::Error::unavailable("x"))), "could not be counted", false),
    ] {
        let storage = Some(storage(Lasting::Evictable));
        let root =
            shown::<StoragePanel>(stored(StorageSheet { storage, losses, ..StorageSheet::default() })).await;
        assert!(says(&root).contains(words), "{words}: {}", says(&root));
        let progress = root.query_selector("progress[aria-label]").unwrap();
        assert_eq!(progress.is_some(), is_counting, "{words}");
    }
}
