//! A store in a browser's IndexedDB.
//!
//! | object store | key | value |
//! |---|---|---|
//! | `settings` | name | bytes |
//! | `songs` | song id | JSON |
//! | `sealed` | record id | JSON |
//! | `contents` | content id | `[blob, length, page size]` |
//! | `outboards` | content id | bytes |
//! | `groups` | `[blob, number]` | the bytes of one page |
//! | `stages` | blob | nothing: the blob is on its way |
//!
//! Version 1 of the database has no `sealed`, and is upgraded in place. Earlier pages are of 64 KiB, and their contents'
//! records do not tell the size.
//!
//! Bytes are never moved: a commit takes the blob out of `stages` and names it in `contents`, in one transaction.
//! Requests are turned into promises, which settle harmlessly when nobody waits for them any more.
#![cfg(target_family = "wasm")]

use std::collections::HashMap;
use std::ops::Range;
use std::rc::Rc;
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use js_sys::{Array, Function, JsString, Object, Promise, Reflect, Uint8Array};
use kadenza_api::{ContentId, Error, Result};
use kadenza_platform::{give_back, taken};
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    DomException, IdbDatabase, IdbFactory, IdbKeyRange, IdbObjectStore, IdbOpenDbRequest, IdbRequest,
    IdbTransaction, IdbTransactionMode,
};

use super::{Commit, Loaded, PAGE_BYTES, Stage, Store, from_json, gather, lost, to_json};

const SETTINGS: &str = "settings";
const SONGS: &str = "songs";
const SEALED: &str = "sealed";
const CONTENTS: &str = "contents";
const OUTBOARDS: &str = "outboards";
const GROUPS: &str = "groups";
const STAGES: &str = "stages";

/// The version of the database, to be counted up whenever there are more object stores in it.
const VERSION: u32 = 2;

/// Bytes in a page of a content whose record does not say.
const EARLIER_PAGE_BYTES: u64 = 64 * 1024;

/// JavaScript's numbers are exact up to 2⁵³.
const EXACT_BITS: u32 = 53;

/// A store in a database of the page's own origin. A clone is another handle to the same one.
#[derive(Debug, Clone)]
pub struct IndexedDbStore(Rc<Inner>);

#[derive(Debug)]
struct Inner {
    database: IdbDatabase,
    /// Where the bytes of each content are. Only ever grows, by what is stored.
    blobs: Mutex<HashMap<ContentId, Blob>>,
}

impl Drop for Inner {
    /// Another peer may open the database, once the transactions that have begun are complete.
    fn drop(&mut self) {
        self.database.close();
    }
}

/// Where the bytes of a content are.
#[derive(Debug, Clone, Copy)]
struct Blob {
    number: u64,
    page_bytes: u64,
}

impl Blob {
    /// One as they are written now.
    fn new(number: u64) -> Self {
        Self { number, page_bytes: PAGE_BYTES }
    }
}

fn refused(error: &JsValue) -> Error {
    let name = error.dyn_ref::<DomException>().map(|e| format!("{}: {}", e.name(), e.message()));
    let name = name.unwrap_or_else(|| format!("{error:?}"));
    if name.starts_with("QuotaExceededError") {
        return Error::storage(format!("no room: the browser's storage is full ({name})"));
    }
    Error::storage(format!("the browser's storage refused: {name}"))
}

/// Waits for a request, or for a transaction to be complete.
async fn settled(target: &JsValue, success: &str, failure: &str) -> Result<()> {
    let promise = Promise::new(&mut |resolve, reject| {
        // Setting a handler on an object that has it does not fail.
        let _ = Reflect::set(target, &success.into(), &resolve);
        let _ = Reflect::set(target, &failure.into(), &reject);
    });
    let settled = JsFuture::from(promise).await;
    settled.map(drop).map_err(|_| {
        let error = Reflect::get(target, &"error".into()).unwrap_or(JsValue::UNDEFINED);
        refused(&error)
    })
}

async fn answer(request: std::result::Result<IdbRequest, JsValue>) -> Result<JsValue> {
    let request = request.map_err(|e| refused(&e))?;
    settled(&request, "onsuccess", "onerror").await?;
    request.result().map_err(|e| refused(&e))
}

fn number(value: u64) -> JsValue {
    #[expect(clippy::cast_precision_loss, reason = "blobs and page numbers are below 2⁵³")]
    JsValue::from_f64(value as f64)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "casts from float saturate")]
fn to_number(value: &JsValue) -> Option<u64> {
    value.as_f64().map(|value| value as u64)
}

fn page_key(blob: u64, page: u64) -> JsValue {
    Array::of2(&number(blob), &number(page)).into()
}

/// Every page of a blob: no number sorts after an array.
fn pages_of(blob: u64) -> Result<IdbKeyRange> {
    let end = Array::of2(&number(blob), &Array::new());
    IdbKeyRange::bound(&page_key(blob, 0), &end).map_err(|e| refused(&e))
}

fn bytes_of(value: &JsValue) -> Option<Bytes> {
    value.dyn_ref::<Uint8Array>().map(|array| taken(array).into())
}

impl IndexedDbStore {
    /// Opens the database `name`, which is made if need be, and removes what an earlier visit left unfinished.
    /// Only one tab may have it open at a time.
    ///
    /// # Errors
    /// [`Error::Storage`] where the browser has no IndexedDB, or refuses it to this page.
    pub async fn open(name: &str) -> Result<Self> {
        let factory = Reflect::get(&js_sys::global(), &"indexedDB".into()).ok();
        let factory = factory.and_then(|factory| factory.dyn_into::<IdbFactory>().ok());
        let factory = factory.ok_or_else(|| Error::storage("this browser has no IndexedDB for this page"))?;
        let request = factory.open_with_u32(name, VERSION).map_err(|e| refused(&e))?;
        let upgrade = {
            let request = request.clone();
            Closure::once(move || create(&request))
        };
        request.set_onupgradeneeded(Some(upgrade.as_ref().unchecked_ref()));
        let database = answer(Ok(request.unchecked_into())).await?;
        drop(upgrade);
        let database = database.dyn_into::<IdbDatabase>().map_err(|e| refused(&e))?;
        let store = Self(Rc::new(Inner { database, blobs: Mutex::default() }));
        store.remove_staged().await?;
        Ok(store)
    }

    fn transaction(&self, stores: &[&str], mode: IdbTransactionMode) -> Result<IdbTransaction> {
        let names: Array = stores.iter().map(|name| JsValue::from_str(name)).collect();
        let begun = self.0.database.transaction_with_str_sequence_and_mode(&names, mode);
        begun.map_err(|e| refused(&e))
    }

    /// A transaction that is on the disk when it is complete, where the browser knows how.
    fn strict(&self, stores: &[&str]) -> Result<IdbTransaction> {
        self.writing(stores, "strict")
    }

    /// A transaction that may reach the disk later, for what counts only once something strict has named it.
    fn relaxed(&self, stores: &[&str]) -> Result<IdbTransaction> {
        self.writing(stores, "relaxed")
    }

    fn writing(&self, stores: &[&str], durability: &str) -> Result<IdbTransaction> {
        let begin = || {
            let names: Array = stores.iter().map(|name| JsValue::from_str(name)).collect();
            let options = Object::new();
            Reflect::set(&options, &"durability".into(), &durability.into())?;
            let method = Reflect::get(&self.0.database, &"transaction".into())?.dyn_into::<Function>()?;
            method
                .call3(&self.0.database, &names, &"readwrite".into(), &options)?
                .dyn_into::<IdbTransaction>()
        };
        begin().map_err(|e: JsValue| refused(&e))
    }

    fn reading(&self, store: &str) -> Result<IdbObjectStore> {
        of(&self.transaction(&[store], IdbTransactionMode::Readonly)?, store)
    }

    async fn remove_staged(&self) -> Result<()> {
        let stages = answer(self.reading(STAGES)?.get_all_keys()).await?;
        for blob in Array::from(&stages) {
            self.remove(to_number(&blob).ok_or_else(|| lost("a staging area"))?).await?;
        }
        Ok(())
    }

    async fn remove(&self, blob: u64) -> Result<()> {
        let transaction = self.transaction(&[STAGES, GROUPS], IdbTransactionMode::Readwrite)?;
        of(&transaction, STAGES)?.delete(&number(blob)).map_err(|e| refused(&e))?;
        of(&transaction, GROUPS)?.delete(&pages_of(blob)?.into()).map_err(|e| refused(&e))?;
        complete(&transaction).await
    }

    async fn read_blob(&self, blob: Blob, range: Range<u64>) -> Result<Bytes> {
        let first = range.start / blob.page_bytes;
        let last = range.end.saturating_sub(1) / blob.page_bytes;
        let keys = IdbKeyRange::bound(&page_key(blob.number, first), &page_key(blob.number, last));
        let keys = keys.map_err(|e| refused(&e))?;
        let values = answer(self.reading(GROUPS)?.get_all_with_key(&keys)).await?;
        let pages: Option<Vec<Bytes>> = Array::from(&values).iter().map(|value| bytes_of(&value)).collect();
        let pages = pages.filter(|pages| pages.len() as u64 == last - first + 1);
        let pages = pages.ok_or_else(|| lost("bytes"))?;
        let page = |number: u64| pages.get(usize::try_from(number - first).ok()?);
        gather(&range, blob.page_bytes, page).ok_or_else(|| lost("bytes"))
    }

    fn blob(&self, id: ContentId) -> Result<Blob> {
        let blobs = self.0.blobs.lock().unwrap_or_else(PoisonError::into_inner);
        blobs.get(&id).copied().ok_or_else(|| lost(format_args!("content {id}")))
    }

    /// Remembers where a content is. Returns where it was before.
    fn remember(&self, id: ContentId, blob: Blob) -> Option<Blob> {
        self.0.blobs.lock().unwrap_or_else(PoisonError::into_inner).insert(id, blob)
    }
}

/// Makes the object stores of a new database, or those that one of an earlier version lacks.
fn create(request: &IdbOpenDbRequest) {
    let database = request.result().ok().and_then(|result| result.dyn_into::<IdbDatabase>().ok());
    let Some(database) = database else { return };
    for store in [SETTINGS, SONGS, SEALED, CONTENTS, OUTBOARDS, GROUPS, STAGES] {
        // Refused for one that is there, which stays as it is. Should it fail otherwise, so does every transaction that
        // names the store, with a message of its own.
        let _ = database.create_object_store(store);
    }
}

fn of(transaction: &IdbTransaction, store: &str) -> Result<IdbObjectStore> {
    transaction.object_store(store).map_err(|e| refused(&e))
}

fn put(transaction: &IdbTransaction, store: &str, key: &JsValue, value: &JsValue) -> Result<()> {
    of(transaction, store)?.put_with_key(value, key).map(drop).map_err(|e| refused(&e))
}

/// Puts bytes. The browser copies them at once, so that the array made for it need not wait to be collected.
fn put_bytes(transaction: &IdbTransaction, store: &str, key: &JsValue, bytes: &[u8]) -> Result<()> {
    let array = Uint8Array::from(bytes);
    put(transaction, store, key, &array)?;
    give_back(&array);
    Ok(())
}

/// A record as it is stored.
fn text_of(record: &impl Serialize) -> Result<JsValue> {
    let json = String::from_utf8(to_json(record)?).map_err(|e| Error::storage(e.to_string()))?;
    Ok(JsString::from(json).into())
}

/// The records that are stored as these texts.
fn records_of<T: DeserializeOwned>(texts: &JsValue) -> Vec<T> {
    let texts = Array::from(texts).into_iter().filter_map(|text| text.as_string());
    texts.filter_map(|json| from_json(json.as_bytes())).collect()
}

async fn complete(transaction: &IdbTransaction) -> Result<()> {
    settled(transaction, "oncomplete", "onabort").await
}

impl Store for IndexedDbStore {
    const READ_BYTES: u64 = 512 * 1024;

    /// A song of four minutes, and half of what may wait at all.
    const HELD_BACK_BYTES: u64 = 12 * 1024 * 1024;

    async fn setting(&self, name: &str) -> Result<Option<Bytes>> {
        Ok(bytes_of(&answer(self.reading(SETTINGS)?.get(&name.into())).await?))
    }

    async fn set_setting(&self, name: &str, value: Bytes) -> Result<()> {
        let transaction = self.strict(&[SETTINGS])?;
        put_bytes(&transaction, SETTINGS, &name.into(), &value)?;
        complete(&transaction).await
    }

    async fn load(&self) -> Result<Loaded> {
        let songs = records_of(&answer(self.reading(SONGS)?.get_all()).await?);
        let sealed = records_of(&answer(self.reading(SEALED)?.get_all()).await?);
        let mut loaded = Loaded { songs, sealed, contents: Vec::new() };
        let contents = self.reading(CONTENTS)?;
        // Both in one transaction, so that they belong together.
        let (ids, values) = (contents.get_all_keys(), contents.get_all());
        let (ids, values) = (answer(ids).await?, answer(values).await?);
        for (id, value) in Array::from(&ids).iter().zip(Array::from(&values).iter()) {
            let value = Array::from(&value);
            let id = id.as_string().and_then(|id| id.parse::<ContentId>().ok());
            if let (Some(id), Some(blob), Some(len)) =
                (id, to_number(&value.get(0)), to_number(&value.get(1)))
            {
                let page_bytes = to_number(&value.get(2)).unwrap_or(EARLIER_PAGE_BYTES);
                self.remember(id, Blob { number: blob, page_bytes });
                loaded.contents.push((id, len));
            } else {
                tracing::warn!("a stored content's record cannot be read");
            }
        }
        Ok(loaded)
    }

    async fn stage(&self) -> Result<Stage> {
        let random = getrandom::u64().map_err(|e| Error::storage(format!("no random numbers: {e}")))?;
        let blob = random >> (u64::BITS - EXACT_BITS);
        let transaction = self.transaction(&[STAGES], IdbTransactionMode::Readwrite)?;
        put(&transaction, STAGES, &number(blob), &JsValue::NULL)?;
        complete(&transaction).await?;
        Ok(Stage(blob))
    }

    async fn write(&self, stage: Stage, offset: u64, bytes: Bytes) -> Result<()> {
        let transaction = self.relaxed(&[GROUPS])?;
        for (number, page) in (offset / PAGE_BYTES..).zip(bytes.chunks(PAGE_BYTES as usize)) {
            put_bytes(&transaction, GROUPS, &page_key(stage.0, number), page)?;
        }
        complete(&transaction).await
    }

    async fn read_staged(&self, stage: Stage, range: Range<u64>) -> Result<Bytes> {
        self.read_blob(Blob::new(stage.0), range).await
    }

    fn discard(&self, stage: Stage) {
        let store = self.clone();
        kadenza_platform::spawn(async move {
            if let Err(e) = store.remove(stage.0).await {
                tracing::warn!("a staging area is removed at the next visit only: {e}");
            }
        });
    }

    async fn commit(&self, commit: Commit) -> Result<()> {
        let transaction = self.strict(&[SONGS, SEALED, CONTENTS, OUTBOARDS, STAGES])?;
        for song in &commit.songs {
            put(&transaction, SONGS, &song.id().to_string().into(), &text_of(song)?)?;
        }
        for record in &commit.sealed {
            put(&transaction, SEALED, &record.id().to_string().into(), &text_of(record)?)?;
        }
        for content in &commit.contents {
            let key = JsValue::from(content.id.to_string());
            let value = Array::of3(&number(content.stage.0), &number(content.len), &number(PAGE_BYTES));
            put(&transaction, CONTENTS, &key, &value)?;
            put_bytes(&transaction, OUTBOARDS, &key, &content.outboard)?;
            of(&transaction, STAGES)?.delete(&number(content.stage.0)).map_err(|e| refused(&e))?;
        }
        complete(&transaction).await?;
        for content in &commit.contents {
            if let Some(damaged) = self.remember(content.id, Blob::new(content.stage.0)) {
                self.discard(Stage(damaged.number));
            }
        }
        Ok(())
    }

    async fn read(&self, id: ContentId, range: Range<u64>) -> Result<Bytes> {
        self.read_blob(self.blob(id)?, range).await
    }

    async fn outboard(&self, id: ContentId) -> Result<Bytes> {
        let value = answer(self.reading(OUTBOARDS)?.get(&id.to_string().into())).await?;
        bytes_of(&value).ok_or_else(|| lost(format_args!("the hashes of {id}")))
    }

    async fn set_outboard(&self, id: ContentId, outboard: Bytes) -> Result<()> {
        let transaction = self.transaction(&[OUTBOARDS], IdbTransactionMode::Readwrite)?;
        put_bytes(&transaction, OUTBOARDS, &id.to_string().into(), &outboard)?;
        complete(&transaction).await
    }
}

#[cfg(test)]
mod tests;
