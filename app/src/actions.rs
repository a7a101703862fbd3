//! Everything that can happen on the page, and how a component says that it did.

use std::rc::Rc;
use std::time::Duration;

use kadenza_api::{Copies, Error, Found, Losses, Network, Result, Song, SongId, Source, Tags, Uploaded};
use kadenza_node::tab::{Holdings, Status};
use yew::prelude::*;

use crate::files::Picked;
use crate::state::{
    Deed, Kept, Language, Link, NameField, PlaybackError, Player, Refusal, Repeat, Resumed, RoomView, View,
};

/// Something happened: a person did it, the network answered, or the audio element moved on.
#[derive(Debug, Clone)]
pub enum Action {
    /// The peer could not be started.
    StartFailed(Error),
    /// The peer's own id became known.
    PeerKnown(String),
    /// The peer's standing with the network changed.
    StatusChanged(Status),
    /// No service worker can stream what this tab has to the page's own elements.
    StreamingMissing,
    /// The network panel was opened or closed.
    NetworkToggled(bool),
    /// The peer said how it stands with the others.
    NetworkSeen(Network),
    /// Somebody points at a peer of this id, or at none any more.
    PeerPicked(Option<String>),
    /// A song's place on the ring is to be shown, or none any more.
    SongSought(Option<Rc<Song>>),

    /// The storage sheet was opened or closed.
    StorageToggled(bool),
    /// The peer said what it stores.
    StorageSeen(Holdings),
    /// The most bytes the peer may store; as many as the browser allows where `None`.
    StorageLimitSet(Option<u64>),
    /// What would be gone with what is stored is counted so far, or cannot be.
    LossesCounted(Result<Losses>),
    /// The browser is to be asked to keep what is stored.
    LastingAsked,
    /// It agreed, or did not.
    LastingAnswered(bool),

    /// The words in the search box changed.
    Typed(String),
    /// The list should be asked for anew.
    RefreshAsked,
    /// More of the same search is wanted.
    MoreAsked,
    /// The library is to be looked at so.
    ViewSet(View),
    /// The songs of the album or artist of this name are to be listed, or all of them again.
    GroupOpened(Option<String>),
    /// This tab's own songs for search `serial` are known.
    FoundHere {
        /// Which search was answered.
        serial: u32,
        /// The answer.
        found: Found,
    },
    /// Further songs of this tab's own for search `serial` are known.
    FoundFurther {
        /// Which search was answered.
        serial: u32,
        /// The answer, from the first song that had not been read.
        found: Found,
    },
    /// The network's answer to search `serial` is known.
    FoundEverywhere {
        /// Which search was answered.
        serial: u32,
        /// The answer.
        answer: Result<Found>,
    },
    /// The next page of search `serial` is known.
    FoundMore {
        /// Which search was answered.
        serial: u32,
        /// The answer.
        answer: Result<Found>,
    },

    /// The page was opened with this link, or the address has become it.
    LinkOpened(Link),
    /// The song of a link is known, or nobody knows it.
    LinkAnswered {
        /// The song that was asked for.
        id: SongId,
        /// The answer.
        answer: Result<Song>,
    },
    /// The song of a link should be looked for once more.
    LinkRetried,
    /// What was said of a link has been read.
    LinkDismissed,

    /// Somebody points at a song of the list, with the pointer or the keyboard, or at none any more.
    SongPointed(Option<Rc<Song>>),
    /// These songs of the list are in view.
    RowsSeen(Vec<Rc<Song>>),
    /// The list is looked at where it needs so many songs.
    RowsWanted(usize),
    /// The beginning of a song is here, or cannot be had.
    PrefetchEnded {
        /// Which song's.
        id: SongId,
        /// How long that took.
        took: Duration,
    },

    /// The connection is now metered, or is not any more.
    ConnectionMetered(bool),
    /// The most bytes a second that others are to be sent.
    UploadLimitSet(Option<u64>),
    /// Songs are to be kept for others, or no longer.
    KeepingSet(bool),
    /// Single keys are to do something, or no longer.
    KeysSet(bool),
    /// The page is to speak this language.
    LanguageSet(Language),
    /// It is to be shown what keys do, or no longer.
    KeysShown(bool),

    /// The room is like this now; its library has changed so often.
    RoomSeen {
        /// What it is like.
        view: Rc<RoomView>,
        /// Changes of its library.
        library: u64,
    },
    /// This tab is to play what the room plays, or no longer.
    TogetherSet(bool),
    /// The public library is to be shown in a room, or the room's own again.
    PublicShown(bool),
    /// A song of the room may be made public, if the person still wants that when it is known what it means; or none may.
    PublishAsked(Option<Rc<Song>>),
    /// It is to be: these are its bytes.
    PublishBegun {
        /// Which song.
        song: Rc<Song>,
        /// Its bytes.
        source: Source,
    },
    /// How far this tab's player is behind the room, in milliseconds; nothing where it does not play.
    DriftSeen(Option<f64>),
    /// Something could not be done in a room, for this reason.
    RoomRefused(Refusal),
    /// What was said of that has been read.
    RoomRefusalRead,

    /// A dropped folder is being looked through.
    FolderDropped,
    /// Nobody wants what dropped folders hold after all.
    LookingStopped,
    /// Files were picked or dropped.
    FilesPicked(Picked),
    /// Files that were on their way when the page went are here again.
    UploadsResumed(Vec<Resumed>),
    /// Whether an upload would be here after a reload is settled.
    UploadKept {
        /// Which upload.
        id: u32,
        /// Whether it would.
        kept: Kept,
    },
    /// An upload began.
    UploadStarted(u32),
    /// So many bytes of an upload have been read, from its beginning.
    UploadRead {
        /// Which upload.
        id: u32,
        /// Bytes read.
        bytes: u64,
    },
    /// An upload came to its end.
    UploadEnded {
        /// Which upload.
        id: u32,
        /// What it came to.
        result: Result<Rc<Uploaded>>,
    },
    /// A person said what an untagged file is.
    TagsGiven {
        /// Which upload.
        id: u32,
        /// Its title, artist and album.
        tags: Tags,
    },
    /// A person left a file out.
    UploadSkipped(u32),
    /// All files that are not in yet are to be left out.
    UploadsCancelled,
    /// A failed upload should be tried again.
    UploadRetried(u32),
    /// All failed uploads that may succeed should be tried again.
    UploadsRetried,
    /// Names are to be looked at before files go, or no longer.
    ChecksSet(bool),
    /// The names of this upload are to be looked at before it goes; those of all that have not gone, where none is named.
    CheckAsked(Option<u32>),
    /// The names that are looked at are to be shown, or no longer.
    NamesShown(bool),
    /// What a file says of itself is known, or why it is no music.
    NamesRead {
        /// Which upload.
        id: u32,
        /// Its names.
        names: Result<Tags>,
    },
    /// A person corrected a name of files.
    NameGiven {
        /// Which uploads.
        ids: Vec<u32>,
        /// Which of their names.
        field: NameField,
        /// What it is now.
        text: String,
    },
    /// The files whose names are looked at are to be left out.
    CheckedLeftOut,
    /// The names that were looked at are right.
    NamesConfirmed,
    /// The upload panel was closed.
    UploadsDismissed,

    /// It is to be shown where copies of this song are, or of none any more.
    SafetyAsked(Option<Rc<Song>>),
    /// Where copies of the song's recording are is known, or why not.
    SafetySeen(Result<Copies>),

    /// A song of the list was chosen.
    SongChosen(Rc<Song>),
    /// Play where it was paused, pause where it plays.
    Toggled,
    /// The next song of the list.
    Next,
    /// The one before.
    Previous,
    /// Go to this second of the song.
    Sought(f64),
    /// The volume, from 0 to 1.
    VolumeSet(f64),
    /// Be silent, or not any more.
    MuteToggled,
    /// A song is to follow the one that plays.
    QueueAdded(Rc<Song>),
    /// A song of the queue is to play now.
    QueueJumped(SongId),
    /// A song that follows is to stand elsewhere among those that do.
    QueueMoved {
        /// Which song.
        song: SongId,
        /// How many are to be before it.
        to: usize,
    },
    /// A song is to leave the queue.
    QueueRemoved(SongId),
    /// What is to be played once more.
    RepeatSet(Repeat),
    /// Play the list in an order of its own, this one, or as it is.
    ShuffleSet(Option<u32>),
    /// Load the song that failed once more.
    SongRetried,

    /// The audio element plays.
    AudioPlaying,
    /// The audio element waits for bytes.
    AudioWaiting,
    /// The audio element was paused, by the browser or a media key.
    AudioPaused,
    /// The audio element is at this second.
    AudioMoved(f64),
    /// The audio element knows the length, in seconds.
    AudioLength(f64),
    /// Whether the audio element has enough for the next seconds.
    AudioBuffered(bool),
    /// The song is over.
    AudioEnded,
    /// The audio element gave up, for this reason.
    AudioFailed(PlaybackError),
}

/// What plays the list in a new order, or in its own again.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "any number will do")]
pub fn shuffle_toggled(player: &Player) -> Action {
    let seed = || (js_sys::Math::random() * f64::from(u32::MAX)) as u32;
    Action::ShuffleSet(player.shuffle.is_none().then(seed))
}

/// Gives a component the way to say that something happened; provided by [`crate::App`].
#[hook]
pub fn use_actions() -> Callback<Action> {
    use_context::<Callback<Action>>().unwrap_or_default()
}

/// Gives a component the way to do something in the room; provided by [`crate::App`].
#[hook]
pub fn use_deeds() -> Callback<Deed> {
    use_context::<Callback<Deed>>().unwrap_or_default()
}
