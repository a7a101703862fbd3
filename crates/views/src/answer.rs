//! Answers in JSON, and errors as HTTP has them.

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use kadenza_api::{Body, Error, Result};
use serde::Serialize;

/// The status that says the same as `error`.
pub(crate) fn status(error: &Error) -> StatusCode {
    match error {
        Error::NotFound { .. } => StatusCode::NOT_FOUND,
        Error::Invalid { .. } => StatusCode::BAD_REQUEST,
        Error::NeedsTags { .. } => StatusCode::UNPROCESSABLE_ENTITY,
        Error::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
        Error::Unavailable { .. } => StatusCode::SERVICE_UNAVAILABLE,
        Error::Storage { .. } => StatusCode::INSUFFICIENT_STORAGE,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// `value` as a JSON response.
///
/// # Errors
/// [`Error::Invalid`] when it has no JSON form.
pub(crate) fn json(status: StatusCode, value: &impl Serialize) -> Result<Response<Body>> {
    let text = serde_json::to_vec(value)
        .map_err(|error| Error::invalid(format!("an answer without a JSON form: {error}")))?;
    Ok(response(status, "application/json", Bytes::from(text)))
}

/// `error` as a JSON response with the fitting status.
pub(crate) fn refusal(error: &Error) -> Response<Body> {
    refusal_with(status(error), error)
}

/// `error` as a JSON response with a status HTTP has a narrower one for.
pub(crate) fn refusal_with(status: StatusCode, error: &Error) -> Response<Body> {
    json(status, error).unwrap_or_else(|_| response(status, "text/plain", Bytes::from(error.to_string())))
}

fn response(status: StatusCode, media_type: &'static str, body: Bytes) -> Response<Body> {
    let length = body.len() as u64;
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(header::CONTENT_LENGTH, length.into());
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
