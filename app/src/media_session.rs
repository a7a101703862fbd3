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
}

fn session() -> Option<Session> {
    let navigator = web_sys::window()?.navigator();
    let session = js_sys::Reflect::get(&navigator, &"mediaSession".into()).ok()?;
    (!session.is_undefined()).then(|| session.unchecked_into())
}

/// Shows `song`, whose cover is asked for by the id it is `called` by in addresses.
pub(crate) fn show(song: &Song, called: SongId) {
    let Some(session) = session() else { return };
    let object = |entries: &[(&str, JsValue)]| {
        let object = js_sys::Object::new();
        for (key, value) in entries {
            // Setting a key of a new plain object always succeeds.
            drop(js_sys::Reflect::set(&object, &(*key).into(), value));
        }
        object
    };
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
    for (key, action) in keys {
        let actions = actions.clone();
        let handler = Closure::<dyn Fn()>::new(move || actions.emit(action.clone())).into_js_value();
        // A key this browser does not know is left to the browser.
        drop(session.set_action_handler(key, handler.unchecked_ref()));
    }
}
