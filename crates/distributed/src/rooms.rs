//! What rooms keep in the network: their sealed records near the room's key, their contents as any others.

use std::collections::BTreeMap;
use std::time::Duration;

use futures::StreamExt;
use futures::stream::FuturesUnordered;
use kadenza_api::{
    ContentId, Copies, Examined, Music, ROOM_RECORDS_MAX, RecordId, Replicas, Result, RoomId, Scope,
    SealedRecord, Source, Upload, Vault,
};
use kadenza_platform::timeout;
use libp2p::PeerId;

use crate::distributed::Distributed;
use crate::placement::Key;
use crate::protocol::rpc::FILED_PAGE;
use crate::record::Record;
use crate::remote::Remote;
use crate::search::LOOKUP_LIMIT;

/// A node that has not answered a question by then is not waited for.
const ANSWER_LIMIT: Duration = Duration::from_secs(2);

/// How long nodes that do answer may go on: a room of 5,000 songs is 10 MB, and whoever drips holds nobody up.
const LISTING_LIMIT: Duration = Duration::from_secs(15);

/// Durable peers asked beside the nodes closest to a room's key.
const DURABLE_MAX: usize = 3;

/// Records that passed their checks and that this node has no room for.
type Unkept = BTreeMap<RecordId, SealedRecord>;

impl<S: Music + Replicas + Vault + Clone> Vault for Distributed<S> {
    async fn examine(&self, upload: Upload) -> Result<Examined> {
        self.services.examine(upload).await
    }

    async fn store(&self, source: Source) -> Result<(ContentId, u64)> {
        self.services.store(source).await
    }

    async fn file(&self, record: SealedRecord) -> Result<Copies> {
        let own = self.services.file(record.clone()).await?;
        Ok(self.place(&record, record.contents(), own).await)
    }

    async fn filed(&self, room: RoomId, scope: Scope) -> Result<Vec<SealedRecord>> {
        let unkept = match scope {
            Scope::Here => Unkept::new(),
            Scope::Network => self.bring_records(room).await,
        };
        let kept = self.services.filed(room, Scope::Here).await?;
        let mut records: BTreeMap<_, _> = kept.into_iter().map(|record| (record.id(), record)).collect();
        records.extend(unkept);
        Ok(records.into_values().collect())
    }
}

impl<S: Music + Replicas + Vault + Clone> Distributed<S> {
    /// Asks the nodes a room's records belong on for them, and keeps what passes its checks. Returns what there is no
    /// room for.
    async fn bring_records(&self, room: RoomId) -> Unkept {
        self.handle.joined().await;
        let asked = self.nodes_of(room).await;
        let mut answers: FuturesUnordered<_> =
            asked.into_iter().map(|peer| self.bring_records_from(peer, room)).collect();
        let mut unkept = Unkept::new();
        let listing = async {
            while let Some(more) = answers.next().await {
                let left = ROOM_RECORDS_MAX.saturating_sub(unkept.len());
                unkept.extend(more.into_iter().take(left));
            }
        };
        if timeout(LISTING_LIMIT, listing).await.is_err() {
            tracing::debug!(%room, "some nodes list a room's records for too long");
        }
        unkept
    }

    /// Goes through a room's records at one peer, for as long as it answers in time and in order.
    async fn bring_records_from(&self, peer: PeerId, room: RoomId) -> Unkept {
        let remote = Remote::new(peer, self.handle.clone());
        let (mut unkept, mut after, mut heard) = (Unkept::new(), None, 0);
        while heard < ROOM_RECORDS_MAX {
            let Ok(Ok(page)) = timeout(ANSWER_LIMIT, remote.filed(room, after)).await else { break };
            heard += page.len();
            after = page.last().map(SealedRecord::id);
            let is_last = page.len() < FILED_PAGE;
            match self.keep_records(page).await {
                Ok(more) => unkept.extend(more),
                Err(error) => {
                    tracing::debug!(%peer, %error, "does not give a room's records as they should be");
                    break;
                }
            }
            if is_last {
                break;
            }
        }
        unkept
    }

    /// Keeps records, and returns those there is no room for.
    async fn keep_records(&self, records: Vec<SealedRecord>) -> Result<Unkept> {
        self.services.merge_sealed(records.clone()).await?;
        let mut unkept = Unkept::new();
        for record in records {
            let id = record.id();
            if self.services.sealed(id).await.is_err() {
                record.check()?;
                unkept.insert(id, record);
            }
        }
        Ok(unkept)
    }

    async fn nodes_of(&self, room: RoomId) -> Vec<PeerId> {
        let mut nodes = self.nodes_near(&Key::room(room), LOOKUP_LIMIT).await;
        nodes.extend(self.handle.peers().borrow().durable().take(DURABLE_MAX));
        nodes.sort();
        nodes.dedup();
        nodes
    }
}
