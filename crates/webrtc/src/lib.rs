//! libp2p's `/webrtc` between two browsers, for rust-libp2p.
//!
//! Two peers that cannot listen meet at a circuit relay, exchange what WebRTC needs over the circuit, and are then
//! connected directly (libp2p specification `webrtc/webrtc.md`; multiplexing in `webrtc/README.md`). Nothing here knows
//! of Kadenza: wrap the upgraded transport of `libp2p-relay`'s client in [`Transport`], listen on
//! `<relay>/p2p-circuit/webrtc`, dial `<relay>/p2p-circuit/webrtc/p2p/<peer>`; `examples/peer.rs` is a whole peer.
//!
//! - `signaling` and `stream` are state machines without I/O: what is said before, and on a stream.
//! - `transport` and `circuit` run them over any circuit transport and any [`Backend`].
//! - `browser` is the backend of browsers; `NoWebRtc` that of native processes, which have none.
//!
//! Circuits carry signalling only and never become connections of the swarm, with one exception that both ends must
//! have asked for: where WebRTC fails, the circuit itself becomes the connection ([`Config::relayed`], [`Path`]).
//!
//! Between two peers that both announce it while signalling, three things go past the specification: frames may be
//! larger than 16 KiB, streams have flow control, and the `init` channel stays open to say goodbye, to notice a peer
//! that is gone, and to keep bursts below what browsers lose. Every other peer gets the specification's behaviour.

mod address;
mod backend;
#[cfg(target_family = "wasm")]
pub mod browser;
mod circuit;
mod config;
mod dials;
mod error;
#[cfg(any(target_family = "wasm", test))]
#[cfg_attr(not(target_family = "wasm"), allow(dead_code, unused_imports, reason = "used in browsers"))]
mod liveness;
#[cfg(not(target_family = "wasm"))]
mod native;
#[cfg(any(target_family = "wasm", test))]
#[cfg_attr(not(target_family = "wasm"), allow(dead_code, unused_imports, reason = "used in browsers"))]
mod pacing;
mod signaling;
#[cfg(any(target_family = "wasm", test))]
#[cfg_attr(not(target_family = "wasm"), allow(dead_code, unused_imports, reason = "used in browsers"))]
mod stream;
mod talk;
mod transport;

pub use address::{circuit_of, is_webrtc, webrtc_of};
pub use backend::{Backend, PeerConnection};
pub use config::{Config, IceServers};
pub use error::{Error, WrongPeer, is_goodbye};
#[cfg(not(target_family = "wasm"))]
pub use native::NoWebRtc;
pub use signaling::{Agreed, Extensions, Role, SignalingError};
pub use transport::{Connection, Path, Transport};
