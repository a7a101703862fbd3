//! What rooms have a node keep: records it checks and cannot read, within bounds.
// Where there are files and a tokio runtime.
#![cfg(any(unix, windows))]
#![allow(clippy::unwrap_used, reason = "a failure here is a failed test")]

mod common;

use bytes::Bytes;
use common::{QUOTA_BYTES, config, files, in_memory, on_disk, open};
use kadenza_api::testing::vault::{Room, filed, stored};
use kadenza_api::testing::{upload, wav};
use kadenza_api::{
    Error, ROOM_RECORDS_MAX, RecordId, Replicas, Scope, SealedContent, SealedRecord, Source, Vault, collect,
};
use kadenza_services::Config;
use kadenza_services::store::{MemoryStore, Store};
use proptest::prelude::*;

mod in_memory {
    use kadenza_services::{Services, store::MemoryStore};

    async fn stack() -> Services<MemoryStore> {
        super::common::in_memory().await
    }

    kadenza_api::vault_conformance!(
        #[tokio::test]
        stack
    );
}

mod on_disk {
    use kadenza_services::{Services, store::disk::DiskStore};

    async fn stack() -> Services<DiskStore> {
        // Kept, for the stack outlives this function; `cargo clean` removes it.
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap().keep();
        super::common::on_disk(&folder).await
    }

    kadenza_api::vault_conformance!(
        #[tokio::test]
        stack
    );
}

#[tokio::test]
async fn records_and_their_contents_are_there_after_a_restart() {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let (room, bytes) = (Room::new(1), Bytes::from(vec![5; 300_000]));
    let vault = on_disk(folder.path()).await;
    let audio = stored(&vault, bytes.clone()).await;
    let record = room.record(1, 1, vec![audio]);
    let copies = vault.file(record.clone()).await.unwrap();
    assert!(copies.safe && copies.relays == 1);
    drop(vault);
    let vault = on_disk(folder.path()).await;
    assert_eq!(vault.filed(room.id(), Scope::Here).await.unwrap(), std::slice::from_ref(&record));
    assert_eq!(vault.sealed(record.id()).await.unwrap(), record);
    let read = kadenza_api::Music::read(&vault, audio.content, audio.len, 0..audio.len).await.unwrap();
    assert!(read == bytes);
}

#[tokio::test]
async fn what_is_examined_takes_room_until_it_is_let_go() {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let vault = on_disk(folder.path()).await;
    let staged = || files(&folder.path().join("staging")).len();
    let examined = vault.examine(upload("Sirens", "Ada", "", wav(9000, 1))).await.unwrap();
    let clone = examined.audio.clone();
    drop(examined);
    assert_eq!((vault.room().await.unwrap(), staged()), (QUOTA_BYTES - 9000, 1));
    let stream = clone.open().unwrap();
    drop(clone);
    assert_eq!(collect(stream, 10_000).await.unwrap(), wav(9000, 1), "a stream holds on to it as well");
    assert_eq!((vault.room().await.unwrap(), staged()), (QUOTA_BYTES, 0));
}

#[tokio::test]
async fn a_file_at_the_limit_can_be_stored_sealed_and_nothing_larger() {
    let config = Config { file_limit_bytes: 200_000, ..config() };
    let vault = open(MemoryStore::default(), config).await;
    let sealed = |len: usize| Source::from(Bytes::from(vec![1; len]));
    vault.store(sealed(200_000 + 4 * 16)).await.unwrap();
    let refusal = vault.store(sealed(200_000 + 4 * 16 + 1)).await;
    assert!(matches!(refusal, Err(Error::TooLarge { .. })), "{refusal:?}");
    assert_eq!(vault.room().await.unwrap(), QUOTA_BYTES - 200_064);
}

#[tokio::test]
async fn of_merged_records_the_good_count_once_and_the_others_are_left_out() {
    let (node, room, other) = (in_memory().await, Room::new(1), Room::new(2));
    let unheld = SealedContent { content: kadenza_api::ContentId([3; 32]), len: 900 };
    let good = room.record(1, 1, vec![unheld]);
    let mut forged = room.record(2, 1, vec![]);
    forged.signature[0] ^= 1;
    let displaced = SealedRecord { room: room.id(), ..other.record(1, 1, vec![]) };
    let endless = room.signed(SealedRecord { bytes: vec![0; 20_000], ..good.clone() });
    let impossible = room.record(3, 1, vec![SealedContent { len: u64::MAX, ..unheld }]);
    let records = vec![forged, good.clone(), displaced, endless, impossible, good.clone()];
    assert_eq!(node.merge_sealed(records.clone()).await.unwrap(), [good.id()]);
    assert_eq!(node.merge_sealed(records).await.unwrap(), []);
    assert_eq!(node.sealed_count().await.unwrap(), 1);
    assert_eq!(node.sealed_after(None, 10).await.unwrap(), std::slice::from_ref(&good));
    assert!(matches!(node.merge_sealed(vec![good; 101]).await, Err(Error::Invalid { .. })));
    let unknown = node.sealed(RecordId([9; 32])).await;
    assert!(matches!(unknown, Err(Error::NotFound { .. })), "{unknown:?}");
}

#[tokio::test]
async fn ten_thousand_records_of_one_room_do_not_go_beyond_its_bound() {
    let store = MemoryStore::default();
    let (node, room) = (open(store.clone(), config()).await, Room::new(1));
    for batch in 0..100 {
        let records = (0..100).map(|number| room.record(batch * 100 + number, 1, vec![])).collect();
        node.merge_sealed(records).await.unwrap();
    }
    assert_eq!(node.sealed_count().await.unwrap(), ROOM_RECORDS_MAX as u64);
    assert_eq!(store.load().await.unwrap().sealed.len(), ROOM_RECORDS_MAX);
    let refusal = node.file(room.record(20_000, 1, vec![])).await;
    let Err(Error::Storage { message }) = refusal else { panic!("{refusal:?}") };
    assert!(message.contains("5000"), "{message}");
    node.file(Room::new(2).record(1, 1, vec![])).await.unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20))]
    #[test]
    fn merging_comes_to_the_same_in_any_order_with_any_repeats(
        picks in prop::collection::vec((0..8u32, 1..4u8), 1..30), at in any::<prop::sample::Index>(),
    ) {
        let records: Vec<_> = picks.iter().map(|(song, room)| Room::new(*room).record(*song, 1, vec![])).collect();
        let (head, tail) = records.split_at(at.index(records.len()));
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let (one, other) = runtime.block_on(async {
            let (one, other) = (in_memory().await, in_memory().await);
            one.merge_sealed(records.clone()).await.unwrap();
            for part in [tail, head, tail] {
                other.merge_sealed(part.to_vec()).await.unwrap();
            }
            (one.sealed_after(None, 100).await.unwrap(), other.sealed_after(None, 100).await.unwrap())
        });
        prop_assert_eq!(&one, &other);
        let mut ids: Vec<_> = records.iter().map(SealedRecord::id).collect();
        ids.sort();
        ids.dedup();
        prop_assert_eq!(one.iter().map(SealedRecord::id).collect::<Vec<_>>(), ids);
    }
}

#[tokio::test]
async fn a_rooms_records_are_given_to_those_who_ask_for_the_room() {
    let (node, room) = (in_memory().await, Room::new(1));
    node.merge_sealed((0..5).map(|song| room.record(song, 1, vec![])).collect()).await.unwrap();
    node.merge_sealed(vec![Room::new(2).record(1, 1, vec![])]).await.unwrap();
    let all = filed(&node, &room, Scope::Network).await;
    assert!(all.is_sorted() && all.len() == 5);
    let page = node.sealed_of(room.id(), Some(all[1]), 2).await.unwrap();
    assert_eq!(page.iter().map(SealedRecord::id).collect::<Vec<_>>(), all[2..4]);
}
