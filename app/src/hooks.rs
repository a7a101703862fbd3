//! What acts on a changed state: starting the peer, asking it, giving it files.

mod drop;
mod network;
mod peer;
mod search;
mod title;
mod uploads;

pub use drop::use_drop;
pub use network::use_network;
pub use peer::use_peer;
pub use search::use_search;
pub use title::use_document_title;
pub use uploads::use_uploads;
