//! Uploading into a room: the file is looked into, sealed group by group on its way into the store, and filed as a record
//! that only members can read.

use bytes::{Bytes, BytesMut};
use futures::StreamExt;
use kadenza_api::{
    ByteStream, Copies, Error, Examined, Outcome, Result, SealedRecord, Source, Upload, Uploaded,
};
use kadenza_platform::boxed_stream;

use super::{Below, Room, lock, random};
use crate::record::{Audio, RoomSong, SealedFile};
use crate::sealing::{ContentKey, PLAIN_GROUP_BYTES, Salt, sealed_len};

impl<P: Below> Room<P> {
    pub(super) async fn upload_sealed(&self, upload: Upload) -> Result<Uploaded> {
        let Examined { recording, audio, cover } = self.inner.below.examine(upload).await?;
        let id = recording.song_id();
        let before = self.known(id);
        let here = lock(&self.inner.library).reading(id, recording.content);
        if let Some(content) = here {
            let song = before.ok_or_else(|| Error::not_found("the song is gone while it was uploaded"))?;
            let copies = Copies { here: true, tabs: 1, safe: true, ..Copies::default() };
            let recording = song.recording(content).unwrap_or(song.first()).clone();
            return Ok(Uploaded { song, recording, outcome: Outcome::AlreadyHere, copies });
        }
        let file = self.seal(audio, recording.bytes).await?;
        let cover = match (cover, &recording.cover) {
            (Some(bytes), Some(picture)) => {
                let once = boxed_stream(futures::stream::iter([Ok(bytes)]));
                Some(self.seal(Source::once(Some(picture.bytes), once), picture.bytes).await?)
            }
            _ => None,
        };
        let copies = self.file(&RoomSong { recording, audio: Audio::Sealed { audio: file, cover } }).await?;
        let song =
            self.known(id).ok_or_else(|| Error::not_found("the song is gone while it was uploaded"))?;
        let recording = song.recording(file.content).unwrap_or(song.first()).clone();
        let outcome = if before.is_some() { Outcome::NewRecording } else { Outcome::NewSong };
        Ok(Uploaded { song, recording, outcome, copies })
    }

    /// Stores `len` bytes, sealed under a key of their own.
    async fn seal(&self, source: Source, len: u64) -> Result<SealedFile> {
        let salt = Salt(random()?);
        let key = self.inner.keys.content_key(&salt);
        let sealed = boxed_stream(sealed(source.open()?, key, len));
        let (content, len) = self.inner.below.store(Source::once(Some(sealed_len(len)), sealed)).await?;
        Ok(SealedFile { content, len, salt })
    }

    /// Files a song's record in the network, shows it here and tells the others.
    pub(super) async fn file(&self, song: &RoomSong) -> Result<Copies> {
        let record = self.inner.keys.seal_record(song, random()?);
        let record: SealedRecord = record.map_err(|error| Error::invalid(error.to_string()))?;
        let copies = self.inner.below.file(record.clone()).await?;
        self.take_in(std::slice::from_ref(&record));
        let now = self.now();
        if let Err(error) = self.live().announce(record, now) {
            tracing::debug!(%error, "others find the song when they look next");
        }
        self.inner.acted.notify_one();
        Ok(copies)
    }
}

/// What is left of a file to be sealed.
struct Sealing {
    plain: ByteStream,
    key: ContentKey,
    /// How long the file is, and how much of it was sealed.
    len: u64,
    done: u64,
    waiting: BytesMut,
}

/// Seals `plain`, which is `len` bytes long, group by group.
fn sealed(plain: ByteStream, key: ContentKey, len: u64) -> impl futures::Stream<Item = Result<Bytes>> {
    let sealing = Sealing { plain, key, len, done: 0, waiting: BytesMut::new() };
    futures::stream::try_unfold(sealing, |mut sealing| async {
        Ok(sealing.next().await?.map(|group| (group, sealing)))
    })
}

impl Sealing {
    async fn next(&mut self) -> Result<Option<Bytes>> {
        let left = self.len.saturating_sub(self.done);
        if left == 0 {
            return Ok(None);
        }
        let group = left.min(PLAIN_GROUP_BYTES);
        let size = usize::try_from(group).unwrap_or(usize::MAX);
        while self.waiting.len() < size {
            let chunk = self.plain.next().await;
            self.waiting.extend_from_slice(&chunk.ok_or_else(|| Error::invalid("the file was cut off"))??);
        }
        let plain = self.waiting.split_to(size);
        let (index, is_last) = (self.done / PLAIN_GROUP_BYTES, left == group);
        self.done += group;
        let sealed = self.key.seal_group(index, is_last, &plain);
        sealed.map(|sealed| Some(sealed.into())).map_err(|error| Error::invalid(error.to_string()))
    }
}
