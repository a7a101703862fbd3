//! The songs of a list by album or by artist.

use std::collections::BTreeMap;
use std::rc::Rc;

use kadenza_api::{Song, fold};

/// How the library is looked at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum View {
    /// Song by song.
    #[default]
    Songs,
    /// Album by album.
    Albums,
    /// Artist by artist.
    Artists,
}

/// Songs that belong together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// The album or artist, as the first of its songs has it; empty for songs that name none.
    pub name: String,
    /// Who plays on an album, where it is one artist.
    pub artist: Option<String>,
    /// The songs: an album's by its tracks, an artist's by album and track.
    pub songs: Vec<Rc<Song>>,
}

impl View {
    /// The groups of `songs`, by name; those without one last. There are none where the view is song by song.
    pub fn groups(self, songs: &[Rc<Song>]) -> Vec<Group> {
        let mut groups = BTreeMap::<(bool, String), Group>::new();
        for song in songs {
            let Some(name) = self.name(song) else { continue };
            let of_name = || Group { name: name.to_owned(), artist: None, songs: Vec::new() };
            groups.entry((name.is_empty(), fold(name))).or_insert_with(of_name).songs.push(song.clone());
        }
        groups.into_values().map(|group| group.in_order(self)).collect()
    }

    /// The name of a song's group; none where the view is song by song.
    fn name(self, song: &Song) -> Option<&str> {
        match self {
            Self::Songs => None,
            Self::Albums => Some(song.album()),
            Self::Artists => Some(song.artist()),
        }
    }

    /// The group that is called `name` in this view.
    pub fn group(self, songs: &[Rc<Song>], name: &str) -> Option<Group> {
        let wanted = fold(name);
        let is_of_it = |song: &&Rc<Song>| self.name(song).is_some_and(|name| fold(name) == wanted);
        let songs: Vec<_> = songs.iter().filter(is_of_it).cloned().collect();
        self.groups(&songs).pop()
    }
}

impl Group {
    fn in_order(mut self, view: View) -> Self {
        self.songs.sort_by_cached_key(|song| {
            let album = if view == View::Artists { fold(song.album()) } else { String::new() };
            (album, song.first().track.unwrap_or(u32::MAX), fold(song.title()))
        });
        let artist = self.songs.first().map(|song| song.artist());
        let is_one = |artist: &&str| self.songs.iter().all(|song| fold(song.artist()) == fold(artist));
        self.artist = artist.filter(is_one).map(str::to_owned);
        self
    }
}

#[cfg(test)]
mod tests {
    use kadenza_api::{ContentId, Recording};
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    fn song(title: &str, artist: &str, album: &str, track: Option<u32>) -> Rc<Song> {
        let recording = Recording {
            time: 0,
            content: ContentId::of(title.as_bytes()),
            bytes: 1,
            media_type: "audio/wav".into(),
            duration_ms: 60_000,
            bitrate: 128,
            title: title.into(),
            artist: artist.into(),
            album: album.into(),
            track,
            year: None,
            cover: None,
            uploader: String::new(),
            signature: String::new(),
        };
        Rc::new(Song::new(vec![recording]).unwrap())
    }

    #[wasm_bindgen_test]
    fn an_album_has_its_songs_by_track_and_songs_without_one_come_last() {
        let songs = [
            song("Third", "Ada", "Coast", None),
            song("Loose", "Eve", "", None),
            song("Second", "Ada", "coast", Some(2)),
            song("First", "Ada", "Coast", Some(1)),
            song("Guest", "Bob", "Atlas", Some(1)),
            song("Host", "Ada", "Atlas", Some(2)),
        ];
        let albums = View::Albums.groups(&songs);
        let shown: Vec<_> = albums
            .iter()
            .map(|group| {
                (&*group.name, group.artist.as_deref(), group.songs.iter().map(|song| song.title()).collect())
            })
            .collect();
        let expected: [(_, _, Vec<_>); 3] = [
            ("Atlas", None, vec!["Guest", "Host"]),
            ("Coast", Some("Ada"), vec!["First", "Second", "Third"]),
            ("", Some("Eve"), vec!["Loose"]),
        ];
        assert_eq!(shown, expected);
        assert_eq!(View::Artists.group(&songs, "ADA").unwrap().songs.len(), 4);
        assert_eq!(View::Songs.groups(&songs), []);
    }
}
