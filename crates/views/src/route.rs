//! What a path names.

use http::Method;
use kadenza_api::http::{CONTENTS, COVERS, LISTEN, NETWORK, NODE, SONGS};
use kadenza_api::{ContentId, Error, Result, SongId};

/// Whether the node is alive, for whoever watches over it.
const HEALTH: &str = "/healthz";

/// A place in the URL space.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Route {
    Songs,
    Song(SongId),
    Cover(SongId),
    Listen(SongId),
    Content(ContentId),
    Network,
    Node,
    Health,
}

impl Route {
    /// What `path` names.
    ///
    /// # Errors
    /// [`Error::NotFound`] where nothing is, [`Error::Invalid`] where the id in it is not one.
    pub(crate) fn of(path: &str) -> Result<Self> {
        match path {
            SONGS => return Ok(Self::Songs),
            NETWORK => return Ok(Self::Network),
            NODE => return Ok(Self::Node),
            HEALTH => return Ok(Self::Health),
            _ => {}
        }
        let id = |folder| {
            path.strip_prefix(folder)?.strip_prefix('/').filter(|id| !id.is_empty() && !id.contains('/'))
        };
        if let Some(id) = id(SONGS) {
            Ok(Self::Song(id.parse()?))
        } else if let Some(id) = id(COVERS) {
            Ok(Self::Cover(id.parse()?))
        } else if let Some(id) = id(LISTEN) {
            Ok(Self::Listen(id.parse()?))
        } else if let Some(id) = id(CONTENTS) {
            Ok(Self::Content(id.parse()?))
        } else {
            Err(Error::not_found("there is nothing at this address"))
        }
    }

    /// The methods it answers, as the `Allow` header lists them.
    pub(crate) fn allow(self) -> &'static str {
        match self {
            Self::Songs => "GET, HEAD, POST",
            _ => "GET, HEAD",
        }
    }

    /// Whether it answers `method`.
    pub(crate) fn allows(self, method: &Method) -> bool {
        self.allow().split(", ").any(|allowed| allowed == method.as_str())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_path_out_of_the_listen_folder_names_nothing() {
        for path in [
            "/listen/../../etc/passwd",
            "/listen/..%2f..%2fetc%2fpasswd/",
            "/listen/",
            "/listen",
            "//listen",
            "/api",
            "/",
        ] {
            assert!(matches!(Route::of(path), Err(Error::NotFound { .. })), "{path}");
        }
    }

    #[test]
    fn an_id_that_is_none_is_refused() {
        for path in
            ["/listen/..", "/listen/%2e%2e%2fpasswd", "/api/songs/12", "/api/cover/zz", "/api/content/00"]
        {
            assert!(matches!(Route::of(path), Err(Error::Invalid { .. })), "{path}");
        }
    }

    proptest! {
        #[test]
        fn every_path_the_interface_writes_is_read_back(song: [u8; 20], content: [u8; 32]) {
            let (song, content) = (SongId(song), ContentId(content));
            prop_assert_eq!(Route::of(&kadenza_api::http::song_path(song)).unwrap(), Route::Song(song));
            prop_assert_eq!(Route::of(&kadenza_api::http::cover_path(song)).unwrap(), Route::Cover(song));
            prop_assert_eq!(Route::of(&kadenza_api::http::listen_path(song, None)).unwrap(), Route::Listen(song));
            let path: http::Uri = kadenza_api::http::content_path(content, 1).parse().unwrap();
            prop_assert_eq!(Route::of(path.path()).unwrap(), Route::Content(content));
        }

        #[test]
        fn no_path_makes_it_panic(path in ".*") {
            let _ = Route::of(&path);
        }
    }
}
