//! The uploads' components in a real browser: what a person gets to see of each state.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::rc::Rc;
use std::time::Duration;

use kadenza_api::{Error, Source, Tags};
use kadenza_app::actions::Action;
use kadenza_app::components::{
    CheckNames, CheckNamesProps, DropOverlay, DropOverlayProps, UploadPanel, UploadPanelProps,
};
use kadenza_app::files::{Picked, PickedFile};
use kadenza_app::state::{Kept, Link, RoomLink, State, Uploads};
use kadenza_node::room::{Link as RoomsLink, Secret};
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::{Blob, Element, HtmlInputElement};
use yew::Reducible;
use yew::html::BaseComponent;

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

async fn shown<C: BaseComponent>(props: C::Properties) -> Element {
    let root = web_sys::window().unwrap().document().unwrap().create_element("div").unwrap();
    yew::Renderer::<C>::with_root_and_props(root.clone(), props).render();
    // Rendering takes its turn in the browser's queue of tasks; so does this.
    for _ in 0..5 {
        kadenza_platform::sleep(Duration::ZERO).await;
    }
    root
}

fn find(root: &Element, selector: &str) -> Element {
    root.query_selector(selector).unwrap().unwrap_or_else(|| panic!("no {selector} in {}", root.inner_html()))
}

fn count(root: &Element, selector: &str) -> u32 {
    root.query_selector_all(selector).unwrap().length()
}

fn says(root: &Element) -> String {
    root.text_content().unwrap()
}

fn picked(files: u32) -> Action {
    let file = |number| PickedFile {
        name: format!("{number}.mp3"),
        source: Source::from(bytes::Bytes::from_static(b"0123456789")),
        blob: Blob::new().ok(),
    };
    Action::FilesPicked(Picked { files: (1..=files).map(file).collect(), ..Picked::default() })
}

fn after(actions: impl IntoIterator<Item = Action>) -> Rc<Uploads> {
    actions.into_iter().fold(Rc::new(State::default()), Reducible::reduce).uploads.clone()
}

async fn panel(actions: impl IntoIterator<Item = Action>) -> Element {
    shown::<UploadPanel>(UploadPanelProps { uploads: after(actions) }).await
}

fn failed(id: u32, error: Error) -> Action {
    Action::UploadEnded { id, result: Err(error) }
}

#[wasm_bindgen_test]
async fn files_on_their_way_say_how_far_they_are_and_can_be_edited_or_cancelled() {
    let read = Action::UploadRead { id: 1, bytes: 4 };
    let root = panel([picked(3), Action::UploadStarted(1), read]).await;
    assert_eq!(says(&find(&root, "h2")), "Uploading: 0 of 3 done");
    assert!(says(&root).contains("4 bytes of 10 bytes"));
    assert_eq!(count(&root, "button[aria-label^='Cancel']"), 3);
    assert_eq!(count(&root, "button[aria-label^='Edit the names of']"), 2, "what runs has its names already");
    assert!(says(&find(&root, ".upload-deeds")).contains("Cancel all"));
    let copied = Action::UploadRead { id: 1, bytes: 10 };
    let root = panel([picked(1), Action::UploadStarted(1), copied]).await;
    assert!(says(&root).contains("Making copies…"));
    assert_eq!(count(&root, "button[aria-label^='Cancel']"), 0, "it is in");
}

#[wasm_bindgen_test]
async fn a_dropped_folder_is_looked_through_until_it_is_done_or_nobody_wants_it() {
    let root = panel([Action::FolderDropped]).await;
    assert_eq!(says(&find(&root, "h2")), "Looking for music in the folder…");
    assert_eq!(says(&find(&root, ".looking-through button")), "Cancel");
    assert!(after([Action::FolderDropped, Action::LookingStopped]).is_empty());
    assert_eq!(after([Action::FolderDropped, Action::UploadsCancelled]).looking, 0);
    assert_eq!(after([Action::FolderDropped, picked(1)]).looking, 1, "these were picked one by one");
    let nothing = || Action::FilesPicked(Picked { from_folders: true, ..Picked::default() });
    assert_eq!(after([Action::FolderDropped, Action::FolderDropped, nothing()]).looking, 1);
    let said = async |actions: Vec<Action>| says(&panel(actions).await);
    assert!(said(vec![Action::FolderDropped, nothing()]).await.contains("No music in that folder"));
    assert!(
        said(vec![picked(1), Action::FolderDropped, nothing()]).await.contains("No music in that folder")
    );
    assert!(after([Action::FolderDropped, nothing(), Action::UploadsDismissed]).is_empty());
}

#[wasm_bindgen_test]
async fn many_files_come_to_one_summary_with_a_reason_for_each_bad_one() {
    let bad = [
        failed(1, Error::invalid("not audio")),
        failed(2, Error::unavailable("nobody")),
        failed(3, Error::unavailable("nobody")),
    ];
    let rest = (4..=60).map(Action::UploadSkipped);
    let root = panel([picked(60)].into_iter().chain(bad).chain(rest)).await;
    let outcomes: Vec<String> = {
        let all = root.query_selector_all(".outcomes").unwrap();
        (0..all.length()).map(|n| all.get(n).unwrap().text_content().unwrap()).collect()
    };
    assert_eq!(outcomes, ["3 could not be added", "57 left out"]);
    assert_eq!(count(&root, ".upload"), 3);
    assert!(says(&find(&root, ".upload-deeds")).contains("Try 2 files again"));
}

#[wasm_bindgen_test]
async fn a_file_for_another_room_says_which_one_it_waits_for() {
    let link = RoomsLink::new("Kitchen", Secret::new([1; 32])).unwrap();
    let room = Action::LinkOpened(Link::Room(RoomLink::of(&link)));
    let root = panel([room, picked(1), Action::LinkOpened(Link::None)]).await;
    assert_eq!(says(&find(&root, "h2")), "1 file waits for its room");
    assert!(says(&root).contains("Kitchen"));
}

#[wasm_bindgen_test]
async fn where_nothing_is_kept_the_panel_says_to_leave_the_tab_open() {
    let refused = |id| Action::UploadKept { id, kept: Kept::No };
    let root = panel([picked(2), refused(1), refused(2)]).await;
    assert!(says(&root).contains("2 files would be lost by a reload"));
    let kept = Action::UploadKept { id: 1, kept: Kept::At("folder/name".into()) };
    assert!(!says(&panel([picked(1), kept]).await).contains("reload"));
}

#[wasm_bindgen_test]
async fn an_albums_names_are_shown_to_be_corrected_together_or_one_by_one() {
    let names = |title: &str| Ok(Tags { title: Some(title.into()), artist: Some("Ada".into()), album: None });
    let read = [(1, "One"), (2, "Two")].map(|(id, title)| Action::NamesRead { id, names: names(title) });
    let uploads = after([Action::ChecksSet(true), picked(2)].into_iter().chain(read));
    let root = shown::<CheckNames>(CheckNamesProps { open: true, items: uploads.checked() }).await;
    assert_eq!(says(&find(&root, "h2")), "Check the names of 2 files");
    assert!(says(&root).contains("nobody can change its names") && says(&root).contains("Add 2 songs"));
    let value = |input: Element| input.unchecked_into::<HtmlInputElement>().value();
    assert_eq!(value(find(&root, ".shared-names input")), "Ada", "what they have in common");
    let rows = root.query_selector_all(".name-row").unwrap();
    let titles: Vec<String> = (0..rows.length())
        .map(|n| value(find(&rows.get(n).unwrap().unchecked_into(), "input[type=text]")))
        .collect();
    assert_eq!(titles, ["One", "Two"]);
    let root = shown::<CheckNames>(CheckNamesProps { open: true, items: Vec::new() }).await;
    assert_eq!(says(&root), "");
}

#[wasm_bindgen_test]
async fn hovering_files_can_be_dropped_where_their_names_are_checked_first() {
    let root = shown::<DropOverlay>(DropOverlayProps { to_check: true }).await;
    assert!(says(&find(&root, ".drop-to-check.over")).contains("check the names first"));
    assert!(says(&find(&root, ".drop-to-upload")).contains("Drop to upload"));
}
