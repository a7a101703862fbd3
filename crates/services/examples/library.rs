//! Makes the data folder of a relay that knows many songs: each is signed and checked as any other, and nobody holds its bytes.
//!
//!   cargo run --release --package kadenza-services --example library FOLDER SONGS
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a tool that cannot go on says why")]

use std::path::PathBuf;

use kadenza_api::{ContentId, Recording, Replicas, Song};
use kadenza_services::store::disk::DiskStore;
use kadenza_services::{Config, Services, identity};
use libp2p_identity::Keypair;

/// A record collection: albums of ten songs, and two or three albums of each artist.
const ON_AN_ALBUM: usize = 10;
const ALBUMS_OF_AN_ARTIST: usize = 5;

/// No merge takes more at once.
const AT_ONCE: usize = 1000;

/// The first of January 2024. Each song is a minute younger than the one before.
const FIRST_MS: u64 = 1_704_067_200_000;
const MINUTE_MS: u64 = 60_000;

const FIRST_NAMES: [&str; 20] = [
    "Ada", "Bela", "Cora", "Dario", "Edda", "Fela", "Greta", "Hugo", "Inés", "Jonas", "Kaya", "Lena", "Mira",
    "Nils", "Olga", "Pavel", "Rosa", "Sofía", "Tariq", "Uma",
];
const LAST_NAMES: [&str; 10] =
    ["Acker", "Brandt", "Castillo", "Duarte", "Eklund", "Farouk", "Grimaldi", "Holm", "Ivanova", "Jansen"];
const QUALITIES: [&str; 24] = [
    "Amber",
    "Broken",
    "Crystal",
    "Distant",
    "Electric",
    "Faded",
    "Golden",
    "Hollow",
    "Invisible",
    "Jagged",
    "Kindled",
    "Lonely",
    "Midnight",
    "Northern",
    "Open",
    "Paper",
    "Quiet",
    "Restless",
    "Silver",
    "Tender",
    "Unspoken",
    "Velvet",
    "Wild",
    "Yellow",
];
const THINGS: [&str; 25] = [
    "Anchor", "Bridges", "Canyon", "Dreams", "Engines", "Forest", "Garden", "Harbour", "Islands", "Journey",
    "Kingdom", "Lanterns", "Mirrors", "Nights", "Ocean", "Pilgrims", "Quarry", "River", "Shadows", "Thunder",
    "Umbrella", "Valley", "Windows", "Yards", "Zephyr",
];

#[tokio::main]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let (Some(folder), Some(songs)) = (arguments.next().map(PathBuf::from), arguments.next()) else {
        panic!("which folder, and how many songs?");
    };
    let songs: usize = songs.parse().expect("a number of songs");
    let store = DiskStore::open(&folder).await.unwrap();
    let keypair = identity(&store).await.unwrap();
    let services =
        Services::open(store, keypair, Config { durable: true, ..Config::default() }).await.unwrap();
    let uploader = Keypair::generate_ed25519();
    let all: Vec<_> = (0..songs).map(|number| song(&uploader, number)).collect();
    for some in all.chunks(AT_ONCE) {
        let news = services.merge(some.to_vec()).await.unwrap();
        assert_eq!(news.len(), some.len(), "a song was refused");
    }
}

/// The song of this number: another number, another song.
fn song(uploader: &Keypair, number: usize) -> Song {
    let album = number / ON_AN_ALBUM;
    let artist = album / ALBUMS_OF_AN_ARTIST;
    let artist = format!("{} {}", pick(&FIRST_NAMES, artist), pick(&LAST_NAMES, artist / FIRST_NAMES.len()));
    let title = format!("{} {}", pick(&QUALITIES, number), pick(&THINGS, number / ON_AN_ALBUM + 7 * number));
    let mut recording = Recording {
        time: FIRST_MS + MINUTE_MS * number as u64,
        content: ContentId::of(number.to_string().as_bytes()),
        bytes: 5_000_000,
        media_type: "audio/mpeg".into(),
        duration_ms: 150_000 + 1_000 * (number as u64 * 37 % 180),
        bitrate: 192,
        title,
        artist,
        album: format!("{} {}, Vol. {}", pick(&THINGS, album), pick(&QUALITIES, album), album + 1),
        track: u32::try_from(number % ON_AN_ALBUM + 1).ok(),
        year: u32::try_from(1970 + album % 55).ok(),
        cover: None,
        uploader: uploader.public().to_peer_id().to_string(),
        signature: String::new(),
    };
    recording.signature = hex::encode(uploader.sign(&recording.signed_bytes()).unwrap());
    Song::new(vec![recording]).unwrap()
}

fn pick<'a>(from: &[&'a str], number: usize) -> &'a str {
    from[number % from.len()]
}
