//! What an audio file says of itself: its format, its length, its names and its cover.
//!
//! Formats are told by their bytes, never by the file's name. Tags may be broken or huge: then the file counts
//! without them, as long as its audio is good.

use std::io::Read;
use std::time::Duration;

use bytes::Bytes;
use futures::Future;
use kadenza_api::{Error, GROUP_BYTES, Result, Tags};
use kadenza_platform::MaybeSend;
use lofty::config::{GlobalOptions, ParseOptions, ParsingMode, apply_global_options};
use lofty::file::{AudioFile, FileType, TaggedFile, TaggedFileExt};
use lofty::picture::PictureType;
use lofty::probe::Probe;
use lofty::tag::{Accessor, Tag};

use crate::adts;
use crate::matroska::{self, Matroska};
use crate::names::{self, some_name};
use crate::sparse::Sparse;

/// The largest cover that is kept: 2 MB.
pub(crate) const COVER_MAX_BYTES: u64 = 2_000_000;

/// The most bytes a parser may set aside for one tag: covers of 10 MB exist, and the names beside them count.
const TAG_MAX_BYTES: usize = 16 * 1024 * 1024;

/// The most bytes of a file that are in memory while its tags are read.
const FETCHED_MAX_BYTES: u64 = 24 * 1024 * 1024;

/// Groups fetched in one go: 256 KiB.
const FETCH_GROUPS: u64 = 16;

/// Junk that may lie between a file's tags and its first frame, in bytes.
const JUNK_MAX_BYTES: usize = 64 * 1024;

/// The MIME type of bare AAC, whose frames are counted here: the parser would want all of them in memory.
const AAC: &str = "audio/aac";

/// The MIME type of Matroska with audio alone, which the parser does not know.
const WEBM: &str = "audio/webm";

/// What an audio file is and says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Audio {
    pub(crate) media_type: &'static str,
    pub(crate) duration: Duration,
    /// Kilobits a second, where the format says.
    pub(crate) bitrate: Option<u32>,
    pub(crate) tags: Tags,
    pub(crate) track: Option<u32>,
    pub(crate) year: Option<u32>,
    pub(crate) cover: Option<Cover>,
}

/// A picture that came with the audio.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cover {
    pub(crate) media_type: &'static str,
    pub(crate) bytes: Bytes,
}

/// How much of a file's tags is looked at: less and less, until the file can be read.
#[derive(Debug, Clone, Copy)]
enum Depth {
    Everything,
    NoCover,
    NoTags,
}

/// Reads what a file of `len` bytes says of itself; `fetch` reads the bytes of a range of it. `name` is for
/// messages.
///
/// # Errors
/// [`Error::Invalid`] when it is not audio of a known format, or holds none; and whatever `fetch` fails with.
pub(crate) async fn read<F, R>(name: &str, len: u64, fetch: F) -> Result<Audio>
where
    F: Fn(std::ops::Range<u64>) -> R + MaybeSend,
    R: Future<Output = Result<Bytes>> + MaybeSend,
{
    if len == 0 {
        return Err(Error::invalid(format!("{name} is empty")));
    }
    let mut sparse = Sparse::new(len);
    let media_type = over(&mut sparse, &fetch, |sparse| media_type(sparse, name)).await??;
    if media_type == WEBM {
        let file = over(&mut sparse, &fetch, |sparse| matroska::read(sparse)).await?;
        return webm(name, file.map_err(|why| Error::invalid(format!("{name} {why}")))?);
    }
    let mut refusal = String::new();
    for depth in [Depth::Everything, Depth::NoCover, Depth::NoTags] {
        match over(&mut sparse, &fetch, |sparse| parse(sparse, depth, media_type)).await? {
            Ok(file) => {
                let told = file.properties().duration();
                let duration = if media_type == AAC { adts::duration(len, &fetch).await? } else { told };
                return audio(name, media_type, duration, &file);
            }
            Err(why) => refusal = why,
        }
        if sparse.fetched_bytes() >= FETCHED_MAX_BYTES {
            sparse.clear();
        }
    }
    Err(Error::invalid(format!("{name} cannot be played: {refusal}")))
}

/// What a file of `len` bytes would be called if it were uploaded as it is: by its own tags, and where those are silent by
/// what its name suggests. `fetch` reads the bytes of a range of it; nothing is stored.
///
/// # Errors
/// [`Error::Invalid`] when it is not audio of a known format, or holds none; and whatever `fetch` fails with.
pub async fn names_of<F, R>(file: &str, len: u64, fetch: F) -> Result<Tags>
where
    F: Fn(std::ops::Range<u64>) -> R + MaybeSend,
    R: Future<Output = Result<Bytes>> + MaybeSend,
{
    let audio = read(&names::shown(file), len, fetch).await?;
    Ok(names::or(audio.tags, &names::guess(file)))
}

/// Runs `step` again and again, fetching what it misses in between, until it has all it wants.
async fn over<F, R, T>(sparse: &mut Sparse, fetch: &F, step: impl Fn(&mut Sparse) -> T) -> Result<T>
where
    F: Fn(std::ops::Range<u64>) -> R,
    R: Future<Output = Result<Bytes>>,
{
    loop {
        sparse.restart();
        let outcome = step(sparse);
        let Some(first) = sparse.missing() else { return Ok(outcome) };
        if sparse.fetched_bytes() >= FETCHED_MAX_BYTES {
            // The step has failed for want of a group; that is its outcome.
            return Ok(outcome);
        }
        // As much again as is at hand, so that a parser that wants everything does not start over too often.
        let fetched = sparse.fetched_bytes() / GROUP_BYTES;
        let wanted = fetched.max(FETCH_GROUPS).min(FETCHED_MAX_BYTES / GROUP_BYTES - fetched);
        for group in (first..first + wanted).step_by(usize::try_from(FETCH_GROUPS).unwrap_or(1)) {
            let range = group * GROUP_BYTES..((group + FETCH_GROUPS) * GROUP_BYTES).min(sparse.len());
            if range.is_empty() || sparse.has(group) {
                break;
            }
            sparse.add(group, fetch(range).await?);
        }
    }
}

fn options(depth: Depth) -> ParseOptions {
    ParseOptions::new()
        .parsing_mode(ParsingMode::Relaxed)
        .max_junk_bytes(JUNK_MAX_BYTES)
        .read_tags(!matches!(depth, Depth::NoTags))
        .read_cover_art(matches!(depth, Depth::Everything))
}

fn probe(sparse: &mut Sparse, depth: Depth) -> std::io::Result<Probe<&mut Sparse>> {
    Probe::new(sparse).options(options(depth)).guess_file_type()
}

/// The MIME type of a file that browsers play.
fn media_type(sparse: &mut Sparse, name: &str) -> Result<&'static str> {
    let mut beginning = matroska::BEGINNING.map(|_| 0);
    if sparse.read_exact(&mut beginning).is_ok() && beginning == matroska::BEGINNING {
        return Ok(WEBM);
    }
    sparse.restart();
    let kind = probe(sparse, Depth::NoTags).ok().and_then(|probe| probe.file_type());
    Ok(match kind {
        Some(FileType::Mpeg) => "audio/mpeg",
        Some(FileType::Flac) => "audio/flac",
        Some(FileType::Vorbis | FileType::Opus) => "audio/ogg",
        Some(FileType::Mp4) => "audio/mp4",
        Some(FileType::Aac) => AAC,
        Some(FileType::Wav) => "audio/wav",
        Some(other) => {
            return Err(Error::invalid(format!("{name} is {other:?}, which browsers do not play")));
        }
        None => {
            return Err(Error::invalid(format!(
                "{name} is not audio of a known format (MP3, FLAC, Ogg Vorbis, Opus, M4A, AAC, WAV, WebM)"
            )));
        }
    })
}

fn parse(sparse: &mut Sparse, depth: Depth, media_type: &str) -> std::result::Result<TaggedFile, String> {
    if sparse.unpacks() && !matches!(depth, Depth::NoTags) {
        return Err("its tags are compressed".into());
    }
    // The parser keeps these per thread, and a task may come back on another one.
    apply_global_options(GlobalOptions::new().allocation_limit(TAG_MAX_BYTES).use_custom_resolvers(false));
    let probe = probe(sparse, depth).map_err(|e| e.to_string())?;
    let probe = probe.options(options(depth).read_properties(media_type != AAC));
    probe.read().map_err(|e| std::error::Error::source(&e).map_or_else(|| e.to_string(), ToString::to_string))
}

fn audio(name: &str, media_type: &'static str, duration: Duration, file: &TaggedFile) -> Result<Audio> {
    let properties = file.properties();
    check_sound(name, duration)?;
    // The format's own kind of tag first; files often carry another, older one beside it.
    let tags: Vec<&Tag> = file.primary_tag().into_iter().chain(file.tags()).collect();
    let text =
        |of: fn(&Tag) -> Option<std::borrow::Cow<'_, str>>| tags.iter().find_map(|tag| some_name(&of(tag)?));
    Ok(Audio {
        media_type,
        duration,
        bitrate: properties.audio_bitrate().or(properties.overall_bitrate()).filter(|rate| *rate > 0),
        tags: Tags { title: text(Tag::title), artist: text(Tag::artist), album: text(Tag::album) },
        track: tags.iter().find_map(|tag| tag.track().filter(|track| *track > 0)),
        year: tags.iter().find_map(|tag| tag.date().map(|date| date.year.into()).filter(|year| *year > 0)),
        cover: cover(&tags),
    })
}

fn webm(name: &str, file: Matroska) -> Result<Audio> {
    check_sound(name, file.duration)?;
    let Matroska { duration, tags, track, year } = file;
    Ok(Audio { media_type: WEBM, duration, bitrate: None, tags, track, year, cover: None })
}

fn check_sound(name: &str, duration: Duration) -> Result<()> {
    if duration.as_millis() == 0 {
        return Err(Error::invalid(format!("{name} holds no sound: it is damaged or empty")));
    }
    Ok(())
}

/// The front cover, or else any picture.
fn cover(tags: &[&Tag]) -> Option<Cover> {
    let pictures = || tags.iter().flat_map(|tag| tag.pictures());
    let front = pictures().filter(|picture| picture.pic_type() == PictureType::CoverFront);
    front.chain(pictures()).find_map(|picture| {
        let bytes = picture.data();
        let media_type = picture_type(bytes).filter(|_| bytes.len() as u64 <= COVER_MAX_BYTES)?;
        Some(Cover { media_type, bytes: Bytes::copy_from_slice(bytes) })
    })
}

/// The MIME type of a picture, by its first bytes, whatever its tag claims.
fn picture_type(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0xff, 0xd8, 0xff, ..] => Some("image/jpeg"),
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some("image/png"),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some("image/gif"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some("image/webp"),
        _ => None,
    }
}
