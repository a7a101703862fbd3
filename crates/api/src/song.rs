//! Songs and their recordings: the grow-only, signed records the network replicates.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use kadenza_platform::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use sha1::{Digest, Sha1};

use crate::{ContentId, Error, Result, fold};

/// The most characters a title, an artist or an album may have.
pub const TEXT_LIMIT_CHARS: usize = 500;

/// The most recordings of one song that are kept: those with the earliest times.
const RECORDINGS_MAX: usize = 16;

/// SHA-1 over the folded title, artist and album, joined by U+001F. Same three attributes, same song. It names
/// songs; it never vouches for bytes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SongId(pub [u8; 20]);

impl SongId {
    /// The id of the song with these attributes.
    pub fn of(title: &str, artist: &str, album: &str) -> Self {
        let attributes = [fold(title), fold(artist), fold(album)];
        Self(Sha1::digest(attributes.join("\u{1f}")).into())
    }
}

impl fmt::Display for SongId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for SongId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SongId({self})")
    }
}

impl FromStr for SongId {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let mut id = [0; 20];
        hex::decode_to_slice(text, &mut id)
            .map_err(|_| Error::invalid("a song id is 40 hexadecimal digits"))?;
        Ok(Self(id))
    }
}

impl Serialize for SongId {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for SongId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

/// A cover, stored and fetched as content of its own.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Picture {
    /// The picture's bytes.
    pub content: ContentId,
    /// How many they are.
    pub bytes: u64,
    /// Their MIME type, one of `image/jpeg`, `image/png`, `image/gif`, `image/webp`.
    #[serde(rename = "type")]
    pub media_type: String,
}

/// One encoding of a song, as its uploader signed it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Recording {
    /// When it was uploaded, by the uploader's clock. First, because recordings are ordered by age.
    pub time: Timestamp,
    /// The audio file's bytes.
    pub content: ContentId,
    /// How many they are.
    pub bytes: u64,
    /// Their MIME type, `audio/…`.
    #[serde(rename = "type")]
    pub media_type: String,
    /// Length in milliseconds; seconds in JSON.
    #[serde(rename = "duration", with = "seconds")]
    pub duration_ms: u64,
    /// Average bit rate in kilobits a second.
    pub bitrate: u32,
    /// Title of the song.
    pub title: String,
    /// Artist of the song.
    pub artist: String,
    /// Album of the song, empty where it has none.
    #[serde(default)]
    pub album: String,
    /// Track number on the album.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub track: Option<u32>,
    /// Year of release.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub year: Option<u32>,
    /// The cover that came with the file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cover: Option<Picture>,
    /// Peer id of the uploader, in its text form; it holds the key that `signature` is checked with.
    pub uploader: String,
    /// Ed25519 signature over [`Recording::signed_bytes`], in hexadecimal digits.
    pub signature: String,
}

impl Recording {
    /// The id of the song this is a recording of.
    pub fn song_id(&self) -> SongId {
        SongId::of(&self.title, &self.artist, &self.album)
    }

    /// The bytes the uploader signs: every field but the signature, each with its length before it, so that no
    /// two recordings have the same.
    pub fn signed_bytes(&self) -> Vec<u8> {
        let number = |n: Option<u64>| n.map(|n| n.to_be_bytes().to_vec()).unwrap_or_default();
        let (picture, picture_type) = match &self.cover {
            Some(cover) => (cover.content.0.to_vec(), cover.media_type.as_str()),
            None => (Vec::new(), ""),
        };
        let fields: [&[u8]; 15] = [
            b"kadenza recording 1",
            &number(Some(self.time)),
            &self.content.0,
            &number(Some(self.bytes)),
            self.media_type.as_bytes(),
            &number(Some(self.duration_ms)),
            &number(Some(self.bitrate.into())),
            self.title.as_bytes(),
            self.artist.as_bytes(),
            self.album.as_bytes(),
            &number(self.track.map(Into::into)),
            &number(self.year.map(Into::into)),
            &picture,
            &[&number(self.cover.as_ref().map(|c| c.bytes))[..], picture_type.as_bytes()].concat(),
            self.uploader.as_bytes(),
        ];
        let with_length = |field: &&[u8]| [&(field.len() as u64).to_be_bytes()[..], field].concat();
        fields.iter().flat_map(with_length).collect()
    }

    /// Refuses what no honest uploader signs: empty or endless names, and types that are not audio.
    ///
    /// # Errors
    /// [`Error::Invalid`] that names the field.
    pub fn check(&self) -> Result<()> {
        for (name, text) in [("title", &self.title), ("artist", &self.artist), ("album", &self.album)] {
            let chars = text.chars().count();
            if chars > TEXT_LIMIT_CHARS {
                return Err(Error::invalid(format!(
                    "the {name} has {chars} characters; at most {TEXT_LIMIT_CHARS} are allowed"
                )));
            }
            if name != "album" && fold(text).is_empty() {
                return Err(Error::invalid(format!("the {name} is empty")));
            }
        }
        if !is_media_type(&self.media_type, "audio/") {
            return Err(Error::invalid("the recording's type is not audio"));
        }
        if self.cover.as_ref().is_some_and(|cover| !is_media_type(&cover.media_type, "image/")) {
            return Err(Error::invalid("the cover's type is not an image's"));
        }
        if self.bytes == 0 {
            return Err(Error::invalid("the recording is empty"));
        }
        Ok(())
    }
}

/// Whether `text` is a plain media type of this kind, fit for a `Content-Type` header.
fn is_media_type(text: &str, kind: &str) -> bool {
    let rest = text.strip_prefix(kind).unwrap_or_default();
    !rest.is_empty() && rest.len() <= 40 && rest.bytes().all(|b| b.is_ascii_alphanumeric() || b"-+.".contains(&b))
        // SVG can carry scripts, and the relay serves covers from the page's own origin.
        && !rest.starts_with("svg")
}

/// A song: a grow-only set of recordings that share title, artist and album. It is never empty.
///
/// What it shows (spelling, cover, duration) is its oldest recording's. Merging is set union bounded to the
/// oldest few: commutative, associative and idempotent, so replicas converge without consensus.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "SongJson")]
pub struct Song {
    id: SongId,
    recordings: Vec<Recording>,
}

impl Song {
    /// The song of these recordings. Their signatures are not looked at here.
    ///
    /// # Errors
    /// [`Error::Invalid`] when there are none, or they belong to different songs.
    pub fn new(recordings: Vec<Recording>) -> Result<Self> {
        let mut by_content = BTreeMap::<ContentId, Recording>::new();
        let id = recordings.first().ok_or_else(|| Error::invalid("a song without recordings"))?.song_id();
        for recording in recordings {
            if recording.song_id() != id {
                return Err(Error::invalid(format!("a recording that does not belong to song {id}")));
            }
            match by_content.entry(recording.content) {
                std::collections::btree_map::Entry::Vacant(place) => drop(place.insert(recording)),
                std::collections::btree_map::Entry::Occupied(mut place) if recording < *place.get() => {
                    place.insert(recording);
                }
                std::collections::btree_map::Entry::Occupied(_) => {}
            }
        }
        let mut recordings: Vec<_> = by_content.into_values().collect();
        recordings.sort();
        recordings.truncate(RECORDINGS_MAX);
        Ok(Self { id, recordings })
    }

    /// This song with the recordings of another copy of it added.
    ///
    /// # Errors
    /// [`Error::Invalid`] when `other` is a different song.
    pub fn merge(&self, other: &Self) -> Result<Self> {
        Self::new(self.recordings.iter().chain(&other.recordings).cloned().collect())
    }

    /// Its id.
    pub fn id(&self) -> SongId {
        self.id
    }

    /// Its recordings, the oldest first; at least one.
    pub fn recordings(&self) -> &[Recording] {
        &self.recordings
    }

    /// The recording with these bytes.
    pub fn recording(&self, content: ContentId) -> Option<&Recording> {
        self.recordings.iter().find(|recording| recording.content == content)
    }

    /// The recording that is played unless another is asked for, and that the song is shown by.
    pub fn first(&self) -> &Recording {
        &self.recordings[0]
    }

    /// Title, as the oldest recording spells it.
    pub fn title(&self) -> &str {
        &self.first().title
    }

    /// Artist, as the oldest recording spells it.
    pub fn artist(&self) -> &str {
        &self.first().artist
    }

    /// Album, as the oldest recording spells it; may be empty.
    pub fn album(&self) -> &str {
        &self.first().album
    }

    /// The oldest recording's cover that there is.
    pub fn cover(&self) -> Option<&Picture> {
        self.recordings.iter().find_map(|recording| recording.cover.as_ref())
    }

    /// When the song was first uploaded.
    pub fn time(&self) -> Timestamp {
        self.first().time
    }

    /// The words it is found by.
    pub fn words(&self) -> Vec<String> {
        let mut words = fold::words(&[self.title(), self.artist(), self.album()].join(" "));
        words.sort();
        words.dedup();
        words
    }
}

/// A song as JSON: what it shows is spelt out for people and scripts, and worked out anew when it is read.
#[derive(Serialize)]
struct SongView<'a> {
    id: SongId,
    title: &'a str,
    artist: &'a str,
    album: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    track: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    year: Option<u32>,
    duration: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    cover: Option<&'a Picture>,
    recordings: &'a [Recording],
}

impl Serialize for Song {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let first = self.first();
        SongView {
            id: self.id,
            title: self.title(),
            artist: self.artist(),
            album: self.album(),
            track: first.track,
            year: first.year,
            duration: seconds::from_ms(first.duration_ms),
            cover: self.cover(),
            recordings: &self.recordings,
        }
        .serialize(serializer)
    }
}

#[derive(Deserialize)]
struct SongJson {
    id: SongId,
    recordings: Vec<Recording>,
}

impl TryFrom<SongJson> for Song {
    type Error = Error;

    fn try_from(json: SongJson) -> Result<Self> {
        let song = Self::new(json.recordings)?;
        if song.id != json.id {
            return Err(Error::invalid(format!("song {} claims to be {}", song.id, json.id)));
        }
        Ok(song)
    }
}

/// Milliseconds in memory, seconds in JSON.
mod seconds {
    use serde::{Deserialize, Deserializer, Serializer};

    #[expect(clippy::cast_precision_loss, reason = "exact up to 285,000 years")]
    pub(super) fn from_ms(ms: u64) -> f64 {
        ms as f64 / 1000.0
    }

    pub(super) fn serialize<S: Serializer>(ms: &u64, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(from_ms(*ms))
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "casts from float saturate")]
    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
        Ok((f64::deserialize(deserializer)? * 1000.0).round() as u64)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn recording() -> impl Strategy<Value = Recording> {
        (0..4u64, 0..6u8, 0..3u8, any::<Option<u32>>(), 0..1u64 << 40).prop_map(
            |(time, content, by, track, ms)| Recording {
                time,
                content: ContentId([content; 32]),
                bytes: 1,
                media_type: "audio/mpeg".into(),
                duration_ms: ms,
                bitrate: 128,
                title: if by == 0 { "Title".into() } else { " TITLE ".into() },
                artist: "Artist".into(),
                album: String::new(),
                track,
                year: None,
                cover: None,
                uploader: by.to_string(),
                signature: String::new(),
            },
        )
    }

    fn song() -> impl Strategy<Value = Song> {
        prop::collection::vec(recording(), 1..20).prop_map(|recordings| Song::new(recordings).unwrap())
    }

    proptest! {
        #[test]
        fn merging_is_commutative_associative_and_idempotent(a in song(), b in song(), c in song()) {
            prop_assert_eq!(a.merge(&b).unwrap(), b.merge(&a).unwrap());
            prop_assert_eq!(a.merge(&b).unwrap().merge(&c).unwrap(), a.merge(&b.merge(&c).unwrap()).unwrap());
            prop_assert_eq!(a.merge(&a).unwrap(), a);
        }

        #[test]
        fn a_song_reads_back_what_it_writes(song in song()) {
            let json = serde_json::to_string(&song).unwrap();
            prop_assert_eq!(serde_json::from_str::<Song>(&json).unwrap(), song);
        }

        #[test]
        fn two_recordings_never_sign_the_same_bytes(a in recording(), b in recording()) {
            prop_assert_eq!(a.signed_bytes() == b.signed_bytes(), a == b);
        }
    }

    #[test]
    fn a_song_that_claims_another_id_is_refused() {
        let mut runner = proptest::test_runner::TestRunner::deterministic();
        let song = song().new_tree(&mut runner).unwrap().current();
        let mut json = serde_json::to_value(&song).unwrap();
        json["id"] = serde_json::json!("00".repeat(20));
        assert!(serde_json::from_value::<Song>(json).is_err());
    }

    use proptest::strategy::ValueTree;
}
