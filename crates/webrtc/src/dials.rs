//! Dials under way, so that two peers who dial each other at the same moment end with one connection.
//!
//! The dial of the peer with the greater id counts. The other peer's dial is given the connection that comes in from
//! it, so that whoever asked for a connection there gets one.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures::channel::oneshot;
use libp2p_identity::PeerId;

use crate::transport::Connection;

/// The dials under way and the exchanges that were begun by others. Bounded by the swarm's limit of pending
/// connections.
#[derive(Debug, Clone)]
pub(crate) struct Dials {
    this: PeerId,
    open: Arc<Mutex<Open>>,
}

#[derive(Debug, Default)]
struct Open {
    dials: HashMap<PeerId, Vec<Waiting>>,
    next: u64,
}

#[derive(Debug)]
struct Waiting {
    number: u64,
    /// Nobody, once the other end counts on this dial.
    sender: Option<oneshot::Sender<Connection>>,
}

/// A dial under way; dropping it forgets the dial.
#[derive(Debug)]
pub(crate) struct Dial {
    dials: Dials,
    peer: PeerId,
    number: u64,
}

impl Dials {
    pub(crate) fn new(this: PeerId) -> Self {
        Self { this, open: Arc::default() }
    }

    /// Begins a dial to `peer`. What comes in from the same peer in the meantime comes out of the receiver.
    pub(crate) fn begin(&self, peer: PeerId) -> (Dial, oneshot::Receiver<Connection>) {
        let (sender, merged) = oneshot::channel();
        let mut open = self.lock();
        open.next += 1;
        let number = open.next;
        open.dials.entry(peer).or_default().push(Waiting { number, sender: Some(sender) });
        (Dial { dials: self.clone(), peer, number }, merged)
    }

    /// Whether an offer from `peer` is to be refused: we are dialling it, and our dial counts.
    pub(crate) fn ours_counts(&self, peer: PeerId) -> bool {
        self.this > peer && self.lock().dials.contains_key(&peer)
    }

    /// Whether the other's dial would count if `peer` were dialling us now.
    pub(crate) fn theirs_would_count(&self, peer: PeerId) -> bool {
        self.this < peer
    }

    /// Gives a connection that came in from `peer` to a dial that waits for one; returns it where none does.
    pub(crate) fn merge(&self, peer: PeerId, mut connection: Connection) -> Option<Connection> {
        let mut open = self.lock();
        let waiting = open.dials.get_mut(&peer).into_iter().flatten().filter_map(|dial| dial.sender.take());
        for sender in waiting {
            match sender.send(connection) {
                Ok(()) => return None,
                Err(back) => connection = back,
            }
        }
        Some(connection)
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Dial {
    /// Whom it dials.
    pub(crate) fn peer(&self) -> PeerId {
        self.peer
    }

    /// The other end has answered, and may count on this dial: it is not given another connection any more.
    pub(crate) fn answered(&self) {
        let mut open = self.dials.lock();
        let dials = open.dials.get_mut(&self.peer).into_iter().flatten();
        dials.filter(|dial| dial.number == self.number).for_each(|dial| dial.sender = None);
    }
}

impl Drop for Dial {
    fn drop(&mut self) {
        let mut open = self.dials.lock();
        if let Some(dials) = open.dials.get_mut(&self.peer) {
            dials.retain(|dial| dial.number != self.number);
            if dials.is_empty() {
                open.dials.remove(&self.peer);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use libp2p::core::upgrade::InboundConnectionUpgrade;
    use libp2p::yamux;
    use libp2p_core::muxing::StreamMuxerBox;

    use super::*;
    use crate::Path;

    fn connection() -> Connection {
        let upgrade =
            yamux::Config::default().upgrade_inbound(futures::io::Cursor::new(Vec::new()), "/yamux/1.0.0");
        let muxer = futures::executor::block_on(upgrade).unwrap();
        Connection { path: Path::Direct, muxer: StreamMuxerBox::new(muxer) }
    }

    #[test]
    fn a_dial_is_given_the_connection_that_came_in_unless_the_other_end_counts_on_it_already() {
        let (this, other) = (PeerId::random(), PeerId::random());
        let dials = Dials::new(this);
        let (dial, mut merged) = dials.begin(other);
        assert!(dials.merge(other, connection()).is_none());
        assert!(merged.try_recv().unwrap().is_some());
        drop(dial);
        let (dial, _merged) = dials.begin(other);
        dial.answered();
        assert!(dials.merge(other, connection()).is_some());
    }

    #[test]
    fn of_two_dials_that_cross_exactly_one_counts() {
        let (one, two) = (PeerId::random(), PeerId::random());
        let (mine, theirs) = (Dials::new(one), Dials::new(two));
        let _dials = (mine.begin(two), theirs.begin(one));
        assert_ne!(mine.ours_counts(two), theirs.ours_counts(one));
    }

    #[test]
    fn a_dial_that_is_over_keeps_nobody_out() {
        let (one, two) = (PeerId::random(), PeerId::random());
        let (this, other) = (one.max(two), one.min(two));
        let dials = Dials::new(this);
        drop(dials.begin(other));
        assert!(!dials.ours_counts(other));
    }
}
