//! A room's songs, opened: what its records say, and which sealed contents their bytes are in.
//!
//! Songs show sealed contents where the public library shows plain ones. So nothing outside the room, an address that goes
//! to a relay by mistake included, ever names a plain content.

use std::collections::{BTreeMap, BTreeSet};

use kadenza_api::{ContentId, Found, Query, RecordId, Recording, SealedRecord, Song, SongId, rank};

use crate::keys::RoomKeys;
use crate::record::{Audio, OpenError, RoomSong, SealedFile};

/// How to read a content of the room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Content {
    /// Where it is, sealed.
    pub(super) file: SealedFile,
    /// How many bytes it is when it is opened.
    pub(super) len: u64,
}

/// The songs of a room.
#[derive(Debug, Default)]
pub(super) struct Library {
    records: BTreeSet<RecordId>,
    songs: BTreeMap<SongId, Song>,
    /// By what outsiders call them.
    blinded: BTreeMap<SongId, SongId>,
    contents: BTreeMap<ContentId, Content>,
    /// Songs and the plain contents of the recordings there are of them, and what these are read by.
    plain: BTreeMap<(SongId, ContentId), ContentId>,
}

impl Library {
    /// Takes a record in. Whether it is news.
    ///
    /// # Errors
    /// [`OpenError`] for one that is not of this room, or not what a member would write.
    pub(super) fn add(&mut self, keys: &RoomKeys, record: &SealedRecord) -> Result<bool, OpenError> {
        let id = record.id();
        if self.records.contains(&id) {
            return Ok(false);
        }
        let RoomSong { recording, audio } = keys.open_record(record)?;
        let plain = recording.content;
        let shown = self.shown(recording, &audio);
        let read_by = shown.content;
        let no_song = |error: kadenza_api::Error| OpenError::NoSong(error.to_string());
        let addition = Song::new(vec![shown]).map_err(no_song)?;
        let song = match self.songs.get(&addition.id()) {
            Some(known) => known.merge(&addition).map_err(no_song)?,
            None => addition,
        };
        self.records.insert(id);
        self.plain.insert((song.id(), plain), read_by);
        self.blinded.insert(SongId(keys.blind_song(song.id()).0), song.id());
        self.songs.insert(song.id(), song);
        Ok(true)
    }

    /// The recording with the contents it is read by in place of the plain ones.
    fn shown(&mut self, mut recording: Recording, audio: &Audio) -> Recording {
        let Audio::Sealed { audio, cover } = audio else { return recording };
        self.contents.insert(audio.content, Content { file: *audio, len: recording.bytes });
        recording.content = audio.content;
        if let (Some(picture), Some(file)) = (&mut recording.cover, cover) {
            self.contents.insert(file.content, Content { file: *file, len: picture.bytes });
            picture.content = file.content;
        }
        recording
    }

    pub(super) fn search(&self, query: &Query) -> Found {
        let ranked = rank(query, self.songs.values().cloned().collect());
        let total = ranked.len();
        Found { songs: ranked.into_iter().skip(query.offset).take(query.limit).collect(), total }
    }

    /// A song by its id, or by what outsiders call it.
    pub(super) fn song(&self, id: SongId) -> Option<&Song> {
        self.songs.get(self.blinded.get(&id).unwrap_or(&id))
    }

    pub(super) fn content(&self, id: ContentId) -> Option<Content> {
        self.contents.get(&id).copied()
    }

    /// What the recording of a song with these plain bytes is read by, if there is one.
    pub(super) fn reading(&self, song: SongId, plain: ContentId) -> Option<ContentId> {
        self.plain.get(&(song, plain)).copied()
    }
}
