//! The files on their way in, and what became of each.

mod kept;
mod naming;

use std::rc::Rc;

use kadenza_api::{Error, Outcome, Result, RoomId, Song, Source, Tags, Uploaded};
use web_sys::Blob;

pub use self::kept::{Destination, Entry, Held, KeepJob, Kept, Resumed};
pub use self::naming::NameField;
use crate::files::Picked;

/// The most files the panel holds at once; who has more picks the rest afterwards.
pub const UPLOADS_MAX: usize = 5_000;

/// Uploads under way at once: one can be stored while another is being sent on.
const RUNNING_MAX: usize = 2;

/// Up to so many files, each has its row; of more, those that are in or wait have none.
const ROWS_ALL: usize = 40;

/// Of more files than that, so many that wait have a row, and so many of which something is to be said.
const ROWS_WAITING: usize = 5;
const ROWS_SAID: usize = 200;

/// How far an upload has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// Its turn has not come.
    Waiting,
    /// A person looks at its names before it goes.
    Checking {
        /// The names as they are now, once the file has been looked into.
        names: Option<Tags>,
    },
    /// So many of its bytes have been read.
    Running {
        /// Bytes read, from the beginning.
        read: u64,
    },
    /// It is in.
    Done(Rc<Uploaded>),
    /// It names no title or artist.
    NeedsTags {
        /// What its name suggests.
        guess: Tags,
    },
    /// It was refused, for this reason.
    Failed {
        /// The reason.
        error: Error,
    },
    /// The uploader left it out.
    Skipped,
}

/// One file on its way in.
#[derive(Debug, Clone)]
pub struct UploadItem {
    /// Which one it is.
    pub id: u32,
    /// Its file name.
    pub name: String,
    /// Its length.
    pub bytes: u64,
    /// Its bytes.
    pub source: Source,
    /// The same as the browser has them, where they can be kept for after a reload.
    pub blob: Option<Blob>,
    /// What the uploader says of it.
    pub tags: Tags,
    /// Where it goes, whatever room the page is in meanwhile.
    pub destination: Destination,
    /// How far it has come.
    pub progress: Progress,
    /// Whether it would be here after a reload.
    pub kept: Kept,
}

impl PartialEq for UploadItem {
    fn eq(&self, other: &Self) -> bool {
        (self.id, &self.tags, &self.progress, &self.kept)
            == (other.id, &other.tags, &other.progress, &other.kept)
    }
}

impl UploadItem {
    /// Whether nothing more will happen to it.
    pub fn is_over(&self) -> bool {
        !matches!(self.progress, Progress::Waiting | Progress::Checking { .. } | Progress::Running { .. })
    }

    /// Bytes that are behind it.
    pub fn bytes_done(&self) -> u64 {
        match self.progress {
            Progress::Waiting | Progress::Checking { .. } => 0,
            Progress::Running { read } => read.min(self.bytes),
            _ => self.bytes,
        }
    }

    /// Whether it can still be taken back: what has been read to its end is in, and only being copied.
    pub fn can_be_left_out(&self) -> bool {
        match self.progress {
            Progress::Waiting | Progress::Checking { .. } | Progress::NeedsTags { .. } => true,
            Progress::Running { read } => read < self.bytes,
            _ => false,
        }
    }

    /// Whether it failed in a way that may not happen another time.
    pub fn may_be_retried(&self) -> bool {
        let Progress::Failed { error } = &self.progress else { return false };
        matches!(error, Error::Storage { .. } | Error::Unavailable { .. } | Error::NotFound { .. })
    }

    /// Whether it can go while the page is in this room, or in none.
    pub fn can_go_from(&self, here: Option<RoomId>) -> bool {
        self.destination.room().is_none_or(|room| Some(room) == here)
    }
}

/// How many files came to what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// They are in.
    pub added: usize,
    /// They were there already.
    pub known: usize,
    /// They could not be added.
    pub failed: usize,
    /// They were left out by the uploader.
    pub skipped: usize,
    /// They wait for a person to say what they are.
    pub asking: usize,
    /// They wait for a person to look at their names.
    pub checking: usize,
    /// They wait for their turn.
    pub waiting: usize,
    /// They wait for their room to be opened again.
    pub elsewhere: usize,
    /// They failed in a way that may not happen another time.
    pub retriable: usize,
    /// They can still be taken back.
    pub unfinished: usize,
}

/// All the files of the upload panel, in the order they were picked.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Uploads {
    /// The files.
    pub items: Vec<Rc<UploadItem>>,
    /// Files of a folder that were left out, because they are not music, not readable or too many.
    pub left_out: usize,
    /// Whether there was no music in the folder that was looked through last.
    pub found_nothing: bool,
    /// How many times folders were dropped that are still being looked through.
    pub looking: usize,
    /// Whether a person wants to look at the names of each file before it goes.
    pub checks: bool,
    /// Whether those names are shown.
    pub shows_names: bool,
    /// The room the page is in.
    pub(super) here: Option<RoomId>,
    picked: u32,
}

impl Uploads {
    /// The room the page is in.
    pub fn room(&self) -> Option<RoomId> {
        self.here
    }

    /// Whether there is nothing to show.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty() && self.left_out == 0 && self.looking == 0 && !self.found_nothing
    }

    /// Files that are over.
    pub fn over(&self) -> usize {
        self.items.iter().filter(|item| item.is_over()).count()
    }

    /// Whether files are running, or waiting for nothing but their turn.
    pub fn is_busy(&self) -> bool {
        self.items.iter().any(|item| match item.progress {
            Progress::Running { .. } => true,
            Progress::Waiting => item.can_go_from(self.here),
            _ => false,
        })
    }

    /// Bytes behind and bytes in all.
    pub fn bytes(&self) -> (u64, u64) {
        let done = self.items.iter().map(|item| item.bytes_done()).sum();
        (done, self.items.iter().map(|item| item.bytes).sum())
    }

    /// How many came to what.
    pub fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for item in &self.items {
            counts.retriable += usize::from(item.may_be_retried());
            counts.unfinished += usize::from(item.can_be_left_out());
            *match &item.progress {
                Progress::Done(uploaded) if uploaded.outcome == Outcome::AlreadyHere => &mut counts.known,
                Progress::Done(_) => &mut counts.added,
                Progress::Failed { .. } => &mut counts.failed,
                Progress::Skipped => &mut counts.skipped,
                Progress::NeedsTags { .. } => &mut counts.asking,
                Progress::Checking { .. } => &mut counts.checking,
                Progress::Waiting if !item.can_go_from(self.here) => &mut counts.elsewhere,
                Progress::Waiting => &mut counts.waiting,
                Progress::Running { .. } => continue,
            } += 1;
        }
        counts
    }

    /// The files that have a row of their own: all of a few; of many, those that run, those of which something is to be
    /// said, and the next ones.
    pub fn rows(&self) -> Vec<Rc<UploadItem>> {
        let all = self.items.len() <= ROWS_ALL;
        let (mut waiting, mut said) = (0, 0);
        let mut has_row = |item: &&Rc<UploadItem>| match &item.progress {
            _ if all => true,
            Progress::Running { .. } => true,
            Progress::Done(_) | Progress::Skipped => false,
            Progress::Waiting | Progress::Checking { .. } => {
                waiting += 1;
                waiting <= ROWS_WAITING
            }
            Progress::NeedsTags { .. } | Progress::Failed { .. } => {
                said += 1;
                said <= ROWS_SAID
            }
        };
        self.items.iter().filter(|item| has_row(item)).cloned().collect()
    }

    /// The files to start now, so that no more than a few run at once. Those of a room start while that one is `open`.
    pub fn due(&self, open: Option<RoomId>) -> Vec<Rc<UploadItem>> {
        let running =
            self.items.iter().filter(|item| matches!(item.progress, Progress::Running { .. })).count();
        let waiting = self.items.iter().filter(|item| item.progress == Progress::Waiting);
        let free = RUNNING_MAX.saturating_sub(running);
        waiting.filter(|item| item.can_go_from(open)).take(free).cloned().collect()
    }

    pub(super) fn add(&mut self, picked: Picked, destination: &Destination) {
        self.looking = self.looking.saturating_sub(usize::from(picked.from_folders));
        self.left_out += picked.left_out;
        self.found_nothing = picked.files.is_empty() && (picked.from_folders || picked.left_out > 0);
        let progress = match picked.check || self.checks {
            true => Progress::Checking { names: None },
            false => Progress::Waiting,
        };
        for file in picked.files {
            let item = Self::item(file.name, file.source, destination.clone());
            self.push(UploadItem { blob: file.blob, progress: progress.clone(), ..item });
        }
        self.shows_names |= progress != Progress::Waiting;
    }

    /// Adds a song of a room that is to become public.
    pub(super) fn publish(&mut self, song: &Song, source: Source) {
        let tags = Tags {
            title: Some(song.title().to_owned()),
            artist: Some(song.artist().to_owned()),
            album: Some(song.album().to_owned()).filter(|album| !album.is_empty()),
        };
        let item = Self::item(song.title().to_owned(), source, Destination::Public);
        self.push(UploadItem { tags, ..item });
    }

    fn item(name: String, source: Source, destination: Destination) -> UploadItem {
        UploadItem {
            id: 0,
            name,
            bytes: source.len().unwrap_or_default(),
            source,
            blob: None,
            tags: Tags::default(),
            destination,
            progress: Progress::Waiting,
            kept: Kept::NotYet,
        }
    }

    fn push(&mut self, item: UploadItem) {
        if self.items.len() == UPLOADS_MAX {
            self.left_out += 1;
            return;
        }
        self.picked += 1;
        self.items.push(Rc::new(UploadItem { id: self.picked, ..item }));
    }

    pub(super) fn start(&mut self, id: u32) {
        self.set(id, Progress::Running { read: 0 });
    }

    pub(super) fn read(&mut self, id: u32, bytes: u64) {
        self.change(id, |item| {
            if let Progress::Running { read } = &mut item.progress {
                // The bytes may be read again to send them on; that is not a step back.
                *read = bytes.max(*read);
            }
        });
    }

    pub(super) fn end(&mut self, id: u32, result: Result<Rc<Uploaded>>) {
        let progress = match result {
            Ok(uploaded) => Progress::Done(uploaded),
            Err(Error::NeedsTags { guess, .. }) => Progress::NeedsTags { guess: *guess },
            Err(error) => Progress::Failed { error },
        };
        self.set(id, progress);
    }

    pub(super) fn tag(&mut self, id: u32, tags: Tags) {
        self.change(id, |item| {
            item.tags = tags;
            item.progress = Progress::Waiting;
        });
    }

    /// Leaves these out that can still be.
    pub(super) fn leave_out(&mut self, is_meant: impl Fn(&UploadItem) -> bool) {
        self.change_all(
            |item| item.can_be_left_out() && is_meant(item),
            |item| {
                item.progress = Progress::Skipped;
            },
        );
    }

    /// Tries these again that may be.
    pub(super) fn retry(&mut self, is_meant: impl Fn(&UploadItem) -> bool) {
        self.change_all(
            |item| item.may_be_retried() && is_meant(item),
            |item| {
                item.progress = Progress::Waiting;
            },
        );
    }

    /// Forgets what is over. Files that are still on their way stay.
    pub(super) fn dismiss(&mut self) {
        self.items.retain(|item| !item.is_over());
        self.left_out = 0;
        self.found_nothing = false;
    }

    fn set(&mut self, id: u32, progress: Progress) {
        self.change(id, |item| item.progress = progress);
    }

    fn change(&mut self, id: u32, change: impl FnOnce(&mut UploadItem)) {
        if let Some(item) = self.items.iter_mut().find(|item| item.id == id) {
            change(Rc::make_mut(item));
        }
    }

    fn change_all(&mut self, is_meant: impl Fn(&UploadItem) -> bool, change: impl Fn(&mut UploadItem)) {
        self.items.iter_mut().filter(|item| is_meant(item)).for_each(|item| change(Rc::make_mut(item)));
    }
}
