//! Files a person picks or drops, as sources of bytes for an upload.

use std::cell::Cell;
use std::rc::Rc;

use bytes::Bytes;
use futures::{StreamExt, stream};
use js_sys::{Array, Promise, Uint8Array};
use kadenza_api::{ByteStream, Error, Result, Source};
use kadenza_platform::boxed_stream;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    DataTransfer, File, FileList, FileSystemDirectoryEntry, FileSystemDirectoryReader, FileSystemEntry,
    FileSystemFileEntry,
};

/// Bytes read from a file at once: large enough to be quick, small enough to hold.
const SLICE_BYTES: u64 = 1024 * 1024;

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
}

/// The files a person picked.
#[derive(Debug, Clone, Default)]
pub struct Picked {
    /// The files.
    pub files: Vec<PickedFile>,
    /// How many more there were that are not music.
    pub left_out: usize,
}

impl Picked {
    /// Files picked one by one: each is taken as it is, so that a wrong one gets an answer.
    pub fn one_by_one(files: &FileList) -> Self {
        let files = (0..files.length()).filter_map(|index| files.get(index));
        Self { files: files.map(|file| picked(&file)).collect(), left_out: 0 }
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
    PickedFile { name: file.name(), source: source(file) }
}

fn is_music(name: &str, media_type: &str) -> bool {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_lowercase());
    media_type.starts_with("audio/") || ending.is_some_and(|ending| ENDINGS.contains(&&*ending))
}

/// The bytes of `file`, read slice by slice each time it is opened.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a file's size is a whole number"
)]
fn source(file: &File) -> Source {
    let file = file.clone();
    let len = file.size() as u64;
    Source::new(Some(len), move || {
        let slices = stream::iter((0..len).step_by(SLICE_BYTES as usize));
        let file = file.clone();
        boxed_stream(slices.then(move |from| slice(file.clone(), from, (from + SLICE_BYTES).min(len))))
    })
}

#[expect(clippy::cast_precision_loss, reason = "exact up to 2^53 bytes")]
async fn slice(file: File, from: u64, to: u64) -> Result<Bytes> {
    // It may have been moved or changed since it was picked.
    let refused = |why: JsValue| Error::invalid(format!("{why:?}"));
    let blob = file.slice_with_f64_and_f64(from as f64, to as f64).map_err(refused)?;
    let buffer = JsFuture::from(blob.array_buffer()).await.map_err(refused)?;
    Ok(Uint8Array::new(&buffer).to_vec().into())
}

/// The same bytes, and a call of `on_read` with how many have been read each time some were.
pub fn watched(source: Source, on_read: impl Fn(u64) + 'static) -> Source {
    let on_read = Rc::new(on_read);
    Source::new(source.len(), move || {
        let on_read = on_read.clone();
        let read = Cell::new(0);
        let stream: ByteStream =
            source.open().unwrap_or_else(|error| boxed_stream(stream::iter([Err(error)])));
        boxed_stream(stream.inspect(move |chunk| {
            if let Ok(chunk) = chunk {
                read.set(read.get() + chunk.len() as u64);
                on_read(read.get());
            }
        }))
    })
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

    /// All files: those dropped by themselves, and the music in the folders.
    pub async fn files(self) -> Picked {
        let files = self.files.iter().map(picked).collect();
        let mut picked = Picked { files, left_out: 0 };
        let mut entries = self.entries;
        let mut seen = 0;
        while let Some(entry) = entries.pop() {
            if seen == ENTRIES_MAX {
                picked.left_out += 1 + entries.len();
                break;
            }
            if let Some(folder) = entry.dyn_ref::<FileSystemDirectoryEntry>() {
                entries.extend(children(folder).await);
            } else if let Some(file) = entry.dyn_ref::<FileSystemFileEntry>() {
                match file_of(file).await {
                    Some(file) => picked.add_if_music(&file),
                    None => picked.left_out += 1,
                }
                seen += 1;
            }
        }
        picked.files.sort_by(|a, b| a.name.cmp(&b.name));
        picked
    }
}

/// The entries of a folder. Browsers hand them out in batches, the last one empty.
async fn children(folder: &FileSystemDirectoryEntry) -> Vec<FileSystemEntry> {
    let reader = folder.create_reader();
    let mut children = Vec::new();
    while children.len() < ENTRIES_MAX {
        let batch = batch(&reader).await;
        if batch.is_empty() {
            break;
        }
        children.extend(batch);
    }
    children
}

async fn batch(reader: &FileSystemDirectoryReader) -> Vec<FileSystemEntry> {
    let read = |resolve: js_sys::Function, reject: js_sys::Function| {
        // A refusal arrives through `reject`; the direct result only says that the call was made.
        drop(reader.read_entries_with_callback_and_callback(&resolve, &reject));
    };
    match JsFuture::from(Promise::new(&mut { read })).await {
        Ok(entries) => Array::from(&entries).iter().filter_map(|entry| entry.dyn_into().ok()).collect(),
        Err(_) => Vec::new(),
    }
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
    use futures::StreamExt;
    use wasm_bindgen_test::wasm_bindgen_test;
    use web_sys::FilePropertyBag;

    use super::*;

    fn file(name: &str, bytes: &[u8]) -> File {
        let parts = Array::of1(&Uint8Array::from(bytes));
        File::new_with_u8_array_sequence_and_options(&parts, name, &FilePropertyBag::new()).unwrap()
    }

    #[wasm_bindgen_test]
    async fn a_file_reads_back_in_slices_as_often_as_it_is_opened() {
        let bytes: Vec<u8> = (0..2_500_000u32).map(|n| n.to_le_bytes()[1]).collect();
        let source = source(&file("a.mp3", &bytes));
        assert_eq!(source.len(), Some(2_500_000));
        for _ in 0..2 {
            let chunks: Vec<_> = source.open().unwrap().map(Result::unwrap).collect().await;
            assert_eq!(chunks.iter().map(Bytes::len).collect::<Vec<_>>(), [1_048_576, 1_048_576, 402_848]);
            assert!(chunks.concat() == bytes);
        }
    }

    #[wasm_bindgen_test]
    async fn a_watched_source_tells_how_far_it_is() {
        let told = Rc::new(std::cell::RefCell::new(Vec::new()));
        let into = told.clone();
        let source =
            watched(source(&file("a.mp3", &vec![0; 1_500_000])), move |read| into.borrow_mut().push(read));
        source.open().unwrap().for_each(|_| async {}).await;
        assert_eq!(*told.borrow(), [1_048_576, 1_500_000]);
    }

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
