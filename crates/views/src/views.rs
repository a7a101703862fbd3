//! The layer itself: each request to what answers it.

use std::fmt;
use std::sync::Arc;

use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use kadenza_api::{
    Body, ByteStream, ContentId, Error, Http, Music, Network, Outcome, READ_LIMIT_BYTES, Result, Song,
    Source, Upload, Uploaded,
};

use crate::answer::{self, json};
#[cfg(feature = "forms")]
use crate::form;
use crate::incoming::{check_length, measured, promised_length};
use crate::query::Parameters;
use crate::route::Route;
use crate::stored::{A_DAY, ASK_AGAIN, FOREVER, PEEK_BYTES, Stored};

/// What Views needs to know beforehand.
#[derive(Debug, Clone, Copy)]
pub struct Config {
    /// The largest file an upload may bring, in bytes.
    pub body_limit_bytes: u64,
}

/// HTTP over the [`Music`] below. Cloning it gives another handle to the same one.
pub struct Views<M> {
    music: Arc<M>,
    config: Config,
}

impl<M: Music> Views<M> {
    /// Answers HTTP with what `music` has.
    pub fn new(music: M, config: Config) -> Self {
        Self { music: Arc::new(music), config }
    }

    async fn answer(&self, request: Request<Body>) -> Result<Response<Body>> {
        let (head, body) = request.into_parts();
        let route = Route::of(head.uri.path())?;
        if !route.allows(&head.method) {
            return not_allowed(route, &head.method);
        }
        let parameters = Parameters::of(&head.uri)?;
        match route {
            Route::Songs if head.method == Method::POST => {
                let uploaded = self.upload(&head.headers, &parameters, body).await?;
                let new = uploaded.outcome != Outcome::AlreadyHere;
                json(if new { StatusCode::CREATED } else { StatusCode::OK }, &uploaded)
            }
            Route::Songs => json(StatusCode::OK, &self.music.search(parameters.search()?).await?),
            Route::Song(id) => json(StatusCode::OK, &self.music.song(id).await?),
            Route::Network => json(StatusCode::OK, &self.music.network().await?),
            Route::Node => {
                json(StatusCode::OK, &Network { peers: Vec::new(), ..self.music.network().await? })
            }
            Route::Health => json(StatusCode::OK, &serde_json::json!({"status": "ok"})),
            Route::Listen(_) | Route::Cover(_) | Route::Content(_) => {
                let stored = self.stored(route, &parameters).await?;
                stored.answer(&self.music, &head.method, &head.headers).await
            }
        }
    }

    async fn upload(
        &self,
        headers: &http::HeaderMap,
        parameters: &Parameters<'_>,
        body: Body,
    ) -> Result<Uploaded> {
        let limit = self.config.body_limit_bytes;
        let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        #[cfg(feature = "forms")]
        if let Some(boundary) = content_type.and_then(form::boundary) {
            let (bytes, _) = bytes_of(headers, body, limit.saturating_add(form::OVERHEAD_BYTES))?;
            let upload = form::upload(bytes, boundary, parameters.tags(), limit).await?;
            return self.music.upload(upload).await;
        }
        #[cfg(not(feature = "forms"))]
        if content_type.is_some_and(|kind| kind.starts_with("multipart/")) {
            return Err(Error::invalid("forms are not taken here; send the file alone"));
        }
        let (bytes, promised) = bytes_of(headers, body, limit)?;
        let upload = Upload {
            name: parameters
                .get("name")
                .ok_or_else(|| Error::invalid("name the file: POST /api/songs?name=FILE"))?
                .into(),
            tags: parameters.tags(),
            source: Source::once(promised, bytes),
        };
        self.music.upload(upload).await
    }

    /// The content a route leads to.
    async fn stored(&self, route: Route, parameters: &Parameters<'_>) -> Result<Stored> {
        match route {
            Route::Listen(id) => {
                let peeks = parameters.parse("peek", "true or false")?.unwrap_or(false);
                let stored = match described(parameters)? {
                    Some(stored) => stored,
                    None => {
                        let wanted = parameters.parse("recording", "a content id")?;
                        audio(&self.music.song(id).await?, wanted)?
                    }
                };
                Ok(Stored { read_bytes: if peeks { PEEK_BYTES } else { READ_LIMIT_BYTES }, ..stored })
            }
            Route::Cover(id) => cover(&self.music.song(id).await?),
            Route::Content(content) => {
                let bytes = parameters.parse("bytes", "the content's length")?;
                let bytes = bytes.filter(|bytes| *bytes > 0);
                Ok(Stored {
                    content,
                    bytes: bytes
                        .ok_or_else(|| Error::invalid("say how long the content is: ?bytes=LENGTH"))?,
                    read_bytes: READ_LIMIT_BYTES,
                    media_type: "application/octet-stream".into(),
                    caching: FOREVER,
                })
            }
            _ => Err(Error::not_found("there is no content at this address")),
        }
    }
}

impl<M: Music> Http for Views<M> {
    async fn send(&self, request: Request<Body>) -> Result<Response<Body>> {
        let is_head = request.method() == Method::HEAD;
        let mut response = self.answer(request).await.unwrap_or_else(|error| answer::refusal(&error));
        response.headers_mut().insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        Ok(if is_head { response.map(|_| Body::empty()) } else { response })
    }
}

impl<M> Clone for Views<M> {
    fn clone(&self) -> Self {
        Self { music: Arc::clone(&self.music), config: self.config }
    }
}

impl<M> fmt::Debug for Views<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Views").field("config", &self.config).finish_non_exhaustive()
    }
}

/// A body's bytes, at most `limit` of them, and how many were promised.
fn bytes_of(headers: &http::HeaderMap, body: Body, limit: u64) -> Result<(ByteStream, Option<u64>)> {
    let promised = promised_length(headers, &body)?;
    check_length(promised, limit)?;
    Ok((measured(body.into_stream(), promised, limit), promised))
}

/// The recording that the asker describes in full, `?recording=ID&bytes=LENGTH&type=audio/…`: whoever knows the song
/// spares this node from looking it up, in the network perhaps, before the first byte.
fn described(parameters: &Parameters<'_>) -> Result<Option<Stored>> {
    let (Some(content), Some(bytes), Some(media_type)) = (
        parameters.parse("recording", "a content id")?,
        parameters.parse("bytes", "the recording's length")?.filter(|bytes| *bytes > 0),
        parameters.get("type"),
    ) else {
        return Ok(None);
    };
    let is_audio = media_type.strip_prefix("audio/").is_some_and(|kind| {
        !kind.is_empty() && kind.bytes().all(|b| b.is_ascii_alphanumeric() || b"-+.".contains(&b))
    });
    if !is_audio {
        return Err(Error::invalid(format!("type is audio/ and a kind of it, not {media_type:?}")));
    }
    Ok(Some(Stored {
        content,
        bytes,
        read_bytes: READ_LIMIT_BYTES,
        media_type: media_type.into(),
        caching: FOREVER,
    }))
}

fn audio(song: &Song, wanted: Option<ContentId>) -> Result<Stored> {
    let recording = match wanted {
        Some(content) => song
            .recording(content)
            .ok_or_else(|| Error::not_found(format!("song {} has no recording {content}", song.id())))?,
        None => song.first(),
    };
    Ok(Stored {
        content: recording.content,
        bytes: recording.bytes,
        read_bytes: READ_LIMIT_BYTES,
        media_type: recording.media_type.clone(),
        caching: if wanted.is_some() { FOREVER } else { ASK_AGAIN },
    })
}

fn cover(song: &Song) -> Result<Stored> {
    let picture = song.cover().ok_or_else(|| Error::not_found(format!("song {} has no cover", song.id())))?;
    Ok(Stored {
        content: picture.content,
        bytes: picture.bytes,
        read_bytes: READ_LIMIT_BYTES,
        media_type: picture.media_type.clone(),
        // An older recording that is found later may bring another cover.
        caching: A_DAY,
    })
}

fn not_allowed(route: Route, method: &Method) -> Result<Response<Body>> {
    let refusal = Error::invalid(format!("{method} is not answered here; {} are", route.allow()));
    let mut response = answer::refusal_with(StatusCode::METHOD_NOT_ALLOWED, &refusal);
    response.headers_mut().insert(header::ALLOW, HeaderValue::from_static(route.allow()));
    Ok(response)
}
