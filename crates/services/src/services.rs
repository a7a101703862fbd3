//! The lowest layer: upload, search, song and read, answered from this node's own store.

use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use kadenza_api::{
    ByteStream, ContentId, Copies, Error, Found, Music, Network, Outcome, Picture, Query, READ_LIMIT_BYTES,
    Recording, Result, Song, SongId, Source, Stored, Tags, Upload, Uploaded,
};
use kadenza_platform::{boxed_stream, now};
use libp2p_identity::Keypair;
use tokio::sync::broadcast;

use crate::budget::{Budget, UNWRITTEN_MAX_BYTES};
use crate::held::Recent;
use crate::ledger::{Ledger, Reservation};
use crate::names;
use crate::own::{self, LOOK_BYTES, Own};
use crate::partials::{Partials, not_here};
use crate::proof::Proof;
use crate::record;
use crate::shelf::{SONGS_MAX, Shelf};
use crate::staged::{Staged, Whole, too_large};
use crate::store::{Commit, Store};
use crate::tags::{self, Audio, Cover};
use crate::task::detached;

/// Songs that a listener may be behind: a few, or a relay's greeting.
const TOLD_MAX: usize = 256;

/// How a node's own services behave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// The largest file an upload may bring, in bytes.
    pub file_limit_bytes: u64,
    /// The most bytes of content the node stores.
    pub quota_bytes: u64,
    /// Whether what is stored outlives the process on a synced disk, as a relay's store does.
    pub durable: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self { file_limit_bytes: 200_000_000, quota_bytes: 10_000_000_000, durable: false }
    }
}

/// This node's own store and index. A clone is another handle to the same one.
pub struct Services<S: Store> {
    pub(crate) inner: Arc<Inner<S>>,
}

pub(crate) struct Inner<S: Store> {
    pub(crate) store: Arc<S>,
    keypair: Keypair,
    pub(crate) config: Config,
    pub(crate) ledger: Arc<Ledger>,
    /// Memory for what waits to be written.
    pub(crate) budget: Arc<Budget>,
    /// Held for a look-up at a time, never across an await.
    shelf: Mutex<Shelf>,
    pub(crate) own: Mutex<Own>,
    /// Held from reading a song to storing it with more in it, so that two additions do not lose one.
    pub(crate) committing: futures::lock::Mutex<()>,
    pub(crate) partials: Mutex<Partials<S>>,
    pub(crate) recent: Recent,
    /// Whoever wants to hear of songs.
    told: broadcast::Sender<Song>,
}

impl<S: Store> Clone for Services<S> {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone() }
    }
}

impl<S: Store> std::fmt::Debug for Services<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Services").field("config", &self.inner.config).finish_non_exhaustive()
    }
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<S: Store> Services<S> {
    /// Opens the services on `store`; `keypair` signs what is uploaded here.
    ///
    /// # Errors
    /// [`Error::Storage`] when the store cannot be read.
    pub async fn open(store: S, keypair: Keypair, config: Config) -> Result<Self> {
        let loaded = store.load().await?;
        let used = loaded.contents.iter().map(|(_, len)| len).sum();
        let shelf = Shelf::new(loaded);
        let own = Own::stored(store.setting(own::SETTING).await?, |content| shelf.content(content).is_some());
        let inner = Inner {
            store: Arc::new(store),
            keypair,
            ledger: Ledger::new(config.quota_bytes, used),
            budget: Budget::new(UNWRITTEN_MAX_BYTES),
            config,
            shelf: Mutex::new(shelf),
            own: Mutex::new(own),
            committing: futures::lock::Mutex::new(()),
            partials: Mutex::new(Partials::default()),
            recent: Recent::default(),
            told: broadcast::Sender::new(TOLD_MAX),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Sets the most bytes of content this node stores from now on. What is stored stays, even if it is more than that.
    pub fn set_quota(&self, bytes: u64) {
        self.inner.ledger.set_quota(bytes);
    }

    /// Each song that becomes known here or learns something, as it is then. A receiver that falls behind by more than a few
    /// hundred is told how many it missed.
    pub fn songs(&self) -> broadcast::Receiver<Song> {
        self.inner.told.subscribe()
    }

    /// Whether what is acknowledged here outlives the process.
    pub fn durable(&self) -> bool {
        self.inner.config.durable
    }
}

impl<S: Store> Inner<S> {
    pub(crate) fn shelf(&self) -> MutexGuard<'_, Shelf> {
        lock(&self.shelf)
    }

    /// Adds whole contents and recordings to the store and then to the shelf. Returns the songs that learnt
    /// something, as they are now.
    pub(crate) async fn commit(
        &self,
        wholes: Vec<Whole<S>>,
        recordings: Vec<Recording>,
    ) -> Result<Vec<Song>> {
        let _committing = self.committing.lock().await;
        self.commit_alone(wholes, recordings).await
    }

    /// [`Inner::commit`] for whoever holds `committing`.
    async fn commit_alone(&self, wholes: Vec<Whole<S>>, recordings: Vec<Recording>) -> Result<Vec<Song>> {
        let songs = self.grown(recordings)?;
        let mut new: Vec<Whole<S>> = Vec::new();
        for whole in wholes {
            let id = whole.proof.id();
            // Held already, by another upload meanwhile perhaps: dropping it gives its staged bytes up.
            if self.shelf().content(id).is_none() && new.iter().all(|other| other.proof.id() != id) {
                new.push(whole);
            }
        }
        let contents: Vec<_> = new.iter().map(|whole| whole.staged.content(&whole.proof)).collect();
        if !contents.is_empty() || !songs.is_empty() {
            self.store.commit(Commit { contents, songs: songs.clone(), ..Commit::default() }).await?;
        }
        let mut shelf = self.shelf();
        for whole in new {
            shelf.put_content(whole.proof.id(), whole.proof.len());
            self.recent.remember_proof(whole.committed());
        }
        for song in &songs {
            shelf.put_song(song.clone());
            // Nobody need listen.
            let _ = self.told.send(song.clone());
        }
        Ok(songs)
    }

    /// The songs of `recordings` with these added to them; those that learn nothing from it are left out.
    fn grown(&self, recordings: Vec<Recording>) -> Result<Vec<Song>> {
        let shelf = self.shelf();
        let mut additions = std::collections::BTreeMap::<SongId, Vec<Recording>>::new();
        for recording in recordings {
            additions.entry(recording.song_id()).or_default().push(recording);
        }
        let mut songs = Vec::new();
        let mut count = shelf.song_count();
        for (id, recordings) in additions {
            let addition = Song::new(recordings)?;
            match shelf.song(id) {
                Some(known) => {
                    let grown = known.merge(&addition)?;
                    songs.extend((grown != *known).then_some(grown));
                }
                None if count < SONGS_MAX => {
                    count += 1;
                    songs.push(addition);
                }
                None => {
                    return Err(Error::storage(format!(
                        "no room: this node knows {SONGS_MAX} songs already"
                    )));
                }
            }
        }
        Ok(songs)
    }

    /// Takes one content in and checks nothing but its size, which is at most `limit` bytes. `name` is for messages.
    pub(crate) async fn receive(&self, source: &Source, limit: u64, name: &str) -> Result<Whole<S>> {
        match source.len() {
            Some(0) => return Err(Error::invalid(format!("{name} is empty"))),
            Some(len) if len > limit => return Err(too_large(name, limit)),
            Some(len) if len > self.ledger.room() => {
                return Err(Error::storage(format!(
                    "no room: {name} has {len} bytes, {} are left",
                    self.ledger.room()
                )));
            }
            _ => {}
        }
        let whole = self.whole(source.open()?, limit, name).await?;
        match (source.len(), whole.proof.len()) {
            (_, 0) => Err(Error::invalid(format!("{name} is empty"))),
            (Some(promised), len) if promised != len => {
                Err(Error::invalid(format!("{name} was cut off: {len} of {promised} bytes came")))
            }
            _ => Ok(whole),
        }
    }

    async fn whole(&self, stream: ByteStream, limit: u64, name: &str) -> Result<Whole<S>> {
        let staged = Staged::begin(self.store.clone()).await?;
        Whole::receive(staged, Reservation::new(self.ledger.clone()), stream, limit, name).await
    }

    /// Takes a file in, reads what it says of itself and signs a recording of it. It is staged, and nothing more.
    pub(crate) async fn take_in(&self, upload: &Upload) -> Result<TakenIn<S>> {
        let name = names::shown(&upload.name);
        let audio = self.receive(&upload.source, self.config.file_limit_bytes, &name).await?;
        let staged = &audio.staged;
        let mut said = tags::read(&name, audio.proof.len(), |range| staged.read(range)).await?;
        let named = named(upload, &name, &said)?;
        let cover = said.cover.take();
        let recording = recording(&said, named, &audio.proof, cover.as_ref().map(picture));
        recording.check()?;
        let recording = record::sign(&self.keypair, recording)?;
        Ok(TakenIn { recording, audio, cover: cover.map(|cover| cover.bytes) })
    }

    async fn upload(self: Arc<Self>, upload: Upload) -> Result<Uploaded> {
        let TakenIn { recording, audio, cover } = self.take_in(&upload).await?;
        let mut wholes = vec![audio];
        if let Some(cover) = cover {
            let len = cover.len() as u64;
            let stream = boxed_stream(futures::stream::iter([Ok(cover)]));
            wholes.push(self.whole(stream, len, "the cover").await?);
        }
        detached(async move { self.add(wholes, recording).await }).await
    }

    /// Stores an upload whose parts are all here.
    async fn add(&self, wholes: Vec<Whole<S>>, recording: Recording) -> Result<Uploaded> {
        let _committing = self.committing.lock().await;
        let id = recording.song_id();
        let before = self.shelf().song(id);
        let known = before.as_ref().and_then(|song| song.recording(recording.content)).cloned();
        let outcome = match (&before, &known) {
            (_, Some(_)) => Outcome::AlreadyHere,
            (Some(_), None) => Outcome::NewRecording,
            (None, None) => Outcome::NewSong,
        };
        if let (Some(song), None) = (&before, &known) {
            let grown = song.merge(&Song::new(vec![recording.clone()])?)?;
            if grown.recording(recording.content).is_none() {
                let most = grown.recordings().len();
                return Err(Error::too_large(format!(
                    "{} has {most} recordings; no more are kept",
                    song.title()
                )));
            }
        }
        let content = recording.content;
        let additions = if known.is_some() { Vec::new() } else { vec![recording] };
        let grown = self.commit_alone(wholes, additions).await?;
        let lost = || Error::storage(format!("song {id} is gone while it was stored"));
        let song = match grown.into_iter().next() {
            Some(song) => song,
            None => self.shelf().song(id).map(|song| Song::clone(&song)).ok_or_else(lost)?,
        };
        let recording = song.recording(content).cloned().ok_or_else(lost)?;
        Ok(Uploaded { song, recording, outcome, copies: self.copies() })
    }

    /// A lone node's account of what it has just stored.
    pub(crate) fn copies(&self) -> Copies {
        let durable = self.config.durable;
        Copies { here: true, relays: u32::from(durable), tabs: u32::from(!durable), safe: durable }
    }

    async fn read(&self, content: ContentId, len: u64, range: Range<u64>) -> Result<Bytes> {
        if range.start >= range.end || range.end > len {
            return Err(Error::invalid(format!("there are no bytes {range:?} in a content of {len}")));
        }
        let range = range.start..range.end.min(range.start + READ_LIMIT_BYTES);
        loop {
            // In this order: a content is on the shelf before it ceases to be a partial.
            let partial = lock(&self.partials).find((content, len));
            let held = self.shelf().content(content);
            match (held, partial) {
                (Some(held), _) if held == len => return self.read_held((content, len), range).await,
                (Some(held), _) => {
                    return Err(Error::invalid(format!("content {content} has {held} bytes, not {len}")));
                }
                (None, None) => return Err(not_here(content)),
                (None, Some(partial)) => {
                    if let Some(bytes) = self.read_partial(&partial, range.clone()).await? {
                        return Ok(bytes);
                    }
                }
            }
        }
    }
}

/// A file that was taken in and is not stored yet.
pub(crate) struct TakenIn<S: Store> {
    /// What it is, signed.
    pub(crate) recording: Recording,
    pub(crate) audio: Whole<S>,
    /// The bytes of the recording's cover.
    pub(crate) cover: Option<Bytes>,
}

/// What the song is called: by the uploader, or else by its file.
fn named(upload: &Upload, name: &str, audio: &Audio) -> Result<Tags> {
    let tags = names::or(names::cleaned(&upload.tags), &audio.tags);
    let missing = match (&tags.title, &tags.artist) {
        (Some(_), Some(_)) => return Ok(tags),
        (None, Some(_)) => "title",
        (Some(_), None) => "artist",
        (None, None) => "title and artist",
    };
    Err(Error::NeedsTags {
        message: format!("{name} does not say its {missing}"),
        guess: Box::new(names::or(tags, &names::guess(&upload.name))),
    })
}

fn picture(cover: &Cover) -> Picture {
    let bytes = cover.bytes.len() as u64;
    Picture { content: ContentId::of(&cover.bytes), bytes, media_type: cover.media_type.into() }
}

fn recording(audio: &Audio, tags: Tags, proof: &Proof, cover: Option<Picture>) -> Recording {
    let (content, bytes) = (proof.id(), proof.len());
    let duration_ms = u64::try_from(audio.duration.as_millis()).unwrap_or(u64::MAX);
    // Bits in a millisecond are kilobits in a second.
    let average = u32::try_from(bytes * 8 / duration_ms.max(1)).unwrap_or(u32::MAX);
    Recording {
        time: now(),
        content,
        bytes,
        media_type: audio.media_type.into(),
        duration_ms,
        bitrate: audio.bitrate.unwrap_or(average),
        title: tags.title.unwrap_or_default(),
        artist: tags.artist.unwrap_or_default(),
        album: tags.album.unwrap_or_default(),
        track: audio.track,
        year: audio.year,
        cover,
        uploader: String::new(),
        signature: String::new(),
    }
}

impl<S: Store> Music for Services<S> {
    async fn upload(&self, upload: Upload) -> Result<Uploaded> {
        let uploaded = self.inner.clone().upload(upload).await?;
        let cover = uploaded.recording.cover.iter().map(|cover| cover.content);
        self.inner.make_own(cover.chain([uploaded.recording.content])).await;
        Ok(uploaded)
    }

    async fn search(&self, query: Query) -> Result<Found> {
        query.check()?;
        Ok(self.inner.shelf().search(&query))
    }

    async fn song(&self, id: SongId) -> Result<Song> {
        let song = self.inner.shelf().song(id);
        song.map(|song| Song::clone(&song))
            .ok_or_else(|| Error::not_found(format!("no song has the id {id}")))
    }

    async fn read(&self, content: ContentId, len: u64, range: Range<u64>) -> Result<Bytes> {
        if range.end > LOOK_BYTES {
            self.inner.make_own_in_time(content);
        }
        self.inner.read(content, len, range).await
    }

    async fn network(&self) -> Result<Network> {
        let shelf = self.inner.shelf();
        let own = lock(&self.inner.own);
        let stored = Stored {
            songs: shelf.song_count() as u64,
            held_songs: shelf.held_songs().count() as u64,
            bytes: shelf.contents().map(|(_, len)| len).sum(),
            own_bytes: own.contents().filter_map(|content| shelf.content(content)).sum(),
            quota_bytes: self.inner.ledger.quota(),
        };
        Ok(Network { durable: self.inner.config.durable, stored, ..Network::default() })
    }
}
