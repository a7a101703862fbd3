//! Finding the way in, and back in: as long as no bootstrap peer is connected, its addresses are looked up and
//! dialled again.

use std::sync::Arc;
use std::time::Duration;

use kadenza_platform::{BoxFuture, MaybeSend, MaybeSync, sleep, timeout};
use libp2p::Multiaddr;

use crate::peers::Peers;
use crate::swarm::{Command, Handle};

/// Looks up where bootstrap peers are now; a relay whose disk was wiped has another peer id than before. The
/// node gives it, since it may need HTTP. Any function that returns such a future is one.
pub trait Find: MaybeSend + MaybeSync {
    /// Their addresses, as many as can be found out now.
    fn find(&self) -> BoxFuture<Vec<Multiaddr>>;
}

impl<F: Fn() -> BoxFuture<Vec<Multiaddr>> + MaybeSend + MaybeSync> Find for F {
    fn find(&self) -> BoxFuture<Vec<Multiaddr>> {
        self()
    }
}

/// A [`Find`] to share.
pub type FindPeers = Arc<dyn Find>;

/// How long to wait between tries while nobody is connected, and while somebody is (to notice a relay that
/// came back, and to renew a lost circuit).
const ALONE: Duration = Duration::from_secs(1);
const TOGETHER: Duration = Duration::from_secs(10);

/// How long looking them up may take. A browser whose network has come back waits long for what it had asked before.
const FIND_LIMIT: Duration = Duration::from_secs(2);

/// Rounds after which the first try to join counts as over although nobody has said hello.
const JOIN_ROUNDS: u32 = 4;

/// Dials bootstrap peers until the network task ends.
pub(crate) async fn keep_connected(handle: Handle, peers: FindPeers) {
    let (mut rounds, mut addresses) = (0, Vec::new());
    while handle.peers().has_changed().is_ok() {
        // Where to dial was known before, and without a network looking it up takes long.
        dial(&handle, &addresses).await;
        if let Ok(found) = timeout(FIND_LIMIT, peers.find()).await
            && !found.is_empty()
        {
            addresses = found;
            dial(&handle, &addresses).await;
        }
        rounds = u32::saturating_add(rounds, 1);
        if addresses.is_empty() || rounds == JOIN_ROUNDS {
            handle.send(Command::TriedToJoin).await;
        }
        let mut peers = handle.peers();
        if is_alone(&peers.borrow()) {
            sleep(ALONE).await;
        } else {
            // Whether the time is up or the last relay has gone, it is time to look again.
            let _ = timeout(TOGETHER, peers.wait_for(is_alone)).await;
        }
    }
}

/// Whether no bootstrap peer is connected, as far as can be told: other tabs come and go.
fn is_alone(peers: &Peers) -> bool {
    peers.durable().next().is_none()
}

async fn dial(handle: &Handle, addresses: &[Multiaddr]) {
    if !addresses.is_empty() {
        handle.send(Command::Dial { addresses: addresses.to_vec() }).await;
    }
}
