//! Records for tests.

use kadenza_api::{ContentId, Recording};

/// An unsigned recording under these names.
pub(crate) fn recording(title: &str, artist: &str, album: &str) -> Recording {
    Recording {
        time: 1,
        content: ContentId([1; 32]),
        bytes: 1,
        media_type: "audio/wav".into(),
        duration_ms: 1,
        bitrate: 1,
        title: title.into(),
        artist: artist.into(),
        album: album.into(),
        track: None,
        year: None,
        cover: None,
        uploader: String::new(),
        signature: String::new(),
    }
}
