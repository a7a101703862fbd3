//! Files on their way in, kept in the origin's private files (the browser's Origin Private File System) until they are in: a
//! page that is reloaded, or has crashed, goes on with them.
//!
//! Each tab has a folder there, which it holds by a lock. What a tab left behind that is gone is taken over by the next that
//! starts. An upload is two files: its bytes, and once those are whole, what is known of it as JSON.

mod folder;

use std::rc::Rc;

use js_sys::Date;
use kadenza_node::blob;
use kadenza_node::tab::lock::Lock;
use serde::{Deserialize, Serialize};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, StorageEstimate};

use self::folder::Folder;
pub(crate) use self::folder::{NotKept, Result};
use crate::state::{Entry, Resumed};

/// The folder of all tabs' folders.
const FOLDER: &str = "uploads";

/// What the names of files with bytes, and with what is known of them, end in.
const BYTES: &str = ".bytes";
const ENTRY: &str = ".json";

/// Where a tab remembers its folder across a reload.
const REMEMBERED_AS: &str = "kadenza-uploads";

/// What a folder is locked by, before its name.
const LOCK: &str = "kadenza-uploads-";

/// The share of what the browser allows this origin that may be kept here: songs that are in have most of it.
const QUOTA_SHARE: f64 = 0.1;

/// What may be kept where the browser does not say how much it allows: 100 MB.
const DEFAULT_ROOM_BYTES: u64 = 100_000_000;

/// Whoever has not come back for so long, in milliseconds, is not going to: a week.
const KEPT_MS: f64 = 7.0 * 24.0 * 3600.0 * 1000.0;

/// What is kept beside the bytes.
#[derive(Debug, Serialize, Deserialize)]
struct Record {
    entry: Entry,
    /// Since when, in milliseconds since 1970.
    since: f64,
}

/// What this tab keeps.
#[derive(Debug)]
pub(crate) struct Outbox {
    /// Where new files go.
    own: Folder,
    /// Its own, and those of tabs that are gone.
    folders: Vec<Folder>,
    /// No other tab takes these for those of a tab that is gone.
    _locks: Vec<Lock>,
    room_bytes: u64,
}

impl Outbox {
    /// Opens this tab's folder; says what is in it, and in those of tabs that are gone.
    ///
    /// # Errors
    /// Where the browser keeps nothing for the page, as in some private windows.
    pub(crate) async fn open() -> Result<(Self, Vec<Resumed>)> {
        let all = Folder::private().await?.folder(FOLDER).await?;
        let (own, lock) = own_name().await?;
        let own = all.folder(&own).await?;
        let (mut folders, mut locks) = (Vec::new(), vec![lock]);
        for name in all.names().await? {
            let lock =
                if name == own.name() { None } else { Lock::hold(&format!("{LOCK}{name}")).await.flatten() };
            if name == own.name() || lock.is_some() {
                folders.push(all.folder(&name).await?);
                locks.extend(lock);
            }
        }
        let mut resumed = Vec::new();
        for folder in &folders {
            resumed.extend(left_in(folder).await?);
            if folder.name() != own.name() && folder.names().await?.is_empty() {
                all.remove(&folder.name()).await?;
            }
        }
        resumed.sort_by_key(|file| file.entry.order);
        Ok((Self { own, folders, _locks: locks, room_bytes: room_bytes().await }, resumed))
    }

    /// How much may be kept, in bytes.
    pub(crate) fn room_bytes(&self) -> u64 {
        self.room_bytes
    }

    /// Keeps a file; returns where.
    ///
    /// # Errors
    /// Where the browser refuses, for want of room for example.
    pub(crate) async fn keep(&self, entry: Entry, bytes: &Blob) -> Result<Rc<str>> {
        let number = getrandom::u64().map_err(|_| NotKept::NoRandomness)?;
        let name = format!("{number:016x}");
        self.own.write(&format!("{name}{BYTES}"), bytes).await?;
        write(&self.own, &name, entry).await?;
        Ok(format!("{}/{name}", self.own.name()).into())
    }

    /// Keeps what is known of a file now.
    ///
    /// # Errors
    /// As [`Outbox::keep`].
    pub(crate) async fn update(&self, place: &str, entry: Entry) -> Result<()> {
        let (folder, name) = self.find(place)?;
        write(folder, name, entry).await
    }

    /// Keeps a file no longer.
    ///
    /// # Errors
    /// As [`Outbox::keep`].
    pub(crate) async fn forget(&self, place: &str) -> Result<()> {
        let (folder, name) = self.find(place)?;
        forget(folder, name).await
    }

    fn find<'a>(&self, place: &'a str) -> Result<(&Folder, &'a str)> {
        let found = place.split_once('/').and_then(|(folder, name)| {
            Some((self.folders.iter().find(|other| other.name() == folder)?, name))
        });
        found.ok_or(NotKept::NoPlace)
    }
}

/// The name of this tab's folder, and its lock.
async fn own_name() -> Result<(String, Lock)> {
    let session = web_sys::window().and_then(|window| window.session_storage().ok().flatten());
    let former = session.as_ref().and_then(|session| session.get_item(REMEMBERED_AS).ok().flatten());
    if let Some(former) =
        former.filter(|name| name.len() == 16 && name.bytes().all(|b| b.is_ascii_hexdigit()))
        && let Some(lock) = Lock::regain(&format!("{LOCK}{former}")).await.flatten()
    {
        return Ok((former, lock));
    }
    let number = getrandom::u64().map_err(|_| NotKept::NoRandomness)?;
    let name = format!("{number:016x}");
    let lock = Lock::hold(&format!("{LOCK}{name}")).await.flatten().ok_or(NotKept::NoLocks)?;
    // Where it cannot be remembered, the reloaded tab finds the folder as one that a tab left behind.
    drop(session.map(|session| session.set_item(REMEMBERED_AS, &name)));
    Ok((name, lock))
}

/// What may be kept, by what the browser allows.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "casts from float saturate")]
async fn room_bytes() -> u64 {
    let estimate = async {
        let estimate = web_sys::window()?.navigator().storage().estimate().ok()?;
        let estimate: StorageEstimate = JsFuture::from(estimate).await.ok()?.into();
        estimate.get_quota()
    };
    estimate.await.map_or(DEFAULT_ROOM_BYTES, |quota| (quota * QUOTA_SHARE) as u64)
}

/// The files of a folder. What is damaged, unfinished or too old is removed.
async fn left_in(folder: &Folder) -> Result<Vec<Resumed>> {
    let mut left = Vec::new();
    for file in folder.names().await? {
        let name = file.trim_end_matches(BYTES).trim_end_matches(ENTRY);
        match read(folder, name).await {
            Some(_) if file.ends_with(BYTES) => {}
            Some(resumed) => left.push(resumed),
            None => forget(folder, name).await?,
        }
    }
    Ok(left)
}

async fn read(folder: &Folder, name: &str) -> Option<Resumed> {
    let record = folder.read(&format!("{name}{ENTRY}")).await?;
    let record = JsFuture::from(Blob::text(&record)).await.ok()?.as_string()?;
    let Record { entry, since } = serde_json::from_str(&record).ok()?;
    let age = Date::now() - since;
    let blob = folder.read(&format!("{name}{BYTES}")).await.filter(|_| (0.0..KEPT_MS).contains(&age))?;
    let blob = Blob::from(blob);
    let place = format!("{}/{name}", folder.name()).into();
    Some(Resumed { place, entry, source: blob::source(&blob), blob })
}

async fn write(folder: &Folder, name: &str, entry: Entry) -> Result<()> {
    let record =
        serde_json::to_string(&Record { entry, since: Date::now() }).map_err(|_| NotKept::NotText)?;
    folder.write_text(&format!("{name}{ENTRY}"), &record).await
}

async fn forget(folder: &Folder, name: &str) -> Result<()> {
    // In this order: bytes of which nothing is known are removed at the next start.
    for file in [format!("{name}{ENTRY}"), format!("{name}{BYTES}")] {
        folder.remove(&file).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use js_sys::{Array, Uint8Array};
    use kadenza_api::Tags;
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;
    use crate::state::Destination;

    fn blob(bytes: &[u8]) -> Blob {
        Blob::new_with_u8_array_sequence(&Array::of1(&Uint8Array::from(bytes))).unwrap()
    }

    fn entry(name: &str, order: u32) -> Entry {
        let tags = Tags { title: Some("Sirens".into()), ..Tags::default() };
        Entry { name: name.into(), tags, checking: false, destination: Destination::Public, order }
    }

    #[wasm_bindgen_test]
    async fn what_is_kept_is_there_with_what_was_said_of_it_until_it_is_forgotten() {
        let folder = Folder::private().await.unwrap().folder("kept-test").await.unwrap();
        let outbox =
            Outbox { own: folder.clone(), folders: vec![folder.clone()], _locks: Vec::new(), room_bytes: 0 };
        let place = outbox.keep(entry("a.mp3", 1), &blob(b"sound")).await.unwrap();
        let [left] = &left_in(&folder).await.unwrap()[..] else { panic!("one file") };
        assert_eq!((&left.place, &left.entry, left.source.len()), (&place, &entry("a.mp3", 1), Some(5)));
        let named = Entry { checking: true, ..entry("a.mp3", 1) };
        outbox.update(&place, named.clone()).await.unwrap();
        assert_eq!(left_in(&folder).await.unwrap()[0].entry, named);
        outbox.forget(&place).await.unwrap();
        assert_eq!(folder.names().await.unwrap(), Vec::<String>::new());
    }

    #[wasm_bindgen_test]
    async fn what_is_unfinished_damaged_or_a_week_old_is_removed() {
        let folder = Folder::private().await.unwrap().folder("old-test").await.unwrap();
        folder.write("1.bytes", &blob(b"cut off")).await.unwrap();
        folder.write("2.bytes", &blob(b"sound")).await.unwrap();
        folder.write_text("2.json", "{").await.unwrap();
        folder.write("3.bytes", &blob(b"sound")).await.unwrap();
        let old = Record { entry: entry("a.mp3", 1), since: Date::now() - KEPT_MS - 1.0 };
        folder.write_text("3.json", &serde_json::to_string(&old).unwrap()).await.unwrap();
        assert!(left_in(&folder).await.unwrap().is_empty());
        assert_eq!(folder.names().await.unwrap(), Vec::<String>::new());
    }
}
