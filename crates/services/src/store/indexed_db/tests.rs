//! The promises of `Music`, kept in a browser's IndexedDB; and what only this store has to keep.
#![allow(clippy::unwrap_used, reason = "a failure here is a failed test")]

use std::cell::Cell;

use kadenza_api::{Music, Query, Replicas};
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
        put(&transaction, GROUPS, &page_key(5, page), &array_of(bytes)).unwrap();
    }
    let key = JsValue::from(content.to_string());
    put(&transaction, CONTENTS, &key, &Array::of2(&number(5), &number(300_000))).unwrap();
    put(&transaction, OUTBOARDS, &key, &array_of(&[0; 4 * 64])).unwrap();
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
