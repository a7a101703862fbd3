//! Puts the layers together, for a tab and for a relay: the only crate that sees them all.

#[cfg(feature = "tab")]
pub mod tab;
