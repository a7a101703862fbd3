//! Which identity a peer has: two never share one at the same time, that of a reloaded tab keeps its own.
//!
//! A browser has numbered slots of each name, each a database with a key and songs. A peer holds its slot by a lock, which
//! is given back with the [`Slot`].

use super::lock::Lock;

/// Slots a browser can have of a name: tabs open at once that keep what they store.
const SLOTS_MAX: u32 = 64;

/// A slot that is held until this is dropped.
#[derive(Debug)]
pub(super) struct Slot(Lock);

impl Slot {
    /// Takes a slot of this name, or returns `None` where the browser has no locks or every slot is taken.
    pub(super) async fn claim(name: &str) -> Option<Self> {
        let session = web_sys::window()?.session_storage().ok().flatten();
        // Where a tab remembers its slot across a reload.
        let remembered_as = format!("{name}-slot");
        let former = session.as_ref().and_then(|session| session.get_item(&remembered_as).ok().flatten());
        if let Some(former) = former.filter(|slot| slot.parse().is_ok_and(|slot: u32| slot < SLOTS_MAX))
            && let Some(lock) = Lock::regain(&format!("{name}-{former}")).await?
        {
            return Some(Self(lock));
        }
        for number in 0..SLOTS_MAX {
            if let Some(lock) = Lock::hold(&format!("{name}-{number}")).await? {
                if let Some(session) = session {
                    // Where it cannot be remembered, a reload takes the first free slot: most often the same.
                    let _ = session.set_item(&remembered_as, &number.to_string());
                }
                return Some(Self(lock));
            }
        }
        None
    }

    /// The name of its database.
    pub(super) fn database(&self) -> &str {
        self.0.name()
    }
}
