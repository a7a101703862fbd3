//! An upload's bytes on their way in: counted, cut at the limit, and held to the length that was promised.

use futures::{StreamExt, stream};
use http::{HeaderMap, header};
use kadenza_api::{Body, ByteStream, Error, Result};
use kadenza_platform::boxed_stream;

/// The length a request promises for its body, in bytes.
///
/// # Errors
/// [`Error::Invalid`] when `Content-Length` is not a number, or not the body's.
pub(crate) fn promised_length(headers: &HeaderMap, body: &Body) -> Result<Option<u64>> {
    let Some(header) = headers.get(header::CONTENT_LENGTH) else { return Ok(body.len()) };
    let promised = header.to_str().ok().and_then(|text| text.parse().ok());
    let promised = promised.ok_or_else(|| Error::invalid("Content-Length is not a number"))?;
    match body.len() {
        Some(len) if len != promised => Err(wrong_length(promised, len)),
        _ => Ok(Some(promised)),
    }
}

/// Refuses a promise of more than `limit` bytes.
///
/// # Errors
/// [`Error::TooLarge`] that names both.
pub(crate) fn check_length(promised: Option<u64>, limit: u64) -> Result<()> {
    match promised {
        Some(promised) if promised > limit => {
            Err(Error::too_large(format!("the upload is {promised} bytes long; at most {limit} are taken")))
        }
        _ => Ok(()),
    }
}

/// `stream` until it breaks off, goes past `limit`, or turns out longer or shorter than promised; each of these
/// ends it with an error that says so.
pub(crate) fn measured(stream: ByteStream, promised: Option<u64>, limit: u64) -> ByteStream {
    boxed_stream(stream::try_unfold((stream, 0u64), move |(mut stream, before)| async move {
        match stream.next().await {
            Some(Ok(chunk)) => {
                let received = before + chunk.len() as u64;
                if received > limit {
                    return Err(Error::too_large(format!(
                        "the upload goes past the {limit} bytes that are taken"
                    )));
                }
                match promised {
                    Some(promised) if received > promised => Err(wrong_length(promised, received)),
                    _ => Ok(Some((chunk, (stream, received)))),
                }
            }
            Some(Err(error)) => {
                Err(Error::invalid(format!("the upload broke off after {before} bytes: {error}")))
            }
            None => match promised {
                Some(promised) if before < promised => Err(wrong_length(promised, before)),
                _ => Ok(None),
            },
        }
    }))
}

fn wrong_length(promised: u64, came: u64) -> Error {
    Error::invalid(format!("the upload promised {promised} bytes and brought {came}"))
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use futures::executor::block_on;
    use kadenza_api::collect;

    use super::*;

    fn read(chunks: &[usize], promised: Option<u64>, limit: u64) -> Result<Bytes> {
        let chunks: Vec<Result<Bytes>> = chunks.iter().map(|len| Ok(Bytes::from(vec![0; *len]))).collect();
        block_on(collect(measured(boxed_stream(stream::iter(chunks)), promised, limit), u64::MAX))
    }

    #[test]
    fn what_keeps_its_promise_passes() {
        assert_eq!(read(&[3, 4], Some(7), 7).unwrap().len(), 7);
        assert_eq!(read(&[3, 4], None, 7).unwrap().len(), 7);
        assert_eq!(read(&[], Some(0), 7).unwrap().len(), 0);
    }

    #[test]
    fn more_and_less_than_promised_are_refused() {
        for promised in [6, 8] {
            assert!(matches!(read(&[3, 4], Some(promised), 100), Err(Error::Invalid { .. })), "{promised}");
        }
    }

    #[test]
    fn a_body_without_a_promise_is_cut_at_the_limit() {
        assert!(matches!(read(&[3, 4], None, 6), Err(Error::TooLarge { .. })));
    }

    #[test]
    fn a_body_that_breaks_off_says_where() {
        let chunks = [Ok(Bytes::from_static(b"abc")), Err(Error::unavailable("connection reset"))];
        let read = block_on(collect(measured(boxed_stream(stream::iter(chunks)), None, 100), 100));
        assert_eq!(read, Err(Error::invalid("the upload broke off after 3 bytes: connection reset")));
    }
}
