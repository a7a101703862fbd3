//! Recordings are signed by the node that took them in, and checked by everyone who hears of them.

use kadenza_api::{CONTENT_MAX_BYTES, Error, Recording, Result};
use kadenza_platform::{Timestamp, now};
use libp2p_identity::{KeyType, Keypair, PeerId, PublicKey};

use crate::store::Store;
use crate::tags::COVER_MAX_BYTES;

/// The setting that holds the node's key.
const IDENTITY: &str = "identity";

/// How far ahead of this node's clock a recording's time may be, in milliseconds: a day. Clocks are set wrong by
/// hours, and a time further ahead would sit at the top of the newest songs.
const AHEAD_MAX_MS: Timestamp = 24 * 60 * 60 * 1000;

/// The multihash code of a peer id that holds its key instead of a hash of it (libp2p peer id specification).
const INLINE: u64 = 0;

/// This node's key, which its store keeps. The first time there is none, and one is made.
///
/// # Errors
/// [`Error::Storage`] when the store fails or holds something else under that name.
pub async fn identity<S: Store>(store: &S) -> Result<Keypair> {
    let broken = |e| Error::storage(format!("the stored identity cannot be used: {e}"));
    if let Some(stored) = store.setting(IDENTITY).await? {
        return Keypair::from_protobuf_encoding(&stored).map_err(broken);
    }
    let keypair = Keypair::generate_ed25519();
    let encoded = keypair.to_protobuf_encoding().map_err(broken)?;
    store.set_setting(IDENTITY, encoded.into()).await?;
    Ok(keypair)
}

/// Signs `recording` as its uploader.
pub(crate) fn sign(keypair: &Keypair, mut recording: Recording) -> Result<Recording> {
    recording.uploader = keypair.public().to_peer_id().to_string();
    let signature = keypair.sign(&recording.signed_bytes());
    let signature = signature.map_err(|e| Error::storage(format!("the recording cannot be signed: {e}")))?;
    recording.signature = hex::encode(signature);
    Ok(recording)
}

/// Refuses a recording that its uploader cannot have signed, or that no honest one would.
///
/// # Errors
/// [`Error::Invalid`] that says what is wrong with it.
pub(crate) fn verify(recording: &Recording) -> Result<()> {
    recording.check()?;
    if recording.bytes > CONTENT_MAX_BYTES {
        return Err(Error::invalid(format!("a recording of {} bytes", recording.bytes)));
    }
    if recording.cover.as_ref().is_some_and(|cover| !(1..=COVER_MAX_BYTES).contains(&cover.bytes)) {
        return Err(Error::invalid("a cover larger than covers are"));
    }
    let names = [&recording.title, &recording.artist, &recording.album];
    if names.into_iter().any(|name| name.contains(char::is_control)) {
        return Err(Error::invalid("a name with control characters"));
    }
    if recording.time > now() + AHEAD_MAX_MS {
        return Err(Error::invalid("a recording from the future"));
    }
    let key = key_of(&recording.uploader)?;
    let signature = hex::decode(&recording.signature);
    let signature = signature.map_err(|_| Error::invalid("a signature is hexadecimal digits"))?;
    if !key.verify(&recording.signed_bytes(), &signature) {
        return Err(Error::invalid(format!("a recording that {} has not signed", recording.uploader)));
    }
    Ok(())
}

/// The key that a peer id holds.
fn key_of(uploader: &str) -> Result<PublicKey> {
    let unknown = || Error::invalid("the uploader is not a peer id that holds an Ed25519 key");
    let peer: PeerId = uploader.parse().map_err(|_| unknown())?;
    let multihash = peer.as_ref();
    if multihash.code() != INLINE {
        return Err(unknown());
    }
    let key = PublicKey::try_decode_protobuf(multihash.digest()).map_err(|_| unknown())?;
    // One uploader, one spelling: the text is signed, and counted as who uploaded.
    let canonical = key.key_type() == KeyType::Ed25519 && key.to_peer_id().to_string() == uploader;
    canonical.then_some(key).ok_or_else(unknown)
}

#[cfg(test)]
pub(crate) mod tests {
    use kadenza_api::{ContentId, Picture};

    use super::*;
    use crate::store::MemoryStore;

    pub(crate) fn signed(keypair: &Keypair, change: impl FnOnce(&mut Recording)) -> Recording {
        let mut recording = Recording {
            time: now(),
            content: ContentId([7; 32]),
            bytes: 1000,
            media_type: "audio/mpeg".into(),
            duration_ms: 1000,
            bitrate: 8,
            title: "Sirens".into(),
            artist: "Ada".into(),
            album: String::new(),
            track: None,
            year: None,
            cover: None,
            uploader: String::new(),
            signature: String::new(),
        };
        change(&mut recording);
        sign(keypair, recording).unwrap()
    }

    #[test]
    fn what_was_signed_verifies_and_what_was_changed_does_not() {
        let keypair = Keypair::generate_ed25519();
        let recording = signed(&keypair, |_| {});
        verify(&recording).unwrap();
        let forged = Recording { title: "Other".into(), ..recording.clone() };
        assert!(verify(&forged).unwrap_err().to_string().contains("not signed"));
        let foreign = Keypair::generate_ed25519().public().to_peer_id().to_string();
        assert!(verify(&Recording { uploader: foreign, ..recording.clone() }).is_err());
        assert!(verify(&Recording { signature: String::new(), ..recording.clone() }).is_err());
        assert!(verify(&Recording { signature: "zz".into(), ..recording }).is_err());
    }

    #[test]
    fn what_no_honest_uploader_signs_is_refused() {
        let keypair = Keypair::generate_ed25519();
        let day = AHEAD_MAX_MS;
        assert!(verify(&signed(&keypair, |r| r.time = now() + day - 60_000)).is_ok());
        assert!(verify(&signed(&keypair, |r| r.time = now() + day + 60_000)).is_err());
        assert!(verify(&signed(&keypair, |r| r.bytes = CONTENT_MAX_BYTES + 1)).is_err());
        assert!(verify(&signed(&keypair, |r| r.title = "a\u{0}".into())).is_err());
        assert!(verify(&signed(&keypair, |r| r.artist = "x".repeat(501))).is_err());
        let cover = Picture {
            content: ContentId([1; 32]),
            bytes: COVER_MAX_BYTES + 1,
            media_type: "image/png".into(),
        };
        assert!(verify(&signed(&keypair, |r| r.cover = Some(cover))).is_err());
    }

    #[test]
    fn a_store_remembers_who_it_is() {
        let store = MemoryStore::default();
        let first = futures::executor::block_on(identity(&store)).unwrap();
        let second = futures::executor::block_on(identity(&store)).unwrap();
        assert_eq!(first.public(), second.public());
        futures::executor::block_on(store.set_setting(IDENTITY, "junk".into())).unwrap();
        assert!(futures::executor::block_on(identity(&store)).is_err());
    }
}
