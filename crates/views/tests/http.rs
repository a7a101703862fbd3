//! What a client sees: statuses, headers and bytes.

#![expect(clippy::unwrap_used, reason = "a test")]

mod shelf;

use std::sync::atomic::Ordering;

use bytes::Bytes;
use futures::executor::block_on;
use futures::{StreamExt, stream};
use http::{HeaderMap, Method, Request, Response, StatusCode};
use kadenza_api::{Body, ContentId, Error, Http, Song, SongId};
use kadenza_platform::boxed_stream;
use kadenza_views::{Config, Views};
use proptest::prelude::*;
use shelf::Shelf;

const LIMIT: u64 = 20_000;

fn views(shelf: &Shelf) -> Views<Shelf> {
    Views::new(shelf.clone(), Config { body_limit_bytes: LIMIT })
}

fn audio() -> Bytes {
    (0..5000u32).map(|n| n.to_le_bytes()[0] ^ n.to_le_bytes()[1]).collect()
}

fn with_a_song() -> (Shelf, Song) {
    let shelf = Shelf::default();
    let song = shelf.put("Sirens", audio(), Bytes::from_static(b"\x89PNG"));
    (shelf, song)
}

fn send(shelf: &Shelf, request: http::request::Builder, body: Body) -> Response<Body> {
    block_on(views(shelf).send(request.body(body).unwrap())).unwrap()
}

fn ask(
    shelf: &Shelf,
    method: &Method,
    path: &str,
    headers: &[(&str, &str)],
) -> (StatusCode, HeaderMap, Bytes) {
    let request =
        headers.iter().fold(Request::builder().method(method).uri(path), |r, (k, v)| r.header(*k, *v));
    let (head, body) = send(shelf, request, Body::empty()).into_parts();
    (head.status, head.headers, block_on(body.bytes(u64::MAX)).unwrap())
}

fn get(shelf: &Shelf, path: &str, headers: &[(&str, &str)]) -> (StatusCode, HeaderMap, Bytes) {
    ask(shelf, &Method::GET, path, headers)
}

fn post(shelf: &Shelf, path: &str, headers: &[(&str, &str)], body: Body) -> (StatusCode, serde_json::Value) {
    let request =
        headers.iter().fold(Request::builder().method("POST").uri(path), |r, (k, v)| r.header(*k, *v));
    let (head, body) = send(shelf, request, body).into_parts();
    (head.status, serde_json::from_slice(&block_on(body.bytes(u64::MAX)).unwrap()).unwrap())
}

fn listen(song: &Song) -> String {
    kadenza_api::http::listen_path(song.id(), None)
}

#[test]
fn a_song_plays_whole_without_a_range() {
    let (shelf, song) = with_a_song();
    let (status, headers, body) = get(&shelf, &listen(&song), &[]);
    assert_eq!((status, body), (StatusCode::OK, audio()));
    assert_eq!(headers["content-length"], "5000");
    assert_eq!(headers["content-type"], "audio/wav");
    assert_eq!(headers["accept-ranges"], "bytes");
    assert_eq!(headers["etag"], format!("\"{}\"", ContentId::of(&audio())));
    assert_eq!(headers["x-content-type-options"], "nosniff");
    assert!(headers["content-security-policy"].to_str().unwrap().contains("sandbox"));
}

#[test]
fn a_recording_that_is_described_in_full_plays_although_its_song_is_not_known_here() {
    let (shelf, song) = with_a_song();
    let unknown = SongId([7; 20]);
    let path =
        |kind: &str| format!("/listen/{unknown}?recording={}&bytes=5000&type={kind}", song.first().content);
    let (status, headers, body) = get(&shelf, &path("audio/flac"), &[("range", "bytes=4990-")]);
    assert_eq!((status, body), (StatusCode::PARTIAL_CONTENT, audio().slice(4990..)));
    assert_eq!(headers["content-type"], "audio/flac");
    assert_eq!(headers["content-range"], "bytes 4990-4999/5000");
    for kind in ["text/html", "audio/", "audio/a%0d%0ab", "image/svg%2Bxml"] {
        assert_eq!(get(&shelf, &path(kind), &[]).0, StatusCode::BAD_REQUEST, "{kind}");
    }
    let (status, ..) = get(&shelf, &format!("/listen/{unknown}?recording={}", song.first().content), &[]);
    assert_eq!(status, StatusCode::NOT_FOUND);
}

#[test]
fn who_only_peeks_never_reads_much_at_once() {
    let shelf = Shelf::default();
    let long = Bytes::from(vec![7; 600_000]);
    let song = shelf.put("Long", long.clone(), Bytes::new());
    let longest = |path: String| {
        shelf.longest.store(0, Ordering::Relaxed);
        assert_eq!(get(&shelf, &path, &[]).2, long);
        shelf.longest.load(Ordering::Relaxed)
    };
    assert_eq!(longest(format!("{}?peek=true", listen(&song))), 256 * 1024);
    assert_eq!(longest(listen(&song)), 600_000);
}

#[test]
fn head_says_what_get_would_without_the_bytes() {
    let (shelf, song) = with_a_song();
    for path in
        [listen(&song), kadenza_api::http::cover_path(song.id()), "/api/songs?q=".into(), "/healthz".into()]
    {
        let (status, headers, body) = ask(&shelf, &Method::HEAD, &path, &[]);
        let (get_status, get_headers, get_body) = get(&shelf, &path, &[]);
        assert_eq!((status, headers), (get_status, get_headers), "{path}");
        assert!(body.is_empty() && !get_body.is_empty());
    }
}

#[test]
fn a_range_past_the_end_is_416_and_names_the_length() {
    let (shelf, song) = with_a_song();
    let (status, headers, body) = get(&shelf, &listen(&song), &[("range", "bytes=9999999999-")]);
    assert_eq!(status, StatusCode::RANGE_NOT_SATISFIABLE);
    assert_eq!(headers["content-range"], "bytes */5000");
    assert!(matches!(serde_json::from_slice(&body).unwrap(), Error::Invalid { .. }));
}

#[test]
fn what_the_client_has_already_is_304() {
    let (shelf, song) = with_a_song();
    let tag = format!("\"{}\"", song.first().content);
    let (status, headers, body) = get(&shelf, &listen(&song), &[("if-none-match", &tag)]);
    assert_eq!((status, body), (StatusCode::NOT_MODIFIED, Bytes::new()));
    assert_eq!(headers["etag"], tag);
}

#[test]
fn a_range_of_a_song_that_has_changed_brings_all_of_it() {
    let (shelf, song) = with_a_song();
    let tag = format!("\"{}\"", song.first().content);
    let with = |tag| get(&shelf, &listen(&song), &[("range", "bytes=0-9"), ("if-range", tag)]).0;
    assert_eq!(with(&tag), StatusCode::PARTIAL_CONTENT);
    assert_eq!(with("\"older\""), StatusCode::OK);
}

#[test]
fn the_next_bytes_are_read_only_when_they_are_asked_for() {
    let (shelf, song) = with_a_song();
    let request = Request::get(listen(&song));
    let mut body = send(&shelf, request, Body::empty()).into_body().into_stream();
    assert_eq!(shelf.reads.load(Ordering::Relaxed), 1);
    block_on(body.next()).unwrap().unwrap();
    assert_eq!(shelf.reads.load(Ordering::Relaxed), 1);
    block_on(body.next()).unwrap().unwrap();
    assert_eq!(shelf.reads.load(Ordering::Relaxed), 2);
}

#[test]
fn bytes_that_cannot_be_had_are_a_status_at_first_and_a_broken_stream_later() {
    let (shelf, song) = with_a_song();
    let at_once = shelf.that_breaks(0);
    assert_eq!(get(&at_once, &listen(&song), &[]).0, StatusCode::SERVICE_UNAVAILABLE);
    let later = shelf.that_breaks(2);
    let response = send(&later, Request::get(listen(&song)), Body::empty());
    assert_eq!(response.status(), StatusCode::OK);
    assert!(matches!(block_on(response.into_body().bytes(LIMIT)), Err(Error::Unavailable { .. })));
}

#[test]
fn content_and_cover_are_served_by_id() {
    let (shelf, song) = with_a_song();
    let path = kadenza_api::http::content_path(song.first().content, 5000);
    let (status, headers, body) = get(&shelf, &path, &[("range", "bytes=10-19")]);
    assert_eq!((status, body), (StatusCode::PARTIAL_CONTENT, audio().slice(10..20)));
    assert!(headers["cache-control"].to_str().unwrap().contains("immutable"));
    let (_, headers, body) = get(&shelf, &kadenza_api::http::cover_path(song.id()), &[]);
    assert_eq!((&headers["content-type"], &body[..]), (&"image/png".parse().unwrap(), &b"\x89PNG"[..]));
    let unsized_path = format!("/api/content/{}", song.first().content);
    assert_eq!(get(&shelf, &unsized_path, &[]).0, StatusCode::BAD_REQUEST);
}

#[test]
fn wrong_addresses_and_methods_have_their_statuses() {
    let (shelf, song) = with_a_song();
    let unknown = kadenza_api::http::song_path(SongId([7; 20]));
    let other = kadenza_api::http::listen_path(song.id(), Some(ContentId([7; 32])));
    for (path, status) in [
        ("/listen/../../etc/passwd", StatusCode::NOT_FOUND),
        ("/listen/passwd", StatusCode::BAD_REQUEST),
        ("/api/songs/12", StatusCode::BAD_REQUEST),
        ("/api/songs?limit=x", StatusCode::BAD_REQUEST),
        ("/nowhere", StatusCode::NOT_FOUND),
        (&unknown, StatusCode::NOT_FOUND),
        (&other, StatusCode::NOT_FOUND),
    ] {
        let (got, headers, body) = get(&shelf, path, &[]);
        assert_eq!(got, status, "{path}");
        assert_eq!(headers["cache-control"], "no-store");
        assert_eq!(headers["content-type"], "application/json");
        assert!(!serde_json::from_slice::<Error>(&body).unwrap().to_string().is_empty());
    }
    let (status, headers, _) = ask(&shelf, &Method::DELETE, "/api/songs", &[]);
    assert_eq!(
        (status, &headers["allow"]),
        (StatusCode::METHOD_NOT_ALLOWED, &"GET, HEAD, POST".parse().unwrap())
    );
}

#[test]
fn an_upload_is_201_and_the_same_again_200() {
    let shelf = Shelf::default();
    let upload = || post(&shelf, "/api/songs?name=a.wav&title=S%C3%AD", &[], audio().into());
    let (status, json) = upload();
    assert_eq!((status, &json["outcome"]), (StatusCode::CREATED, &"new-song".into()));
    assert_eq!(json["song"]["title"], "Sí");
    assert_eq!(upload().0, StatusCode::OK);
}

#[test]
fn an_upload_past_the_limit_is_refused_unread() {
    let shelf = Shelf::default();
    let unread = boxed_stream(stream::poll_fn(|_| panic!("the body was read")));
    let (status, json) =
        post(&shelf, "/api/songs?name=a", &[("content-length", "300000000")], Body::new(None, unread));
    assert_eq!((status, &json["code"]), (StatusCode::PAYLOAD_TOO_LARGE, &"too-large".into()));
    let endless = boxed_stream(stream::repeat_with(|| Ok(Bytes::from(vec![0; 1000]))));
    assert_eq!(
        post(&shelf, "/api/songs?name=a", &[], Body::new(None, endless)).0,
        StatusCode::PAYLOAD_TOO_LARGE
    );
    assert_eq!(shelf.contents(), 0);
}

#[test]
fn an_upload_that_breaks_its_promise_is_400_and_leaves_nothing() {
    let shelf = Shelf::default();
    let chunks =
        |chunks: Vec<kadenza_api::Result<Bytes>>| Body::new(None, boxed_stream(stream::iter(chunks)));
    for promise in ["4999", "5001", "-1", "many"] {
        let body = chunks(vec![Ok(audio())]);
        assert_eq!(
            post(&shelf, "/api/songs?name=a", &[("content-length", promise)], body).0,
            StatusCode::BAD_REQUEST,
            "{promise}"
        );
    }
    let broken = chunks(vec![Ok(audio()), Err(Error::unavailable("reset"))]);
    assert_eq!(post(&shelf, "/api/songs?name=a", &[], broken).0, StatusCode::BAD_REQUEST);
    assert_eq!(shelf.contents(), 0);
}

fn form(parts: &[(&str, &str)]) -> Body {
    let part = |(head, content): &(&str, &str)| {
        format!("--XX\r\nContent-Disposition: form-data; {head}\r\n\r\n{content}\r\n")
    };
    let text: String = parts.iter().map(part).collect::<String>() + "--XX--\r\n";
    // Byte by byte, so that boundaries are split in every way.
    let bytes: Vec<_> = text.into_bytes().into_iter().map(|byte| Ok(Bytes::from(vec![byte]))).collect();
    Body::new(None, boxed_stream(stream::iter(bytes)))
}

const FORM: &[(&str, &str)] = &[("content-type", "multipart/form-data; boundary=XX")];

#[test]
fn a_form_brings_its_fields_and_its_file() {
    let shelf = Shelf::default();
    let parts = [("name=\"title\"", "Crème"), ("name=\"file\"; filename=\"b.wav\"", "RIFF\r\n--X not yet")];
    let (status, json) = post(&shelf, "/api/songs", FORM, form(&parts));
    assert_eq!((status, &json["song"]["title"]), (StatusCode::CREATED, &"Crème".into()));
    assert_eq!(json["recording"]["bytes"], 17);
}

#[test]
fn a_form_that_is_not_one_file_after_its_fields_is_refused() {
    let shelf = Shelf::default();
    let file = ("name=\"file\"; filename=\"b.wav\"", "RIFF");
    for (parts, said) in [
        (vec![("name=\"title\"", "A")], "no file"),
        (vec![file, ("name=\"title\"", "A")], "before"),
        (vec![file, file], "one file"),
        (vec![("name=\"titel\"", "A"), file], "titel"),
    ] {
        let (status, json) = post(&shelf, "/api/songs", FORM, form(&parts));
        assert_eq!(status, StatusCode::BAD_REQUEST, "{said}");
        assert!(json["message"].as_str().unwrap().contains(said), "{json}");
    }
    let cut = Body::from(Bytes::from_static(
        b"--XX\r\nContent-Disposition: form-data; name=\"f\"; filename=\"b\"\r\n\r\nRI",
    ));
    assert_eq!(post(&shelf, "/api/songs", FORM, cut).0, StatusCode::BAD_REQUEST);
    assert_eq!(shelf.contents(), 0);
}

#[test]
fn a_form_with_an_endless_file_or_field_is_cut() {
    let shelf = Shelf::default();
    let long = "x".repeat(70_000);
    for part in [("name=\"title\"", &*long), ("name=\"f\"; filename=\"b\"", &long[..20_001])] {
        let (status, _) = post(&shelf, "/api/songs", FORM, form(&[part]));
        assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE, "{}", part.0);
    }
    assert_eq!(shelf.contents(), 0);
}

proptest! {
    #[test]
    fn every_range_brings_exactly_its_slice(first in 0usize..6000, last in 0usize..6000) {
        let (shelf, song) = with_a_song();
        let (status, headers, body) = get(&shelf, &listen(&song), &[("range", &format!("bytes={first}-{last}"))]);
        let whole = audio();
        if last < first {
            prop_assert_eq!((status, body), (StatusCode::OK, whole));
        } else if first >= whole.len() {
            prop_assert_eq!(status, StatusCode::RANGE_NOT_SATISFIABLE);
        } else {
            let end = whole.len().min(last + 1);
            prop_assert_eq!(status, StatusCode::PARTIAL_CONTENT);
            prop_assert_eq!(&headers["content-range"], &format!("bytes {first}-{}/5000", end - 1));
            prop_assert_eq!(&headers["content-length"], &(end - first).to_string());
            prop_assert_eq!(body, whole.slice(first..end));
        }
    }

    #[test]
    fn no_form_makes_it_panic(bytes: Vec<u8>, boundary in "[a-zA-Z]{1,5}") {
        let content_type = format!("multipart/form-data; boundary={boundary}");
        post(&Shelf::default(), "/api/songs", &[("content-type", &content_type)], Bytes::from(bytes).into());
    }
}
