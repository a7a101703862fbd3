//! Private rooms: what a room's link opens, how what a room stores is sealed, and how its members listen together.
//!
//! Nothing here but [`Room`] does I/O, reads a clock or draws random bytes: callers pass in what happened, when (time since the tab
//! started, on a monotonic clock), and random bytes where some are needed. All that comes from outside is bounded and
//! refused with an error that says what is wrong with it.

mod keys;
mod link;
mod live;
mod members;
mod name;
mod open;
mod record;
mod sealing;
mod session;
#[cfg(test)]
mod simulation;
mod throttle;
mod together;
mod wire;

/// Ids of a fixed length, as `kadenza-api` has them.
mod bytes_text {
    pub(crate) use kadenza_api::fixed_bytes;
}

pub use kadenza_api::NotBytes;
pub use keys::{BlindedSong, BlindedToken, RoomId, RoomKeys};
pub use link::{Link, LinkError, SECRET_CHARS, Secret};
pub use live::{Action, ActionError, Live, Output};
pub use members::{
    GONE_AFTER, HEARTBEAT, MEMBER_NAME_CHARS, MEMBERS_MAX, Member, MemberName, Members, REACTION_SHOWN,
    REACTIONS_MAX, Reacted, Reaction,
};
pub use name::{NameError, ROOM_NAME_CHARS};
pub use open::{Below, Changes, Room};
pub use record::{
    Audio, OpenError, RecordError, RecordId, RoomSong, SEALED_RECORD_BYTES, SealedContent, SealedFile,
    SealedRecord,
};
pub use sealing::{
    ContentKey, PLAIN_GROUP_BYTES, SEALED_GROUP_BYTES, Salt, SealingError, TAG_BYTES, groups_of,
    plain_bytes_of, plain_len, sealed_bytes_of, sealed_len,
};
pub use session::{Session, SessionError, SessionEvent};
pub use throttle::{Kind, Throttle, Throttled};
pub use together::{
    Conflict, Entry, LEAD, Op, Order, Place, Playback, Player, Position, QUEUE_ITEMS, QueueItem, QueueItemId,
    Reference, RoomClock, RoomTime, SharedState, Stamp, StateError, Steering, Step, Target, TimeAnswer,
    USER_OFFSET_MAX_US,
};
pub use wire::{
    Clear, FRAME_BYTES, Flood, HOPS_MAX, Message, NEIGHBOURS_MAX, News, PROTOCOL, STATE_OPS, WireError,
    take_frame,
};
