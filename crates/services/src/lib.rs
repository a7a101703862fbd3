//! This node's own store and index. It never touches the network.
//!
//! [`Services`] is the lowest layer: it implements [`kadenza_api::Music`] for the layers above [`kadenza_api::Vault`] for
//! rooms, and [`kadenza_api::Replicas`] for what a node keeps on behalf of others. Where the bytes lie is a
//! [`store::Store`]'s business: memory, a disk, or a browser's IndexedDB.

mod adts;
mod budget;
mod compressed;
mod ebml;
mod filed;
mod held;
mod index;
mod ledger;
mod lru;
mod matroska;
mod names;
mod own;
mod partial;
mod partials;
mod proof;
mod record;
mod replicas;
mod services;
mod shelf;
mod sparse;
mod staged;
pub mod store;
mod tags;
mod task;
mod vault;
mod writer;

pub use record::identity;
pub use services::{Config, Services};
pub use tags::names_of;
