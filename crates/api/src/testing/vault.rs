//! What every [`Vault`] promises, on one node or on many.

use bytes::Bytes;
use libp2p_identity::ed25519::Keypair;

use super::{search, upload, wav};
use crate::{
    BlindedSong, ContentId, Error, Music, RecordId, RoomId, SEALED_RECORD_BYTES, Scope, SealedContent,
    SealedRecord, Source, Upload, Vault, collect,
};

/// Makes one test of each promise: `vault_conformance!(#[tokio::test] stack)`, where `stack()` is an async function that
/// returns a fresh [`Vault`] which is [`Music`] as well.
#[macro_export]
macro_rules! vault_conformance {
    (#[$test:meta] $stack:path) => {
        $crate::vault_conformance!(@each #[$test] $stack:
            what_is_examined_is_signed_read_again_and_again_and_not_kept
            what_is_no_song_is_refused_as_an_upload_is
            a_stored_content_reads_back_to_the_byte_and_is_not_listed
            nothing_is_not_stored
            a_filed_record_is_among_its_rooms_and_no_others
            a_record_filed_again_is_there_once
            a_record_nobody_with_the_link_made_is_refused
            a_record_whose_contents_are_elsewhere_is_refused
            a_song_too_often_in_a_room_is_refused
        );
    };
    (@each #[$test:meta] $stack:path: $($promise:ident)*) => {
        $(#[$test]
        async fn $promise() {
            let stack = $stack().await;
            $crate::testing::vault::$promise(&stack).await;
        })*
    };
}

/// A room without members: records that are signed as a room's are, and seal noise.
#[derive(Debug)]
pub struct Room {
    keypair: Keypair,
}

impl Room {
    /// The room of the key with this seed.
    pub fn new(seed: u8) -> Self {
        let secret = libp2p_identity::ed25519::SecretKey::try_from_bytes([seed; 32]).unwrap();
        Self { keypair: Keypair::from(secret) }
    }

    /// Its id.
    pub fn id(&self) -> RoomId {
        RoomId(self.keypair.public().to_bytes())
    }

    /// A record that differs from others by `seal`, of a song that differs by `song`.
    pub fn record(&self, song: u32, seal: u32, contents: Vec<SealedContent>) -> SealedRecord {
        let mut blinded = BlindedSong([0; 20]);
        blinded.0[..4].copy_from_slice(&song.to_be_bytes());
        let bytes = [&seal.to_be_bytes()[..], &[7; 100]].concat();
        self.signed(SealedRecord { room: self.id(), song: blinded, contents, bytes, signature: [0; 64] })
    }

    /// `record`, signed with this room's key.
    pub fn signed(&self, mut record: SealedRecord) -> SealedRecord {
        record.signature = self.keypair.sign(&record.signed_bytes()).try_into().unwrap();
        record
    }
}

/// Stores `bytes` and names them as a record does.
pub async fn stored(vault: &impl Vault, bytes: Bytes) -> SealedContent {
    let (content, len) = vault.store(Source::from(bytes)).await.unwrap();
    SealedContent { content, len }
}

/// All bytes of a content.
pub async fn read(music: &impl Music, named: SealedContent) -> Bytes {
    let mut read = Vec::new();
    while (read.len() as u64) < named.len {
        let bytes = music.read(named.content, named.len, read.len() as u64..named.len).await.unwrap();
        assert!(!bytes.is_empty());
        read.extend(bytes);
    }
    read.into()
}

/// The ids of a room's records, as far as `scope` reaches.
pub async fn filed(vault: &impl Vault, room: &Room, scope: Scope) -> Vec<RecordId> {
    vault.filed(room.id(), scope).await.unwrap().iter().map(SealedRecord::id).collect()
}

/// Looks into a file twice, and then for it everywhere.
pub async fn what_is_examined_is_signed_read_again_and_again_and_not_kept(vault: &(impl Vault + Music)) {
    let before = vault.network().await.unwrap().stored;
    let file = wav(1_500_000, 1);
    let examined = vault.examine(upload("Sirens", "Ada", "Coast", file.clone())).await.unwrap();
    let recording = &examined.recording;
    assert_eq!((&*recording.title, &*recording.media_type), ("Sirens", "audio/wav"));
    assert_eq!((recording.content, recording.bytes), (ContentId::of(&file), 1_500_000));
    assert!(!recording.signature.is_empty() && recording.check().is_ok());
    assert_eq!(examined.audio.len(), Some(1_500_000));
    for _ in 0..2 {
        assert!(collect(examined.audio.open().unwrap(), 2_000_000).await.unwrap() == file);
    }
    assert_eq!(search(vault, "sirens").await.total, 0);
    assert_eq!(vault.network().await.unwrap().stored, before);
    let read = vault.read(recording.content, recording.bytes, 0..100).await;
    assert!(matches!(read, Err(Error::NotFound { .. })), "{read:?}");
}

/// Looks into what is no audio, nameless, or empty.
pub async fn what_is_no_song_is_refused_as_an_upload_is(vault: &(impl Vault + Music)) {
    for noise in ["", "hello, this is a letter"] {
        let refusal = vault.examine(upload("A", "B", "C", Bytes::from_static(noise.as_bytes()))).await;
        assert!(matches!(refusal, Err(Error::Invalid { .. })), "{refusal:?}");
    }
    let nameless =
        Upload { name: "Ada - Sirens.wav".into(), tags: crate::Tags::default(), source: wav(9000, 1).into() };
    let Err(Error::NeedsTags { guess, .. }) = vault.examine(nameless).await else {
        panic!("not asked for tags")
    };
    assert_eq!((guess.title.as_deref(), guess.artist.as_deref()), (Some("Sirens"), Some("Ada")));
}

/// Stores bytes that are no audio, twice, and reads them.
pub async fn a_stored_content_reads_back_to_the_byte_and_is_not_listed(vault: &(impl Vault + Music)) {
    let bytes = Bytes::from(vec![9; 100_003]);
    let content = stored(vault, bytes.clone()).await;
    assert_eq!((content.content, content.len), (ContentId::of(&bytes), 100_003));
    assert_eq!(stored(vault, bytes.clone()).await, content, "again");
    vault.file(Room::new(1).record(1, 1, vec![content])).await.unwrap();
    assert!(read(vault, content).await == bytes);
    assert_eq!(search(vault, "").await.total, 0);
}

/// Stores no bytes.
pub async fn nothing_is_not_stored(vault: &(impl Vault + Music)) {
    let refusal = vault.store(Source::from(Bytes::new())).await;
    assert!(matches!(refusal, Err(Error::Invalid { .. })), "{refusal:?}");
}

/// Files records of two rooms and looks for both.
pub async fn a_filed_record_is_among_its_rooms_and_no_others(vault: &(impl Vault + Music)) {
    let (room, other) = (Room::new(1), Room::new(2));
    let audio = stored(vault, Bytes::from(vec![1; 70_000])).await;
    let cover = stored(vault, Bytes::from(vec![2; 900])).await;
    let records =
        [room.record(1, 1, vec![audio, cover]), room.record(2, 1, vec![]), room.record(2, 2, vec![])];
    for record in records.clone() {
        vault.file(record).await.unwrap();
    }
    vault.file(other.record(1, 1, vec![])).await.unwrap();
    let mut ids: Vec<RecordId> = records.iter().map(SealedRecord::id).collect();
    ids.sort();
    assert_eq!(filed(vault, &room, Scope::Network).await, ids);
    assert_eq!(filed(vault, &other, Scope::Network).await.len(), 1);
    assert_eq!(filed(vault, &Room::new(3), Scope::Network).await, []);
    assert_eq!(search(vault, "").await.total, 0);
}

/// Files a record twice.
pub async fn a_record_filed_again_is_there_once(vault: &(impl Vault + Music)) {
    let room = Room::new(1);
    for _ in 0..2 {
        let copies = vault.file(room.record(1, 1, vec![])).await.unwrap();
        assert!(copies.here);
    }
    assert_eq!(filed(vault, &room, Scope::Network).await.len(), 1);
}

/// Files forged, overlong and displaced records.
pub async fn a_record_nobody_with_the_link_made_is_refused(vault: &(impl Vault + Music)) {
    let (room, other) = (Room::new(1), Room::new(2));
    let mut forged = room.record(1, 1, vec![]);
    forged.bytes[0] ^= 1;
    let long = SealedRecord { bytes: vec![0; SEALED_RECORD_BYTES + 1], ..room.record(1, 1, vec![]) };
    let displaced = SealedRecord { room: room.id(), ..other.record(1, 1, vec![]) };
    for record in [forged, room.signed(long), displaced] {
        let refusal = vault.file(record).await;
        assert!(matches!(refusal, Err(Error::Invalid { .. })), "{refusal:?}");
    }
    assert_eq!(filed(vault, &room, Scope::Network).await, []);
}

/// Files a record of a content nobody has, and one that is wrong about a length.
pub async fn a_record_whose_contents_are_elsewhere_is_refused(vault: &(impl Vault + Music)) {
    let room = Room::new(1);
    let here = stored(vault, Bytes::from(vec![1; 900])).await;
    let wrong = SealedContent { len: 901, ..here };
    let elsewhere = SealedContent { content: ContentId([9; 32]), len: 900 };
    for contents in [vec![wrong], vec![here, elsewhere]] {
        let refusal = vault.file(room.record(1, 1, contents)).await;
        assert!(matches!(refusal, Err(Error::NotFound { .. })), "{refusal:?}");
    }
    assert_eq!(filed(vault, &room, Scope::Network).await, []);
}

/// Files the same song again and again, and then another.
pub async fn a_song_too_often_in_a_room_is_refused(vault: &(impl Vault + Music)) {
    let room = Room::new(1);
    for seal in 0..16 {
        vault.file(room.record(1, seal, vec![])).await.unwrap();
    }
    let refusal = vault.file(room.record(1, 16, vec![])).await;
    let Err(Error::Storage { message }) = refusal else { panic!("{refusal:?}") };
    assert!(message.contains("16"), "{message}");
    vault.file(room.record(2, 0, vec![])).await.unwrap();
    assert_eq!(filed(vault, &room, Scope::Network).await.len(), 17);
}
