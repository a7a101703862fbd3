//! How a node stands in the network, for people to read.

use serde::{Deserialize, Serialize};

/// This node and the peers it is connected to. A node without a network layer has no peer id and no peers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Network {
    /// This node's peer id, in its text form.
    pub peer: Option<String>,
    /// Multiaddrs under which others reach it.
    pub addresses: Vec<String>,
    /// URLs of STUN servers (RFC 8489, RFC 7064: `stun:host:port`) that tell a browser its address on the internet.
    #[serde(default)]
    pub stun: Vec<String>,
    /// Where this node is in Kademlia's key space: the first 32 bits of its key, which is the SHA-256 of its peer id.
    #[serde(default)]
    pub position: u32,
    /// The most peers in one bucket of its routing table: Kademlia's k. A node without a network layer has no table.
    #[serde(default)]
    pub bucket_size: u32,
    /// Whether this node keeps what it stores when it stops (a relay does, a tab may not).
    pub durable: bool,
    /// The peers it is connected to now.
    pub peers: Vec<Visible>,
    /// What it stores.
    pub stored: Stored,
}

/// One connected peer, as this node sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visible {
    /// Its peer id.
    pub peer: String,
    /// The multiaddr it is reached at.
    pub address: String,
    /// How the bytes get there.
    pub reach: Reach,
    /// Whether it says that it keeps what it stores.
    pub durable: bool,
    /// Where it is in Kademlia's key space: the first 32 bits of its key, which is the SHA-256 of its peer id.
    #[serde(default)]
    pub position: u32,
    /// Whether it is in this node's routing table. Of more peers than there is room for in a bucket, some are not.
    #[serde(default)]
    pub in_table: bool,
    /// Last measured round trip in milliseconds.
    pub round_trip_ms: Option<u64>,
    /// Bytes that went to it since it was connected.
    #[serde(default)]
    pub sent_bytes: u64,
    /// Bytes that came from it since it was connected.
    #[serde(default)]
    pub received_bytes: u64,
}

/// How a peer is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reach {
    /// Straight to it.
    Direct,
    /// Through a relay's circuit.
    Relayed,
}

/// What a node stores.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stored {
    /// Songs whose record is here.
    pub songs: u64,
    /// Songs of which a recording is here whole.
    #[serde(default)]
    pub held_songs: u64,
    /// Bytes of audio and covers here.
    pub bytes: u64,
    /// How many of them are of what was uploaded or listened to at this node; the rest is kept for others.
    #[serde(default)]
    pub own_bytes: u64,
    /// The most bytes this node will store.
    pub quota_bytes: u64,
}
