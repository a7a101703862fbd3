//! What only one holder in a browser may have at a time, by a Web Lock (W3C Web Locks API): it is given back with the
//! [`Lock`], and the browser releases it when the tab goes, however it goes.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::time::Duration;

use futures::channel::oneshot;
use js_sys::{Function, Object, Promise, Reflect};
use kadenza_platform::sleep;
use wasm_bindgen::prelude::*;

/// A reloaded tab, or a peer that is started again, waits this long for its former self to let go.
const RELOAD_TRIES: u32 = 40;
const RELOAD_PAUSE: Duration = Duration::from_millis(50);

thread_local! {
    /// What this page itself holds: none of it will be free soon, so nobody waits for it.
    static HELD: RefCell<BTreeSet<String>> = const { RefCell::new(BTreeSet::new()) };
}

#[wasm_bindgen]
extern "C" {
    /// `navigator.locks`, which only secure contexts have.
    type LockManager;

    #[wasm_bindgen(method, catch)]
    fn request(this: &LockManager, name: &str, options: &Object, held: &Function)
    -> Result<Promise, JsValue>;
}

/// A lock that is held until this is dropped.
#[derive(Debug)]
pub struct Lock {
    name: String,
    release: Function,
}

impl Lock {
    /// Holds a lock that this tab held before it was reloaded: `None` where the browser has no locks, `Some(None)` where it
    /// stays taken.
    pub async fn regain(name: &str) -> Option<Option<Self>> {
        for _ in 0..RELOAD_TRIES {
            if HELD.with_borrow(|held| held.contains(name)) {
                break;
            }
            if let Some(lock) = Self::hold(name).await? {
                return Some(Some(lock));
            }
            sleep(RELOAD_PAUSE).await;
        }
        Some(None)
    }

    /// Tries to hold a lock: `None` where the browser has no locks, `Some(None)` where it is taken.
    pub async fn hold(name: &str) -> Option<Option<Self>> {
        let navigator = web_sys::window()?.navigator();
        let locks = Reflect::get(&navigator, &"locks".into()).ok().filter(|locks| !locks.is_undefined())?;
        let options = Object::new();
        Reflect::set(&options, &"ifAvailable".into(), &true.into()).ok()?;
        let (answer, answered) = oneshot::channel();
        let answer = RefCell::new(Some(answer));
        let own_name = name.to_owned();
        let granted = Closure::once_into_js(move |lock: JsValue| {
            let mut release = None;
            // The lock is held until this settles.
            let held = Promise::new(&mut |resolve, _| release = Some(resolve));
            let release = release.filter(|_| !lock.is_null());
            let promise = if release.is_some() { held } else { Promise::resolve(&lock) };
            if let Some(answer) = answer.take() {
                // An asker that has gone drops the lock, and so gives it back.
                let _ = answer.send(release.map(|release| Self::new(own_name, release)));
            }
            promise
        });
        let locks = locks.unchecked_into::<LockManager>();
        // What this promises is the end of the lock.
        let _until_released = locks.request(name, &options, granted.unchecked_ref()).ok()?;
        answered.await.ok()
    }

    fn new(name: String, release: Function) -> Self {
        HELD.with_borrow_mut(|held| held.insert(name.clone()));
        Self { name, release }
    }

    /// What it is called.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        HELD.with_borrow_mut(|held| held.remove(&self.name));
        // Settling a promise does not fail.
        drop(self.release.call0(&JsValue::UNDEFINED));
    }
}
