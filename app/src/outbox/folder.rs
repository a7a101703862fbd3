//! A folder of the origin's private files.

use js_sys::{Array, AsyncIterator, IteratorNext, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Blob, DomException, File, FileSystemDirectoryHandle, FileSystemFileHandle, FileSystemGetDirectoryOptions,
    FileSystemGetFileOptions, FileSystemRemoveOptions, FileSystemWritableFileStream,
};

/// Why something is not kept. The page says only that it is not.
#[derive(Debug)]
pub(crate) enum NotKept {
    /// The browser has no private files for this page.
    NoFiles,
    /// It has no locks.
    NoLocks,
    /// It gives out no random numbers.
    NoRandomness,
    /// There is no such place.
    NoPlace,
    /// It is not text.
    NotText,
    /// The browser refused, for want of room for example.
    Refused,
}

pub(crate) type Result<T> = std::result::Result<T, NotKept>;

/// One folder. A clone is another handle to the same one.
#[derive(Debug, Clone)]
pub(super) struct Folder(FileSystemDirectoryHandle);

impl Folder {
    /// The one that holds all others.
    pub(super) async fn private() -> Result<Self> {
        let storage = web_sys::window().ok_or(NotKept::NoFiles)?.navigator().storage();
        // Browsers without private files lack the method, and some without secure contexts the storage.
        let has = Reflect::get(&storage, &"getDirectory".into()).is_ok_and(|method| method.is_function());
        if !has {
            return Err(NotKept::NoFiles);
        }
        Ok(Self(settled(storage.get_directory()).await?))
    }

    /// The folder of this name in it, which is made if need be.
    pub(super) async fn folder(&self, name: &str) -> Result<Self> {
        let options = FileSystemGetDirectoryOptions::new();
        options.set_create(true);
        Ok(Self(settled(self.0.get_directory_handle_with_options(name, &options)).await?))
    }

    /// What it is called.
    pub(super) fn name(&self) -> String {
        self.0.name()
    }

    /// The names of all that is in it.
    pub(super) async fn names(&self) -> Result<Vec<String>> {
        let (keys, mut names): (AsyncIterator, _) = (self.0.keys(), Vec::new());
        loop {
            let next: IteratorNext = settled(keys.next().map_err(|_| NotKept::Refused)?).await?;
            if next.done() {
                return Ok(names);
            }
            names.extend(next.value().as_string());
        }
    }

    /// The file of this name, if there is one.
    pub(super) async fn read(&self, name: &str) -> Option<File> {
        let handle: FileSystemFileHandle = settled(self.0.get_file_handle(name)).await.ok()?;
        settled(handle.get_file()).await.ok()
    }

    /// Makes a file of these bytes. It is there whole, or as it was.
    pub(super) async fn write(&self, name: &str, bytes: &Blob) -> Result<()> {
        let options = FileSystemGetFileOptions::new();
        options.set_create(true);
        let handle: FileSystemFileHandle =
            settled(self.0.get_file_handle_with_options(name, &options)).await?;
        let stream: FileSystemWritableFileStream = settled(handle.create_writable()).await?;
        let written = stream.write_with_blob(bytes).map_err(|_| NotKept::Refused)?;
        done(written).await?;
        done(stream.close()).await
    }

    /// Makes a file of a text.
    pub(super) async fn write_text(&self, name: &str, text: &str) -> Result<()> {
        let text = Blob::new_with_str_sequence(&Array::of1(&text.into())).map_err(|_| NotKept::Refused)?;
        self.write(name, &text).await
    }

    /// Removes a file, or a folder with all that is in it. It need not be there.
    pub(super) async fn remove(&self, name: &str) -> Result<()> {
        let options = FileSystemRemoveOptions::new();
        options.set_recursive(true);
        match JsFuture::from(self.0.remove_entry_with_options(name, &options)).await {
            Err(error) if !is_named(&error, "NotFoundError") => Err(NotKept::Refused),
            _ => Ok(()),
        }
    }
}

async fn done(promise: Promise) -> Result<()> {
    JsFuture::from(promise).await.map(drop).map_err(|_| NotKept::Refused)
}

/// What a promise came to. Its type is what the browser's own description of the method says.
async fn settled<T: JsCast>(promise: Promise) -> Result<T> {
    let value = JsFuture::from(promise).await.map_err(|_| NotKept::Refused)?;
    Ok(value.unchecked_into())
}

fn is_named(error: &JsValue, name: &str) -> bool {
    error.dyn_ref::<DomException>().is_some_and(|error| error.name() == name)
}
