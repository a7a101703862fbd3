//! Bytes on their way into the store: gone again unless they are committed.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::{Bytes, BytesMut};
use futures::{Stream, StreamExt};
use kadenza_api::{ByteStream, Error, Result};

use crate::ledger::Reservation;
use crate::proof::{Hasher, Proof};
use crate::store::{Content, PAGE_BYTES, Stage, Store};

/// Bytes written to the store at once: enough that the cost of a transaction does not count, little enough that
/// many uploads at a time fit in memory.
const WRITE_BYTES: usize = 4 * PAGE_BYTES as usize;

/// A staging area of a store. Dropped, it takes its bytes with it.
pub(crate) struct Staged<S: Store> {
    store: Arc<S>,
    stage: Stage,
    committed: AtomicBool,
}

impl<S: Store> Staged<S> {
    /// Begins an empty one.
    pub(crate) async fn begin(store: Arc<S>) -> Result<Self> {
        let stage = store.stage().await?;
        Ok(Self { store, stage, committed: AtomicBool::new(false) })
    }

    /// Writes whole pages at `offset`.
    pub(crate) async fn write(&self, offset: u64, bytes: Bytes) -> Result<()> {
        self.store.write(self.stage, offset, bytes).await
    }

    /// The bytes of `range`, which must have been written.
    pub(crate) async fn read(&self, range: Range<u64>) -> Result<Bytes> {
        self.store.read_staged(self.stage, range).await
    }

    /// What is to be committed, once all of it is here.
    pub(crate) fn content(&self, proof: &Proof) -> Content {
        Content { stage: self.stage, id: proof.id(), len: proof.len(), outboard: proof.outboard() }
    }

    /// It was committed; its bytes stay.
    fn committed(&self) {
        self.committed.store(true, Ordering::Release);
    }
}

impl<S: Store> Drop for Staged<S> {
    fn drop(&mut self) {
        if !self.committed.load(Ordering::Acquire) {
            self.store.discard(self.stage);
        }
    }
}

/// A whole content that waits to be committed.
pub(crate) struct Whole<S: Store> {
    pub(crate) staged: Arc<Staged<S>>,
    pub(crate) proof: Proof,
    /// Its bytes in the ledger.
    pub(crate) reservation: Reservation,
}

impl<S: Store> Whole<S> {
    /// Takes a stream in, at most `limit` bytes of it, and hashes it on the way. `name` is for messages.
    pub(crate) async fn receive(
        staged: Staged<S>,
        mut reservation: Reservation,
        mut stream: ByteStream,
        limit: u64,
        name: &str,
    ) -> Result<Self> {
        let mut hasher = Hasher::default();
        let mut waiting = BytesMut::new();
        let mut received = 0u64;
        let mut written = 0u64;
        while let Some(chunk) = stream.next().await {
            let mut chunk = chunk?;
            received += chunk.len() as u64;
            if received > limit {
                return Err(too_large(name, limit));
            }
            // A chunk may be of any size: it is taken over piece by piece, never doubled as a whole.
            while !chunk.is_empty() {
                let piece = chunk.split_to(chunk.len().min(WRITE_BYTES - waiting.len()));
                waiting.extend_from_slice(&piece);
                if waiting.len() == WRITE_BYTES {
                    let bytes = waiting.split().freeze();
                    hasher.update(&bytes);
                    reserve(&mut reservation, bytes.len())?;
                    staged.write(written, bytes).await?;
                    written += WRITE_BYTES as u64;
                }
            }
        }
        if !waiting.is_empty() {
            hasher.update(&waiting);
            reserve(&mut reservation, waiting.len())?;
            staged.write(written, waiting.freeze()).await?;
        }
        Ok(Self { staged: Arc::new(staged), proof: hasher.finish(), reservation })
    }

    /// It was committed; its bytes stay.
    pub(crate) fn committed(mut self) -> Proof {
        self.staged.committed();
        self.reservation.keep();
        self.proof
    }
}

/// The bytes of a whole content, which stay staged while they are read.
pub(crate) fn pieces_of<S: Store>(whole: Arc<Whole<S>>) -> impl Stream<Item = Result<Bytes>> {
    futures::stream::try_unfold((whole, 0), |(whole, from)| async move {
        let to = whole.proof.len().min(from + WRITE_BYTES as u64);
        if from == to {
            return Ok(None);
        }
        let piece = whole.staged.read(from..to).await?;
        Ok(Some((piece, (whole, to))))
    })
}

fn reserve(reservation: &mut Reservation, bytes: usize) -> Result<()> {
    match reservation.grow(bytes as u64) {
        true => Ok(()),
        false => Err(no_room()),
    }
}

/// The refusal of what does not fit the quota.
pub(crate) fn no_room() -> Error {
    Error::storage("no room: this node already stores as much as it may")
}

/// The refusal of a file past the limit.
pub(crate) fn too_large(name: &str, limit: u64) -> Error {
    Error::too_large(format!("{name} is too large: at most {limit} bytes are allowed"))
}
