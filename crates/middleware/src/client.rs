//! [`Music`] over HTTP: each call as a request, each response as what it says.

use std::ops::Range;

use bytes::Bytes;
use http::{Request, Response, StatusCode, header};
use kadenza_api::http::{NETWORK, NODE, SONGS, content_path, song_path};
use kadenza_api::{
    Body, ContentId, Error, Found, Http, Music, Network, Query, READ_LIMIT_BYTES, Result, Scope, Song,
    SongId, Upload, Uploaded,
};
use serde::de::DeserializeOwned;

/// The longest JSON answer that is read, in bytes: 200 songs of 16 recordings with names at their limits.
const ANSWER_LIMIT_BYTES: u64 = 16 * 1024 * 1024;

/// The longest file name that is sent, in characters. It is only a hint for people, and addresses are short.
const NAME_LIMIT_CHARS: usize = 255;

/// What a server has, asked for over HTTP.
///
/// Bytes are taken as the server sends them: over HTTP it vouches for what it verified.
#[derive(Debug, Clone)]
pub struct Client<H> {
    http: H,
}

impl<H: Http> Client<H> {
    /// Asks whatever answers `http`.
    pub fn new(http: H) -> Self {
        Self { http }
    }

    /// What answers its requests.
    pub fn http(&self) -> &H {
        &self.http
    }

    /// How the server itself stands in the network, without its peers.
    ///
    /// # Errors
    /// As [`Music::network`].
    pub async fn node(&self) -> Result<Network> {
        self.get(NODE).await
    }

    async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T> {
        let request = Request::get(path).body(Body::empty()).map_err(unfit)?;
        json(self.http.send(request).await?).await
    }
}

impl<H: Http> Music for Client<H> {
    async fn upload(&self, upload: Upload) -> Result<Uploaded> {
        upload.tags.check()?;
        let request = Request::post(upload_path(&upload))
            .header(header::CONTENT_TYPE, "application/octet-stream")
            .body(Body::new(upload.source.len(), upload.source.open()?))
            .map_err(unfit)?;
        json(self.http.send(request).await?).await
    }

    async fn search(&self, query: Query) -> Result<Found> {
        query.check()?;
        let scope = match query.scope {
            Scope::Here => "here",
            Scope::Network => "network",
        };
        let parameters = form_urlencoded::Serializer::new(String::new())
            .append_pair("q", &query.words)
            .append_pair("limit", &query.limit.to_string())
            .append_pair("offset", &query.offset.to_string())
            .append_pair("scope", scope)
            .finish();
        self.get(&format!("{SONGS}?{parameters}")).await
    }

    async fn song(&self, id: SongId) -> Result<Song> {
        let song: Song = self.get(&song_path(id)).await?;
        if song.id() != id {
            return Err(Error::unavailable(format!(
                "asked for song {id}, the server answered with {}",
                song.id()
            )));
        }
        Ok(song)
    }

    async fn read(&self, content: ContentId, len: u64, range: Range<u64>) -> Result<Bytes> {
        if range.is_empty() {
            return Err(Error::invalid("a read of no bytes"));
        }
        let last = range.end.min(range.start.saturating_add(READ_LIMIT_BYTES)) - 1;
        let wanted = last - range.start + 1;
        let request = Request::get(content_path(content, len))
            .header(header::RANGE, format!("bytes={}-{last}", range.start))
            .body(Body::empty())
            .map_err(unfit)?;
        let response = successful(self.http.send(request).await?).await?;
        if response.status() != StatusCode::PARTIAL_CONTENT {
            return Err(Error::unavailable("the server does not answer ranges"));
        }
        let bytes = response.into_body().bytes(wanted).await.map_err(broken)?;
        if bytes.is_empty() {
            return Err(Error::unavailable("the server answered a range without its bytes"));
        }
        Ok(bytes)
    }

    async fn network(&self) -> Result<Network> {
        self.get(NETWORK).await
    }
}

/// The address an upload is sent to, its name and tags included.
fn upload_path(upload: &Upload) -> String {
    let name: String = upload.name.chars().take(NAME_LIMIT_CHARS).collect();
    let tags =
        [("title", &upload.tags.title), ("artist", &upload.tags.artist), ("album", &upload.tags.album)];
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("name", &name)
        .extend_pairs(tags.into_iter().filter_map(|(field, text)| Some((field, text.as_ref()?))))
        .finish();
    format!("{SONGS}?{query}")
}

/// `response` if it is a success, otherwise the error it carries.
async fn successful(response: Response<Body>) -> Result<Response<Body>> {
    let status = response.status();
    if status.is_success() {
        return Ok(response);
    }
    let body = response.into_body().bytes(ANSWER_LIMIT_BYTES).await.map_err(broken)?;
    Err(serde_json::from_slice(&body).unwrap_or_else(|_| bare(status)))
}

/// What a status says by itself, when something between here and the server answered in its place.
fn bare(status: StatusCode) -> Error {
    let message = format!("the server answered {status}");
    match status {
        StatusCode::NOT_FOUND => Error::not_found(message),
        StatusCode::PAYLOAD_TOO_LARGE => Error::too_large(message),
        StatusCode::TOO_MANY_REQUESTS => Error::unavailable(message),
        status if status.is_client_error() => Error::invalid(message),
        _ => Error::unavailable(message),
    }
}

async fn json<T: DeserializeOwned>(response: Response<Body>) -> Result<T> {
    let body = successful(response).await?.into_body().bytes(ANSWER_LIMIT_BYTES).await.map_err(broken)?;
    serde_json::from_slice(&body)
        .map_err(|error| Error::unavailable(format!("the server's answer is not understood: {error}")))
}

/// A response that broke off is as good as none.
fn broken(error: Error) -> Error {
    Error::unavailable(format!("the server's answer broke off: {error}"))
}

fn unfit(error: http::Error) -> Error {
    Error::invalid(format!("this does not fit in an HTTP request: {error}"))
}

#[cfg(test)]
mod tests {
    use futures::executor::block_on;

    use super::*;

    #[derive(Debug)]
    struct Answers(u16, &'static str);

    impl Http for Answers {
        async fn send(&self, _request: Request<Body>) -> Result<Response<Body>> {
            let mut response = Response::new(Body::from(Bytes::from_static(self.1.as_bytes())));
            *response.status_mut() = StatusCode::from_u16(self.0).unwrap();
            Ok(response)
        }
    }

    #[test]
    fn an_error_comes_back_as_the_one_that_was_sent() {
        let client = Client::new(Answers(507, r#"{"code":"storage","message":"the disk is full"}"#));
        assert_eq!(block_on(client.network()), Err(Error::storage("the disk is full")));
    }

    #[test]
    fn a_status_without_our_error_is_read_by_itself() {
        let said = |status| block_on(Client::new(Answers(status, "<html>")).network()).unwrap_err().code();
        assert_eq!([404, 413, 400, 403].map(said), ["not-found", "too-large", "invalid", "invalid"]);
        assert_eq!([429, 500, 502, 503, 504].map(said), ["unavailable"; 5]);
    }

    #[test]
    fn an_answer_that_is_not_ours_is_as_good_as_none() {
        let client = Client::new(Answers(200, "<html>a captive portal</html>"));
        assert_eq!(block_on(client.network()).unwrap_err().code(), "unavailable");
        assert_eq!(block_on(client.read(ContentId([0; 32]), 9, 0..9)).unwrap_err().code(), "unavailable");
    }
}
