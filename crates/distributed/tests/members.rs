//! Rooms over a small network: members find each other and what they share, and others find neither.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test says what went wrong by panicking")]

use std::time::Duration;

use futures::{AsyncWriteExt, StreamExt};
use kadenza_api::testing::{upload, wav};
use kadenza_api::{Error, Meet, Music, Outcome, Query};
use kadenza_platform::timeout;
use kadenza_room::{Action, Link, MemberName, Place, QueueItemId, Room, Secret};

mod support;
use support::{Node, eventually, network};

type Open = Room<kadenza_distributed::Distributed<support::Shelf>>;

fn link(secret: u8) -> Link {
    Link::new("Kitchen", Secret::new([secret; 32])).unwrap()
}

fn open(node: &Node, secret: u8, name: &str) -> Open {
    Room::open(node.layer.clone(), link(secret), MemberName::new(name).unwrap()).unwrap()
}

fn names(room: &Open) -> Vec<String> {
    let mut names: Vec<_> =
        room.look(|live| live.members().all().map(|(_, member)| member.name.as_str().to_owned()).collect());
    names.sort();
    names
}

async fn sees(room: &Open, others: &[&str]) {
    eventually(&format!("{others:?} are seen"), || async { names(room) == others }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_song_of_a_room_is_found_and_read_by_its_members_and_by_nobody_else() {
    let nodes = network(3).await;
    let (mira, ben, stranger) =
        (open(&nodes[1], 1, "Mira"), open(&nodes[2], 1, "Ben"), open(&nodes[3], 2, "Eve"));
    let bytes = wav(300_000, 7);
    let uploaded = mira.upload(upload("Sirens", "Ada", "Coast", bytes.clone())).await.unwrap();
    assert_eq!(uploaded.outcome, Outcome::NewSong);
    assert!(uploaded.copies.safe);
    eventually("the other member knows the song", || async {
        ben.search(Query::new("sirens")).await.unwrap().total == 1
    })
    .await;
    let song = ben.search(Query::new("sirens")).await.unwrap().songs.remove(0);
    let recording = song.first();
    let mut read = Vec::new();
    while read.len() < bytes.len() {
        let range = read.len() as u64..recording.bytes;
        read.extend(ben.read(recording.content, recording.bytes, range).await.unwrap());
    }
    assert!(read == bytes);
    let middle = ben.read(recording.content, recording.bytes, 70_000..70_010).await.unwrap();
    assert_eq!(middle, bytes.slice(70_000..70_010));
    assert_eq!(ben.song(ben.address(song.id())).await.unwrap().id(), song.id(), "by what outsiders call it");
    let again = ben.upload(upload("Sirens", "Ada", "Coast", bytes.clone())).await.unwrap();
    assert_eq!(again.outcome, Outcome::AlreadyHere);
    assert_eq!(stranger.search(Query::new("")).await.unwrap().total, 0);
    for node in &nodes {
        assert_eq!(node.layer.search(Query::new("")).await.unwrap().total, 0);
    }
    let past = ben.read(recording.content, recording.bytes, recording.bytes..recording.bytes + 1).await;
    assert!(matches!(past, Err(Error::Invalid { .. })));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn members_see_each_other_come_go_and_change_their_names() {
    let nodes = network(3).await;
    let (mira, ben) = (open(&nodes[1], 1, "Mira"), open(&nodes[2], 1, "Ben"));
    sees(&mira, &["Ben"]).await;
    sees(&ben, &["Mira"]).await;
    let cleo = open(&nodes[3], 1, "Cleo");
    sees(&mira, &["Ben", "Cleo"]).await;
    sees(&cleo, &["Ben", "Mira"]).await;
    ben.rename(MemberName::new("Benedikt").unwrap());
    sees(&cleo, &["Benedikt", "Mira"]).await;
    cleo.leave().await;
    sees(&mira, &["Benedikt"]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_one_does_to_the_queue_and_the_player_is_so_for_all_without_a_relay() {
    let nodes = network(2).await;
    let (mira, ben) = (open(&nodes[1], 1, "Mira"), open(&nodes[2], 1, "Ben"));
    sees(&mira, &["Ben"]).await;
    nodes[0].layer.leave().await;
    let id = QueueItemId([1; 16]);
    let song = kadenza_api::SongId::of("Sirens", "Ada", "Coast");
    mira.act(Action::Add { id, song, place: Place::Last }).unwrap();
    // As soon as the room has a time.
    eventually("it is played", || async { mira.act(Action::Play(id)).is_ok() }).await;
    eventually("the other plays it", || async {
        ben.look(|live| live.state().playback().is_some_and(|playback| playback.playing))
    })
    .await;
    ben.act(Action::Pause).unwrap();
    eventually("it is paused for both", || async {
        mira.look(|live| live.state().playback().is_some_and(|playback| !playback.playing))
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_next_song_follows_when_one_ends() {
    let nodes = network(1).await;
    let mira = open(&nodes[1], 1, "Mira");
    let items = [QueueItemId([1; 16]), QueueItemId([2; 16])];
    for (item, title) in items.into_iter().zip(["Sirens", "Lights"]) {
        // A tenth of a second.
        let uploaded = mira.upload(upload(title, "Ada", "", wav(9000, 1))).await.unwrap();
        mira.act(Action::Add { id: item, song: uploaded.song.id(), place: Place::Last }).unwrap();
    }
    eventually("it is played", || async { mira.act(Action::Play(items[0])).is_ok() }).await;
    eventually("the next one is", || async {
        mira.look(|live| live.state().playback().is_some_and(|playback| playback.song == Some(items[1])))
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_knows_the_place_but_not_the_secret_is_sent_away() {
    let nodes = network(2).await;
    let mira = open(&nodes[1], 1, "Mira");
    let mut guests = nodes[2].layer.meet(mira.id().0);
    let mut guest = timeout(Duration::from_secs(20), guests.next()).await.unwrap().unwrap();
    // Junk where a greeting belongs.
    guest.stream.write_all(&[0, 0, 0, 3, 9, 9, 9]).await.unwrap();
    guest.stream.flush().await.unwrap();
    let mut heard = Vec::new();
    let read = futures::AsyncReadExt::read_to_end(&mut guest.stream, &mut heard);
    let _ = timeout(Duration::from_secs(20), read).await.expect("the stream is closed");
    assert!(heard.len() < 100, "it was told {} bytes: no more than a greeting", heard.len());
    assert_eq!(names(&mira), Vec::<String>::new());
}
