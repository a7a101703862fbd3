//! Kademlia by `libp2p-kad`.

use std::collections::{BTreeSet, HashMap};
use std::num::NonZeroUsize;
use std::time::Duration;

use kadenza_platform::{BoxStream, Instant, boxed_stream};
use libp2p::kad::store::{MemoryStore, MemoryStoreConfig};
use libp2p::kad::{
    Behaviour, Config, Event, GetClosestPeersError, GetProvidersOk, KBucketKey, Mode, QueryId, QueryResult,
    RecordKey, StoreInserts,
};
use libp2p::{Multiaddr, PeerId, StreamProtocol};
use tokio::sync::{mpsc, oneshot};

use super::Kademlia;
use crate::placement::{Key, RECORD_REPLICAS};
use crate::swarm::{Command, Handle};

/// Protocol id.
pub(crate) const PROTOCOL: StreamProtocol = StreamProtocol::new("/kadenza/kad/1.0.0");

/// A lookup that takes longer than this is answered with what it has found so far.
const LOOKUP_LIMIT: Duration = Duration::from_secs(10);

/// A peer that does not answer within this is passed over: tabs vanish without a word.
const ANSWER_LIMIT: Duration = Duration::from_secs(3);

/// Between looks for peers nobody has told this node of. Each costs a hundred questions and more; whoever comes is greeted
/// by its neighbours, and every lookup goes by others' tables as well.
const LOOK_AROUND: Duration = Duration::from_secs(5 * 60);

/// How long a provider is believed; tabs announce again well before.
const PROVIDER_LIFE: Duration = Duration::from_secs(60 * 60);

/// Keys whose providers one node keeps for others, and that it provides itself.
pub(crate) const PROVIDED_KEYS_MAX: usize = 100_000;

/// Lookups that may be open at once; more are answered with nothing, as if nobody were there.
const QUERIES_MAX: usize = 1024;

/// Providers found and not yet taken by the asker.
const PROVIDERS_QUEUE: usize = 32;

/// The behaviour: every node serves, tabs included.
pub(crate) fn behaviour(this: PeerId) -> Behaviour<MemoryStore> {
    let mut config = Config::new(PROTOCOL);
    config
        .set_query_timeout(LOOKUP_LIMIT)
        .set_substreams_timeout(ANSWER_LIMIT)
        .set_replication_factor(NonZeroUsize::new(RECORD_REPLICAS).unwrap_or(NonZeroUsize::MIN))
        .set_provider_record_ttl(Some(PROVIDER_LIFE))
        // Each would cost two streams to every one of the k closest peers: `announce` does it, many keys at once.
        .set_provider_publication_interval(None)
        .set_periodic_bootstrap_interval(Some(LOOK_AROUND))
        // Values are never stored by this behaviour, only pointed out to us, and dropped.
        .set_record_filtering(StoreInserts::FilterBoth)
        .set_replication_interval(None)
        .set_publication_interval(None);
    let store = MemoryStoreConfig {
        max_records: 0,
        max_provided_keys: PROVIDED_KEYS_MAX,
        ..MemoryStoreConfig::default()
    };
    let mut behaviour = Behaviour::with_config(this, MemoryStore::with_config(this, store), config);
    behaviour.set_mode(Some(Mode::Server));
    behaviour
}

/// The lookups under way, and who waits for each.
#[derive(Debug, Default)]
pub(crate) struct Lookups {
    closest: HashMap<QueryId, oneshot::Sender<Vec<PeerId>>>,
    providers: HashMap<QueryId, mpsc::Sender<PeerId>>,
    /// Whether this node has asked around who is there.
    has_looked_around: bool,
}

impl Lookups {
    /// Looks up the `count` peers closest to `key`. Where the table, which holds connected peers, has no more than one
    /// bucket's, these are all there are: each would name the others, and to ask them costs more than what it is for.
    pub(crate) fn closest(
        &mut self,
        kad: &mut Behaviour<MemoryStore>,
        key: &Key,
        count: usize,
        answer: oneshot::Sender<Vec<PeerId>>,
    ) {
        if self.has_looked_around && is_small(kad) {
            let key = KBucketKey::new(key.bytes().to_vec());
            let peers = kad.get_closest_local_peers(&key).map(KBucketKey::into_preimage);
            // An asker that has gone needs no answer.
            let _ = answer.send(peers.take(count).collect());
        } else if self.closest.len() < QUERIES_MAX {
            let count = NonZeroUsize::new(count).unwrap_or(NonZeroUsize::MIN);
            self.closest.insert(kad.get_n_closest_peers(key.bytes().to_vec(), count), answer);
        }
    }

    pub(crate) fn providers(
        &mut self,
        kad: &mut Behaviour<MemoryStore>,
        key: &Key,
        answers: mpsc::Sender<PeerId>,
    ) {
        if self.providers.len() < QUERIES_MAX {
            self.providers.insert(kad.get_providers(RecordKey::new(&key.bytes())), answers);
        }
    }

    /// Takes what the behaviour found. A new provider's record is stored where it may be.
    pub(crate) fn on_event(&mut self, kad: &mut Behaviour<MemoryStore>, event: Event) {
        use libp2p::kad::{InboundRequest, store::RecordStore};
        match event {
            Event::OutboundQueryProgressed { id, result, step, .. } => {
                match result {
                    QueryResult::GetClosestPeers(result) => {
                        let peers = match result {
                            Ok(found) => found.peers,
                            Err(GetClosestPeersError::Timeout { peers, .. }) => peers,
                        };
                        if let Some(answer) = self.closest.remove(&id) {
                            // An asker that has gone needs no answer.
                            let _ = answer.send(peers.into_iter().map(|peer| peer.peer_id).collect());
                        }
                    }
                    QueryResult::GetProviders(Ok(GetProvidersOk::FoundProviders { providers, .. })) => {
                        if let Some(answers) = self.providers.get(&id) {
                            for peer in providers {
                                // A full queue holds more sources than a reader can use.
                                let _ = answers.try_send(peer);
                            }
                            if answers.is_closed()
                                && let Some(mut query) = kad.query_mut(&id)
                            {
                                query.finish();
                            }
                        }
                    }
                    QueryResult::Bootstrap(Ok(_)) => {
                        self.has_looked_around = true;
                        // Whoever it found by its own id is everybody: no other bucket has to be looked at.
                        if !step.last
                            && is_small(kad)
                            && let Some(mut query) = kad.query_mut(&id)
                        {
                            query.finish();
                        }
                    }
                    _ => {}
                }
                if step.last {
                    self.providers.remove(&id);
                }
            }
            Event::InboundRequest { request: InboundRequest::AddProvider { record: Some(record) } } => {
                if let Err(error) = kad.store_mut().add_provider(record) {
                    tracing::debug!(?error, "a provider record was not kept");
                }
            }
            _ => {}
        }
    }
}

/// Whether the table holds no more peers than one bucket may.
fn is_small(kad: &mut Behaviour<MemoryStore>) -> bool {
    kad.kbuckets().map(|bucket| bucket.num_entries()).sum::<usize>() <= RECORD_REPLICAS
}

/// Notes that a peer provides `keys` and is reached at `addresses`: this node itself for as long as it runs, others until
/// they should have said so again.
pub(crate) fn provides(
    store: &mut MemoryStore,
    (this, peer): (PeerId, PeerId),
    keys: Vec<Key>,
    addresses: &[Multiaddr],
) {
    use libp2p::kad::{ProviderRecord, store::RecordStore};
    for key in keys {
        let mut record = ProviderRecord::new(RecordKey::new(&key.bytes()), peer, addresses.to_vec());
        record.expires = (peer != this).then(|| Instant::now() + PROVIDER_LIFE);
        if let Err(error) = store.add_provider(record) {
            tracing::warn!(?error, %peer, "no more providers are kept");
            return;
        }
    }
}

/// The providers of `key` in this node's own record store.
pub(crate) fn provided(store: &mut MemoryStore, key: &Key) -> Vec<PeerId> {
    use libp2p::kad::store::RecordStore;
    store.providers(&RecordKey::new(&key.bytes())).into_iter().map(|record| record.provider).collect()
}

/// The peers in this node's routing table.
pub(crate) fn in_table(kad: &mut Behaviour<MemoryStore>) -> BTreeSet<PeerId> {
    let mut table = BTreeSet::new();
    for bucket in kad.kbuckets() {
        table.extend(bucket.iter().map(|peer| *peer.node.key.preimage()));
    }
    table
}

impl Kademlia for Handle {
    async fn closest(&self, key: Key, count: usize) -> Vec<PeerId> {
        self.ask(|answer| Command::Closest { key, count, answer }).await.unwrap_or_default()
    }

    async fn announce(&self, key: Key) {
        let (peer, keys) = (self.this(), vec![key.clone()]);
        self.send(Command::Provides { peer, keys, addresses: Vec::new() }).await;
        self.announce_to_others(key).await;
    }

    async fn provided(&self, key: Key) -> Vec<PeerId> {
        self.ask(|answer| Command::Provided { key, answer }).await.unwrap_or_default()
    }

    fn providers(&self, key: Key) -> BoxStream<PeerId> {
        let (answers, found) = mpsc::channel(PROVIDERS_QUEUE);
        let handle = self.clone();
        boxed_stream(futures::stream::unfold(
            (found, Some((handle, key, answers))),
            |(mut found, start)| async {
                if let Some((handle, key, answers)) = start {
                    handle.send(Command::Providers { key, answers }).await;
                }
                let peer = found.recv().await?;
                Some((peer, (found, None)))
            },
        ))
    }
}

#[cfg(test)]
mod tests {
    use kadenza_api::ContentId;

    use super::*;
    use crate::placement::closest;

    /// A node that has this many peers, and looks up those closest to a key: what it knows at once.
    fn known_at_once(peers: &[PeerId], has_looked_around: bool, key: &Key) -> Option<Vec<PeerId>> {
        let mut kad = behaviour(PeerId::random());
        for peer in peers {
            kad.add_address(peer, "/ip4/192.0.2.1/tcp/1/ws".parse().unwrap());
        }
        let mut lookups = Lookups { has_looked_around, ..Lookups::default() };
        let (answer, mut found) = oneshot::channel();
        lookups.closest(&mut kad, key, 5, answer);
        found.try_recv().ok()
    }

    #[test]
    fn nobody_is_asked_who_is_closest_where_all_there_are_fit_one_bucket() {
        let key = Key::content(ContentId([7; 32]));
        let peers: Vec<_> = std::iter::repeat_with(PeerId::random).take(RECORD_REPLICAS).collect();
        let known = known_at_once(&peers, true, &key);
        assert_eq!(known, Some(closest(&key, peers, 5)));
    }

    #[test]
    fn whoever_has_just_come_or_is_one_of_many_asks_who_is_closest() {
        let key = Key::content(ContentId([7; 32]));
        let peers: Vec<_> = std::iter::repeat_with(PeerId::random).take(RECORD_REPLICAS * 2).collect();
        assert_eq!(known_at_once(&peers[..3], false, &key), None);
        assert_eq!(known_at_once(&peers, true, &key), None);
    }
}
