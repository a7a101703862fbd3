//! A list that is longer than the screen, in a real browser's page: it is scrolled as if all of it were there.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::rc::Rc;
use std::time::Duration;

use kadenza_api::{ContentId, Recording, Song};
use kadenza_app::components::{Songs, SongsProps};
use kadenza_app::state::{Listing, Phase, View};
use kadenza_node::tab::Connection;
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::{Element, HtmlElement};

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

const SONGS: usize = 2_000;

/// What the page's own style sees to: items are as high as each other, and what takes the place of a gap as high as that.
const STYLE: &str = "ul { overflow-anchor: none } li:not([data-rows]) { block-size: 64px; overflow: clip }";

/// Between looks at the page, and how many: a browser takes two frames to tell of scrolling and to draw.
const FRAME: Duration = Duration::from_millis(20);
const FRAMES_MAX: usize = 250;

fn song(number: usize) -> Rc<Song> {
    let recording = Recording {
        time: 0,
        content: ContentId([1; 32]),
        bytes: 1,
        media_type: "audio/wav".into(),
        duration_ms: 65_000,
        bitrate: 128,
        title: format!("Song {number}"),
        artist: "Ada".into(),
        album: format!("Album {number}"),
        track: None,
        year: None,
        cover: None,
        uploader: String::new(),
        signature: String::new(),
    };
    Rc::new(Song::new(vec![recording]).unwrap())
}

/// A page with nothing but the songs, looked at in this way.
struct Page(Element);

impl Page {
    async fn of(view: View) -> Self {
        let document = web_sys::window().unwrap().document().unwrap();
        let style = document.create_element("style").unwrap();
        style.set_text_content(Some(STYLE));
        document.body().unwrap().append_child(&style).unwrap();
        let root = document.create_element("div").unwrap();
        document.body().unwrap().append_child(&root).unwrap();
        let listing = Listing {
            songs: (0..SONGS).map(song).collect(),
            total: SONGS,
            phase: Phase::Complete,
            ..Listing::default()
        };
        let props = SongsProps {
            listing: Rc::new(listing),
            connection: Connection::Offline,
            current: None,
            playing: false,
            formats: Rc::default(),
            in_room: None,
            view,
            group: None,
        };
        yew::Renderer::<Songs>::with_root_and_props(root.clone(), props).render();
        let page = Self(root);
        while page.items() == 0 {
            kadenza_platform::sleep(FRAME).await;
        }
        page.scroll_to(0).await;
        page
    }

    /// Waits until this place of the list is where it belongs, in the window.
    async fn shows(&self, place: usize) {
        for _ in 0..FRAMES_MAX {
            kadenza_platform::sleep(FRAME).await;
            let rect = self.item(place).map(|item| item.get_bounding_client_rect());
            let is_seen = rect.is_some_and(|rect| rect.bottom() > 0.0 && rect.top() < window_height());
            if is_seen && self.is_as_high_as_all() {
                return;
            }
        }
        panic!("place {place} is not in the window of a list that is {} items high", self.height());
    }

    fn find(&self, selector: &str) -> Option<HtmlElement> {
        Some(self.0.query_selector(selector).unwrap()?.unchecked_into())
    }

    /// The item that stands at this place of all.
    fn item(&self, place: usize) -> Option<HtmlElement> {
        self.find(&format!("[aria-posinset='{}']", place + 1))
    }

    fn items(&self) -> u32 {
        self.0.query_selector_all("[aria-posinset]").unwrap().length()
    }

    /// How high the list is, in items.
    fn height(&self) -> f64 {
        let height = |selector| self.find(selector).unwrap().get_bounding_client_rect().height();
        height("ul") / height("[aria-posinset]")
    }

    fn is_as_high_as_all(&self) -> bool {
        (self.height() / f64::from(u32::try_from(SONGS).unwrap()) - 1.0).abs() < 0.001
    }

    /// Scrolls so that this place of the list is at the top.
    async fn scroll_to(&self, place: usize) {
        let window = web_sys::window().unwrap();
        let list = self.find("ul").unwrap().get_bounding_client_rect();
        let share = f64::from(u32::try_from(place).unwrap()) / f64::from(u32::try_from(SONGS).unwrap());
        let y = window.scroll_y().unwrap() + list.top() + list.height() * share;
        window.scroll_to_with_x_and_y(0.0, y);
        self.shows(place).await;
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        self.0.remove();
    }
}

fn window_height() -> f64 {
    web_sys::window().unwrap().inner_height().unwrap().as_f64().unwrap()
}

#[wasm_bindgen_test]
async fn a_list_is_as_high_as_all_its_songs_and_shows_those_it_is_scrolled_to() {
    let page = Page::of(View::Songs).await;
    for place in [1_000, 1_990, 3, 700] {
        page.scroll_to(place).await;
        let item = page.item(place).unwrap().get_bounding_client_rect();
        assert!(item.top().abs() < 2.0 || place == 1_990, "song {place} is at {}", item.top());
        assert!(page.items() < 100, "{} songs are in the document", page.items());
    }
}

#[wasm_bindgen_test]
async fn the_song_that_has_the_focus_keeps_it_and_its_place_however_far_the_list_is_scrolled() {
    let page = Page::of(View::Songs).await;
    let button = page.item(5).unwrap().query_selector("button").unwrap().unwrap();
    let button: HtmlElement = button.unchecked_into();
    button.focus().unwrap();
    page.scroll_to(1_500).await;
    let focused = web_sys::window().unwrap().document().unwrap().active_element();
    assert_eq!(focused.as_ref(), Some(button.as_ref()));
    assert!(page.item(4).is_some() && page.item(6).is_some(), "the focus may go on");
    let top = |place| page.item(place).unwrap().get_bounding_client_rect().top();
    assert!(((top(1_500) - top(5)) / (top(6) - top(5)) - 1_495.0).abs() < 0.1);
}

#[wasm_bindgen_test]
async fn albums_are_windowed_as_songs_are() {
    let page = Page::of(View::Albums).await;
    assert!(page.items() < 100, "{} albums are in the document", page.items());
    page.scroll_to(1_000).await;
    assert!(page.items() < 100, "{} albums are in the document", page.items());
}
