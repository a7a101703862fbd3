//! What happens to a peer by itself: others come and go, and songs become known.

use std::collections::{BTreeSet, VecDeque};

use futures::stream;
use kadenza_api::Song;
use kadenza_distributed::PeerId;
use kadenza_platform::{BoxStream, boxed_stream};
use tokio::sync::broadcast::error::RecvError;

use super::Tab;

/// Another peer came or went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeerChange {
    /// Its peer id, in its text form.
    pub peer: String,
    /// Whether it is connected now.
    pub connected: bool,
}

impl Tab {
    /// The peers that are connected, then each that comes or goes; ends with the peer.
    pub fn peers(&self) -> BoxStream<PeerChange> {
        let known = BTreeSet::<PeerId>::new();
        let state = (self.peer.peer_count(), known, VecDeque::new());
        boxed_stream(stream::unfold(state, |(mut count, mut known, mut changes)| async {
            loop {
                let now: BTreeSet<PeerId> = count.peers().into_iter().collect();
                changes.extend(
                    now.symmetric_difference(&known)
                        .map(|peer| PeerChange { peer: peer.to_string(), connected: now.contains(peer) }),
                );
                known = now;
                if let Some(change) = changes.pop_front() {
                    return Some((change, (count, known, changes)));
                }
                if !count.changed().await {
                    return None;
                }
            }
        }))
    }

    /// Each song as it becomes known here or learns something, from now on; ends with the peer. Whoever is too slow misses some.
    pub fn songs(&self) -> BoxStream<Song> {
        boxed_stream(stream::unfold(self.services.songs(), |mut songs| async {
            loop {
                match songs.recv().await {
                    Ok(song) => return Some((song, songs)),
                    Err(RecvError::Lagged(missed)) => {
                        tracing::debug!(missed, "songs came too fast to tell of")
                    }
                    Err(RecvError::Closed) => return None,
                }
            }
        }))
    }
}
