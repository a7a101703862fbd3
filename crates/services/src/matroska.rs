//! What a Matroska or WebM file (RFC 9559) says of itself: its length, its tracks and its names.
//!
//! Only what comes before the audio is walked through. What the file's own directory says lies behind the audio is
//! visited there, and what is broken costs no more than itself.

use std::io::{self, Read, Seek};
use std::time::Duration;

use kadenza_api::Tags;

use crate::ebml::{Element, Elements};
use crate::names::some_name;

/// The bytes every such file begins with.
pub(crate) const BEGINNING: [u8; 4] = [0x1a, 0x45, 0xdf, 0xa3];

const SEGMENT: u32 = 0x1853_8067;
const SEEK_HEAD: u32 = 0x114d_9b74;
const SEEK: u32 = 0x4dbb;
const SEEK_ID: u32 = 0x53ab;
const SEEK_POSITION: u32 = 0x53ac;
const INFO: u32 = 0x1549_a966;
const TIMESTAMP_SCALE: u32 = 0x002a_d7b1;
const DURATION: u32 = 0x4489;
const TITLE: u32 = 0x7ba9;
const TRACKS: u32 = 0x1654_ae6b;
const TRACK_ENTRY: u32 = 0xae;
const TRACK_TYPE: u32 = 0x83;
const CODEC_ID: u32 = 0x86;
const TAGS: u32 = 0x1254_c367;
const TAG: u32 = 0x7373;
const TARGETS: u32 = 0x63c0;
const TARGET_TYPE_VALUE: u32 = 0x68ca;
const TAG_CHAPTER_UID: u32 = 0x63c4;
const SIMPLE_TAG: u32 = 0x67c8;
const TAG_NAME: u32 = 0x45a3;
const TAG_STRING: u32 = 0x4487;
const CLUSTER: u32 = 0x1f43_b675;
const TIMESTAMP: u32 = 0xe7;
const BLOCK_GROUP: u32 = 0xa0;
const BLOCK: u32 = 0xa1;
const SIMPLE_BLOCK: u32 = 0xa3;

/// Track types.
const PICTURE: u64 = 1;
const SOUND: u64 = 2;

/// What a tag is of. Many writers do not say.
const OF_TRACK: Option<u64> = Some(30);
const OF_ALBUM: Option<u64> = Some(50);
const OF_ANY: Option<u64> = None;

/// Codecs that browsers play in WebM.
const CODECS: [&str; 2] = ["A_OPUS", "A_VORBIS"];

/// Nanoseconds in a tick, where the file does not say.
const SCALE: u32 = 1_000_000;

/// The most bytes of a text that are kept, and the most entries of a list.
const TEXT_MAX_BYTES: u64 = 4096;
const LIST_MAX: usize = 500;

/// How far back from the end of the file the last cluster is looked for: half a minute of good Opus.
const TAIL_BYTES: u64 = 1024 * 1024;

/// What a Matroska file says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Matroska {
    pub(crate) duration: Duration,
    pub(crate) tags: Tags,
    pub(crate) track: Option<u32>,
    pub(crate) year: Option<u32>,
}

/// Reads what `source` says of itself; or says why it is not taken, as the rest of a sentence about it.
pub(crate) fn read(source: impl Read + Seek) -> Result<Matroska, String> {
    let mut elements = Elements::new(source).map_err(|e| format!("cannot be read: {e}"))?;
    let mut contents = Contents::default();
    let mut outcome = contents.walk(&mut elements, 0);
    for id in [INFO, TRACKS, TAGS] {
        if let Some(place) = contents.unvisited(id) {
            outcome = outcome.and(contents.walk(&mut elements, place));
        }
    }
    contents.check_tracks(outcome)?;
    let duration = contents.duration().unwrap_or_else(|| last_moment(&mut elements, contents.scale()));
    Ok(Matroska {
        duration,
        tags: Tags {
            title: contents.title(),
            artist: contents.named(&["ARTIST"], &[OF_TRACK, OF_ANY, OF_ALBUM]),
            album: contents.album(),
        },
        track: contents.number("PART_NUMBER", &[OF_TRACK, OF_ANY]),
        year: ["DATE_RELEASED", "DATE", "DATE_RECORDED", "YEAR"]
            .iter()
            .find_map(|name| contents.number(name, &[OF_TRACK, OF_ANY, OF_ALBUM])),
    })
}

/// When the last block begins. Whoever records live writes the beginning without knowing the end.
fn last_moment(elements: &mut Elements<impl Read + Seek>, scale: u32) -> Duration {
    let Ok(Some(place)) = elements.find_last(CLUSTER.to_be_bytes(), TAIL_BYTES) else {
        return Duration::ZERO;
    };
    let mut tail = Contents::default();
    // The last block may be cut off; those before it count.
    let _ = elements.go_to(place).and_then(|()| elements.next()).and_then(|_| tail.walk_on(elements));
    Duration::from_nanos(tail.last_tick.saturating_mul(scale.into()))
}

/// One tag: what it is of, and its names with their texts.
#[derive(Debug, Default)]
struct Tag {
    level: Option<u64>,
    is_of_chapter: bool,
    texts: Vec<(String, String)>,
}

/// What a walk through a file has found.
#[derive(Debug, Default)]
struct Contents {
    /// Where the positions in the file's directory count from.
    segment: u64,
    /// The file's directory: elements and where they are.
    places: Vec<(u64, u64)>,
    visited: Vec<u32>,
    scale: Option<u32>,
    ticks: Option<f64>,
    title: Option<String>,
    /// Types and codecs.
    tracks: Vec<(u64, String)>,
    tags: Vec<Tag>,
    /// Where the innermost simple tag ends: others within it are about it, not about the song.
    simple_tag_end: u64,
    cluster_tick: u64,
    last_tick: u64,
}

impl Contents {
    fn walk(&mut self, elements: &mut Elements<impl Read + Seek>, from: u64) -> io::Result<()> {
        elements.go_to(from)?;
        self.walk_on(elements)
    }

    /// Takes what comes until a cluster: there the audio is.
    fn walk_on(&mut self, elements: &mut Elements<impl Read + Seek>) -> io::Result<()> {
        while let Some(element) = elements.next()? {
            if element.id == CLUSTER {
                break;
            }
            self.take(&element, elements)?;
        }
        Ok(())
    }

    /// Takes one element. Of those that hold others nothing is to be taken but these, which come next.
    fn take(&mut self, element: &Element, elements: &mut Elements<impl Read + Seek>) -> io::Result<()> {
        match element.id {
            SEGMENT => self.segment = element.start,
            INFO | TRACKS | TAGS if !self.visited.contains(&element.id) => self.visited.push(element.id),
            SEEK_HEAD | TARGETS | BLOCK_GROUP => {}
            SEEK if self.places.len() < LIST_MAX => self.places.push((0, 0)),
            SEEK_ID => set(self.places.last_mut().map(|place| &mut place.0), elements.uint(element)?),
            SEEK_POSITION => set(self.places.last_mut().map(|place| &mut place.1), elements.uint(element)?),
            TIMESTAMP_SCALE => self.scale = u32::try_from(elements.uint(element)?).ok(),
            DURATION => self.ticks = Some(elements.float(element)?),
            TITLE => self.title = some_name(&elements.text(element, TEXT_MAX_BYTES)?),
            TRACK_ENTRY if self.tracks.len() < LIST_MAX => self.tracks.push((0, String::new())),
            TRACK_TYPE => set(self.tracks.last_mut().map(|track| &mut track.0), elements.uint(element)?),
            CODEC_ID => set(self.tracks.last_mut().map(|track| &mut track.1), elements.text(element, 32)?),
            TAG if self.tags.len() < LIST_MAX => self.tags.push(Tag::default()),
            TARGET_TYPE_VALUE => {
                let level = Some(elements.uint(element)?);
                set(self.tags.last_mut().map(|tag| &mut tag.level), level);
            }
            TAG_CHAPTER_UID => {
                let is_of_chapter = elements.uint(element)? != 0;
                set(self.tags.last_mut().map(|tag| &mut tag.is_of_chapter), is_of_chapter);
            }
            SIMPLE_TAG if element.start >= self.simple_tag_end && self.texts() < LIST_MAX => {
                self.simple_tag_end = element.end.unwrap_or_default();
                self.tags.last_mut().into_iter().for_each(|tag| tag.texts.push(Default::default()));
            }
            TAG_NAME => {
                let name = elements.text(element, TEXT_MAX_BYTES)?.to_ascii_uppercase();
                set(self.last_text().map(|text| &mut text.0), name);
            }
            TAG_STRING => {
                let text = elements.text(element, TEXT_MAX_BYTES)?;
                set(self.last_text().map(|pair| &mut pair.1), text);
            }
            TIMESTAMP => self.cluster_tick = elements.uint(element)?,
            BLOCK | SIMPLE_BLOCK => {
                let begins = block_tick(&elements.head(element, 10)?).unwrap_or_default();
                let tick = self.cluster_tick.saturating_add_signed(begins.into());
                self.last_tick = self.last_tick.max(tick);
            }
            _ => elements.leave(element)?,
        }
        Ok(())
    }

    fn texts(&self) -> usize {
        self.tags.iter().map(|tag| tag.texts.len()).sum()
    }

    fn last_text(&mut self) -> Option<&mut (String, String)> {
        self.tags.last_mut()?.texts.last_mut()
    }

    /// Where an element is that the walk did not come by.
    fn unvisited(&self, id: u32) -> Option<u64> {
        let (_, place) = self.places.iter().find(|(of, _)| *of == u64::from(id))?;
        if self.visited.contains(&id) { None } else { self.segment.checked_add(*place) }
    }

    fn check_tracks(&self, outcome: io::Result<()>) -> Result<(), String> {
        if self.tracks.iter().any(|(kind, _)| *kind == PICTURE) {
            return Err("has a picture track; only audio is taken".into());
        }
        let codec = self.tracks.iter().find(|(kind, _)| *kind == SOUND).map(|(_, codec)| &**codec);
        match (codec, outcome) {
            (Some(codec), _) if CODECS.contains(&codec) => Ok(()),
            (Some(codec), _) => {
                Err(format!("is WebM with {codec:?}, which browsers do not play (Opus, Vorbis)"))
            }
            (None, Err(why)) => Err(format!("cannot be played: {why}")),
            (None, Ok(())) => Err("holds no sound: it is damaged or empty".into()),
        }
    }

    fn scale(&self) -> u32 {
        self.scale.filter(|scale| *scale > 0).unwrap_or(SCALE)
    }

    fn duration(&self) -> Option<Duration> {
        let seconds = self.ticks? * f64::from(self.scale()) / 1e9;
        Duration::try_from_secs_f64(seconds).ok().filter(|duration| !duration.is_zero())
    }

    /// The text of the first of `names` at the first of `levels` that has one.
    fn named(&self, names: &[&str], levels: &[Option<u64>]) -> Option<String> {
        levels.iter().find_map(|level| {
            let tags = self.tags.iter().filter(|tag| tag.level == *level && !tag.is_of_chapter);
            let texts = tags.flat_map(|tag| &tag.texts);
            texts.filter(|(name, _)| names.contains(&&**name)).find_map(|(_, text)| some_name(text))
        })
    }

    fn title(&self) -> Option<String> {
        let of_track = self.named(&["TITLE"], &[OF_TRACK]);
        of_track.or_else(|| self.title.clone()).or_else(|| self.named(&["TITLE"], &[OF_ANY]))
    }

    /// Matroska has it as the title of what is above the song; ffmpeg by its own name.
    fn album(&self) -> Option<String> {
        let by_name = self.named(&["ALBUM"], &[OF_TRACK, OF_ANY, OF_ALBUM]);
        by_name.or_else(|| self.named(&["TITLE"], &[OF_ALBUM]))
    }

    /// The number that a text begins with: `3/12`, `1994-05-01`.
    fn number(&self, name: &str, levels: &[Option<u64>]) -> Option<u32> {
        let text = self.named(&[name], levels)?;
        let digits = text.split(|c: char| !c.is_ascii_digit()).next()?;
        digits.parse().ok().filter(|number| *number > 0)
    }
}

fn set<T>(place: Option<&mut T>, value: T) {
    if let Some(place) = place {
        *place = value;
    }
}

/// When a block begins, in ticks since its cluster: after the number of its track, which has one byte or more.
fn block_tick(head: &[u8]) -> Option<i16> {
    let at = head.first()?.leading_zeros() as usize + 1;
    Some(i16::from_be_bytes([*head.get(at)?, *head.get(at + 1)?]))
}

#[cfg(test)]
mod tests;
