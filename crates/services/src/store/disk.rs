//! A store on a disk: records in one `redb` database, each content in a file of its own.
//!
//! ```text
//! records.redb          settings, songs, sealed records, contents' lengths and hashes
//! content/ab/abcdef…    the bytes of a content, under the first two digits of its id
//! staging/7             bytes on their way; emptied when the store is opened
//! ```
//! A commit syncs the files, moves them to their place, syncs the folders, and only then commits the records. A
//! crash in between leaves files that no record names; they are removed when the store is opened.
#![cfg(not(target_family = "wasm"))]

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use bytes::Bytes;
use kadenza_api::{ContentId, Error, Result};
use redb::{Database, ReadableDatabase, ReadableTable, TableDefinition};

use super::{Commit, Content, Loaded, Stage, Store, from_json, lost, to_json};

const SETTINGS: TableDefinition<&str, &[u8]> = TableDefinition::new("settings");
const SONGS: TableDefinition<&[u8; 20], &[u8]> = TableDefinition::new("songs");
const SEALED: TableDefinition<&[u8; 32], &[u8]> = TableDefinition::new("sealed");
const LENGTHS: TableDefinition<&[u8; 32], u64> = TableDefinition::new("lengths");
const OUTBOARDS: TableDefinition<&[u8; 32], &[u8]> = TableDefinition::new("outboards");

/// Memory the database may use for its pages: records are small, and songs are kept in memory anyway.
const CACHE_BYTES: usize = 32 * 1024 * 1024;

/// A store in a folder. A clone is another handle to the same one; a second process cannot open it.
#[derive(Debug, Clone)]
pub struct DiskStore(Arc<Disk>);

#[derive(Debug)]
struct Disk {
    folder: PathBuf,
    /// `None` while it could not be opened again after a failure.
    records: RwLock<Option<Database>>,
    next_stage: AtomicU64,
}

impl DiskStore {
    /// Opens the store in `folder`, which is made if need be, and removes what a crash has left there.
    ///
    /// # Errors
    /// [`Error::Storage`] when the folder cannot be written, is in use by another process, or is damaged.
    pub async fn open(folder: &Path) -> Result<Self> {
        let folder = folder.to_owned();
        blocking(move || {
            let disk = Disk::open(folder)?;
            disk.remove_unnamed()?;
            Ok(Self(Arc::new(disk)))
        })
        .await
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Disk) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let disk = self.0.clone();
        blocking(move || work(&disk)).await
    }
}

/// Runs blocking work on a thread made for it. Work that has begun ends, even when nobody waits any more.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    let joined = tokio::task::spawn_blocking(work).await;
    joined.map_err(|e| Error::storage(format!("work on the disk was broken off: {e}")))?
}

fn refused(error: &io::Error) -> Error {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            Error::storage(format!("no room: the disk is full ({error})"))
        }
        _ => Error::storage(format!("the disk refused: {error}")),
    }
}

fn record_refused(error: redb::Error) -> Error {
    match error {
        redb::Error::Io(error) => refused(&error),
        error => Error::storage(format!("the records refused: {error}")),
    }
}

type Records<T> = std::result::Result<T, redb::Error>;

fn open_records(folder: &Path) -> Records<Database> {
    let records = Database::builder().set_cache_size(CACHE_BYTES).create(folder.join("records.redb"))?;
    // Tables come into being when they are first written; reading them may come before that.
    let writing = records.begin_write()?;
    writing.open_table(SETTINGS)?;
    writing.open_table(SONGS)?;
    writing.open_table(SEALED)?;
    writing.open_table(LENGTHS)?;
    writing.open_table(OUTBOARDS)?;
    writing.commit()?;
    Ok(records)
}

impl Disk {
    /// Works with the records. After a failure of the disk the database takes nothing more until it is opened
    /// again; that is done here, so that a disk that has room again is used again.
    fn records<T>(&self, work: impl Fn(&Database) -> Records<T>) -> Result<T> {
        let once = || {
            let records = self.records.read().unwrap_or_else(PoisonError::into_inner);
            records.as_ref().map_or(Err(redb::Error::PreviousIo), &work)
        };
        let done = match once() {
            Err(redb::Error::PreviousIo) => self.reopen().and_then(|()| once()),
            done => done,
        };
        done.map_err(record_refused)
    }

    fn reopen(&self) -> Records<()> {
        let mut records = self.records.write().unwrap_or_else(PoisonError::into_inner);
        // Closed first: a database is opened only once at a time.
        *records = None;
        *records = Some(open_records(&self.folder)?);
        Ok(())
    }

    fn open(folder: PathBuf) -> Result<Self> {
        let made = [folder.join("content"), folder.join("staging")].iter().try_for_each(fs::create_dir_all);
        made.map_err(|e| Error::storage(format!("{} cannot be used: {e}", folder.display())))?;
        let records = open_records(&folder).map_err(|e| {
            Error::storage(format!("the records in {} cannot be opened: {e}", folder.display()))
        })?;
        let disk = Self { folder, records: RwLock::new(Some(records)), next_stage: AtomicU64::new(0) };
        sync_folder(&disk.folder).map_err(|e| refused(&e))?;
        Ok(disk)
    }

    /// Removes staged files, and contents no record names: what was under way when the process ended.
    fn remove_unnamed(&self) -> Result<()> {
        let staging = self.folder.join("staging");
        fs::remove_dir_all(&staging).and_then(|()| fs::create_dir(&staging)).map_err(|e| refused(&e))?;
        for path in self.content_files().map_err(|e| refused(&e))? {
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            let named = match name.parse::<ContentId>() {
                Ok(id) => self.records(|records| {
                    Ok(records.begin_read()?.open_table(LENGTHS)?.get(&id.0)?.is_some())
                })?,
                Err(_) => false,
            };
            if !named {
                fs::remove_file(&path).map_err(|e| refused(&e))?;
            }
        }
        Ok(())
    }

    fn content_files(&self) -> io::Result<Vec<PathBuf>> {
        let mut files = Vec::new();
        for folder in fs::read_dir(self.folder.join("content"))? {
            let folder = folder?;
            if folder.file_type()?.is_dir() {
                for file in fs::read_dir(folder.path())? {
                    files.push(file?.path());
                }
            }
        }
        Ok(files)
    }

    fn staged(&self, stage: Stage) -> PathBuf {
        self.folder.join("staging").join(stage.0.to_string())
    }

    fn content(&self, id: ContentId) -> PathBuf {
        let name = id.to_string();
        self.folder.join("content").join(&name[..2]).join(name)
    }

    fn load(&self) -> Result<Loaded> {
        let mut loaded = self.records(|records| {
            let reading = records.begin_read()?;
            let mut loaded = Loaded::default();
            for row in reading.open_table(SONGS)?.iter()? {
                loaded.songs.extend(from_json(row?.1.value()));
            }
            for row in reading.open_table(SEALED)?.iter()? {
                loaded.sealed.extend(from_json(row?.1.value()));
            }
            for row in reading.open_table(LENGTHS)?.iter()? {
                let (id, len) = row?;
                loaded.contents.push((ContentId(*id.value()), len.value()));
            }
            Ok(loaded)
        })?;
        loaded.contents.retain(|(id, len)| match fs::metadata(self.content(*id)) {
            Ok(file) if file.len() == *len => true,
            Ok(file) => {
                tracing::warn!("content {id} has {} bytes instead of {len}", file.len());
                false
            }
            Err(e) => {
                tracing::warn!("content {id} cannot be read: {e}");
                false
            }
        });
        Ok(loaded)
    }

    /// Moves a staged file to its place, for good.
    fn place(&self, content: &Content) -> io::Result<()> {
        let staged = File::open(self.staged(content.stage))?;
        let len = staged.metadata()?.len();
        if len != content.len {
            return Err(io::Error::other(format!("{len} bytes are staged of {}", content.len)));
        }
        staged.sync_all()?;
        let path = self.content(content.id);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
            fs::rename(self.staged(content.stage), &path)?;
            sync_folder(folder)?;
        }
        sync_folder(&self.folder.join("content"))
    }

    fn record(&self, commit: &Commit) -> Result<()> {
        let songs = commit.songs.iter().map(|song| Ok((song.id(), to_json(song)?)));
        let songs: Vec<_> = songs.collect::<Result<_>>()?;
        let sealed = commit.sealed.iter().map(|record| Ok((record.id(), to_json(record)?)));
        let sealed: Vec<_> = sealed.collect::<Result<_>>()?;
        self.records(|records| {
            let writing = records.begin_write()?;
            {
                let mut table = writing.open_table(SONGS)?;
                for (id, json) in &songs {
                    table.insert(&id.0, &**json)?;
                }
                let mut table = writing.open_table(SEALED)?;
                for (id, json) in &sealed {
                    table.insert(&id.0, &**json)?;
                }
                let mut lengths = writing.open_table(LENGTHS)?;
                let mut outboards = writing.open_table(OUTBOARDS)?;
                for content in &commit.contents {
                    lengths.insert(&content.id.0, content.len)?;
                    outboards.insert(&content.id.0, &*content.outboard)?;
                }
            }
            Ok(writing.commit()?)
        })
    }

    fn commit(&self, commit: &Commit) -> Result<()> {
        let placed = commit.contents.iter().try_for_each(|content| self.place(content));
        let committed = placed.map_err(|e| refused(&e)).and_then(|()| self.record(commit));
        if committed.is_err() {
            for content in &commit.contents {
                // What was never placed is not there to remove; what cannot be removed goes at the next opening.
                let _ = fs::remove_file(self.content(content.id));
            }
        }
        committed
    }
}

/// Makes the names in a folder survive a crash, which syncing the files alone does not.
fn sync_folder(folder: &Path) -> io::Result<()> {
    #[cfg(unix)]
    File::open(folder)?.sync_all()?;
    #[cfg(not(unix))]
    let _ = folder;
    Ok(())
}

fn read_range(path: &Path, range: &Range<u64>) -> io::Result<Bytes> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(range.start))?;
    let mut bytes =
        vec![0; usize::try_from(range.end.saturating_sub(range.start)).map_err(io::Error::other)?];
    file.read_exact(&mut bytes)?;
    Ok(bytes.into())
}

impl Store for DiskStore {
    /// The system remembers what was read, and reads ahead by itself.
    const READ_BYTES: u64 = 64 * 1024;

    const HELD_BACK_BYTES: u64 = 0;

    async fn setting(&self, name: &str) -> Result<Option<Bytes>> {
        let name = name.to_owned();
        self.run(move |disk| {
            disk.records(|records| {
                let value = records.begin_read()?.open_table(SETTINGS)?.get(&*name)?;
                Ok(value.map(|value| Bytes::copy_from_slice(value.value())))
            })
        })
        .await
    }

    async fn set_setting(&self, name: &str, value: Bytes) -> Result<()> {
        let name = name.to_owned();
        self.run(move |disk| {
            disk.records(|records| {
                let writing = records.begin_write()?;
                writing.open_table(SETTINGS)?.insert(&*name, &*value)?;
                Ok(writing.commit()?)
            })
        })
        .await
    }

    async fn load(&self) -> Result<Loaded> {
        self.run(Disk::load).await
    }

    async fn stage(&self) -> Result<Stage> {
        self.run(|disk| {
            let stage = Stage(disk.next_stage.fetch_add(1, Ordering::Relaxed));
            File::create_new(disk.staged(stage)).map_err(|e| refused(&e))?;
            Ok(stage)
        })
        .await
    }

    async fn write(&self, stage: Stage, offset: u64, bytes: Bytes) -> Result<()> {
        let write = move |disk: &Disk| {
            // Not created here: a write that comes after its staging area was given up must not revive it.
            let mut file = OpenOptions::new().write(true).open(disk.staged(stage))?;
            file.seek(SeekFrom::Start(offset))?;
            file.write_all(&bytes)
        };
        self.run(move |disk| write(disk).map_err(|e| refused(&e))).await
    }

    async fn read_staged(&self, stage: Stage, range: Range<u64>) -> Result<Bytes> {
        self.run(move |disk| read_range(&disk.staged(stage), &range).map_err(|e| refused(&e))).await
    }

    fn discard(&self, stage: Stage) {
        // Committed files have moved away, and what cannot be removed goes at the next opening.
        let _ = fs::remove_file(self.0.staged(stage));
    }

    async fn commit(&self, commit: Commit) -> Result<()> {
        self.run(move |disk| disk.commit(&commit)).await
    }

    async fn read(&self, id: ContentId, range: Range<u64>) -> Result<Bytes> {
        self.run(move |disk| read_range(&disk.content(id), &range).map_err(|e| refused(&e))).await
    }

    async fn outboard(&self, id: ContentId) -> Result<Bytes> {
        self.run(move |disk| {
            let outboard = disk.records(|records| {
                let outboard = records.begin_read()?.open_table(OUTBOARDS)?.get(&id.0)?;
                Ok(outboard.map(|outboard| Bytes::copy_from_slice(outboard.value())))
            })?;
            outboard.ok_or_else(|| lost(format_args!("the hashes of {id}")))
        })
        .await
    }

    async fn set_outboard(&self, id: ContentId, outboard: Bytes) -> Result<()> {
        self.run(move |disk| {
            disk.records(|records| {
                let writing = records.begin_write()?;
                writing.open_table(OUTBOARDS)?.insert(&id.0, &*outboard)?;
                Ok(writing.commit()?)
            })
        })
        .await
    }
}
