//! Interface: the page people see. It knows the peer of its tab as something that speaks [`kadenza_api::Music`],
//! and nothing below that.
//!
//! One way round: a component dispatches an [`actions::Action`], the reducer in [`state`] works out the new state,
//! components show it, and hooks (`hooks/`) and the audio element ([`audio`]) act on what has changed.

pub mod actions;
pub mod audio;
pub mod components;
pub mod demo;
pub mod files;
pub mod hooks;
pub mod link;
mod media_session;
mod outbox;
pub mod pages;
mod setup;
pub mod state;
pub mod wording;
pub mod words;

pub use pages::App;

#[cfg(test)]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);
