//! Which identity a tab has: two tabs never share one at the same time, a reloaded tab keeps its own.
//!
//! A browser has numbered slots, each a database with a key and songs. A tab holds its slot by a Web Lock
//! (W3C Web Locks API), which the browser releases when the tab goes, however it goes.

use std::cell::RefCell;
use std::time::Duration;

use futures::channel::oneshot;
use js_sys::{Function, Object, Promise, Reflect};
use kadenza_platform::sleep;
use wasm_bindgen::prelude::*;

/// Slots a browser can have: tabs open at once that keep what they store.
const SLOTS_MAX: u32 = 64;

/// A reloaded tab waits this long for its former self to let go of its slot.
const RELOAD_TRIES: u32 = 40;
const RELOAD_PAUSE: Duration = Duration::from_millis(50);

/// Where a tab remembers its slot across a reload.
const REMEMBERED_AS: &str = "kadenza-slot";

#[wasm_bindgen]
extern "C" {
    /// `navigator.locks`, which only secure contexts have.
    type LockManager;

    #[wasm_bindgen(method, catch)]
    fn request(this: &LockManager, name: &str, options: &Object, held: &Function)
    -> Result<Promise, JsValue>;
}

/// Takes a slot for this tab and returns the name of its database, or `None` where the browser has no locks or
/// every slot is taken.
pub(super) async fn claim() -> Option<String> {
    let session = web_sys::window()?.session_storage().ok().flatten();
    let former = session.as_ref().and_then(|session| session.get_item(REMEMBERED_AS).ok().flatten());
    if let Some(former) = former.filter(|slot| slot.parse().is_ok_and(|slot: u32| slot < SLOTS_MAX)) {
        for _ in 0..RELOAD_TRIES {
            if hold(&name_of(&former)).await? {
                return Some(name_of(&former));
            }
            sleep(RELOAD_PAUSE).await;
        }
    }
    for slot in 0..SLOTS_MAX {
        let slot = slot.to_string();
        if hold(&name_of(&slot)).await? {
            if let Some(session) = session {
                // Where it cannot be remembered, a reload takes the first free slot: most often the same.
                let _ = session.set_item(REMEMBERED_AS, &slot);
            }
            return Some(name_of(&slot));
        }
    }
    None
}

fn name_of(slot: &str) -> String {
    format!("kadenza-{slot}")
}

/// Tries to hold a lock until the tab goes. `None` where there are no locks.
async fn hold(name: &str) -> Option<bool> {
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
