//! Places where peers meet that know a name for them: what a room's members find each other by.

use std::fmt;

use futures::{AsyncRead, AsyncWrite};
use kadenza_platform::{BoxStream, MaybeSend};

/// The name of a place: 32 bytes that only those who belong there can know. It tells nothing else.
pub type Place = [u8; 32];

/// A two-way stream of bytes.
pub trait Duplex: AsyncRead + AsyncWrite + Unpin + Send {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send> Duplex for T {}

/// Somebody who came to the same place, or claims to: whether they belong there is for those who meet to find out.
pub struct Guest {
    /// The bytes of their peer id. The stream is theirs: the connection below it is authenticated.
    pub peer: Vec<u8>,
    /// Whether this node opened the stream.
    pub opened_here: bool,
    /// What is said between the two.
    pub stream: Box<dyn Duplex>,
}

impl fmt::Debug for Guest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guest").field("opened_here", &self.opened_here).finish_non_exhaustive()
    }
}

/// A node that can go to places.
pub trait Meet: MaybeSend + 'static {
    /// The bytes of this node's own peer id.
    fn this(&self) -> Vec<u8>;

    /// Goes to a place and stays there until the stream is dropped. Guests come as they are found, again after
    /// their stream has ended.
    fn meet(&self, place: Place) -> BoxStream<Guest>;
}
