//! Fetching content: one task a content does what its [`Download`](crate::content::download::Download) says, has Services verify and keep what comes, and
//! hands groups to the readers that wait for them.

mod task;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use kadenza_api::{ContentId, Error, GROUP_BYTES, Groups, Replicas, Result, groups_of};
use kadenza_platform::spawn;
use libp2p::PeerId;
use tokio::sync::{mpsc, oneshot};

use self::task::Fetch;
use crate::content::holders::Holders;
use crate::content::link::Links;
use crate::content::server::Followers;
use crate::swarm::Handle;

/// Contents fetched at once; a further one has to wait for its turn.
const FETCHES_MAX: usize = 64;

/// Readers of one content that may wait at once.
const READERS_QUEUE: usize = 64;

/// A read of no more than this is a look at a song that may be played, not a listener: only that is fetched.
const PEEK_BYTES: u64 = 256 * 1024;

/// Verified bytes of a group and perhaps of some after it.
#[derive(Debug, Clone)]
pub(crate) struct Piece {
    /// The first group.
    pub(crate) first: u64,
    /// The groups' bytes.
    pub(crate) bytes: Bytes,
}

impl Piece {
    fn groups(&self) -> Groups {
        self.first..self.first + (self.bytes.len() as u64).div_ceil(GROUP_BYTES)
    }

    fn has(&self, group: u64) -> bool {
        self.groups().contains(&group)
    }
}

enum Wish {
    /// A reader waits for the first of these groups and will read on to the last.
    Read { groups: Groups, plays: bool, reader: Reader },
    /// The content is to be kept whole, whoever reads.
    Whole { from: PeerId },
}

type Reader = oneshot::Sender<Result<Piece>>;

/// The fetches under way.
#[derive(Debug)]
pub(crate) struct Fetches<S> {
    services: S,
    network: Network,
    open: Arc<Mutex<HashMap<ContentId, mpsc::Sender<Wish>>>>,
}

/// The ways a fetch reaches others.
#[derive(Debug, Clone)]
pub(crate) struct Network {
    pub(crate) handle: Handle,
    pub(crate) links: Links,
    pub(crate) followers: Followers,
    pub(crate) holders: Holders,
}

impl<S: Clone> Clone for Fetches<S> {
    fn clone(&self) -> Self {
        Self { services: self.services.clone(), network: self.network.clone(), open: self.open.clone() }
    }
}

impl<S: Replicas + Clone> Fetches<S> {
    pub(crate) fn new(services: S, network: Network) -> Self {
        Self { services, network, open: Arc::default() }
    }

    /// Waits for the group in which `range` begins, starting to fetch it where nobody has. A range longer than a peek
    /// has all of the content fetched.
    ///
    /// # Errors
    /// [`Error::NotFound`] when nobody reachable has it.
    pub(crate) async fn group(
        &self,
        content: ContentId,
        len: u64,
        range: &std::ops::Range<u64>,
    ) -> Result<Piece> {
        let (reader, piece) = oneshot::channel();
        let plays = range.end - range.start > PEEK_BYTES;
        self.wish(content, len, Wish::Read { groups: groups_of(range, len), plays, reader }).await?;
        piece.await.map_err(|_| not_found(content))?
    }

    /// Prepares to fetch from a peer: it has just been met, or is said to hold what may be played next.
    pub(crate) fn prepare(&self, peer: PeerId) {
        self.network.links.open(peer);
    }

    /// Who is known to hold what.
    pub(crate) fn holders(&self) -> &Holders {
        &self.network.holders
    }

    /// Fetches a content to keep it, from `from` first. Returns at once.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when too much is being fetched.
    pub(crate) async fn keep(&self, content: ContentId, len: u64, from: PeerId) -> Result<()> {
        self.wish(content, len, Wish::Whole { from }).await
    }

    /// Waits until a content is not being fetched any more, however that ended.
    pub(crate) async fn ended(&self, content: ContentId) {
        let wishes = self.open.lock().unwrap_or_else(PoisonError::into_inner).get(&content).cloned();
        if let Some(wishes) = wishes {
            wishes.closed().await;
        }
    }

    async fn wish(&self, content: ContentId, len: u64, wish: Wish) -> Result<()> {
        let wishes = self.task(content, len)?;
        let Err(mpsc::error::SendError(wish)) = wishes.send(wish).await else { return Ok(()) };
        // The task ended between our look-up and now; a new one takes the wish.
        let wishes = self.task(content, len)?;
        wishes.send(wish).await.map_err(|_| Error::unavailable(format!("fetching {content} was given up")))
    }

    fn task(&self, content: ContentId, len: u64) -> Result<mpsc::Sender<Wish>> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.retain(|_, wishes| !wishes.is_closed());
        if let Some(wishes) = open.get(&content) {
            return Ok(wishes.clone());
        }
        if open.len() >= FETCHES_MAX {
            return Err(Error::unavailable("too many songs are being fetched at once; try again"));
        }
        let (wishes, queue) = mpsc::channel(READERS_QUEUE);
        open.insert(content, wishes.clone());
        spawn(Fetch::run(self.services.clone(), self.network.clone(), content, len, queue));
        Ok(wishes)
    }
}

fn not_found(content: ContentId) -> Error {
    Error::not_found(format!("nobody reachable holds the content {content}"))
}
