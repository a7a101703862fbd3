//! Stored bytes over HTTP: audio, covers and bare content, whole or in part, as they arrive.

use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use futures::stream;
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode, header};
use kadenza_api::{Body, ContentId, Error, Music, Result};
use kadenza_platform::boxed_stream;

use crate::answer;
use crate::conditions::{self, entity_tag};
use crate::range::{Part, part};

/// For what can never change under its address.
pub(crate) const FOREVER: &str = "public, max-age=31536000, immutable";
/// For what may one day be another content: ask again, and hear 304 while it is not.
pub(crate) const ASK_AGAIN: &str = "public, no-cache";

/// For what seldom changes and is shown often.
pub(crate) const A_DAY: &str = "public, max-age=86400";

/// Uploaded bytes are never to run as a page, whatever they claim to be.
const SANDBOX: &str = "default-src 'none'; sandbox";

/// The longest read of who only looks ahead. Whoever reads more at once wants all of it soon (see
/// [`kadenza_api::Music::read`]).
pub(crate) const PEEK_BYTES: u64 = 256 * 1024;

/// Some content, and what HTTP says about it.
#[derive(Debug, Clone)]
pub(crate) struct Stored {
    pub(crate) content: ContentId,
    pub(crate) bytes: u64,
    /// How much of it is read at once.
    pub(crate) read_bytes: u64,
    pub(crate) media_type: String,
    pub(crate) caching: &'static str,
}

impl Stored {
    /// Answers a `GET` or `HEAD` for it. The first bytes are read before the answer begins, so that what cannot
    /// be had is an error with its status and not a response that breaks off.
    ///
    /// # Errors
    /// What [`Music::read`] says of the first bytes.
    pub(crate) async fn answer<M: Music>(
        &self,
        music: &Arc<M>,
        method: &Method,
        headers: &HeaderMap,
    ) -> Result<Response<Body>> {
        let tag = entity_tag(self.content);
        if conditions::not_modified(headers, &tag) {
            return self.response(StatusCode::NOT_MODIFIED, Body::empty());
        }
        if method == Method::HEAD {
            music.read(self.content, self.bytes, 0..1).await?;
            // Ranges are defined for GET alone (RFC 9110, section 14.2).
            return self.sized(StatusCode::OK, self.bytes, Body::empty());
        }
        match conditions::range(headers, &tag).map_or(Part::Whole, |range| part(range, self.bytes)) {
            Part::Outside => self.outside(),
            Part::Whole => {
                let body = self.body(music, 0..self.bytes).await?;
                self.sized(StatusCode::OK, self.bytes, body)
            }
            Part::Bytes(range) => {
                let body = self.body(music, range.clone()).await?;
                let length = range.end - range.start;
                let mut response = self.sized(StatusCode::PARTIAL_CONTENT, length, body)?;
                let place = format!("bytes {}-{}/{}", range.start, range.end - 1, self.bytes);
                response.headers_mut().insert(header::CONTENT_RANGE, value(&place)?);
                Ok(response)
            }
        }
    }

    /// The bytes of `range`, each next piece read only when it is asked for.
    async fn body<M: Music>(&self, music: &Arc<M>, range: Range<u64>) -> Result<Body> {
        let length = range.end - range.start;
        let first = self.piece(&**music, &range).await?;
        let rest = range.start + first.len() as u64..range.end;
        let (stored, music) = (self.clone(), Arc::clone(music));
        let rest = stream::try_unfold(rest, move |rest| {
            let (stored, music) = (stored.clone(), Arc::clone(&music));
            async move {
                if rest.is_empty() {
                    return Ok(None);
                }
                let bytes = stored.piece(&*music, &rest).await?;
                let left = rest.start + bytes.len() as u64..rest.end;
                Ok(Some((bytes, left)))
            }
        });
        let whole = futures::StreamExt::chain(stream::iter([Ok(first)]), rest);
        Ok(Body::new(Some(length), boxed_stream(whole)))
    }

    /// The next bytes of `range`: at least one, at most all of them.
    async fn piece<M: Music>(&self, music: &M, range: &Range<u64>) -> Result<Bytes> {
        let end = range.end.min(range.start.saturating_add(self.read_bytes));
        let bytes = music.read(self.content, self.bytes, range.start..end).await?;
        if bytes.is_empty() || bytes.len() as u64 > end - range.start {
            let (content, at) = (self.content, range.start);
            return Err(Error::unavailable(format!("content {content} could not be read at byte {at}")));
        }
        Ok(bytes)
    }

    fn outside(&self) -> Result<Response<Body>> {
        let refusal = Error::invalid(format!("the range lies outside of the {} bytes there are", self.bytes));
        let mut response = answer::refusal_with(StatusCode::RANGE_NOT_SATISFIABLE, &refusal);
        response.headers_mut().insert(header::CONTENT_RANGE, value(&format!("bytes */{}", self.bytes))?);
        response.headers_mut().insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
        Ok(response)
    }

    fn sized(&self, status: StatusCode, length: u64, body: Body) -> Result<Response<Body>> {
        let mut response = self.response(status, body)?;
        response.headers_mut().insert(header::CONTENT_LENGTH, length.into());
        response.headers_mut().insert(header::CONTENT_TYPE, value(&self.media_type)?);
        Ok(response)
    }

    fn response(&self, status: StatusCode, body: Body) -> Result<Response<Body>> {
        let mut response = Response::new(body);
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
        headers.insert(header::ETAG, value(&entity_tag(self.content))?);
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(self.caching));
        headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(SANDBOX));
        Ok(response)
    }
}

fn value(text: &str) -> Result<HeaderValue> {
    HeaderValue::from_str(text)
        .map_err(|_| Error::invalid(format!("{text:?} does not fit in an HTTP header")))
}
