//! What a room asks of the network: to keep its records and contents, all of them sealed.

use bytes::Bytes;
use futures::Future;
use kadenza_platform::{MaybeSend, MaybeSync};

use crate::{ContentId, Copies, Recording, Result, RoomId, Scope, SealedRecord, Source, Upload};

/// Where rooms keep what they share. Nobody on the other side can read it: whoever asks has sealed it before, and opens
/// what it gets.
///
/// All methods are cancel-safe for the caller: dropping the future abandons the answer, never stored data.
pub trait Vault: MaybeSend + MaybeSync + 'static {
    /// Reads what a file says of itself and signs a recording of it, as [`crate::Music::upload`] would, and keeps
    /// nothing: the bytes are staged until the answer and all clones of its audio are dropped.
    ///
    /// # Errors
    /// Those of [`crate::Music::upload`].
    fn examine(&self, upload: Upload) -> impl Future<Output = Result<Examined>> + MaybeSend;

    /// Takes bytes in as a content, committed to this node's store; returns its id and its length in bytes. Nobody else
    /// is told of it.
    ///
    /// # Errors
    /// [`crate::Error::Invalid`] when there are no bytes, [`crate::Error::TooLarge`] for more than the largest file
    /// sealed, [`crate::Error::Storage`], or the source's own error.
    fn store(&self, source: Source) -> impl Future<Output = Result<(ContentId, u64)>> + MaybeSend;

    /// Keeps a record all of whose contents are here, hands it to the peers it belongs on, and has its contents copied
    /// there. Says where copies are, of the record where it has no contents.
    ///
    /// # Errors
    /// [`crate::Error::Invalid`] for a record strangers refuse, [`crate::Error::NotFound`] when one of its contents is
    /// not here, [`crate::Error::Storage`] when this node has no room for it.
    fn file(&self, record: SealedRecord) -> impl Future<Output = Result<Copies>> + MaybeSend;

    /// The records of a room that this node has, in order of id; with [`Scope::Network`] also those of the nodes they
    /// belong on, which are kept here too as far as there is room. At most twice [`crate::ROOM_RECORDS_MAX`].
    ///
    /// # Errors
    /// [`crate::Error::Storage`].
    fn filed(
        &self,
        room: RoomId,
        scope: Scope,
    ) -> impl Future<Output = Result<Vec<SealedRecord>>> + MaybeSend;
}

/// A file that was looked into.
#[derive(Debug, Clone)]
pub struct Examined {
    /// What it is, signed by this node. Ids and lengths are those of the plain bytes.
    pub recording: Recording,
    /// Its bytes. They can be opened again and again, and are gone once the last clone of this is dropped.
    pub audio: Source,
    /// The bytes of the cover that came with it.
    pub cover: Option<Bytes>,
}
