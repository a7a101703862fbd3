//! The one interface between Kadenza's layers, and the plain data that crosses it.
//!
//! A layer is a struct that holds the next one and implements the same trait, [`Music`]. Taking a layer out is
//! one line where the node is put together (`crates/node`). Narrower seams exist beside it: [`Http`] between
//! Middleware and Views; [`Vault`] and [`Meet`] between rooms and the network, for what is sealed and for who else
//! is there; and [`Replicas`] between Distributed and Services, for what a node stores on behalf of others.

pub mod bytes_text;
mod content;
mod error;
mod fold;
pub mod http;
mod meeting;
mod music;
mod network;
mod offering;
mod rank;
mod replicas;
mod sealed;
mod song;
#[cfg(feature = "testing")]
pub mod testing;
mod vault;

pub use bytes_text::NotBytes;
pub use content::{
    ByteStream, CONTENT_MAX_BYTES, ContentId, GROUP_BYTES, Groups, READ_LIMIT_BYTES, Source, collect,
    groups_of,
};
pub use error::{Error, Result};
pub use fold::{fold, search_words, words};
pub use http::{Body, Http};
pub use meeting::{Duplex, Guest, Meet, Place};
pub use music::{Copies, Found, Losses, Music, Outcome, Query, Scope, Tags, Upload, Uploaded};
pub use network::{Network, Reach, Stored, Visible};
pub use offering::Offering;
pub use rank::{BEGUN, field_words, rank, relevance};
pub use replicas::{Accepted, Replicas};
pub use sealed::{
    BlindedSong, ROOM_RECORDS_MAX, RecordError, RecordId, RoomId, SEALED_RECORD_BYTES, SealedContent,
    SealedRecord,
};
pub use song::{Picture, Recording, Song, SongId, TEXT_LIMIT_CHARS};
pub use vault::{Examined, Vault};
