//! Why something did not work, as data. What is said of it is worded where it is shown.

use kadenza_api::Error;
use kadenza_node::room::{ActionError, LinkError, NameError};

/// Why a song does not play.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PlaybackError {
    /// This browser plays no audio of its kind.
    Unplayable {
        /// The kind.
        media_type: String,
    },
    /// The browser cannot make sense of it.
    Damaged,
    /// It no longer arrives.
    Stopped,
    /// It never began to arrive, or the browser does not take it.
    NotLoaded,
    /// It had to be fetched as a whole before, and was not.
    NotFetched(Error),
}

/// Why something was not done in a room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// The page is not in the room yet.
    NotOpen,
    /// The page's peer does not run yet.
    JustStarted,
    /// The song is in the public library already.
    PublicAlready,
    /// The browser gives out no random numbers.
    NoRandomness,
    /// A name cannot be one.
    Name(NameError),
    /// The room's link is damaged.
    Link(LinkError),
    /// The room has no place for it now.
    Action(ActionError),
    /// A layer below refused.
    Failed(Error),
}

impl From<NameError> for Refusal {
    fn from(error: NameError) -> Self {
        Self::Name(error)
    }
}

impl From<LinkError> for Refusal {
    fn from(error: LinkError) -> Self {
        match error {
            LinkError::Name(error) => Self::Name(error),
            error => Self::Link(error),
        }
    }
}

impl From<ActionError> for Refusal {
    fn from(error: ActionError) -> Self {
        Self::Action(error)
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}
