//! Repair: whoever joins is handed what belongs on it, and from time to time everybody is.
//!
//! This is what brings a relay's replicas back after its disk was wiped, and a song onto the peers that came
//! after it was uploaded.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use kadenza_api::{Music, Replicas, Result, SongId};
use kadenza_platform::{Instant, timeout};
use libp2p::PeerId;

use crate::distributed::Distributed;
use crate::kademlia::Kademlia;
use crate::placement::Key;
use crate::protocol::rpc::MERGE_LIMIT;

/// Every peer is looked at again after this: others may have left in the meantime. Between the 15 and 60 s
/// that keep content alive under tab churn.
const ROUND: Duration = Duration::from_secs(45);

/// Peers come in bursts; what arrives within this is handled together.
const SETTLE: Duration = Duration::from_millis(300);

impl<S: Music + Replicas + Clone> Distributed<S> {
    /// Repairs until the network task ends.
    pub(crate) async fn repair(self) {
        let mut peers = self.handle.peers();
        let mut looked_at = BTreeMap::<PeerId, Instant>::new();
        self.announce_held().await;
        loop {
            let ready: BTreeSet<PeerId> = peers.borrow_and_update().ready().collect();
            looked_at.retain(|peer, _| ready.contains(peer));
            let due: Vec<PeerId> = ready
                .into_iter()
                .filter(|peer| looked_at.get(peer).is_none_or(|since| since.elapsed() >= ROUND))
                .collect();
            for peer in due {
                if let Err(error) = self.hand_over(peer).await {
                    tracing::debug!(%peer, %error, "could not hand over all that belongs there");
                }
                looked_at.insert(peer, Instant::now());
            }
            match timeout(ROUND, peers.changed()).await {
                Ok(Err(_)) => return,
                Ok(Ok(())) | Err(_) => kadenza_platform::sleep(SETTLE).await,
            }
        }
    }

    /// Goes through all songs here, for one peer.
    async fn hand_over(&self, peer: PeerId) -> Result<()> {
        let mut after = None;
        loop {
            let songs = self.services.songs_after(after, MERGE_LIMIT).await?;
            let Some(last) = songs.last().map(|song| song.id()) else { return Ok(()) };
            after = Some::<SongId>(last);
            self.replenish(peer, songs).await?;
        }
    }

    /// Announces what was stored in an earlier life.
    async fn announce_held(&self) {
        match self.services.held().await {
            Ok(held) => {
                for content in held {
                    self.handle.announce(Key::content(content)).await;
                }
            }
            Err(error) => tracing::warn!(%error, "cannot list what is stored here"),
        }
    }
}
