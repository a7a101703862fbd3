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
    dials: HashMap<PeerId, Vec<(u64, oneshot::Sender<Connection>)>>,
    next: u64,
}

/// A dial under way; dropping it forgets the dial.
#[derive(Debug)]
pub(crate) struct Dial {
    dials: Dials,
    peer: PeerId,
    number: u64,
    /// The connection that came in from the same peer in the meantime.
    pub(crate) merged: oneshot::Receiver<Connection>,
}

impl Dials {
    pub(crate) fn new(this: PeerId) -> Self {
        Self { this, open: Arc::default() }
    }

    /// Begins a dial to `peer`.
    pub(crate) fn begin(&self, peer: PeerId) -> Dial {
        let (sender, merged) = oneshot::channel();
        let mut open = self.lock();
        open.next += 1;
        let number = open.next;
        open.dials.entry(peer).or_default().push((number, sender));
        Dial { dials: self.clone(), peer, number, merged }
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
        let waiting = self.lock().dials.remove(&peer).unwrap_or_default();
        for (_, dial) in waiting {
            match dial.send(connection) {
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

impl Drop for Dial {
    fn drop(&mut self) {
        let mut open = self.dials.lock();
        if let Some(dials) = open.dials.get_mut(&self.peer) {
            dials.retain(|(number, _)| *number != self.number);
            if dials.is_empty() {
                open.dials.remove(&self.peer);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
