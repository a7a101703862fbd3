//! A shelf of songs in memory: as little of [`Music`] as it takes to look at HTTP alone.

use std::ops::Range;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use kadenza_api::{
    ContentId, Copies, Error, Found, Music, Network, Outcome, Picture, Query, Recording, Result, Song,
    SongId, Upload, Uploaded, collect,
};

/// Longest answer to one read, in bytes, so that a body takes many.
pub(crate) const PIECE_BYTES: u64 = 1000;

#[derive(Debug, Default, Clone)]
pub(crate) struct Shelf {
    songs: Arc<Mutex<Vec<Song>>>,
    contents: Arc<Mutex<Vec<Bytes>>>,
    /// Reads that were asked for so far.
    pub(crate) reads: Arc<AtomicUsize>,
    /// The longest of them, in bytes.
    pub(crate) longest: Arc<AtomicU64>,
    /// The read that fails, if one does.
    breaks_at: Option<usize>,
}

impl Shelf {
    /// This shelf, whose read number `at` fails.
    pub(crate) fn that_breaks(&self, at: usize) -> Self {
        Self { breaks_at: Some(at), reads: Arc::default(), ..self.clone() }
    }

    /// How many contents were stored.
    pub(crate) fn contents(&self) -> usize {
        self.contents.lock().unwrap().len()
    }

    /// Puts a song with a cover here.
    pub(crate) fn put(&self, title: &str, audio: Bytes, cover: Bytes) -> Song {
        let recording = Recording {
            time: 1,
            content: ContentId::of(&audio),
            bytes: audio.len() as u64,
            media_type: "audio/wav".into(),
            duration_ms: 1000,
            bitrate: 64,
            title: title.into(),
            artist: "Ada".into(),
            album: String::new(),
            track: None,
            year: None,
            cover: (!cover.is_empty()).then(|| Picture {
                content: ContentId::of(&cover),
                bytes: cover.len() as u64,
                media_type: "image/png".into(),
            }),
            uploader: String::new(),
            signature: String::new(),
        };
        let song = Song::new(vec![recording]).unwrap();
        self.contents.lock().unwrap().extend([audio, cover]);
        self.songs.lock().unwrap().push(song.clone());
        song
    }
}

impl Music for Shelf {
    async fn upload(&self, upload: Upload) -> Result<Uploaded> {
        let title = upload.tags.title.clone().unwrap_or_else(|| upload.name.clone());
        let audio = collect(upload.source.open()?, u64::MAX).await?;
        let known = self.contents.lock().unwrap().contains(&audio);
        let song = self.put(&title, audio, Bytes::new());
        let outcome = if known { Outcome::AlreadyHere } else { Outcome::NewSong };
        Ok(Uploaded { recording: song.first().clone(), song, outcome, copies: Copies::default() })
    }

    async fn search(&self, query: Query) -> Result<Found> {
        let songs = self.songs.lock().unwrap().clone();
        Ok(Found { total: songs.len(), songs: songs.into_iter().take(query.limit).collect() })
    }

    async fn song(&self, id: SongId) -> Result<Song> {
        let songs = self.songs.lock().unwrap();
        songs
            .iter()
            .find(|song| song.id() == id)
            .cloned()
            .ok_or_else(|| Error::not_found(format!("no song {id}")))
    }

    async fn read(&self, content: ContentId, _len: u64, range: Range<u64>) -> Result<Bytes> {
        if self.breaks_at == Some(self.reads.fetch_add(1, Ordering::Relaxed)) {
            return Err(Error::unavailable("the last holder has left"));
        }
        self.longest.fetch_max(range.end - range.start, Ordering::Relaxed);
        let contents = self.contents.lock().unwrap();
        let found = contents.iter().find(|bytes| ContentId::of(bytes) == content);
        let bytes = found.ok_or_else(|| Error::not_found(format!("no content {content}")))?;
        let end = range.end.min(range.start + PIECE_BYTES);
        Ok(bytes.slice(usize::try_from(range.start).unwrap()..usize::try_from(end).unwrap()))
    }

    async fn network(&self) -> Result<Network> {
        Ok(Network::default())
    }
}
