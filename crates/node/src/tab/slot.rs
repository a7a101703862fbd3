//! Which identity a peer has: two never share one at the same time, that of a reloaded tab keeps its own.
//!
//! A browser has numbered slots of each name, each a database with a key and songs. A peer holds its slot by a Web Lock
//! (W3C Web Locks API), which is given back with the [`Slot`], and which the browser releases when the tab goes,
//! however it goes.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::time::Duration;

use futures::channel::oneshot;
use js_sys::{Function, Object, Promise, Reflect};
use kadenza_platform::sleep;
use wasm_bindgen::prelude::*;

/// Slots a browser can have of a name: tabs open at once that keep what they store.
const SLOTS_MAX: u32 = 64;

/// A reloaded tab, or a peer that is started again, waits this long for its former self to let go of its slot.
const RELOAD_TRIES: u32 = 40;
const RELOAD_PAUSE: Duration = Duration::from_millis(50);

thread_local! {
    /// The databases of this page's own peers: none of them will be free soon, so nobody waits for them.
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

/// A slot that is held until this is dropped.
#[derive(Debug)]
pub(super) struct Slot {
    database: String,
    release: Function,
}

impl Slot {
    /// Takes a slot of this name, or returns `None` where the browser has no locks or every slot is taken.
    pub(super) async fn claim(name: &str) -> Option<Self> {
        let session = web_sys::window()?.session_storage().ok().flatten();
        // Where a tab remembers its slot across a reload.
        let remembered_as = format!("{name}-slot");
        let former = session.as_ref().and_then(|session| session.get_item(&remembered_as).ok().flatten());
        if let Some(former) = former.filter(|slot| slot.parse().is_ok_and(|slot: u32| slot < SLOTS_MAX)) {
            let database = format!("{name}-{former}");
            for _ in 0..RELOAD_TRIES {
                if HELD.with_borrow(|held| held.contains(&database)) {
                    break;
                }
                if let Some(slot) = Self::hold(&database).await? {
                    return Some(slot);
                }
                sleep(RELOAD_PAUSE).await;
            }
        }
        for number in 0..SLOTS_MAX {
            if let Some(slot) = Self::hold(&format!("{name}-{number}")).await? {
                if let Some(session) = session {
                    // Where it cannot be remembered, a reload takes the first free slot: most often the same.
                    let _ = session.set_item(&remembered_as, &number.to_string());
                }
                return Some(slot);
            }
        }
        None
    }

    /// The name of its database.
    pub(super) fn database(&self) -> &str {
        &self.database
    }

    /// Tries to hold the slot with this database: `None` where there are no locks, `Some(None)` where it is taken.
    async fn hold(database: &str) -> Option<Option<Self>> {
        let navigator = web_sys::window()?.navigator();
        let locks = Reflect::get(&navigator, &"locks".into()).ok().filter(|locks| !locks.is_undefined())?;
        let options = Object::new();
        Reflect::set(&options, &"ifAvailable".into(), &true.into()).ok()?;
        let (answer, answered) = oneshot::channel();
        let answer = RefCell::new(Some(answer));
        let name = database.to_owned();
        let granted = Closure::once_into_js(move |lock: JsValue| {
            let mut release = None;
            // The lock is held until this settles.
            let held = Promise::new(&mut |resolve, _| release = Some(resolve));
            let release = release.filter(|_| !lock.is_null());
            let promise = if release.is_some() { held } else { Promise::resolve(&lock) };
            if let Some(answer) = answer.take() {
                // An asker that has gone drops the slot, and so gives it back.
                let _ = answer.send(release.map(|release| Self::new(name, release)));
            }
            promise
        });
        let locks = locks.unchecked_into::<LockManager>();
        // What this promises is the end of the lock.
        let _until_released = locks.request(database, &options, granted.unchecked_ref()).ok()?;
        answered.await.ok()
    }

    fn new(database: String, release: Function) -> Self {
        HELD.with_borrow_mut(|held| held.insert(database.clone()));
        Self { database, release }
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        HELD.with_borrow_mut(|held| held.remove(&self.database));
        // Settling a promise does not fail.
        drop(self.release.call0(&JsValue::UNDEFINED));
    }
}
