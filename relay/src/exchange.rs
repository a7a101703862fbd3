//! Between the listener's bodies and the interface's: both streams, neither ever held whole.

use std::time::Duration;

use axum::body::BodyDataStream;
use axum::response::Response;
use bytes::Bytes;
use futures::{StreamExt, stream};
use http::{Request, header};
use http_body::Body as _;
use kadenza_api::{Body, Error, Result};
use kadenza_platform::{boxed_stream, timeout};

/// How long an upload may stand still before it counts as broken off.
const STALL_TIMEOUT: Duration = Duration::from_secs(60);

/// How long the rest of a refused upload is thrown away as it comes. A connection closed on unread bytes is
/// reset, and the client would never see why it was refused.
const LINGER: Duration = Duration::from_secs(5);

/// A request as the node reads it. A client that hangs up, or stands still, ends its body with an error.
pub(crate) fn request(request: Request<axum::body::Body>) -> Request<Body> {
    // Who asks before sending a body has not sent one, and is not to be told to.
    let lingers = !request.headers().contains_key(header::EXPECT);
    request.map(|body| {
        let len = body.size_hint().exact();
        let incoming = Incoming { chunks: Some(body.into_data_stream()), lingers };
        let chunks = stream::try_unfold(incoming, |mut incoming| async move {
            Ok(incoming.next().await?.map(|chunk| (chunk, incoming)))
        });
        Body::new(len, boxed_stream(chunks))
    })
}

/// The node's answer as the listener sends it.
pub(crate) fn response(response: http::Response<Body>) -> Response {
    response.map(|body| {
        if body.is_empty() {
            axum::body::Body::empty()
        } else {
            axum::body::Body::from_stream(body.into_stream())
        }
    })
}

/// A request's body on its way in.
struct Incoming {
    /// What is still to come; nothing after the end or an error.
    chunks: Option<BodyDataStream>,
    lingers: bool,
}

impl Incoming {
    async fn next(&mut self) -> Result<Option<Bytes>> {
        let Some(mut chunks) = self.chunks.take() else { return Ok(None) };
        match timeout(STALL_TIMEOUT, chunks.next()).await {
            Ok(None) => Ok(None),
            Ok(Some(Ok(chunk))) => {
                self.chunks = Some(chunks);
                Ok(Some(chunk))
            }
            Ok(Some(Err(error))) => Err(Error::unavailable(format!("the client hung up: {error}"))),
            Err(_) => {
                Err(Error::unavailable(format!("the client was silent for {} s", STALL_TIMEOUT.as_secs())))
            }
        }
    }
}

impl Drop for Incoming {
    fn drop(&mut self) {
        if let Some(chunks) = self.chunks.take().filter(|_| self.lingers) {
            kadenza_platform::spawn(async move {
                // However it ends, nobody waits for these bytes.
                let _ = timeout(LINGER, chunks.for_each(|_| async {})).await;
            });
        }
    }
}
