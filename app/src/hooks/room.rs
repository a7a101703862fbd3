//! Goes into the room of the address, shows what it is like, and does there what a person does.

use std::rc::Rc;
use std::time::Duration;

use gloo_events::EventListener;
use kadenza_api::{Music, SongId};
use kadenza_node::room::{
    Action as RoomAction, Link, Live, MemberName, Place, QueueItem, QueueItemId, Reacted, Secret,
};
use kadenza_node::tab::{Tab, TabRoom};
use kadenza_platform::{sleep, spawn};
use yew::prelude::*;

use super::use_latest;
use crate::actions::Action;
use crate::setup;
use crate::state::{Deed, MemberView, QueueView, Refusal, Room, RoomLink, RoomView};

/// Changes come in bursts; so much later they are shown together.
const SETTLE: Duration = Duration::from_millis(10);

/// The room the page is in, and the way to do something there.
#[hook]
pub fn use_room(
    tab: Option<Tab>,
    room: &Rc<Room>,
    actions: Callback<Action>,
) -> (Option<TabRoom>, Callback<Deed>) {
    let open = use_state_eq(|| None::<TabRoom>);
    let (opened, report, going) = (open.clone(), actions.clone(), tab.clone());
    use_effect_with((tab.is_some(), room.link.clone()), move |(_, link)| {
        let link = link.clone();
        if let Some(tab) = going {
            spawn(async move {
                opened.set(None);
                match link {
                    Some(link) => match enter(&tab, &link).await {
                        Ok(room) => {
                            opened.set(Some(room.clone()));
                            watch(room, tab, report).await;
                        }
                        Err(refusal) => report.emit(Action::RoomRefused(refusal)),
                    },
                    None if tab.room().is_some() => {
                        tab.leave_room().await;
                        report.emit(Action::RefreshAsked);
                    }
                    None => {}
                }
            });
        }
    });
    use_goodbye((*open).clone());
    let deeds = {
        let (open, tab, view) = ((*open).clone(), tab, room.clone());
        Callback::from(move |deed: Deed| {
            let (open, tab, view, actions) = (open.clone(), tab.clone(), view.clone(), actions.clone());
            spawn(async move {
                if let Err(refusal) = act(open, tab, &view, deed, &actions).await {
                    actions.emit(Action::RoomRefused(refusal));
                }
            });
        })
    };
    ((*open).clone(), use_latest(deeds))
}

async fn enter(tab: &Tab, link: &RoomLink) -> Result<TabRoom, Refusal> {
    Ok(tab.enter(link.parsed()?, setup::own_name()).await?)
}

/// The others hear at once that the page is going.
#[hook]
fn use_goodbye(open: Option<TabRoom>) {
    use_effect_with(open, |open| {
        let listener = open
            .clone()
            .zip(web_sys::window())
            .map(|(room, window)| EventListener::new(&window, "pagehide", move |_| room.say_goodbye()));
        move || drop(listener)
    });
}

/// Shows the room each time it has changed, until the tab is elsewhere.
async fn watch(room: TabRoom, tab: Tab, actions: Callback<Action>) {
    let mut changes = room.changes();
    while tab.room().as_ref() == Some(&room) {
        let library = changes.borrow_and_update().library;
        actions.emit(Action::RoomSeen { view: Rc::new(view_of(&room)), library });
        if changes.changed().await.is_err() {
            return;
        }
        sleep(SETTLE).await;
    }
}

fn view_of(room: &TabRoom) -> RoomView {
    let song = |id: SongId| room.known(id).map(Rc::new);
    let (members, queue, playback) =
        room.look(|live| (members(live, room), live.state().queue(), live.state().playback().copied()));
    let named = |item: &QueueItem| {
        let peer = item.added_by.to_string();
        members.iter().find(|member| member.peer == peer).map(|member| member.name.clone())
    };
    let shown = |item: &QueueItem| QueueView { id: item.id, song: song(item.song), added_by: named(item) };
    let item = playback.and_then(|playback| Some((playback.song?, playback.playing)));
    let played = item.and_then(|(id, _)| room.look(|live| live.state().item(id)));
    RoomView {
        queue: queue.iter().map(shown).collect(),
        playback: item,
        song: played.and_then(|item| song(item.song)),
        members,
    }
}

fn members(live: &Live, room: &TabRoom) -> Vec<MemberView> {
    let reactions = |peer| {
        let theirs = live.members().reactions().filter(move |Reacted { peer: whose, .. }| *whose == peer);
        theirs.map(|reacted| reacted.reaction.emoji()).collect()
    };
    let mut members = vec![MemberView {
        peer: room.me().to_string(),
        name: live.name().as_str().to_owned(),
        is_me: true,
        reactions: reactions(room.me()),
    }];
    members.extend(live.members().all().map(|(peer, member)| MemberView {
        peer: peer.to_string(),
        name: member.name.as_str().to_owned(),
        is_me: false,
        reactions: reactions(peer),
    }));
    members
}

type Done = Result<(), Refusal>;

async fn act(
    open: Option<TabRoom>,
    tab: Option<Tab>,
    view: &Room,
    deed: Deed,
    actions: &Callback<Action>,
) -> Done {
    if let Deed::Create { room, me } = deed {
        return create(&room, &me);
    }
    let Some(room) = open else { return Err(Refusal::NotOpen) };
    match deed {
        Deed::Rename(name) => {
            let name = MemberName::new(&name)?;
            setup::keep_own_name(name.as_str());
            room.rename(name);
            Ok(())
        }
        Deed::AddPublic(song) => {
            let public = tab.ok_or(Refusal::JustStarted)?;
            let song = public.public().song(song.id()).await?;
            Ok(room.add_public(song.first().clone()).await?)
        }
        Deed::Publish(song) => {
            let source = room.source(song.first()).ok_or(Refusal::PublicAlready)?;
            actions.emit(Action::PublishBegun { song, source });
            Ok(())
        }
        deed => playing(&room, view, deed),
    }
}

/// Goes to the address of a new room.
fn create(room: &str, me: &str) -> Done {
    setup::keep_own_name(MemberName::new(me)?.as_str());
    let link = Link::new(room, Secret::new(random()?))?;
    setup::go_to(&RoomLink::of(&link).hash());
    Ok(())
}

fn playing(room: &TabRoom, view: &Room, deed: Deed) -> Done {
    let act = |action| Ok(room.act(action)?);
    match deed {
        Deed::Queue(song) => act(RoomAction::Add { id: new_item()?, song: song.id(), place: Place::Last }),
        Deed::Play(song) => {
            let id = new_item()?;
            let place = view.item().map_or(Place::First, Place::After);
            // What was played may have been taken out of the queue.
            if act(RoomAction::Add { id, song: song.id(), place }).is_err() {
                act(RoomAction::Add { id, song: song.id(), place: Place::First })?;
            }
            act(RoomAction::Play(id))
        }
        Deed::PlayItem(id) => act(RoomAction::Play(id)),
        Deed::Toggle if view.is_playing() => act(RoomAction::Pause),
        Deed::Toggle => match (view.item(), view.view.as_ref().and_then(|view| view.queue.first())) {
            (None, Some(first)) => act(RoomAction::Play(first.id)),
            _ => act(RoomAction::Resume),
        },
        Deed::Seek(second) => act(RoomAction::Seek(milliseconds(second))),
        Deed::Skip => view.item().map_or(Ok(()), |item| act(RoomAction::Skip(item))),
        Deed::Move(id, to) => {
            let others = view.view.iter().flat_map(|view| &view.queue).map(|item| item.id);
            let before = others.filter(|other| *other != id).take(to).last();
            act(RoomAction::Move { id, place: before.map_or(Place::First, Place::After) })
        }
        Deed::Remove(id) => act(RoomAction::Remove(id)),
        Deed::React(reaction) => act(RoomAction::React(reaction)),
        // Done before.
        Deed::Create { .. } | Deed::Rename(_) | Deed::AddPublic(_) | Deed::Publish(_) => Ok(()),
    }
}

fn new_item() -> Result<QueueItemId, Refusal> {
    random().map(QueueItemId)
}

fn random<const BYTES: usize>() -> Result<[u8; BYTES], Refusal> {
    let mut bytes = [0; BYTES];
    getrandom::fill(&mut bytes).map_err(|_| Refusal::NoRandomness)?;
    Ok(bytes)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "casts from float saturate")]
fn milliseconds(second: f64) -> u64 {
    (second * 1000.0).max(0.0) as u64
}
