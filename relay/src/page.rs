//! The built page, inside the binary.

use std::collections::HashMap;
use std::fmt::Write as _;

use axum::body::Body;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode, header};
use sha2::{Digest, Sha256};

use crate::headers::policy;

/// One file of the page.
#[derive(Debug, Clone, Copy)]
pub struct File {
    /// Its path below the page's root.
    pub name: &'static str,
    /// Its bytes.
    pub plain: &'static [u8],
    /// Its bytes in brotli, where that is smaller.
    pub brotli: Option<&'static [u8]>,
}

/// The page this binary was built with; empty when it was built without one.
pub const BUILT: &[File] = include!(concat!(env!("OUT_DIR"), "/page.rs"));

/// What there is to see until a page is built.
const MISSING: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Kadenza</title>\
<h1>This relay was built without the page</h1><p>Its HTTP API works. For the page, run <code>cargo xtask run</code>, \
which builds both.</p></html>";

/// For files whose name changes with their bytes.
const FOREVER: &str = "public, max-age=31536000, immutable";
/// For all others: keep it, but ask whether it is still the same.
const ASK_AGAIN: &str = "no-cache";

/// Files by their path, ready to be served.
#[derive(Debug)]
pub struct Page {
    files: HashMap<&'static str, Ready>,
    policy: HeaderValue,
}

#[derive(Debug)]
struct Ready {
    file: File,
    entity_tag: String,
}

impl Page {
    /// The page of these files. Inline scripts and styles in its `index.html` are hashed here, so that the browser takes
    /// them and no others.
    ///
    /// # Errors
    /// When their hashes do not fit in a header.
    pub fn new(files: &[File]) -> Result<Self, header::InvalidHeaderValue> {
        let index = files.iter().find(|file| file.name == "index.html");
        let html = index.map(|file| String::from_utf8_lossy(file.plain)).unwrap_or_default();
        let hashes = |element| -> Vec<String> { inline(&html, element).into_iter().map(hash).collect() };
        let ready = |file: &File| (file.name, Ready { file: *file, entity_tag: entity_tag(file.plain) });
        Ok(Self {
            files: files.iter().map(ready).collect(),
            policy: policy(&hashes("script"), &hashes("style"))?,
        })
    }

    /// Answers a request for one of its files, with the content security policy that fits the page.
    pub fn answer<B>(&self, request: &Request<B>) -> Response {
        let mut response = self.file(request);
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, self.policy.clone());
        response
    }

    fn file<B>(&self, request: &Request<B>) -> Response {
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            let mut refusal = text(
                StatusCode::METHOD_NOT_ALLOWED,
                "text/plain; charset=utf-8",
                "only GET and HEAD are answered here\n",
            );
            refusal.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
            return refusal;
        }
        let name = request.uri().path().trim_start_matches('/');
        let name = if name.is_empty() { "index.html" } else { name };
        let response = match self.files.get(name) {
            Some(ready) => ready.answer(request.headers()),
            None if name == "index.html" => {
                text(StatusCode::SERVICE_UNAVAILABLE, "text/html; charset=utf-8", MISSING)
            }
            None => {
                text(StatusCode::NOT_FOUND, "text/plain; charset=utf-8", "there is nothing at this address\n")
            }
        };
        if request.method() == Method::HEAD { response.map(|_| Body::empty()) } else { response }
    }
}

impl Ready {
    fn answer(&self, request: &HeaderMap) -> Response {
        let small = self.file.brotli.filter(|_| takes_brotli(request));
        // A compressed file is another representation and has a tag of its own (RFC 9110, section 8.8.3).
        let tag = format!("\"{}{}\"", self.entity_tag, if small.is_some() { "-br" } else { "" });
        let known = request.get(header::IF_NONE_MATCH).and_then(|tags| tags.to_str().ok());
        let known = known
            .is_some_and(|tags| tags.split(',').any(|known| known.trim().trim_start_matches("W/") == tag));
        let bytes = if known { &[] } else { small.unwrap_or(self.file.plain) };
        let mut response = Response::new(Body::from(Bytes::from_static(bytes)));
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type(self.file.name)));
        headers.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
        let caching = if is_hashed(self.file.name) { FOREVER } else { ASK_AGAIN };
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
        if let Ok(tag) = HeaderValue::from_str(&tag) {
            headers.insert(header::ETAG, tag);
        }
        if small.is_some() && !known {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("br"));
        }
        if known {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
        } else {
            response.headers_mut().insert(header::CONTENT_LENGTH, bytes.len().into());
        }
        response
    }
}

fn text(status: StatusCode, media_type: &'static str, body: &'static str) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn entity_tag(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().take(16).fold(String::new(), |mut tag, byte| {
        // Writing to a string cannot fail.
        let _ = write!(tag, "{byte:02x}");
        tag
    })
}

fn takes_brotli(request: &HeaderMap) -> bool {
    let codings = request.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    codings.flat_map(|list| list.split(',')).any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
        let weight: f32 =
            weight.trim().strip_prefix("q=").and_then(|weight| weight.parse().ok()).unwrap_or(1.0);
        name.trim().eq_ignore_ascii_case("br") && weight > 0.0
    })
}

/// Whether a file's name holds a hash of its bytes, as trunk writes it: 16 hexadecimal digits after a dash.
fn is_hashed(name: &str) -> bool {
    name.split('-').skip(1).any(|part| {
        let digits = part.bytes().take_while(u8::is_ascii_hexdigit).count();
        digits == 16 && part[digits..].starts_with(['.', '_'])
    })
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "css" => "text/css; charset=utf-8",
        "html" => "text/html; charset=utf-8",
        "ico" => "image/x-icon",
        "jpg" | "jpeg" => "image/jpeg",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "json" | "map" => "application/json",
        "png" => "image/png",
        "svg" => "image/svg+xml",
        "txt" => "text/plain; charset=utf-8",
        "wasm" => "application/wasm",
        "webmanifest" => "application/manifest+json",
        "webp" => "image/webp",
        "woff2" => "font/woff2",
        _ => "application/octet-stream",
    }
}

/// The text of each `script` or `style` that stands in `html` itself.
fn inline<'a>(html: &'a str, element: &str) -> Vec<&'a str> {
    let (begins, ends) = (format!("<{element}"), format!("</{element}"));
    let texts = html.split(&begins).skip(1).filter_map(|rest| {
        let (attributes, rest) = rest.split_once('>')?;
        let (text, _) = rest.split_once(&ends)?;
        (!attributes.contains("src=")).then_some(text)
    });
    texts.collect()
}

/// What a script or a style is called in a policy (Content Security Policy Level 3, section 2.3.1).
fn hash(text: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILES: &[File] = &[
        File {
            name: "index.html",
            plain:
                b"<script src=\"a.js\"></script><script type=\"module\">alert(1)</script><style>p {}</style>",
            brotli: None,
        },
        File { name: "app-0123456789abcdef_bg.wasm", plain: b"\0asm plain", brotli: Some(b"small") },
        File { name: "service-worker.js", plain: b"// worker", brotli: None },
    ];

    fn get(path: &str, headers: &[(&str, &str)]) -> Response {
        let request =
            headers.iter().fold(Request::get(path), |request, (name, value)| request.header(*name, *value));
        Page::new(FILES).unwrap().answer(&request.body(()).unwrap())
    }

    #[test]
    fn only_the_pages_own_inline_scripts_and_styles_count() {
        let answer = Page::new(FILES).unwrap().answer(&Request::new(()));
        let policy = answer.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(
            policy.contains(
                "script-src 'self' 'wasm-unsafe-eval' 'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI=';"
            ),
            "{policy}"
        );
        assert!(
            policy.contains("style-src 'self' 'sha256-SNJDlN1Iy2mnt7DOjQIyDb2LQE6O5PQiSZomcdzawQ4=';"),
            "{policy}"
        );
        assert!(!policy.contains("unsafe-inline"));
    }

    #[test]
    fn what_has_a_hash_in_its_name_is_kept_forever_and_the_rest_asked_for_again() {
        assert_eq!(get("/app-0123456789abcdef_bg.wasm", &[]).headers()["cache-control"], FOREVER);
        for path in ["/", "/index.html", "/service-worker.js"] {
            assert_eq!(get(path, &[]).headers()["cache-control"], ASK_AGAIN, "{path}");
        }
    }

    #[test]
    fn brotli_is_sent_to_who_takes_it_under_a_tag_of_its_own() {
        let path = "/app-0123456789abcdef_bg.wasm";
        let small = get(path, &[("accept-encoding", "gzip, deflate, br")]);
        assert_eq!(
            (&small.headers()["content-encoding"], &small.headers()["content-length"]),
            (&"br".parse().unwrap(), &5.into())
        );
        assert_eq!(small.headers()["content-type"], "application/wasm");
        for encoding in ["gzip", "br;q=0", ""] {
            let plain = get(path, &[("accept-encoding", encoding)]);
            assert!(!plain.headers().contains_key("content-encoding"), "{encoding}");
            assert_ne!(plain.headers()["etag"], small.headers()["etag"]);
        }
    }

    #[test]
    fn a_file_the_browser_has_is_304() {
        let tag = get("/", &[]).headers()["etag"].clone();
        let again = get("/", &[("if-none-match", tag.to_str().unwrap())]);
        assert_eq!((again.status(), &again.headers()["etag"]), (StatusCode::NOT_MODIFIED, &tag));
    }

    #[test]
    fn other_paths_are_404_and_other_methods_405() {
        for path in ["/nothing", "/../Cargo.toml", "/etc/passwd", "/index.html/"] {
            assert_eq!(get(path, &[]).status(), StatusCode::NOT_FOUND, "{path}");
        }
        let post = Page::new(FILES).unwrap().answer(&Request::post("/").body(()).unwrap());
        assert_eq!(
            (post.status(), &post.headers()["allow"]),
            (StatusCode::METHOD_NOT_ALLOWED, &"GET, HEAD".parse().unwrap())
        );
    }

    #[test]
    fn without_a_page_it_says_how_to_build_one() {
        let response = Page::new(&[]).unwrap().answer(&Request::get("/").body(()).unwrap());
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    }
}
