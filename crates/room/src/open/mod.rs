//! An open room: the shell that ties the room's state machines to the node below. It speaks [`Music`] for the room's
//! library as any layer does for its own, and says who is here and what is played together.

mod library;
mod party;
mod read;
mod upload;

use std::fmt;
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use futures::FutureExt;
use futures::future::{AbortHandle, abortable};
use kadenza_api::{
    ContentId, Error, Found, Meet, Music, Network, Query, Recording, Result, Scope, SealedRecord, Song,
    SongId, Upload, Uploaded, Vault,
};
use kadenza_platform::{Instant, sleep, spawn};
use libp2p_identity::PeerId;
use tokio::sync::{Notify, watch};

use self::library::Library;
use crate::keys::{RoomId, RoomKeys};
use crate::link::Link;
use crate::live::{Action, ActionError, Live};
use crate::members::MemberName;
use crate::record::{Audio, RoomSong};
use crate::together::{QueueItemId, Target};

/// How often the network is asked for records that members did not tell of.
const LOOK_EVERY: Duration = Duration::from_secs(30);

/// What a room asks of the node below.
pub trait Below: Music + Vault + Meet + Clone {}

impl<T: Music + Vault + Meet + Clone> Below for T {}

/// A room this tab is in. Cloning gives another handle to the same one; it is left with [`Room::leave`].
pub struct Room<P> {
    inner: Arc<Inner<P>>,
}

struct Inner<P> {
    below: P,
    link: Link,
    keys: RoomKeys,
    me: PeerId,
    begun: Instant,
    library: Mutex<Library>,
    live: Mutex<Live>,
    /// There is something to send.
    acted: Notify,
    changed: watch::Sender<Changes>,
    tasks: Mutex<Vec<AbortHandle>>,
}

/// How often what was changed, so that whoever shows it sees what is new.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Changes {
    /// The songs.
    pub library: u64,
    /// Who is here, and reactions.
    pub members: u64,
    /// The queue.
    pub queue: u64,
    /// What is played.
    pub playback: u64,
}

impl<P> Clone for Room<P> {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone() }
    }
}

impl<P> fmt::Debug for Room<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Never the link: whoever reads it is in.
        f.debug_struct("Room").field("name", &self.inner.link.name()).finish_non_exhaustive()
    }
}

impl<P> PartialEq for Room<P> {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.inner, &other.inner)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Random bytes.
///
/// # Errors
/// [`Error::Storage`] where the system has none.
fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| Error::storage(format!("no random numbers: {error}")))?;
    Ok(bytes)
}

impl<P: Below> Room<P> {
    /// Goes into the room of `link`, called `name` there. It returns at once: records and members come as they are found.
    ///
    /// # Errors
    /// [`Error::Storage`] where the system has no random numbers, [`Error::Invalid`] where the node has no peer id.
    pub fn open(below: P, link: Link, name: MemberName) -> Result<Self> {
        let keys = RoomKeys::derive(link.secret());
        let me = PeerId::from_bytes(&below.this())
            .map_err(|error| Error::invalid(format!("this node's peer id is none: {error}")))?;
        let live = Live::new(keys.room(), me, name, u64::from_be_bytes(random()?), Duration::ZERO);
        let inner = Inner {
            below,
            link,
            me,
            begun: Instant::now(),
            library: Mutex::default(),
            live: Mutex::new(live),
            acted: Notify::new(),
            changed: watch::Sender::new(Changes::default()),
            tasks: Mutex::default(),
            keys,
        };
        let room = Self { inner: Arc::new(inner) };
        room.run(room.clone().look_for_records());
        room.run(party::run(room.clone()));
        Ok(room)
    }

    fn run(&self, task: impl Future<Output = ()> + kadenza_platform::MaybeSend + 'static) {
        let (task, handle) = abortable(task);
        lock(&self.inner.tasks).push(handle);
        spawn(task.map(drop));
    }

    /// Says goodbye to the others and ends all that goes on for the room.
    pub async fn leave(&self) {
        self.say_goodbye();
        // The goodbye goes to connections that are open; more than a moment is not needed.
        sleep(Duration::from_millis(50)).await;
        lock(&self.inner.tasks).drain(..).for_each(|task| task.abort());
    }

    /// Says goodbye without waiting for it to be sent: the page is going.
    pub fn say_goodbye(&self) {
        self.live().leave();
        self.inner.acted.notify_one();
    }

    async fn look_for_records(self) {
        let room = self.inner.keys.room();
        let mut scope = Scope::Here;
        loop {
            match self.inner.below.filed(room, scope).await {
                Ok(records) => self.take_in(&records),
                Err(error) => tracing::debug!(%error, "cannot look for a room's records"),
            }
            if scope == Scope::Network {
                sleep(LOOK_EVERY).await;
            }
            scope = Scope::Network;
        }
    }

    /// Adds what is news to the library.
    fn take_in(&self, records: &[SealedRecord]) {
        let mut is_news = false;
        {
            let mut library = lock(&self.inner.library);
            for record in records {
                match library.add(&self.inner.keys, record) {
                    Ok(added) => is_news |= added,
                    Err(error) => tracing::debug!(%error, "a record of the room is left out"),
                }
            }
        }
        if is_news {
            self.inner.changed.send_modify(|changes| changes.library += 1);
            self.tell_duration();
        }
    }

    /// Tells the state machine how long what is played is, so that the next song follows it.
    fn tell_duration(&self) {
        let state = |live: &Live| live.state().item(live.state().playback()?.song?);
        let Some(item) = self.look(state) else { return };
        if let Some(song) = self.known(item.song) {
            self.live().set_duration(item.id, Duration::from_millis(song.first().duration_ms));
            self.inner.acted.notify_one();
        }
    }

    fn live(&self) -> MutexGuard<'_, Live> {
        lock(&self.inner.live)
    }

    /// Time since the room was opened here, on a monotonic clock: what all its times are counted in.
    pub fn now(&self) -> Duration {
        self.inner.begun.elapsed()
    }

    /// Its name and secret.
    pub fn link(&self) -> &Link {
        &self.inner.link
    }

    /// What outsiders can know it by.
    pub fn id(&self) -> RoomId {
        self.inner.keys.room()
    }

    /// This tab's own peer id.
    pub fn me(&self) -> PeerId {
        self.inner.me
    }

    /// What outsiders call a song of the room: it is safe in an address that goes to a relay by mistake.
    pub fn address(&self, song: SongId) -> SongId {
        SongId(self.inner.keys.blind_song(song).0)
    }

    /// Counts what changes, now and each time.
    pub fn changes(&self) -> watch::Receiver<Changes> {
        self.inner.changed.subscribe()
    }

    /// Looks at the room as it is now.
    pub fn look<T>(&self, look: impl FnOnce(&Live) -> T) -> T {
        look(&self.live())
    }

    /// What is played, and where the player should be.
    pub fn target(&self) -> Option<(QueueItemId, Target)> {
        self.live().target(self.now())
    }

    /// A person does something. It is done here at once and everywhere at the same moment.
    ///
    /// # Errors
    /// [`ActionError`] that says why it is not.
    pub fn act(&self, action: Action) -> std::result::Result<(), ActionError> {
        let now = self.now();
        let acted = self.live().act(action, now);
        self.inner.acted.notify_one();
        acted
    }

    /// Goes by another name.
    pub fn rename(&self, name: MemberName) {
        let now = self.now();
        self.live().rename(name, now);
        self.inner.acted.notify_one();
    }

    /// Adds a song of the public library by reference: the room stores none of its bytes.
    ///
    /// # Errors
    /// As [`Vault::file`].
    pub async fn add_public(&self, recording: Recording) -> Result<()> {
        let song = RoomSong { recording, audio: Audio::Public };
        self.file(&song).await.map(drop)
    }

    /// A song of the library as it is known now.
    pub fn known(&self, id: SongId) -> Option<Song> {
        lock(&self.inner.library).song(id).cloned()
    }
}

impl<P: Below> Music for Room<P> {
    async fn upload(&self, upload: Upload) -> Result<Uploaded> {
        self.upload_sealed(upload).await
    }

    async fn search(&self, query: Query) -> Result<Found> {
        query.check()?;
        Ok(lock(&self.inner.library).search(&query))
    }

    async fn song(&self, id: SongId) -> Result<Song> {
        self.known(id).ok_or_else(|| Error::not_found(format!("no song of this room has the id {id}")))
    }

    async fn read(&self, content: ContentId, len: u64, range: Range<u64>) -> Result<Bytes> {
        self.read_opened(content, len, range).await
    }

    async fn network(&self) -> Result<Network> {
        self.inner.below.network().await
    }
}
