//! Announcing: the peers closest to a content's key are told that this node holds it.
//!
//! Whoever keeps copies for others holds hundreds of contents, so what is announced at about the same time goes to each
//! peer in one call. Kademlia's own ADD_PROVIDER takes a lookup and k streams for every single one, and a browser takes
//! milliseconds for a stream.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures::StreamExt;
use kadenza_platform::{Instant, sleep, timeout};
use libp2p::PeerId;
use tokio::sync::mpsc;

use crate::kademlia::Kademlia;
use crate::kademlia::libp2p::PROVIDED_KEYS_MAX;
use crate::placement::{Key, RECORD_REPLICAS};
use crate::protocol::rpc::{ADDRESSES_LIMIT, PROVIDE_LIMIT};
use crate::remote::Remote;
use crate::swarm::{Handle, Standing};

/// Between announcements; what comes meanwhile goes together.
const TOGETHER: Duration = Duration::from_millis(500);

/// Everything is announced again after this, well before others forget it.
const RENEWAL: Duration = Duration::from_secs(15 * 60);

/// Lookups and calls at once, and how long each may take.
const AT_ONCE: usize = 8;
const CALL_LIMIT: Duration = Duration::from_secs(5);

/// Announces what comes through `queue` until the node leaves.
pub(crate) async fn announce(handle: Handle, mut queue: mpsc::Receiver<Key>) {
    let mut announced = BTreeSet::new();
    let mut renewed = Instant::now();
    let mut came = Vec::new();
    loop {
        let renewal = sleep(RENEWAL.saturating_sub(renewed.elapsed()));
        let keys: Vec<Key> = tokio::select! {
            count = queue.recv_many(&mut came, PROVIDE_LIMIT) => match count {
                0 => return,
                _ => came.drain(..).collect::<BTreeSet<_>>().into_iter().collect(),
            },
            () = renewal => {
                renewed = Instant::now();
                announced.iter().cloned().collect()
            }
        };
        for keys in keys.chunks(PROVIDE_LIMIT) {
            tell(&handle, keys).await;
        }
        announced.extend(keys.into_iter().take(PROVIDED_KEYS_MAX.saturating_sub(announced.len())));
        sleep(TOGETHER).await;
    }
}

/// Tells the peers closest to each of these keys, at most one call's worth.
async fn tell(handle: &Handle, keys: &[Key]) {
    let Ok(Standing { mut addresses, .. }) = handle.standing().await else { return };
    addresses.truncate(ADDRESSES_LIMIT);
    let calls = closest_to_each(handle, keys).await.into_iter().map(|(peer, keys)| {
        let (remote, addresses) = (Remote::new(peer, handle.clone()), addresses.clone());
        async move {
            match timeout(CALL_LIMIT, remote.provide(keys, addresses)).await {
                Ok(Ok(())) => {}
                other => tracing::debug!(%peer, ?other, "was not told what is here"),
            }
        }
    });
    futures::stream::iter(calls).for_each_concurrent(AT_ONCE, |call| call).await;
}

/// Which of these keys each of the peers closest to them is to be told of.
async fn closest_to_each(handle: &Handle, keys: &[Key]) -> BTreeMap<PeerId, Vec<Key>> {
    let Some((first, others)) = keys.split_first() else { return BTreeMap::new() };
    let closest = |key: Key| async move {
        let peers =
            timeout(CALL_LIMIT, handle.closest(key.clone(), RECORD_REPLICAS)).await.unwrap_or_default();
        (key, peers)
    };
    let nearest = closest(first.clone()).await;
    let mut found = vec![nearest.clone()];
    if nearest.1.len() < RECORD_REPLICAS {
        // In a network of fewer than k peers each of them is among the k closest to every key.
        found.extend(others.iter().map(|key| (key.clone(), nearest.1.clone())));
    } else {
        let lookups = futures::stream::iter(others.iter().cloned()).map(closest);
        found.extend(lookups.buffer_unordered(AT_ONCE).collect::<Vec<_>>().await);
    }
    let mut of_each = BTreeMap::<PeerId, Vec<Key>>::new();
    for (key, peers) in found {
        peers.into_iter().for_each(|peer| of_each.entry(peer).or_default().push(key.clone()));
    }
    of_each
}
