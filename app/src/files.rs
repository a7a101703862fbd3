//! Files a person picks or drops, as sources of bytes for an upload.

use js_sys::{Array, Promise};
use kadenza_api::Source;
use kadenza_node::blob;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Blob, DataTransfer, File, FileList, FileSystemDirectoryEntry, FileSystemDirectoryReader, FileSystemEntry,
    FileSystemFileEntry,
};

/// The most entries of a dropped folder that are looked at, so that a whole disk does not end up in memory.
const ENTRIES_MAX: usize = 20_000;

/// File name endings of music, for files whose type the browser does not know.
const ENDINGS: [&str; 13] =
    ["mp3", "flac", "ogg", "oga", "opus", "webm", "mka", "m4a", "m4b", "mp4", "aac", "wav", "wave"];

/// One file a person picked.
#[derive(Debug, Clone)]
pub struct PickedFile {
    /// Its file name, without folders.
    pub name: String,
    /// Its bytes.
    pub source: Source,
    /// The same as the browser has them; nothing where they are of another origin.
    pub blob: Option<Blob>,
}

/// The files a person picked.
#[derive(Debug, Clone, Default)]
pub struct Picked {
    /// The files.
    pub files: Vec<PickedFile>,
    /// How many more there were that are not music.
    pub left_out: usize,
    /// Whether the person wants to look at their names before they go.
    pub check: bool,
    /// Whether they are what dropped folders held.
    pub from_folders: bool,
}

impl Picked {
    /// Files picked one by one: each is taken as it is, so that a wrong one gets an answer.
    pub fn one_by_one(files: &FileList) -> Self {
        let files = (0..files.length()).filter_map(|index| files.get(index));
        Self { files: files.map(|file| picked(&file)).collect(), ..Self::default() }
    }

    /// The music in a picked folder; it may well hold other things.
    pub fn folder(files: &FileList) -> Self {
        let mut picked = Self::default();
        (0..files.length()).filter_map(|index| files.get(index)).for_each(|file| picked.add_if_music(&file));
        picked.files.sort_by(|a, b| a.name.cmp(&b.name));
        picked
    }

    fn add_if_music(&mut self, file: &File) {
        if is_music(&file.name(), &file.type_()) {
            self.files.push(picked(file));
        } else {
            self.left_out += 1;
        }
    }
}

fn picked(file: &File) -> PickedFile {
    PickedFile { name: file.name(), source: blob::source(file), blob: Some(file.clone().into()) }
}

fn is_music(name: &str, media_type: &str) -> bool {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_lowercase());
    media_type.starts_with("audio/") || ending.is_some_and(|ending| ENDINGS.contains(&&*ending))
}

/// What was dropped, before its folders have been looked into. It must be taken out of the event at once.
#[derive(Debug)]
pub struct Dropped {
    files: Vec<File>,
    entries: Vec<FileSystemEntry>,
}

impl Dropped {
    /// Takes files and folders out of a drop.
    pub fn of(transfer: &DataTransfer) -> Self {
        let items = transfer.items();
        let mut dropped = Self { files: Vec::new(), entries: Vec::new() };
        for item in (0..items.length()).filter_map(|index| items.get(index)) {
            match item.webkit_get_as_entry() {
                Ok(Some(entry)) if entry.is_directory() => dropped.entries.push(entry),
                _ => dropped.files.extend(item.get_as_file().ok().flatten()),
            }
        }
        dropped
    }

    /// Whether there are folders to look through, which takes its time.
    pub fn has_folders(&self) -> bool {
        !self.entries.is_empty()
    }

    /// All files: those dropped by themselves, and the music in the folders.
    pub async fn files(self) -> Picked {
        let files = self.files.iter().map(picked).collect();
        let mut picked = Picked { files, from_folders: self.has_folders(), ..Picked::default() };
        let mut entries = self.entries;
        let mut seen = 0;
        while let Some(entry) = entries.pop() {
            if seen == ENTRIES_MAX {
                picked.left_out += 1 + entries.len();
                break;
            }
            // Chromium has no global classes for these, so an entry cannot be asked which it is an instance of.
            if entry.is_directory() {
                match children(entry.unchecked_ref()).await {
                    Some(children) => entries.extend(children),
                    None => picked.left_out += 1,
                }
                continue;
            }
            match file_of(entry.unchecked_ref()).await {
                Some(file) => picked.add_if_music(&file),
                None => picked.left_out += 1,
            }
            seen += 1;
        }
        picked.files.sort_by(|a, b| a.name.cmp(&b.name));
        picked
    }
}

/// The entries of a folder, unless the browser refuses. It hands them out in batches, the last one empty.
async fn children(folder: &FileSystemDirectoryEntry) -> Option<Vec<FileSystemEntry>> {
    let reader = folder.create_reader();
    let mut children = Vec::new();
    while children.len() < ENTRIES_MAX {
        let batch = batch(&reader).await?;
        if batch.length() == 0 {
            break;
        }
        children.extend(batch.iter().map(JsCast::unchecked_into::<FileSystemEntry>));
    }
    Some(children)
}

async fn batch(reader: &FileSystemDirectoryReader) -> Option<Array> {
    let read = |resolve: js_sys::Function, reject: js_sys::Function| {
        // A refusal arrives through `reject`; the direct result only says that the call was made.
        drop(reader.read_entries_with_callback_and_callback(&resolve, &reject));
    };
    JsFuture::from(Promise::new(&mut { read })).await.ok().map(|entries| Array::from(&entries))
}

async fn file_of(entry: &FileSystemFileEntry) -> Option<File> {
    let read = |resolve: js_sys::Function, reject: js_sys::Function| {
        entry.file_with_callback_and_callback(&resolve, &reject);
    };
    let file: std::result::Result<JsValue, JsValue> = JsFuture::from(Promise::new(&mut { read })).await;
    file.ok()?.dyn_into().ok()
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    #[wasm_bindgen_test]
    fn music_in_a_folder_is_known_by_type_or_ending() {
        assert!(is_music("x", "audio/mpeg") && is_music("A B.FLAC", "") && is_music("a.b.opus", ""));
        assert!(
            !is_music("cover.jpg", "image/jpeg")
                && !is_music("mp3", "")
                && !is_music("notes.txt", "text/plain")
        );
    }
}
