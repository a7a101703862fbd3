//! The files on their way in, and what became of each.

use std::rc::Rc;

use kadenza_api::{Error, Result, Song, Source, Tags, Uploaded};

use crate::files::Picked;

/// The most files the panel holds at once; who has more picks the rest afterwards.
pub const UPLOADS_MAX: usize = 5_000;

/// Uploads under way at once: one can be stored while another is being sent on.
const RUNNING_MAX: usize = 2;

/// How far an upload has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// Its turn has not come.
    Waiting,
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
    /// What the uploader says of it.
    pub tags: Tags,
    /// Whether it goes into the public library, whatever room the page is in.
    pub public: bool,
    /// How far it has come.
    pub progress: Progress,
}

impl PartialEq for UploadItem {
    fn eq(&self, other: &Self) -> bool {
        (self.id, &self.tags, &self.progress) == (other.id, &other.tags, &other.progress)
    }
}

impl UploadItem {
    /// Whether nothing more will happen to it by itself.
    pub fn is_over(&self) -> bool {
        !matches!(self.progress, Progress::Waiting | Progress::Running { .. })
    }

    /// Bytes that are behind it.
    pub fn bytes_done(&self) -> u64 {
        match self.progress {
            Progress::Waiting => 0,
            Progress::Running { read } => read.min(self.bytes),
            _ => self.bytes,
        }
    }
}

/// All the files of the upload panel, in the order they were picked.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Uploads {
    /// The files.
    pub items: Vec<Rc<UploadItem>>,
    /// Files of a folder that were left out, because they are not music or too many.
    pub left_out: usize,
    picked: u32,
}

impl Uploads {
    /// Whether there is nothing to show.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty() && self.left_out == 0
    }

    /// Files that are over.
    pub fn over(&self) -> usize {
        self.items.iter().filter(|item| item.is_over()).count()
    }

    /// Files that wait for a person to say what they are.
    pub fn asking(&self) -> usize {
        self.items.iter().filter(|item| matches!(item.progress, Progress::NeedsTags { .. })).count()
    }

    /// Whether files are still waiting or running.
    pub fn is_busy(&self) -> bool {
        self.over() < self.items.len()
    }

    /// Bytes behind and bytes in all.
    pub fn bytes(&self) -> (u64, u64) {
        let done = self.items.iter().map(|item| item.bytes_done()).sum();
        (done, self.items.iter().map(|item| item.bytes).sum())
    }

    /// The files to start now, so that no more than a few run at once.
    pub fn due(&self) -> Vec<Rc<UploadItem>> {
        let running =
            self.items.iter().filter(|item| matches!(item.progress, Progress::Running { .. })).count();
        let waiting = self.items.iter().filter(|item| item.progress == Progress::Waiting);
        waiting.take(RUNNING_MAX.saturating_sub(running)).cloned().collect()
    }

    pub(super) fn add(&mut self, picked: Picked) {
        self.left_out += picked.left_out;
        for file in picked.files {
            self.push(file.name, file.source, Tags::default(), false);
        }
    }

    /// Adds a song of a room that is to become public.
    pub(super) fn publish(&mut self, song: &Song, source: Source) {
        let tags = Tags {
            title: Some(song.title().to_owned()),
            artist: Some(song.artist().to_owned()),
            album: Some(song.album().to_owned()).filter(|album| !album.is_empty()),
        };
        self.push(song.title().to_owned(), source, tags, true);
    }

    fn push(&mut self, name: String, source: Source, tags: Tags, public: bool) {
        if self.items.len() == UPLOADS_MAX {
            self.left_out += 1;
            return;
        }
        self.picked += 1;
        self.items.push(Rc::new(UploadItem {
            id: self.picked,
            name,
            bytes: source.len().unwrap_or_default(),
            source,
            tags,
            public,
            progress: Progress::Waiting,
        }));
    }

    pub(super) fn set(&mut self, id: u32, progress: Progress) {
        self.change(id, |item| item.progress = progress);
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

    /// Forgets what is over. Files that are still on their way stay.
    pub(super) fn dismiss(&mut self) {
        self.items.retain(|item| !item.is_over());
        self.left_out = 0;
    }

    fn change(&mut self, id: u32, change: impl FnOnce(&mut UploadItem)) {
        if let Some(item) = self.items.iter_mut().find(|item| item.id == id) {
            change(Rc::make_mut(item));
        }
    }
}
