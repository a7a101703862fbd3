//! Headers every response carries, so that nothing a stranger uploaded can act in the page's name.

use axum::response::Response;
use http::{HeaderName, HeaderValue, header};

/// For all responses.
const ALWAYS: [(HeaderName, &str); 4] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    ),
];

/// The content security policy of what is no page: nothing in it does anything.
const INERT: &str = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// For what other sites' pages may read too: songs are public.
const SHARED: [(HeaderName, &str); 2] = [
    (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
    (header::ACCESS_CONTROL_EXPOSE_HEADERS, "Accept-Ranges, Content-Length, Content-Range, ETag"),
];

/// Adds the headers of every response. A content security policy that is there already stays.
pub(crate) fn secure(response: &mut Response) {
    let headers = response.headers_mut();
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(HeaderValue::from_static(INERT));
    for (name, value) in ALWAYS {
        headers.insert(name, HeaderValue::from_static(value));
    }
}

/// Lets pages of other sites read `response`.
pub(crate) fn share(response: &mut Response) {
    for (name, value) in SHARED {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
}

/// The content security policy of a page whose inline scripts and styles have these hashes (`sha256-…`).
///
/// # Errors
/// When a hash does not fit in a header.
pub(crate) fn policy(
    scripts: &[String],
    styles: &[String],
) -> Result<HeaderValue, http::header::InvalidHeaderValue> {
    let listed = |hashes: &[String]| hashes.iter().map(|hash| format!(" '{hash}'")).collect::<String>();
    let (scripts, styles) = (listed(scripts), listed(styles));
    HeaderValue::from_str(&format!(
        "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'{scripts}; style-src 'self'{styles}; \
         img-src 'self' blob: data:; media-src 'self' blob:; connect-src 'self' ws: wss:; worker-src 'self'; \
         manifest-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ))
}
