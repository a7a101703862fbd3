//! Whether the asker has it already: entity tags (RFC 9110, section 13).

use http::{HeaderMap, header};
use kadenza_api::ContentId;

/// The strong entity tag of a content: its id, which is a hash of the bytes.
pub(crate) fn entity_tag(content: ContentId) -> String {
    format!("\"{content}\"")
}

/// Whether `If-None-Match` says that the asker holds this representation.
pub(crate) fn not_modified(headers: &HeaderMap, entity_tag: &str) -> bool {
    let tags = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    tags.flat_map(|list| list.split(',')).map(str::trim).any(|tag| {
        // Weak comparison: a shared cache may have weakened our tag (section 13.1.2).
        tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == entity_tag
    })
}

/// The `Range` header, unless `If-Range` says that the asker's other bytes are of something else.
pub(crate) fn range<'a>(headers: &'a HeaderMap, entity_tag: &str) -> Option<&'a str> {
    let unchanged = headers.get(header::IF_RANGE).is_none_or(|tag| tag.as_bytes() == entity_tag.as_bytes());
    headers.get(header::RANGE).filter(|_| unchanged)?.to_str().ok()
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn headers(name: header::HeaderName, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([
            (name, HeaderValue::from_static(value)),
            (header::RANGE, HeaderValue::from_static("bytes=1-2")),
        ])
    }

    #[test]
    fn a_tag_in_a_list_matches_weak_or_strong() {
        for list in ["\"a\"", "W/\"a\"", "\"b\", \"a\"", "*"] {
            assert!(not_modified(&headers(header::IF_NONE_MATCH, list), "\"a\""), "{list}");
        }
        for list in ["", "a", "\"b\"", "\"ab\""] {
            assert!(!not_modified(&headers(header::IF_NONE_MATCH, list), "\"a\""), "{list}");
        }
    }

    #[test]
    fn a_range_of_something_older_is_ignored() {
        assert_eq!(range(&headers(header::IF_RANGE, "\"a\""), "\"a\""), Some("bytes=1-2"));
        for other in ["\"b\"", "W/\"a\"", "Wed, 21 Oct 2015 07:28:00 GMT"] {
            assert_eq!(range(&headers(header::IF_RANGE, other), "\"a\""), None, "{other}");
        }
    }
}
