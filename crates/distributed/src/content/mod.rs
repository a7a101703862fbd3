//! Content on its way between peers: verified groups, from many sources at once.
//!
//! - [`download`] decides which group to ask of whom, [`serving`] what to send next and how fast: both are state
//!   machines without I/O or clock, which tests and a simulated swarm drive.
//! - [`wire`] is what peers say to each other, [`link`] the asking end of a stream, [`server`] the answering one.
//! - [`fetch`] is the task that does what a download says and hands groups to readers.

pub(crate) mod download;
pub(crate) mod fetch;
pub(crate) mod groups;
pub(crate) mod holders;
pub(crate) mod link;
pub(crate) mod server;
pub(crate) mod serving;
pub(crate) mod wire;
