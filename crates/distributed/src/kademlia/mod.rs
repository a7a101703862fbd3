//! The one narrow interface to Kademlia: look up the closest peers to a key, announce and find providers.
//!
//! Everything else here uses this and nothing of `libp2p-kad`, whose lookups will be tuned for peers that
//! live for minutes. Its record store is not used at all: records are merged, validated and bounded by
//! Services.

pub(crate) mod libp2p;

use ::libp2p::PeerId;
use futures::Future;
use kadenza_platform::{BoxStream, MaybeSend};

use crate::placement::Key;

/// A Kademlia network this node is part of.
pub(crate) trait Kademlia {
    /// Up to `count` peers closest to `key`, at most [`crate::placement::RECORD_REPLICAS`], this node left out, the closest
    /// first. Each costs a question at least.
    fn closest(&self, key: Key, count: usize) -> impl Future<Output = Vec<PeerId>> + MaybeSend;

    /// Has the peers closest to `key` told that this node provides it, soon and again from time to time.
    fn announce(&self, key: Key) -> impl Future<Output = ()> + MaybeSend;

    /// Peers of which this node itself remembers that they provide `key`.
    fn provided(&self, key: Key) -> impl Future<Output = Vec<PeerId>> + MaybeSend;

    /// Peers that say they provide `key`, as they are found. Ends with the lookup.
    fn providers(&self, key: Key) -> BoxStream<PeerId>;
}
