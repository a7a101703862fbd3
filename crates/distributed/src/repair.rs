//! Repair: whoever joins is handed what belongs on it, and so is whoever that has passed to after somebody left.
//!
//! This is what brings a relay's replicas back after its disk was wiped, and a song, or what a room has sealed, onto the
//! peers that came after it was uploaded.

mod due;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use futures::stream::FuturesUnordered;
use kadenza_api::{Music, Replicas, Result, SealedRecord, Song, Stored};
use kadenza_platform::{boxed, sleep, spawn};
use libp2p::PeerId;

use self::due::{Around, Due, HandedOver, Situation};
use crate::distributed::Distributed;
use crate::kademlia::Kademlia;
use crate::placement::{self, Key};
use crate::protocol::rpc::Wanted;
use crate::record::Record;
use crate::remote::Remote;
use crate::upload::keep_on;

/// Between looks at what has come here since. Within the 15 to 60 s that keep content alive under the churn of tabs.
const ROUND: Duration = Duration::from_secs(45);

/// Peers come in bursts; what arrives within this is handled together.
const SETTLE: Duration = Duration::from_millis(300);

/// All who are around have something for a peer, mostly the same. They turn to it one after the other, the closest first,
/// so that it is not handed everything by each.
const TURN: Duration = Duration::from_millis(300);

/// Those further away than this turn to it together.
const TURNS_MAX: u32 = 20;

impl<S: Music + Replicas + Clone> Distributed<S> {
    /// Repairs until the network task ends.
    pub(crate) async fn repair(self) {
        let mut peers = self.handle.peers();
        let mut handed_over = HandedOver::default();
        let mut under_way = FuturesUnordered::new();
        let mut was_alone = true;
        let mut round = std::pin::pin!(sleep(ROUND));
        let mut is_round = false;
        loop {
            let around: Around = {
                let peers = peers.borrow_and_update();
                peers.ready().map(|peer| (peer, peers.is_durable(peer))).collect()
            };
            if was_alone && !around.is_empty() {
                spawn(self.clone().announce_held());
            }
            was_alone = around.is_empty();
            match self.situation(around).await {
                Ok(now) => {
                    for (peer, due) in handed_over.due(&now, is_round) {
                        let (node, around) = (self.clone(), now.around.clone());
                        let handing_over =
                            async move { (peer, node.hand_over_in_turn(peer, &due, &around).await) };
                        under_way.push(boxed(handing_over));
                    }
                }
                Err(error) => tracing::warn!(%error, "cannot tell what is stored here"),
            }
            is_round = false;
            tokio::select! {
                changed = peers.changed() => match changed {
                    Ok(()) => sleep(SETTLE).await,
                    Err(_) => return,
                },
                Some((peer, outcome)) = under_way.next() => {
                    if let Err(error) = &outcome {
                        tracing::debug!(%peer, %error, "could not hand over all that belongs there");
                    }
                    handed_over.ended(peer, outcome.is_ok());
                }
                () = &mut round => {
                    is_round = true;
                    round.set(sleep(ROUND));
                }
            }
        }
    }

    async fn situation(&self, around: Around) -> Result<Situation> {
        let Stored { songs, bytes, .. } = self.services.network().await?.stored;
        let sealed = self.services.sealed_count().await?;
        Ok(Situation { songs, bytes, sealed, around: Arc::new(around) })
    }

    async fn hand_over_in_turn(&self, peer: PeerId, due: &Due, around: &Around) -> Result<()> {
        let turn = placement::turn(peer, self.handle.this(), around.keys().copied());
        sleep(TURN * turn.min(TURNS_MAX)).await;
        let songs = self.hand_over::<Song>(peer, due, around).await;
        // Whoever takes no more songs may still take what rooms have sealed.
        self.hand_over::<SealedRecord>(peer, due, around).await.and(songs)
    }

    /// Goes through all records of a kind that are here, for one peer.
    async fn hand_over<R: Record>(&self, peer: PeerId, due: &Due, around: &Around) -> Result<()> {
        let remote = Remote::new(peer, self.handle.clone());
        let mut after = None;
        loop {
            let records = R::page(&self.services, after).await?;
            let Some(last) = records.last().map(R::id) else { return Ok(()) };
            after = Some(last);
            self.hand_over_some(&remote, records, due, around).await?;
        }
    }

    /// Hands over what the peer should have of these records and of what they name, and has not.
    async fn hand_over_some<R: Record>(
        &self,
        remote: &Remote,
        mut records: Vec<R>,
        due: &Due,
        around: &Around,
    ) -> Result<()> {
        let (peer, this) = (remote.peer(), self.handle.this());
        let mut wanted = BTreeMap::new();
        for record in &records {
            for content in record.contents() {
                let keeps = |around: &Around| due::keeps(peer, content, around);
                if due.covers(around, keeps) && self.services.holds(content).await? {
                    wanted.insert(content, record.name());
                }
            }
        }
        records.retain(|record| {
            due.covers(around, |around| due::has_filed(peer, record, this, around))
                || wanted.values().any(|name| *name == record.name())
        });
        if !records.is_empty() {
            let lacking = remote.lacking(&records).await?;
            records.retain(|record| lacking.contains(&record.name()));
        }
        if !records.is_empty() {
            remote.hand_over(records).await?;
        }
        if !wanted.is_empty() {
            for held in remote.held(wanted.keys().copied().collect()).await? {
                wanted.remove(&held);
            }
        }
        let wanted = wanted.into_iter().map(|(content, named_by)| Wanted { named_by, content });
        keep_on(remote, wanted.collect()).await
    }

    /// Announces all that is stored here: whoever has come may have forgotten it, or never known.
    async fn announce_held(self) {
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
