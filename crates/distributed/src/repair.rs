//! Repair: whoever joins is handed what belongs on it, and everybody is when somebody left or songs came.
//!
//! This is what brings a relay's replicas back after its disk was wiped, and a song, or what a room has sealed, onto the
//! peers that came after it was uploaded.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use kadenza_api::{Music, Replicas, Result, SealedRecord, Song, Stored};
use kadenza_platform::{sleep, spawn, timeout};
use libp2p::PeerId;

use crate::distributed::Distributed;
use crate::kademlia::Kademlia;
use crate::placement::Key;
use crate::record::Record;

/// Between looks at who is there and what is here. Within the 15 to 60 s that keep content alive under the
/// churn of tabs.
const ROUND: Duration = Duration::from_secs(45);

/// Peers come in bursts; what arrives within this is handled together.
const SETTLE: Duration = Duration::from_millis(300);

/// Each announcement is a lookup; a library of thousands is announced this many at a time.
const ANNOUNCED_AT_ONCE: u32 = 16;
const ANNOUNCE_PAUSE: Duration = Duration::from_millis(500);

/// What a hand-over depends on. As long as it is the same, there is nothing to hand over again.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Situation {
    stored: Stored,
    sealed: u64,
    around: BTreeSet<PeerId>,
}

impl<S: Music + Replicas + Clone> Distributed<S> {
    /// Repairs until the network task ends.
    pub(crate) async fn repair(self) {
        let mut peers = self.handle.peers();
        let mut handed_over = BTreeMap::<PeerId, Situation>::new();
        let mut was_alone = true;
        loop {
            let around: BTreeSet<PeerId> = peers.borrow_and_update().ready().collect();
            if was_alone && !around.is_empty() {
                spawn(self.clone().announce_held());
            }
            was_alone = around.is_empty();
            handed_over.retain(|peer, _| around.contains(peer));
            match self.situation(around).await {
                Ok(now) => self.hand_over_to_all(&mut handed_over, now).await,
                Err(error) => tracing::warn!(%error, "cannot tell what is stored here"),
            }
            match timeout(ROUND, peers.changed()).await {
                Ok(Err(_)) => return,
                Ok(Ok(())) | Err(_) => sleep(SETTLE).await,
            }
        }
    }

    async fn situation(&self, around: BTreeSet<PeerId>) -> Result<Situation> {
        let stored = self.services.network().await?.stored;
        Ok(Situation { stored, sealed: self.services.sealed_count().await?, around })
    }

    async fn hand_over_to_all(&self, handed_over: &mut BTreeMap<PeerId, Situation>, now: Situation) {
        for peer in &now.around {
            let before = handed_over.get(peer);
            if before == Some(&now) {
                continue;
            }
            let has_records =
                before.is_some_and(|before| (&before.stored, before.sealed) == (&now.stored, now.sealed));
            let songs = self.hand_over::<Song>(*peer, has_records).await;
            // Whoever takes no more songs may still take what rooms have sealed.
            match self.hand_over::<SealedRecord>(*peer, has_records).await.and(songs) {
                Ok(()) => drop(handed_over.insert(*peer, now.clone())),
                Err(error) => tracing::debug!(%peer, %error, "could not hand over all that belongs there"),
            }
        }
    }

    /// Goes through all records of a kind that are here, for one peer.
    async fn hand_over<R: Record>(&self, peer: PeerId, has_records: bool) -> Result<()> {
        let mut after = None;
        loop {
            let records = R::page(&self.services, after).await?;
            let Some(last) = records.last().map(R::id) else { return Ok(()) };
            after = Some(last);
            self.replenish(peer, records, has_records).await?;
        }
    }

    /// Announces all that is stored here: whoever has come may have forgotten it, or never known.
    async fn announce_held(self) {
        match self.services.held().await {
            Ok(held) => {
                for (content, count) in held.into_iter().zip(1..) {
                    self.handle.announce(Key::content(content)).await;
                    if count % ANNOUNCED_AT_ONCE == 0 {
                        sleep(ANNOUNCE_PAUSE).await;
                    }
                }
            }
            Err(error) => tracing::warn!(%error, "cannot list what is stored here"),
        }
    }
}
