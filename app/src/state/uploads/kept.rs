//! What is kept of uploads that are not over, so that a reload loses none of them.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use kadenza_api::{RoomId, Source, Tags};
use serde::{Deserialize, Serialize};
use web_sys::Blob;

use super::{Progress, UploadItem, Uploads};

/// Where an upload goes. It is settled when the file is picked: what was meant for a room goes nowhere else.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Destination {
    /// Into the library that everybody sees.
    #[default]
    Public,
    /// Into a room.
    Room {
        /// What outsiders can know it by: what is kept lets nobody in.
        id: RoomId,
        /// What it is called.
        name: String,
    },
}

impl Destination {
    /// The room, if it is one.
    pub fn room(&self) -> Option<RoomId> {
        match self {
            Self::Public => None,
            Self::Room { id, .. } => Some(*id),
        }
    }
}

/// Whether a file would be here after a reload.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Kept {
    /// That is not settled.
    #[default]
    NotYet,
    /// It is, in this place.
    At(Rc<str>),
    /// It is not: there is no room, or the browser keeps nothing.
    No,
}

/// What is kept of a file beside its bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its file name.
    pub name: String,
    /// What the uploader says of it.
    pub tags: Tags,
    /// Whether a person was to look at its names.
    pub checking: bool,
    /// Where it goes.
    pub destination: Destination,
    /// Which it was of those that were picked with it.
    pub order: u32,
}

impl Entry {
    /// That of an upload.
    pub fn of(item: &UploadItem) -> Self {
        let UploadItem { name, tags, destination, .. } = item;
        Self {
            name: name.clone(),
            tags: tags.clone(),
            checking: is_checking(item),
            destination: destination.clone(),
            order: item.id,
        }
    }

    fn is_of(&self, item: &UploadItem) -> bool {
        self.tags == item.tags && self.checking == is_checking(item)
    }
}

/// A file that was on its way when the page went.
#[derive(Debug, Clone)]
pub struct Resumed {
    /// Where it is kept.
    pub place: Rc<str>,
    /// What it is.
    pub entry: Entry,
    /// Its bytes.
    pub source: Source,
    /// The same as the browser has them.
    pub blob: Blob,
}

/// A file that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// What is kept of it beside its bytes.
    pub entry: Entry,
    /// Its length.
    pub bytes: u64,
}

impl Held {
    /// A file that is kept as it is now.
    pub fn of(item: &UploadItem) -> Self {
        Self { entry: Entry::of(item), bytes: item.bytes }
    }
}

/// What is to be done next about what is kept.
#[derive(Debug, Clone, PartialEq)]
pub enum KeepJob {
    /// Keep a file.
    Keep(Rc<UploadItem>),
    /// Keep what is known of it now.
    Update(Rc<UploadItem>),
    /// Keep this one no longer.
    Forget(u32),
    /// There is no room for it now.
    Refuse(u32),
}

impl Uploads {
    /// What to do next, where `held` is what was done so far: what is kept of each file, or nothing where there was no room.
    /// All of it may have `room` bytes. Files are kept in their order, so that those whose turn comes last are the first to
    /// do without.
    pub fn keep_next(&self, held: &HashMap<u32, Option<Held>>, room: u64) -> Option<KeepJob> {
        let wanted = || self.items.iter().filter(|item| is_worth_keeping(item));
        let ids: HashSet<u32> = wanted().map(|item| item.id).collect();
        if let Some(id) = held.keys().find(|id| !ids.contains(id)) {
            return Some(KeepJob::Forget(*id));
        }
        let used: u64 = held.values().flatten().map(|held| held.bytes).sum();
        wanted().find_map(|item| match held.get(&item.id) {
            Some(Some(held)) => (!held.entry.is_of(item)).then(|| KeepJob::Update(item.clone())),
            _ if used + item.bytes <= room => Some(KeepJob::Keep(item.clone())),
            Some(None) => None,
            None => Some(KeepJob::Refuse(item.id)),
        })
    }

    /// How many files would not be here after a reload, as far as that is settled.
    pub fn unkept(&self) -> usize {
        self.items.iter().filter(|item| item.can_be_left_out() && item.kept == Kept::No).count()
    }

    /// Whether a reload now would lose a file.
    pub fn would_lose(&self) -> bool {
        let is_kept = |item: &UploadItem| matches!(item.kept, Kept::At(_));
        self.items.iter().any(|item| item.can_be_left_out() && !is_kept(item))
    }

    pub(in crate::state) fn resume(&mut self, files: Vec<Resumed>) {
        for Resumed { place, entry, source, blob } in files {
            let progress = match entry.checking {
                true => Progress::Checking { names: None },
                false => Progress::Waiting,
            };
            let item = Self::item(entry.name, source, entry.destination);
            let (blob, kept) = (Some(blob), Kept::At(place));
            self.push(UploadItem { tags: entry.tags, blob, kept, progress, ..item });
        }
    }

    pub(in crate::state) fn keep(&mut self, id: u32, kept: Kept) {
        self.change(id, |item| item.kept = kept);
    }
}

fn is_checking(item: &UploadItem) -> bool {
    matches!(item.progress, Progress::Checking { .. })
}

/// Whether it would be missed after a reload. What is being copied is, too: that it is in is not known yet.
fn is_worth_keeping(item: &UploadItem) -> bool {
    let is_wanted = match item.progress {
        Progress::Done(_) | Progress::Skipped => false,
        Progress::Failed { .. } => item.may_be_retried(),
        _ => true,
    };
    is_wanted && item.blob.is_some()
}
