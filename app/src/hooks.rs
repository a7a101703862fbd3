//! What acts on a changed state: starting the peer, asking it, giving it files.

mod drop;
mod keys;
mod language;
mod latest;
mod link;
mod memory;
mod network;
mod peer;
mod prefetch;
mod room;
mod safety;
mod search;
mod sharing;
mod storage;
mod title;
mod uploads;
mod view;

pub use drop::use_drop;
pub use keys::use_keys;
pub use language::use_language;
pub use latest::use_latest;
pub use link::use_link;
pub use memory::use_memory;
pub use network::use_network;
pub use peer::use_peer;
pub use prefetch::{use_prefetch, use_whole_song};
pub use room::use_room;
pub use safety::use_safety;
pub use search::use_search;
pub use sharing::use_sharing;
pub use storage::use_storage;
pub use title::use_document_title;
pub use uploads::use_uploads;
pub use view::{use_pointing, use_rows_in_view};
