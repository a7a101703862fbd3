//! Kadenza's peer for JavaScript: newtypes over what `kadenza-node` puts together, without logic. What pages call is made
//! of them in `ts/`.
//!
//! Every call that takes time takes an `AbortSignal`, and drops its work when that aborts. What is refused is thrown as a
//! plain object: the error as the HTTP API has it.

mod call;
mod data;
mod news;
mod peer;
mod room;
mod verbs;

pub use peer::{Peer, new_room_link};
pub use room::Room;
use wasm_bindgen::prelude::wasm_bindgen;

/// Runs once, when the module was loaded.
#[wasm_bindgen(start)]
fn loaded() {
    console_error_panic_hook::set_once();
}
