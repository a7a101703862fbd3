//! How the tab stands with the network, for the page to put into words.

use std::time::Duration;

use kadenza_distributed::PeerCount;
use kadenza_platform::{Instant, spawn, timeout};
use tokio::sync::watch;

/// A tab that has found nobody for this long is offline, not starting.
const STARTING_LIMIT: Duration = Duration::from_secs(4);

/// How the tab stands with the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Connection {
    /// Opening the store, finding a relay.
    Starting,
    /// Connected to this many peers.
    Connected {
        /// Relays and tabs together.
        peers: usize,
    },
    /// No peer is reachable; it goes on trying.
    Offline,
}

/// Where this tab keeps its songs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keeping {
    /// In the browser's storage: they are here after a reload.
    Browser,
    /// In memory: they are gone when the tab closes (a private window, for example).
    Memory,
}

/// The state of a tab's peer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Status {
    /// How it stands with the network.
    pub connection: Connection,
    /// Where it keeps songs.
    pub keeping: Keeping,
}

/// Follows the number of peers in a task of its own.
pub(super) fn watch(mut count: PeerCount, keeping: Keeping) -> watch::Receiver<Status> {
    let (sender, receiver) = watch::channel(Status { connection: Connection::Starting, keeping });
    spawn(async move {
        // Alone at the start is not offline yet, however often it tries to join meanwhile.
        let (begun, mut joining) = (Instant::now(), true);
        loop {
            let connection = match count.now() {
                0 if joining => Connection::Starting,
                0 => Connection::Offline,
                peers => Connection::Connected { peers },
            };
            joining &= connection == Connection::Starting;
            sender.send_if_modified(|status| {
                let changed = status.connection != connection;
                status.connection = connection;
                changed
            });
            let goes_on = if joining {
                let changed = timeout(STARTING_LIMIT.saturating_sub(begun.elapsed()), count.changed()).await;
                joining = changed.is_ok();
                changed.unwrap_or(true)
            } else {
                count.changed().await
            };
            if !goes_on {
                return;
            }
        }
    });
    receiver
}
