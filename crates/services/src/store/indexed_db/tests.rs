//! The promises of `Music`, kept in a browser's IndexedDB; and what only this store has to keep.
#![allow(clippy::unwrap_used, reason = "a failure here is a failed test")]

use std::cell::Cell;

use kadenza_api::testing::vault::{Room, stored};
use kadenza_api::{Music, Query, Replicas, Vault};
use libp2p_identity::Keypair;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

use super::*;
use crate::{Config, Services, identity};

wasm_bindgen_test_configure!(run_in_browser);

thread_local! {
    static DATABASES: Cell<u32> = const { Cell::new(0) };
}

fn fresh_name() -> String {
    let number = DATABASES.replace(DATABASES.get() + 1);
    format!("test {number} {}", getrandom::u64().unwrap())
}

async fn open(name: &str) -> Services<IndexedDbStore> {
    let store = IndexedDbStore::open(name).await.unwrap();
    let keypair = identity(&store).await.unwrap();
    Services::open(store, keypair, Config::default()).await.unwrap()
}

async fn stack() -> Services<IndexedDbStore> {
    open(&fresh_name()).await
}

kadenza_api::conformance!(
    #[wasm_bindgen_test]
    stack
);

kadenza_api::vault_conformance!(
    #[wasm_bindgen_test]
    stack
);

#[wasm_bindgen_test]
async fn a_reload_keeps_songs_bytes_and_identity() {
    let name = fresh_name();
    let file = kadenza_api::testing::wav(200_000, 1);
    let first = open(&name).await;
    let upload = kadenza_api::testing::upload("Sirens", "Ada", "", file.clone());
    let uploaded = first.upload(upload).await.unwrap();
    drop(first);
    let again = open(&name).await;
    assert_eq!(again.song(uploaded.song.id()).await.unwrap(), uploaded.song);
    let content = uploaded.recording.content;
    assert_eq!(again.read(content, 200_000, 0..200_000).await.unwrap(), file);
    assert!(!again.slice(content, 200_000, 1..4).await.unwrap().is_empty());
    let upload = kadenza_api::testing::upload("Other", "Ada", "", kadenza_api::testing::wav(9000, 2));
    let other = again.upload(upload).await.unwrap();
    assert_eq!(other.recording.uploader, uploaded.recording.uploader);
}

#[wasm_bindgen_test]
async fn what_an_earlier_version_stored_is_read_and_served() {
    let name = fresh_name();
    let file = kadenza_api::testing::wav(300_000, 1);
    let content = ContentId::of(&file);
    let first = open(&name).await;
    first.upload(kadenza_api::testing::upload("Sirens", "Ada", "", file.clone())).await.unwrap();
    drop(first);
    let store = IndexedDbStore::open(&name).await.unwrap();
    let transaction = store.strict(&[CONTENTS, GROUPS, OUTBOARDS]).unwrap();
    for (page, bytes) in (0..).zip(file.chunks(64 * 1024)) {
        put_bytes(&transaction, GROUPS, &page_key(5, page), bytes).unwrap();
    }
    let key = JsValue::from(content.to_string());
    put(&transaction, CONTENTS, &key, &Array::of2(&number(5), &number(300_000))).unwrap();
    put_bytes(&transaction, OUTBOARDS, &key, &[0; 4 * 64]).unwrap();
    complete(&transaction).await.unwrap();
    drop(store);
    let again = open(&name).await;
    assert_eq!(again.read(content, 300_000, 0..300_000).await.unwrap(), file);
    let (receiver, slice) = (stack().await, again.slice(content, 300_000, 0..19).await.unwrap());
    assert!(receiver.accept(content, 300_000, 0..19, slice).await.unwrap().kept);
    assert!(receiver.holds(content).await.unwrap());
    assert_eq!(receiver.read(content, 300_000, 0..300_000).await.unwrap(), file);
}

#[wasm_bindgen_test]
async fn a_database_of_version_1_is_upgraded_with_all_that_is_in_it() {
    let name = fresh_name();
    let song = song().await;
    let factory = Reflect::get(&js_sys::global(), &"indexedDB".into()).unwrap();
    let request = factory.dyn_into::<IdbFactory>().unwrap().open_with_u32(&name, 1).unwrap();
    let upgrade = {
        let request = request.clone();
        Closure::once(move || {
            let database: IdbDatabase = request.result().unwrap().dyn_into().unwrap();
            for store in [SETTINGS, SONGS, CONTENTS, OUTBOARDS, GROUPS, STAGES] {
                database.create_object_store(store).unwrap();
            }
        })
    };
    request.set_onupgradeneeded(Some(upgrade.as_ref().unchecked_ref()));
    let database: IdbDatabase = answer(Ok(request.unchecked_into())).await.unwrap().dyn_into().unwrap();
    let earlier = IndexedDbStore(Rc::new(Inner { database, blobs: Mutex::default() }));
    earlier.set_setting("volume", "7".into()).await.unwrap();
    let transaction = earlier.strict(&[SONGS]).unwrap();
    put(&transaction, SONGS, &song.id().to_string().into(), &text_of(&song).unwrap()).unwrap();
    complete(&transaction).await.unwrap();
    // As when the earlier page is gone; a connection that is open would hold the upgrade up.
    earlier.0.database.close();

    let store = IndexedDbStore::open(&name).await.unwrap();
    assert_eq!(store.setting("volume").await.unwrap().unwrap(), "7");
    assert_eq!(store.load().await.unwrap(), Loaded { songs: vec![song.clone()], ..Loaded::default() });
    let record = Room::new(1).record(1, 1, vec![]);
    store.commit(Commit { sealed: vec![record.clone()], ..Commit::default() }).await.unwrap();
    drop(store);
    let loaded = IndexedDbStore::open(&name).await.unwrap().load().await.unwrap();
    assert_eq!(loaded, Loaded { songs: vec![song], sealed: vec![record], ..Loaded::default() });
}

/// A song another node has taken in.
async fn song() -> kadenza_api::Song {
    let uploader = stack().await;
    let upload = kadenza_api::testing::upload("Sirens", "Ada", "", kadenza_api::testing::wav(9000, 1));
    uploader.upload(upload).await.unwrap().song
}

#[wasm_bindgen_test]
async fn a_reload_keeps_a_rooms_records_and_contents() {
    let (name, room, bytes) = (fresh_name(), Room::new(1), Bytes::from(vec![5; 300_000]));
    let first = open(&name).await;
    let audio = stored(&first, bytes.clone()).await;
    first.file(room.record(1, 1, vec![audio])).await.unwrap();
    drop(first);
    let again = open(&name).await;
    let records = again.filed(room.id(), kadenza_api::Scope::Here).await.unwrap();
    assert_eq!(records, [room.record(1, 1, vec![audio])]);
    assert_eq!(again.read(audio.content, audio.len, 0..audio.len).await.unwrap(), bytes);
}

#[wasm_bindgen_test]
async fn what_a_closed_tab_left_unfinished_is_removed() {
    let name = fresh_name();
    let store = IndexedDbStore::open(&name).await.unwrap();
    let stage = store.stage().await.unwrap();
    store.write(stage, 0, Bytes::from(vec![7; 300_000])).await.unwrap();
    assert_eq!(store.read_staged(stage, 262_140..262_150).await.unwrap(), vec![7; 10]);
    drop(store);
    let store = IndexedDbStore::open(&name).await.unwrap();
    let left = answer(store.reading(GROUPS).unwrap().get_all_keys()).await.unwrap();
    assert_eq!(Array::from(&left).length(), 0);
    assert!(store.read_staged(stage, 0..1).await.is_err());
}

#[wasm_bindgen_test]
async fn a_refused_upload_leaves_nothing_in_the_database() {
    let store = IndexedDbStore::open(&fresh_name()).await.unwrap();
    let config = Config { quota_bytes: 150_000, ..Config::default() };
    let services = Services::open(store.clone(), Keypair::generate_ed25519(), config).await.unwrap();
    let kept = kadenza_api::testing::wav(100_000, 1);
    services.upload(kadenza_api::testing::upload("A", "B", "", kept)).await.unwrap();
    let refused = kadenza_api::testing::upload("C", "D", "", kadenza_api::testing::wav(100_000, 2));
    assert!(matches!(services.upload(refused).await, Err(Error::Storage { .. })));
    let noise = kadenza_api::testing::upload("C", "D", "", vec![1; 40_000].into());
    assert!(matches!(services.upload(noise).await, Err(Error::Invalid { .. })));
    // The refused bytes are removed beside the answer; a write waits for that to be done.
    let stage = store.stage().await.unwrap();
    store.remove(stage.0).await.unwrap();
    let left = answer(store.reading(GROUPS).unwrap().get_all_keys()).await.unwrap();
    assert_eq!(Array::from(&left).length(), 1);
    assert_eq!(services.search(Query::new("")).await.unwrap().total, 1);
}

#[wasm_bindgen_test]
fn a_full_browser_is_named() {
    let error: JsValue =
        DomException::new_with_message_and_name("full", "QuotaExceededError").unwrap().into();
    let Error::Storage { message } = refused(&error) else { panic!() };
    assert!(message.starts_with("no room") && message.contains("QuotaExceededError"), "{message}");
}

#[wasm_bindgen_test]
async fn the_memory_of_what_was_read_is_given_back_and_what_was_written_stays() {
    let array = Uint8Array::from(&[1, 2, 3][..]);
    assert_eq!((taken(&array), array.length()), (vec![1, 2, 3], 0));
    let store = IndexedDbStore::open(&fresh_name()).await.unwrap();
    let stage = store.stage().await.unwrap();
    store.write(stage, 0, vec![7; 1000].into()).await.unwrap();
    for _ in 0..2 {
        assert_eq!(store.read_staged(stage, 0..1000).await.unwrap(), vec![7; 1000]);
    }
}
