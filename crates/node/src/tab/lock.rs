//! What only one tab of a browser may have at a time, by a Web Lock (W3C Web Locks API): the browser releases it when the
//! tab goes, however it goes.

use std::cell::RefCell;
use std::time::Duration;

use futures::channel::oneshot;
use js_sys::{Function, Object, Promise, Reflect};
use kadenza_platform::sleep;
use wasm_bindgen::prelude::*;

/// A reloaded tab waits this long for its former self to let go.
const RELOAD_TRIES: u32 = 40;
const RELOAD_PAUSE: Duration = Duration::from_millis(50);

#[wasm_bindgen]
extern "C" {
    /// `navigator.locks`, which only secure contexts have.
    type LockManager;

    #[wasm_bindgen(method, catch)]
    fn request(this: &LockManager, name: &str, options: &Object, held: &Function)
    -> Result<Promise, JsValue>;
}

/// Holds a lock that this tab held before it was reloaded. `None` where the browser has no locks.
pub async fn regain(name: &str) -> Option<bool> {
    for _ in 0..RELOAD_TRIES {
        if hold(name).await? {
            return Some(true);
        }
        sleep(RELOAD_PAUSE).await;
    }
    Some(false)
}

/// Tries to hold a lock until the tab goes; it fails where a tab holds it. `None` where the browser has no locks.
pub async fn hold(name: &str) -> Option<bool> {
    let navigator = web_sys::window()?.navigator();
    let locks = Reflect::get(&navigator, &"locks".into()).ok().filter(|locks| !locks.is_undefined())?;
    let options = Object::new();
    Reflect::set(&options, &"ifAvailable".into(), &true.into()).ok()?;
    let (answer, held) = oneshot::channel();
    let answer = RefCell::new(Some(answer));
    let granted = Closure::once_into_js(move |lock: JsValue| {
        if let Some(answer) = answer.take() {
            // The asker waits for nothing else.
            let _ = answer.send(!lock.is_null());
        }
        // The lock is held until this settles: never, when it was granted.
        if lock.is_null() { Promise::resolve(&lock) } else { Promise::new(&mut |_, _| {}) }
    });
    let locks = locks.unchecked_into::<LockManager>();
    // What this promises is the end of the lock, which is the end of the tab.
    let _until_released = locks.request(name, &options, granted.unchecked_ref()).ok()?;
    held.await.ok()
}
