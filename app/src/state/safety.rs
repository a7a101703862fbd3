//! Where copies of a song are, while somebody looks at that.

use std::rc::Rc;

use kadenza_api::{Copies, Result, Song};

/// The song, and what is known.
#[derive(Debug, Clone, PartialEq)]
pub struct Safety {
    /// The song.
    pub song: Rc<Song>,
    /// Where copies of its first recording are, or why that is not known; nothing before there is an answer.
    pub copies: Option<Result<Copies>>,
}

impl Safety {
    /// Nothing is known yet.
    pub fn of(song: Rc<Song>) -> Self {
        Self { song, copies: None }
    }
}
