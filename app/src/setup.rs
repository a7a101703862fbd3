//! What the page knows of the browser before anything happens, and what it leaves there for its next visit.

use std::rc::Rc;

use js_sys::Reflect;
use kadenza_api::Song;
use kadenza_node::room::MemberName;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, EventTarget, Location};

use crate::audio;
use crate::state::{Language, Link, Place, Remembered, Settings, Setup, Sharing};
use crate::wording;
use crate::words::Words;

/// Where the upload limit is kept: bytes a second as a decimal number, or nothing where there is none.
const UPLOAD_LIMIT: &str = "kadenza.upload-limit";

/// Where the storage limit is kept, in bytes likewise.
const STORAGE_LIMIT: &str = "kadenza.storage-limit";

/// Where it is kept that no songs are kept for others: `no`, or nothing.
const KEEP: &str = "kadenza.keep";

/// What the player remembers, as JSON: how it is set, what played, and the songs.
const SETTINGS: &str = "kadenza.player";
const PLACE: &str = "kadenza.place";
const SONGS: &str = "kadenza.queue";

/// Where it is kept that single keys do nothing: `no`, or nothing.
const KEYS: &str = "kadenza.keys";

/// Where it is kept that names are looked at before files go: `yes`, or nothing.
const CHECKS: &str = "kadenza.check-names";

/// The language that was chosen, by its tag. `static/early.js` reads it.
const LANGUAGE: &str = "kadenza.language";

/// What a person is called in rooms.
const NAME: &str = "kadenza.name";

/// Reads it all.
pub(crate) fn read() -> Setup {
    Setup {
        formats: audio::formats(),
        sharing: Sharing { metered: is_metered(), limit: limit(UPLOAD_LIMIT), keeps: is_yes(KEEP) },
        storage_limit: limit(STORAGE_LIMIT),
        prefetches: location()
            .and_then(|location| location.search().ok())
            .is_none_or(|query| prefetches(&query)),
        link: link(),
        remembered: last_visit(),
        keys: is_yes(KEYS),
        checks: kept(CHECKS).is_some(),
        language: language(),
    }
}

/// The link in the address bar.
pub(crate) fn link() -> Link {
    location().and_then(|location| location.hash().ok()).map_or(Link::None, |hash| Link::of(&hash))
}

/// The address of this page, without what names a song in it.
pub(crate) fn page_address() -> Option<String> {
    let location = location()?;
    Some(format!("{}{}", location.pathname().ok()?, location.search().ok()?))
}

/// Remembers the upload limit.
pub(crate) fn keep_upload_limit(limit: Option<u64>) {
    keep_limit(UPLOAD_LIMIT, limit);
}

/// Remembers the storage limit.
pub(crate) fn keep_storage_limit(limit: Option<u64>) {
    keep_limit(STORAGE_LIMIT, limit);
}

/// Remembers whether songs are kept for others.
pub(crate) fn remember_keeping(keeps: bool) {
    set_yes(KEEP, keeps);
}

/// Remembers whether single keys do something.
pub(crate) fn remember_keys(on: bool) {
    set_yes(KEYS, on);
}

/// Remembers whether names are looked at before files go.
pub(crate) fn remember_checks(on: bool) {
    let Some(storage) = storage() else { return };
    // Where nothing can be kept, it holds until the tab is closed.
    let _ = if on { storage.set_item(CHECKS, "yes") } else { storage.remove_item(CHECKS) };
}

/// The language the page is in: from its start (`static/early.js`) that which was chosen, or the browser prefers.
pub(crate) fn language() -> Language {
    page().and_then(|page| Language::of(&page.get_attribute("lang")?)).unwrap_or_default()
}

/// Makes it another one, for whoever reads the page aloud or translates it, and for the next visit.
pub(crate) fn set_language(language: Language) {
    // No element refuses this attribute.
    drop(page().map(|page| page.set_attribute("lang", language.tag())));
    // Where nothing can be kept, it holds until the tab is closed.
    drop(storage().map(|storage| storage.set_item(LANGUAGE, language.tag())));
}

/// Remembers how the player is set.
pub(crate) fn remember_settings(settings: &Settings) {
    keep_json(SETTINGS, settings);
}

/// Remembers what plays, and where it is.
pub(crate) fn remember_place(place: &Place) {
    keep_json(PLACE, place);
}

/// Remembers which songs it has.
pub(crate) fn remember_songs(songs: &[Rc<Song>]) {
    keep_json(SONGS, &songs.iter().map(|song| &**song).collect::<Vec<_>>());
}

/// What the player remembers. What is damaged, or of an older page, is as if it were not there.
fn last_visit() -> Remembered {
    Remembered {
        settings: kept_json(SETTINGS),
        place: kept_json(PLACE),
        list: kept_json(SONGS).unwrap_or_default(),
    }
}

fn kept_json<T: serde::de::DeserializeOwned>(key: &str) -> Option<T> {
    serde_json::from_str(&kept(key)?).ok()
}

fn keep_json(key: &str, value: &impl serde::Serialize) {
    if let (Some(storage), Ok(json)) = (storage(), serde_json::to_string(value)) {
        // Where nothing can be kept, the next visit begins anew.
        drop(storage.set_item(key, &json));
    }
}

fn set_yes(key: &str, yes: bool) {
    let Some(storage) = storage() else { return };
    // As above.
    let _ = if yes { storage.remove_item(key) } else { storage.set_item(key, "no") };
}

fn is_yes(key: &str) -> bool {
    kept(key).is_none_or(|value| value != "no")
}

fn kept(key: &str) -> Option<String> {
    storage()?.get_item(key).ok().flatten()
}

/// What the person is called in rooms: what they chose, or one of a few names until then.
pub(crate) fn own_name() -> MemberName {
    let chosen = kept(NAME).and_then(|name| MemberName::new(&name).ok());
    chosen.unwrap_or_else(|| {
        let mut byte = [0];
        // Without random numbers it is the first of them.
        let _ = getrandom::fill(&mut byte);
        let name = wording::nameless(&Words::of(language()), byte[0].into());
        keep_own_name(&name);
        // Each of them is a name.
        MemberName::new(&name).unwrap_or_else(|error| wasm_bindgen::throw_str(&error.to_string()))
    })
}

/// Remembers what the person is called.
pub(crate) fn keep_own_name(name: &str) {
    // Where nothing can be kept, it holds until the tab is closed.
    drop(storage().map(|storage| storage.set_item(NAME, name)));
}

/// Where the page comes from.
pub(crate) fn origin() -> Option<String> {
    location()?.origin().ok()
}

/// Goes to another part of the page: what stands after `#` in its address, itself included.
pub(crate) fn go_to(hash: &str) {
    drop(location().map(|location| location.set_hash(hash)));
}

/// Whether the connection is paid for by the byte, as far as the browser says.
pub(crate) fn is_metered() -> bool {
    let Some(connection) = connection() else { return false };
    let field = |name: &str| Reflect::get(&connection, &name.into()).unwrap_or(JsValue::UNDEFINED);
    field("saveData").is_truthy() || field("type").as_string().is_some_and(|kind| kind == "cellular")
}

/// What tells of changes of the connection, where the browser has it.
pub(crate) fn connection() -> Option<EventTarget> {
    Reflect::get(&web_sys::window()?.navigator(), &"connection".into()).ok()?.dyn_into().ok()
}

fn page() -> Option<Element> {
    web_sys::window()?.document()?.document_element()
}

fn location() -> Option<Location> {
    Some(web_sys::window()?.location())
}

fn storage() -> Option<web_sys::Storage> {
    web_sys::window()?.local_storage().ok().flatten()
}

fn limit(key: &str) -> Option<u64> {
    kept(key)?.parse().ok().filter(|limit| *limit > 0)
}

fn keep_limit(key: &str, limit: Option<u64>) {
    let Some(storage) = storage() else { return };
    // Where nothing can be kept, the limit holds until the tab is closed.
    let _ = match limit {
        Some(limit) => storage.set_item(key, &limit.to_string()),
        None => storage.remove_item(key),
    };
}

/// `?prefetch=off` switches fetching ahead off: for measurements, and for who counts every byte.
fn prefetches(query: &str) -> bool {
    !query.trim_start_matches('?').split('&').any(|parameter| parameter == "prefetch=off")
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    #[wasm_bindgen_test]
    fn fetching_ahead_is_switched_off_by_name() {
        assert_eq!(
            ["", "?prefetch=off", "?a=b&prefetch=off", "?prefetch=on"].map(prefetches),
            [true, false, false, true]
        );
    }

    #[wasm_bindgen_test]
    fn what_was_remembered_and_is_damaged_is_as_if_it_were_not_there() {
        for damaged in ["", "{", "[{}]", r#"{"volume":"loud"}"#] {
            for key in [SETTINGS, PLACE, SONGS] {
                drop(storage().map(|storage| storage.set_item(key, damaged)));
            }
            assert_eq!(last_visit(), Remembered::default());
        }
        let settings = Settings::of(&crate::state::Player::default());
        remember_settings(&settings);
        assert_eq!(last_visit(), Remembered { settings: Some(settings), ..Remembered::default() });
        for key in [SETTINGS, PLACE, SONGS] {
            drop(storage().map(|storage| storage.remove_item(key)));
        }
    }

    #[wasm_bindgen_test]
    fn limits_are_here_at_the_next_visit() {
        for key in [UPLOAD_LIMIT, STORAGE_LIMIT] {
            keep_limit(key, Some(500_000));
            assert_eq!(limit(key), Some(500_000));
            keep_limit(key, None);
            assert_eq!(limit(key), None);
            drop(storage().map(|storage| storage.set_item(key, "fast")));
            assert_eq!(limit(key), None);
            keep_limit(key, None);
        }
    }
}
