//! A room a peer is in.

use futures::stream::unfold;
use js_sys::{Function, Promise};
use kadenza_api::{Error, Recording, SongId};
use kadenza_node::room::{
    Action, ActionError, Live, MemberName, Place, QueueItemId, Reacted, Reaction, Target,
};
use kadenza_node::tab::{Tab, TabRoom};
use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::future_to_promise;
use web_sys::{AbortSignal, Blob};

use crate::call::{Answer, promise};
use crate::data::{argument, object, thrown, wrong};
use crate::news::tell_each;
use crate::verbs;

/// A room a peer is in: [`TabRoom`].
#[wasm_bindgen]
#[derive(Debug)]
pub struct Room {
    room: TabRoom,
    tab: Tab,
}

/// What a member does, from JavaScript.
#[derive(Deserialize)]
#[serde(tag = "does", rename_all = "kebab-case")]
enum Deed {
    Add { item: QueueItemId, song: SongId, after: Option<QueueItemId> },
    Move { item: QueueItemId, after: Option<QueueItemId> },
    Remove { item: QueueItemId },
    Play { item: QueueItemId },
    Skip { item: QueueItemId },
    Pause,
    Resume,
    Seek { milliseconds: u64 },
    React { emoji: String },
}

/// A room as it is now, for JavaScript.
#[derive(Serialize)]
struct RoomView {
    members: Vec<MemberView>,
    queue: Vec<ItemView>,
    playback: Option<PlaybackView>,
}

#[derive(Serialize)]
struct MemberView {
    peer: String,
    name: String,
    me: bool,
    reactions: Vec<&'static str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ItemView {
    id: QueueItemId,
    song: SongId,
    added_by: String,
}

#[derive(Serialize)]
struct PlaybackView {
    item: QueueItemId,
    playing: bool,
    /// In seconds.
    position: f64,
}

/// How often what has changed, for JavaScript.
#[derive(Serialize)]
struct ChangesView {
    library: u64,
    members: u64,
    queue: u64,
    playback: u64,
}

impl Room {
    pub(crate) fn new(room: TabRoom, tab: Tab) -> Self {
        Self { room, tab }
    }
}

#[wasm_bindgen]
impl Room {
    /// `<name>.<secret>`.
    pub fn link(&self) -> String {
        self.room.link().text()
    }

    /// What the room is called.
    pub fn name(&self) -> String {
        self.room.link().name().to_owned()
    }

    /// [`kadenza_api::Music::upload`].
    pub fn upload(
        &self,
        file: Blob,
        name: String,
        tags: JsValue,
        on_read: Function,
        signal: AbortSignal,
    ) -> Promise {
        verbs::upload(self.room.clone(), file, name, tags, on_read, signal)
    }

    /// [`kadenza_api::Music::search`].
    pub fn search(&self, query: JsValue, signal: AbortSignal) -> Promise {
        verbs::search(self.room.clone(), query, signal)
    }

    /// [`kadenza_api::Music::song`].
    pub fn song(&self, id: String, signal: AbortSignal) -> Promise {
        verbs::song(self.room.clone(), id, signal)
    }

    /// [`kadenza_api::Music::read`].
    pub fn read(&self, part: JsValue, signal: AbortSignal) -> Promise {
        verbs::read(self.room.clone(), part, signal)
    }

    /// All of a recording, as a `Blob`.
    pub fn whole(&self, recording: JsValue, signal: AbortSignal) -> Promise {
        verbs::whole(self.room.clone(), recording, signal)
    }

    /// Where a recording is, below what [`crate::Peer::serve_room_below`] answers. It names no plain id.
    pub fn path(&self, recording: JsValue) -> Answer<String> {
        verbs::path(recording, |song| self.room.address(song))
    }

    /// Adds a song of the public library by reference.
    pub fn add_public(&self, recording: JsValue, signal: AbortSignal) -> Promise {
        let room = self.room.clone();
        promise(signal, async move {
            let recording: Recording = argument("song", recording)?;
            room.add_public(recording).await.map_err(|error| thrown(&error))?;
            Ok(JsValue::UNDEFINED)
        })
    }

    /// Tells how often what has changed, now and each time it does.
    pub fn changes(&self, tell: Function, signal: AbortSignal) -> Promise {
        let mut changes = self.room.changes();
        changes.mark_changed();
        let changes = unfold(changes, |mut changes| async {
            changes.changed().await.ok()?;
            let now = *changes.borrow_and_update();
            let view = ChangesView {
                library: now.library,
                members: now.members,
                queue: now.queue,
                playback: now.playback,
            };
            Some((view, changes))
        });
        tell_each(Box::pin(changes), tell, signal)
    }

    /// The room as it is now.
    pub fn view(&self) -> Answer {
        let target = self.room.target();
        object(&self.room.look(|live| RoomView {
            members: members(live, &self.room),
            queue: live.state().queue().iter().map(item).collect(),
            playback: target.map(|(item, target)| playback(item, target)),
        }))
    }

    /// Does something in the room.
    pub fn act(&self, deed: JsValue) -> Answer<()> {
        self.room.act(action(argument("action", deed)?)?).map_err(|error| {
            thrown(&match error {
                ActionError::Conflict(_) => Error::invalid(error.to_string()),
                ActionError::Throttled(_) | ActionError::NoTime => Error::unavailable(error.to_string()),
            })
        })
    }

    /// Goes by another name.
    pub fn rename(&self, name: &str) -> Answer<()> {
        self.room.rename(MemberName::new(name).map_err(|error| wrong("name", error))?);
        Ok(())
    }

    /// Goes out of the room.
    pub fn leave(self) -> Promise {
        future_to_promise(async move {
            match self.tab.room() {
                Some(room) if room == self.room => self.tab.leave_room().await,
                // Another was entered since, and this one was left for it.
                _ => {}
            }
            Ok(JsValue::UNDEFINED)
        })
    }
}

fn members(live: &Live, room: &TabRoom) -> Vec<MemberView> {
    let reactions = |peer| {
        let theirs = live.members().reactions().filter(move |Reacted { peer: whose, .. }| *whose == peer);
        theirs.map(|reacted| reacted.reaction.emoji()).collect()
    };
    let view = |peer, name: &MemberName, me| MemberView {
        peer: format!("{peer}"),
        name: name.as_str().to_owned(),
        me,
        reactions: reactions(peer),
    };
    let others = live.members().all().map(|(peer, member)| view(peer, &member.name, false));
    std::iter::once(view(room.me(), live.name(), true)).chain(others).collect()
}

fn item(item: &kadenza_node::room::QueueItem) -> ItemView {
    ItemView { id: item.id, song: item.song, added_by: item.added_by.to_string() }
}

fn playback(item: QueueItemId, target: Target) -> PlaybackView {
    let (playing, position_us) = match target {
        Target::Stopped { position_us, .. } => (false, position_us),
        Target::Starting { position_us, .. } | Target::Playing { position_us } => (true, position_us),
    };
    #[expect(clippy::cast_precision_loss, reason = "exact up to 285 years")]
    let position = position_us as f64 / 1e6;
    PlaybackView { item, playing, position }
}

fn action(deed: Deed) -> Answer<Action> {
    let place = |after: Option<QueueItemId>| after.map_or(Place::First, Place::After);
    Ok(match deed {
        Deed::Add { item, song, after } => {
            Action::Add { id: item, song, place: after.map_or(Place::Last, Place::After) }
        }
        Deed::Move { item, after } => Action::Move { id: item, place: place(after) },
        Deed::Remove { item } => Action::Remove(item),
        Deed::Play { item } => Action::Play(item),
        Deed::Skip { item } => Action::Skip(item),
        Deed::Pause => Action::Pause,
        Deed::Resume => Action::Resume,
        Deed::Seek { milliseconds } => Action::Seek(milliseconds),
        Deed::React { emoji } => {
            let reaction = Reaction::ALL.into_iter().find(|reaction| reaction.emoji() == emoji);
            Action::React(reaction.ok_or_else(|| {
                let all = Reaction::ALL.map(Reaction::emoji).join(" ");
                wrong("emoji", format_args!("{emoji:?} is none of {all}"))
            })?)
        }
    })
}
