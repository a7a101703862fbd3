//! The song on the lock screen and under the keyboard's media keys, where the browser has a Media Session.

use kadenza_api::{Song, SongId, http::cover_path};
use wasm_bindgen::prelude::*;
use yew::Callback;

use crate::actions::Action;

// web-sys has these behind a compiler flag only, so the few that are needed are named here.
#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = MediaMetadata)]
    type Metadata;
    #[wasm_bindgen(constructor, js_class = "MediaMetadata")]
    fn new(init: &js_sys::Object) -> Metadata;

    type Session;
    #[wasm_bindgen(method, setter, js_name = metadata)]
    fn set_metadata(this: &Session, metadata: &Metadata);
    #[wasm_bindgen(method, catch, js_name = setActionHandler)]
    fn set_action_handler(this: &Session, action: &str, handler: &js_sys::Function) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch, js_name = setPositionState)]
    fn set_position_state(this: &Session, state: &js_sys::Object) -> Result<(), JsValue>;
}

fn session() -> Option<Session> {
    let navigator = web_sys::window()?.navigator();
    let session = js_sys::Reflect::get(&navigator, &"mediaSession".into()).ok()?;
    (!session.is_undefined()).then(|| session.unchecked_into())
}

/// Shows `song`, whose cover is asked for by the id it is `called` by in addresses.
pub(crate) fn show(song: &Song, called: SongId) {
    let Some(session) = session() else { return };
    let cover = song
        .cover()
        .map(|cover| object(&[("src", cover_path(called).into()), ("type", (&*cover.media_type).into())]));
    session.set_metadata(&Metadata::new(&object(&[
        ("title", song.title().into()),
        ("artist", song.artist().into()),
        ("album", song.album().into()),
        ("artwork", cover.iter().collect::<js_sys::Array>().into()),
    ])));
}

/// Lets media keys act. They stay for as long as the page does.
pub(crate) fn listen(actions: &Callback<Action>) {
    let Some(session) = session() else { return };
    let keys = [
        ("play", Action::Toggled),
        ("pause", Action::Toggled),
        ("nexttrack", Action::Next),
        ("previoustrack", Action::Previous),
    ];
    let listen = |key: &str, handler: JsValue| {
        // A key this browser does not know is left to the browser.
        drop(session.set_action_handler(key, handler.unchecked_ref()));
    };
    for (key, action) in keys {
        let actions = actions.clone();
        listen(key, Closure::<dyn Fn()>::new(move || actions.emit(action.clone())).into_js_value());
    }
    let actions = actions.clone();
    let seek = Closure::<dyn Fn(JsValue)>::new(move |details: JsValue| {
        let second =
            js_sys::Reflect::get(&details, &"seekTime".into()).ok().and_then(|second| second.as_f64());
        second.into_iter().for_each(|second| actions.emit(Action::Sought(second)));
    });
    listen("seekto", seek.into_js_value());
}

/// Tells where the song is and how long it is, in seconds, for the lock screen's own bar.
pub(crate) fn set_position(position: f64, length: f64) {
    let Some(session) = session().filter(|_| length.is_finite() && length > 0.0) else { return };
    let state = object(&[("duration", length.into()), ("position", position.clamp(0.0, length).into())]);
    // A browser without such a bar needs none.
    drop(session.set_position_state(&state));
}

fn object(entries: &[(&str, JsValue)]) -> js_sys::Object {
    let object = js_sys::Object::new();
    for (key, value) in entries {
        // Setting a key of a new plain object always succeeds.
        drop(js_sys::Reflect::set(&object, &(*key).into(), value));
    }
    object
}
