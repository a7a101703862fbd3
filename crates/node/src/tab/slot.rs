//! Which identity a tab has: two tabs never share one at the same time, a reloaded tab keeps its own.
//!
//! A browser has numbered slots, each a database with a key and songs. A tab holds its slot by a
//! lock, which the browser releases when the tab goes, however it goes.

use super::lock;

/// Slots a browser can have: tabs open at once that keep what they store.
const SLOTS_MAX: u32 = 64;

/// Where a tab remembers its slot across a reload.
const REMEMBERED_AS: &str = "kadenza-slot";

/// Takes a slot for this tab and returns the name of its database, or `None` where the browser has no locks or
/// every slot is taken.
pub(super) async fn claim() -> Option<String> {
    let session = web_sys::window()?.session_storage().ok().flatten();
    let former = session.as_ref().and_then(|session| session.get_item(REMEMBERED_AS).ok().flatten());
    if let Some(former) = former.filter(|slot| slot.parse().is_ok_and(|slot: u32| slot < SLOTS_MAX))
        && lock::regain(&name_of(&former)).await?
    {
        return Some(name_of(&former));
    }
    for slot in 0..SLOTS_MAX {
        let slot = slot.to_string();
        if lock::hold(&name_of(&slot)).await? {
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
