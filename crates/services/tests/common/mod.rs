//! What the tests of this crate share.
#![allow(dead_code, reason = "each test file uses its part of this")]

pub(crate) mod gated;

use std::path::{Path, PathBuf};

use bytes::Bytes;
use kadenza_api::{Source, Tags, Upload};
use kadenza_platform::boxed_stream;
use kadenza_services::store::disk::DiskStore;
use kadenza_services::store::{MemoryStore, Store};
use kadenza_services::{Config, Services, identity};

/// Room for everything a test stores.
pub(crate) const QUOTA_BYTES: u64 = 1_000_000_000;

pub(crate) fn config() -> Config {
    Config { quota_bytes: QUOTA_BYTES, ..Config::default() }
}

pub(crate) async fn open<S: Store>(store: S, config: Config) -> Services<S> {
    let keypair = identity(&store).await.unwrap();
    Services::open(store, keypair, config).await.unwrap()
}

pub(crate) async fn in_memory() -> Services<MemoryStore> {
    open(MemoryStore::default(), config()).await
}

pub(crate) async fn on_disk(folder: &Path) -> Services<DiskStore> {
    open(DiskStore::open(folder).await.unwrap(), Config { durable: true, ..config() }).await
}

/// An upload without names of its own.
pub(crate) fn file(name: &str, bytes: impl Into<Bytes>) -> Upload {
    Upload { name: name.into(), tags: Tags::default(), source: Source::from(bytes.into()) }
}

/// An upload whose bytes come in chunks of `chunk` bytes and whose length is promised as `len`.
pub(crate) fn streamed(name: &str, bytes: Bytes, chunk: usize, len: Option<u64>) -> Upload {
    let chunks: Vec<_> = bytes.chunks(chunk).map(|chunk| Ok(Bytes::copy_from_slice(chunk))).collect();
    let source = Source::once(len, boxed_stream(futures::stream::iter(chunks)));
    Upload { name: name.into(), tags: Tags::default(), source }
}

/// One of the small audio files that lie beside the tests.
pub(crate) fn fixture(name: &str) -> Bytes {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name);
    Bytes::from(std::fs::read(path).unwrap())
}

/// Every file below a folder.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files.extend(self::files(&path)) } else { files.push(path) }
    }
    files
}
