//! What a person does about the names of files before they go: nothing can be corrected afterwards.

use std::rc::Rc;

use kadenza_api::{Result, Tags};

use super::{Progress, UploadItem, Uploads};

/// One of a song's names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameField {
    /// Its title.
    Title,
    /// Its artist.
    Artist,
    /// Its album.
    Album,
}

impl NameField {
    /// This one of `names`; nothing where it is not known.
    pub fn of(self, names: &Tags) -> &str {
        let name = match self {
            Self::Title => &names.title,
            Self::Artist => &names.artist,
            Self::Album => &names.album,
        };
        name.as_deref().unwrap_or_default()
    }

    fn set(self, names: &mut Tags, text: &str) {
        let name = match self {
            Self::Title => &mut names.title,
            Self::Artist => &mut names.artist,
            Self::Album => &mut names.album,
        };
        *name = Some(text.to_owned());
    }

    /// What all of these files have here; nothing where they differ.
    pub fn shared(self, items: &[Rc<UploadItem>]) -> Option<&str> {
        let mut names = items.iter().map(|item| item.names().map_or("", |names| self.of(names)));
        let first = names.next()?;
        names.all(|name| name == first).then_some(first)
    }
}

impl UploadItem {
    /// The names a person looks at, once the file has been looked into.
    pub fn names(&self) -> Option<&Tags> {
        match &self.progress {
            Progress::Checking { names } => names.as_ref(),
            _ => None,
        }
    }

    /// Whether its names are to be looked at, and nobody has looked into the file yet.
    pub fn is_to_be_looked_into(&self) -> bool {
        self.progress == Progress::Checking { names: None }
    }
}

impl Uploads {
    /// The files whose names a person looks at.
    pub fn checked(&self) -> Vec<Rc<UploadItem>> {
        let checking = |item: &&Rc<UploadItem>| matches!(item.progress, Progress::Checking { .. });
        self.items.iter().filter(checking).cloned().collect()
    }

    /// Has a person look at the names of these files, if they have not gone yet.
    pub(in crate::state) fn check(&mut self, is_meant: impl Fn(&UploadItem) -> bool) {
        let has_time = |item: &UploadItem| {
            matches!(item.progress, Progress::Waiting | Progress::NeedsTags { .. }) && item.blob.is_some()
        };
        self.change_all(
            |item| has_time(item) && is_meant(item),
            |item| {
                item.progress = Progress::Checking { names: None };
            },
        );
        self.shows_names = true;
    }

    /// What a file says of itself is known, or why it is none. What a person said of it before counts more.
    pub(in crate::state) fn looked_into(&mut self, id: u32, names: Result<Tags>) {
        self.change(id, |item| {
            if !item.is_to_be_looked_into() {
                return;
            }
            let given = item.tags.clone();
            item.progress = match names {
                Err(error) => Progress::Failed { error },
                Ok(names) => Progress::Checking {
                    names: Some(Tags {
                        title: given.title.or(names.title),
                        artist: given.artist.or(names.artist),
                        album: given.album.or(names.album),
                    }),
                },
            };
        });
    }

    /// A person corrects a name of these files.
    pub(in crate::state) fn rename(&mut self, ids: &[u32], field: NameField, text: &str) {
        self.change_all(
            |item| ids.contains(&item.id),
            |item| {
                if let Progress::Checking { names: Some(names) } = &mut item.progress {
                    field.set(names, text);
                    item.tags = names.clone();
                }
            },
        );
    }

    /// All that was looked at is right, and goes.
    pub(in crate::state) fn confirm(&mut self) {
        self.change_all(
            |item| item.names().is_some(),
            |item| {
                if let Progress::Checking { names: Some(names) } =
                    std::mem::replace(&mut item.progress, Progress::Waiting)
                {
                    item.tags = names;
                }
            },
        );
        self.shows_names = false;
    }
}
