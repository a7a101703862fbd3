//! Where copies of a content are: whoever is said to have one, or is connected, is asked.

use std::collections::BTreeSet;
use std::time::Duration;

use futures::StreamExt;
use kadenza_api::{ContentId, Copies, Music, Replicas, Result};
use kadenza_platform::{Instant, timeout};

use crate::distributed::Distributed;
use crate::kademlia::Kademlia;
use crate::placement::Key;
use crate::remote::Remote;
use crate::upload::with_copy;

/// How long it is looked for who may have a copy, and how long each of them may take to answer.
const LOOKUP_LIMIT: Duration = Duration::from_secs(3);
pub(crate) const ANSWER_LIMIT: Duration = Duration::from_secs(3);

/// Peers asked, and how many of them at once.
pub(crate) const ASKED_MAX: usize = 48;
pub(crate) const ASKED_AT_ONCE: usize = 8;

impl<S: Music + Replicas + Clone> Distributed<S> {
    /// Where whole copies of a content are now. Peers that do not answer within a few seconds are not counted.
    ///
    /// # Errors
    /// [`kadenza_api::Error::Storage`] when this node cannot look into its own store.
    pub async fn copies(&self, content: ContentId) -> Result<Copies> {
        let here = self.services.holds(content).await?;
        let [relays, tabs] = [here && self.durable, here && !self.durable].map(u32::from);
        let own = Copies { here, relays, tabs, safe: here && self.durable };
        let asked = self.may_hold(content).await.into_iter().map(|remote| async move {
            let held = timeout(ANSWER_LIMIT, remote.held(vec![content])).await;
            let holds = held.is_ok_and(|held| held.is_ok_and(|held| held.contains(&content)));
            holds.then_some(remote.peer())
        });
        let holders = futures::stream::iter(asked).buffer_unordered(ASKED_AT_ONCE);
        let peers = self.handle.peers();
        let counted = holders.fold(own, |copies, holder| {
            let copies =
                holder.map_or(copies, |peer| with_copy(copies, own, peers.borrow().is_durable(peer)));
            futures::future::ready(copies)
        });
        Ok(counted.await)
    }

    /// Those who are said to have a content, and those who are connected.
    async fn may_hold(&self, content: ContentId) -> Vec<Remote> {
        let mut peers: BTreeSet<_> = self.handle.peers().borrow().ready().collect();
        let begun = Instant::now();
        let mut providers = self.handle.providers(Key::content(content));
        while peers.len() < ASKED_MAX
            && let Ok(Some(peer)) =
                timeout(LOOKUP_LIMIT.saturating_sub(begun.elapsed()), providers.next()).await
        {
            peers.insert(peer);
        }
        peers.remove(&self.handle.this());
        peers.into_iter().take(ASKED_MAX).map(|peer| Remote::new(peer, self.handle.clone())).collect()
    }
}
