//! An upload as a browser's form sends it: multipart/form-data (RFC 7578), read as it arrives.

use bytes::Bytes;
use futures::{StreamExt, stream};
use kadenza_api::{ByteStream, Error, Result, Source, Tags, Upload};
use kadenza_platform::{boxed_stream, sendable};
use multer::{Constraints, Field, Multipart, SizeLimit};

/// The longest text field, in bytes: enough to hear from the layer below how long a title may be.
const TEXT_LIMIT_BYTES: u64 = 64 * 1024;

/// The form's overhead over its file, in bytes: boundaries, part headers and the three text fields.
pub(crate) const OVERHEAD_BYTES: u64 = 256 * 1024;

/// The boundary between a form's parts, if `content_type` is a form's.
pub(crate) fn boundary(content_type: &str) -> Option<String> {
    multer::parse_boundary(content_type).ok()
}

/// Reads a form up to the first byte of its file; the rest is read by whoever takes the upload. `tags` are what
/// the address says and win over the form's fields.
///
/// # Errors
/// [`Error::Invalid`] when it is not a form with a file, or what broke the stream.
pub(crate) async fn upload(stream: ByteStream, boundary: String, tags: Tags, limit: u64) -> Result<Upload> {
    let sizes = ["title", "artist", "album"]
        .into_iter()
        .fold(SizeLimit::new(), |sizes, field| sizes.for_field(field, TEXT_LIMIT_BYTES));
    let constraints = Constraints::new().size_limit(sizes);
    let mut form = Multipart::with_constraints(sendable(stream), boundary, constraints);
    let mut fields = Tags::default();
    while let Some(field) = form.next_field().await.map_err(refusal)? {
        if let Some(name) = field.file_name() {
            let name = name.to_owned();
            let tags = Tags {
                title: tags.title.or(fields.title),
                artist: tags.artist.or(fields.artist),
                album: tags.album.or(fields.album),
            };
            return Ok(Upload { name, tags, source: Source::once(None, file(form, field, limit)) });
        }
        let place = match field.name() {
            Some("title") => &mut fields.title,
            Some("artist") => &mut fields.artist,
            Some("album") => &mut fields.album,
            other => {
                return Err(Error::invalid(format!(
                    "the form's field {:?} means nothing here",
                    other.unwrap_or_default()
                )));
            }
        };
        *place = Some(field.text().await.map_err(refusal)?);
    }
    Err(Error::invalid("the form has no file"))
}

/// The bytes of `field`, which end well only if the form ends after them: a field that comes later could no
/// longer be heeded.
fn file(form: Multipart<'static>, field: Field<'static>, limit: u64) -> ByteStream {
    let whole = stream::try_unfold((form, Some(field), 0u64), move |(mut form, field, before)| async move {
        let Some(mut field) = field else { return Ok(None) };
        if let Some(chunk) = field.chunk().await.map_err(refusal)? {
            let received = before + chunk.len() as u64;
            if received > limit {
                return Err(Error::too_large(format!("the file goes past the {limit} bytes that are taken")));
            }
            return Ok(Some((chunk, (form, Some(field), received))));
        }
        drop(field);
        match form.next_field().await.map_err(refusal)? {
            None => Ok(Some((Bytes::new(), (form, None, before)))),
            Some(late) if late.file_name().is_some() => {
                Err(Error::invalid("a form brings one file; send the next in another"))
            }
            Some(late) => Err(Error::invalid(format!(
                "the form's field {:?} comes after the file; put it before",
                late.name().unwrap_or_default()
            ))),
        }
    });
    boxed_stream(
        whole.filter(|chunk| futures::future::ready(!matches!(chunk, Ok(bytes) if bytes.is_empty()))),
    )
}

/// What the form's reader says, in our words. What broke the stream beneath it is handed on as it is.
fn refusal(error: multer::Error) -> Error {
    match error {
        multer::Error::StreamReadFailed(cause) => match cause.downcast::<Error>() {
            Ok(cause) => *cause,
            Err(cause) => Error::invalid(format!("the form could not be read: {cause}")),
        },
        multer::Error::FieldSizeExceeded { limit, field_name } => Error::too_large(format!(
            "the form's field {:?} is longer than {limit} bytes",
            field_name.unwrap_or_default()
        )),
        other => Error::invalid(format!("the form is broken: {other}")),
    }
}
