//! Puts the layers together, for a tab and for a relay: the only crate that sees them all.
//!
//! Leaving a layer out is leaving out one line here: every layer holds the next one and speaks the same
//! [`kadenza_api::Music`].

#[cfg(any(feature = "relay", feature = "tab"))]
mod address;
#[cfg(feature = "tab")]
pub mod blob;
#[cfg(feature = "tab")]
pub mod bridge;
#[cfg(feature = "relay")]
pub mod relay;
#[cfg(feature = "tab")]
pub mod tab;
#[cfg(feature = "tab")]
pub use kadenza_room as room;
