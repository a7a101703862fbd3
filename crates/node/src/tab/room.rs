//! The room a tab is in: while it is in one, the room is its library, and what the page's own elements ask for is answered by it.

use std::cell::RefCell;
use std::rc::Rc;

use kadenza_api::{Body, Http, Result};
use kadenza_room::{Link, MemberName, Room};
use kadenza_views::{self as views, Views};

use super::{FILE_LIMIT_BYTES, Peer};

/// A room this tab is in.
pub type TabRoom = Room<Peer>;

/// The room of a tab, if it is in one. Cloning gives another handle to the same place.
#[derive(Debug, Clone, Default)]
pub(super) struct Place(Rc<RefCell<Option<Open>>>);

/// A room, and what answers requests for it.
#[derive(Debug, Clone)]
struct Open {
    room: TabRoom,
    views: Views<TabRoom>,
}

impl Place {
    /// Goes into a room, out of the one before.
    pub(super) async fn enter(&self, peer: Peer, link: Link, name: MemberName) -> Result<TabRoom> {
        let room = Room::open(peer, link, name)?;
        let views = Views::new(room.clone(), views::Config { body_limit_bytes: FILE_LIMIT_BYTES });
        // In one step: in between, what is uploaded would go to the public library.
        self.exchange(Some(Open { room: room.clone(), views })).await;
        Ok(room)
    }

    /// Goes out of the room.
    pub(super) async fn leave(&self) {
        self.exchange(None).await;
    }

    async fn exchange(&self, next: Option<Open>) {
        let before = self.0.replace(next);
        if let Some(Open { room, .. }) = before {
            room.leave().await;
        }
    }

    /// The room, if there is one.
    pub(super) fn room(&self) -> Option<TabRoom> {
        self.0.borrow().as_ref().map(|open| open.room.clone())
    }

    /// The room's answer to a request, if there is a room.
    pub(super) async fn send(
        &self,
        request: http::Request<Body>,
    ) -> std::result::Result<Result<http::Response<Body>>, http::Request<Body>> {
        let views = self.0.borrow().as_ref().map(|open| open.views.clone());
        match views {
            Some(views) => Ok(views.send(request).await),
            None => Err(request),
        }
    }
}
