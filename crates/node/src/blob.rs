//! Files of the browser: as bytes for an upload, and made of a recording for an element to play.

use std::cell::Cell;
use std::ops::Range;
use std::rc::Rc;

use bytes::Bytes;
use futures::{StreamExt, stream};
use js_sys::{Array, Uint8Array};
use kadenza_api::{ByteStream, Error, Music, Recording, Result, Source, Tags};
use kadenza_platform::{boxed_stream, taken};
use kadenza_services::names_of;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, BlobPropertyBag};

/// Bytes read from a file at once: large enough to be quick, small enough to hold.
const SLICE_BYTES: u64 = 1024 * 1024;

/// The largest recording that is put together: 200 MB, the largest file a tab takes.
const WHOLE_MAX_BYTES: u64 = super::tab::FILE_LIMIT_BYTES;

/// The bytes of `blob`, read slice by slice each time it is opened.
pub fn source(blob: &Blob) -> Source {
    let (blob, len) = (blob.clone(), len(blob));
    Source::new(Some(len), move || {
        let slices = stream::iter((0..len).step_by(SLICE_BYTES as usize));
        let blob = blob.clone();
        boxed_stream(slices.then(move |from| slice(blob.clone(), from..(from + SLICE_BYTES).min(len))))
    })
}

/// The names a file would have if it were uploaded as it is.
///
/// # Errors
/// As [`names_of`], and [`Error::Invalid`] where it cannot be read.
pub async fn names(file: &str, blob: &Blob) -> Result<Tags> {
    names_of(file, len(blob), |range| slice(blob.clone(), range)).await
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a file's size is a whole number"
)]
fn len(blob: &Blob) -> u64 {
    blob.size() as u64
}

#[expect(clippy::cast_precision_loss, reason = "exact up to 2^53 bytes")]
async fn slice(blob: Blob, range: Range<u64>) -> Result<Bytes> {
    let refused = |why| {
        tracing::debug!(?why, "cannot read a file");
        Error::invalid("the file could not be read; it may have been moved or changed since it was picked")
    };
    let slice = blob.slice_with_f64_and_f64(range.start as f64, range.end as f64).map_err(refused)?;
    let buffer = JsFuture::from(slice.array_buffer()).await.map_err(refused)?;
    Ok(taken(&Uint8Array::new(&buffer)).into())
}

/// The same bytes, and a call of `on_read` with how many have been read each time some were.
pub fn watched(source: Source, on_read: impl Fn(u64) + 'static) -> Source {
    let on_read = Rc::new(on_read);
    Source::new(source.len(), move || {
        let on_read = on_read.clone();
        let read = Cell::new(0);
        let stream: ByteStream =
            source.open().unwrap_or_else(|error| boxed_stream(stream::iter([Err(error)])));
        boxed_stream(stream.inspect(move |chunk| {
            if let Ok(chunk) = chunk {
                read.set(read.get() + chunk.len() as u64);
                on_read(read.get());
            }
        }))
    })
}

/// All of a recording, for where no service worker can stream it.
///
/// # Errors
/// As [`Music::read`]; [`Error::TooLarge`] for one of more than 200 MB, [`Error::Storage`] where the browser has no room for it.
pub async fn whole(music: &impl Music, recording: &Recording) -> Result<Blob> {
    if recording.bytes > WHOLE_MAX_BYTES {
        return Err(Error::too_large(format!(
            "a song of {} bytes is played through a service worker only; without one, up to {WHOLE_MAX_BYTES} are",
            recording.bytes
        )));
    }
    let (parts, mut at) = (Array::new(), 0);
    while at < recording.bytes {
        let bytes = music.read(recording.content, recording.bytes, at..recording.bytes).await?;
        at += bytes.len() as u64;
        parts.push(&Uint8Array::from(&*bytes));
    }
    let kind = BlobPropertyBag::new();
    kind.set_type(&recording.media_type);
    let refused = |error: JsValue| Error::storage(format!("the song does not fit into this page: {error:?}"));
    Blob::new_with_u8_array_sequence_and_options(&parts, &kind).map_err(refused)
}
