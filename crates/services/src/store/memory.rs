//! A store in memory: for tests and for browser windows that allow no other. Gone when the process is.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use kadenza_api::{ContentId, RecordId, Result, SealedRecord, Song, SongId};

use super::{Commit, Loaded, PAGE_BYTES, Stage, Store, gather, lost};

type Pages = BTreeMap<u64, Bytes>;

/// A store in memory. A clone is another handle to the same one.
#[derive(Debug, Clone, Default)]
pub struct MemoryStore(Arc<Mutex<Memory>>);

#[derive(Debug, Default)]
struct Memory {
    settings: HashMap<String, Bytes>,
    songs: BTreeMap<SongId, Song>,
    sealed: BTreeMap<RecordId, SealedRecord>,
    contents: BTreeMap<ContentId, Whole>,
    stages: HashMap<Stage, Pages>,
    next_stage: u64,
}

#[derive(Debug)]
struct Whole {
    len: u64,
    outboard: Bytes,
    pages: Pages,
}

impl MemoryStore {
    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store for MemoryStore {
    const READ_BYTES: u64 = 64 * 1024;

    const HELD_BACK_BYTES: u64 = 0;

    async fn setting(&self, name: &str) -> Result<Option<Bytes>> {
        Ok(self.memory().settings.get(name).cloned())
    }

    async fn set_setting(&self, name: &str, value: Bytes) -> Result<()> {
        self.memory().settings.insert(name.to_owned(), value);
        Ok(())
    }

    async fn load(&self) -> Result<Loaded> {
        let memory = self.memory();
        Ok(Loaded {
            songs: memory.songs.values().cloned().collect(),
            contents: memory.contents.iter().map(|(id, whole)| (*id, whole.len)).collect(),
            sealed: memory.sealed.values().cloned().collect(),
        })
    }

    async fn stage(&self) -> Result<Stage> {
        let mut memory = self.memory();
        memory.next_stage += 1;
        let stage = Stage(memory.next_stage);
        memory.stages.insert(stage, Pages::new());
        Ok(stage)
    }

    async fn write(&self, stage: Stage, offset: u64, bytes: Bytes) -> Result<()> {
        let mut memory = self.memory();
        let pages = memory.stages.get_mut(&stage).ok_or_else(|| lost("a staging area"))?;
        let mut rest = bytes;
        for number in offset / PAGE_BYTES.. {
            if rest.is_empty() {
                break;
            }
            let page = rest.split_to(rest.len().min(PAGE_BYTES as usize));
            pages.insert(number, page);
        }
        Ok(())
    }

    async fn read_staged(&self, stage: Stage, range: Range<u64>) -> Result<Bytes> {
        let memory = self.memory();
        let pages = memory.stages.get(&stage).ok_or_else(|| lost("a staging area"))?;
        gather(&range, PAGE_BYTES, |number| pages.get(&number)).ok_or_else(|| lost("staged bytes"))
    }

    fn discard(&self, stage: Stage) {
        self.memory().stages.remove(&stage);
    }

    async fn commit(&self, commit: Commit) -> Result<()> {
        let mut memory = self.memory();
        if commit.contents.iter().any(|content| !memory.stages.contains_key(&content.stage)) {
            return Err(lost("a staging area"));
        }
        for content in commit.contents {
            let pages = memory.stages.remove(&content.stage).unwrap_or_default();
            memory.contents.insert(content.id, Whole { len: content.len, outboard: content.outboard, pages });
        }
        memory.songs.extend(commit.songs.into_iter().map(|song| (song.id(), song)));
        memory.sealed.extend(commit.sealed.into_iter().map(|record| (record.id(), record)));
        Ok(())
    }

    async fn read(&self, id: ContentId, range: Range<u64>) -> Result<Bytes> {
        let memory = self.memory();
        let whole = memory.contents.get(&id).ok_or_else(|| lost(format_args!("content {id}")))?;
        gather(&range, PAGE_BYTES, |number| whole.pages.get(&number))
            .ok_or_else(|| lost(format_args!("bytes of {id}")))
    }

    async fn outboard(&self, id: ContentId) -> Result<Bytes> {
        let memory = self.memory();
        let whole = memory.contents.get(&id).ok_or_else(|| lost(format_args!("content {id}")))?;
        Ok(whole.outboard.clone())
    }

    async fn set_outboard(&self, id: ContentId, outboard: Bytes) -> Result<()> {
        let mut memory = self.memory();
        let whole = memory.contents.get_mut(&id).ok_or_else(|| lost(format_args!("content {id}")))?;
        whole.outboard = outboard;
        Ok(())
    }
}
