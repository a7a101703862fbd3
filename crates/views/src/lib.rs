//! HTTP in, HTTP out: routes, status codes and ranges over any [`Music`]. It has no listener of its own; a relay
//! puts a socket in front of it, a tab calls it.
//!
//! It believes nothing that comes in: paths, headers and bodies are bounded and checked here. What songs and
//! audio are is the business of the layer below.

mod answer;
mod conditions;
#[cfg(feature = "forms")]
mod form;
mod incoming;
mod query;
mod range;
mod route;
mod stored;
mod views;

pub use views::{Config, Views};
