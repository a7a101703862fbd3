//! A server elsewhere, reached over the network: fetch in a tab, sockets natively.

use std::time::Duration;

use bytes::Bytes;
use futures::{Stream, StreamExt, stream};
use http::{HeaderMap, Request, Response, header};
use kadenza_api::{Body, ByteStream, Error, Http, Result};
use kadenza_platform::{MaybeSend, boxed_stream, timeout};
use reqwest::Url;

/// How long a server may take to begin its answer. A search may ask other nodes before it answers.
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(15);

/// The slowest upload that is waited for, in bytes a second.
const SLOWEST_UPLOAD: u64 = 32 * 1024;

/// How long an answer may stand still before it counts as broken off.
const STALL_TIMEOUT: Duration = Duration::from_secs(30);

/// The longest request body, in bytes. It is held in memory, because browsers cannot stream one; a relay's
/// default limit for a file, and a form around it, fit.
const BODY_LIMIT_BYTES: u64 = 256 * 1024 * 1024;

/// Headers that belong to one connection or to the body's framing, and are made anew for the next.
const FRAMING: [header::HeaderName; 4] =
    [header::HOST, header::CONNECTION, header::CONTENT_LENGTH, header::TRANSFER_ENCODING];

/// The server at a base URL.
#[derive(Debug, Clone)]
pub struct HttpClient {
    base: String,
    client: reqwest::Client,
}

impl HttpClient {
    /// A client for the server at `base_url`, `https://music.example` for one. Nothing is sent yet.
    ///
    /// # Errors
    /// [`Error::Invalid`] when that is not the URL of an HTTP server.
    pub fn new(base_url: &str) -> Result<Self> {
        let refused =
            |why: String| Error::invalid(format!("{base_url:?} is not the address of a server: {why}"));
        let url = Url::parse(base_url).map_err(|error| refused(error.to_string()))?;
        if !matches!(url.scheme(), "http" | "https") || url.query().is_some() || url.fragment().is_some() {
            return Err(refused("it should be like https://music.example".into()));
        }
        let client = reqwest::Client::builder().build().map_err(|error| refused(error.to_string()))?;
        Ok(Self { base: url.as_str().trim_end_matches('/').to_owned(), client })
    }

    fn unavailable(&self, why: impl std::fmt::Display) -> Error {
        Error::unavailable(format!("{} did not answer: {why}", self.base))
    }
}

impl Http for HttpClient {
    async fn send(&self, request: Request<Body>) -> Result<Response<Body>> {
        let (mut head, body) = request.into_parts();
        let path = head.uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
        let body = body.bytes(BODY_LIMIT_BYTES).await?;
        let patience = RESPONSE_TIMEOUT + Duration::from_secs(body.len() as u64 / SLOWEST_UPLOAD);
        for name in FRAMING {
            head.headers.remove(name);
        }
        let mut outgoing =
            self.client.request(head.method, format!("{}{path}", self.base)).headers(head.headers);
        if !body.is_empty() {
            outgoing = outgoing.body(body);
        }
        let sent = timeout(patience, outgoing.send()).await;
        let response = sent
            .map_err(|_| self.unavailable("it took too long"))?
            .map_err(|error| self.unavailable(error))?;
        let (status, mut headers) = (response.status(), response.headers().clone());
        let len = body_length(&mut headers);
        let mut answer = Response::new(Body::new(len, arriving(self.base.clone(), response.bytes_stream())));
        *answer.status_mut() = status;
        *answer.headers_mut() = headers;
        Ok(answer)
    }
}

/// How many bytes the body will have. Fetch hands out the decoded bytes of an encoded body under the headers of
/// the encoded one, so those headers go.
fn body_length(headers: &mut HeaderMap) -> Option<u64> {
    if headers.remove(header::CONTENT_ENCODING).is_some() {
        headers.remove(header::CONTENT_LENGTH);
    }
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// The body as it comes, ended by an error when it breaks off or stands still.
fn arriving(
    base: String,
    body: impl Stream<Item = reqwest::Result<Bytes>> + MaybeSend + 'static,
) -> ByteStream {
    boxed_stream(stream::try_unfold((boxed_stream(body), base), |(mut body, base)| async move {
        match timeout(STALL_TIMEOUT, body.next()).await {
            Ok(Some(Ok(bytes))) => Ok(Some((bytes, (body, base)))),
            Ok(None) => Ok(None),
            Ok(Some(Err(error))) => Err(Error::unavailable(format!("{base} broke off: {error}"))),
            Err(_) => {
                Err(Error::unavailable(format!("{base} stood still for {} s", STALL_TIMEOUT.as_secs())))
            }
        }
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_the_address_of_a_server_is_refused_by_name() {
        for address in
            ["", "music.example", "ftp://music.example", "http://", "http://a/?b", "javascript:alert(1)"]
        {
            let refusal = HttpClient::new(address).unwrap_err();
            assert!(refusal.to_string().contains(address), "{refusal}");
        }
        assert_eq!(HttpClient::new("http://127.0.0.1:8080/").unwrap().base, "http://127.0.0.1:8080");
    }

    #[test]
    fn the_length_of_an_encoded_body_is_not_known() {
        let mut plain = HeaderMap::from_iter([(header::CONTENT_LENGTH, 7.into())]);
        assert_eq!(body_length(&mut plain), Some(7));
        plain.insert(header::CONTENT_ENCODING, header::HeaderValue::from_static("br"));
        assert_eq!(body_length(&mut plain), None);
        assert!(plain.is_empty());
    }
}
