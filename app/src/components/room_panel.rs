//! The room: who is here, listening together, how to share it, and how to leave.

use std::rc::Rc;

use kadenza_node::bridge::has_service_worker;
use kadenza_node::room::{MEMBER_NAME_CHARS, Reaction};
use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::{Icon, Publish, Queue, Shape, ShareRoom};
use crate::actions::{Action, use_actions, use_deeds};
use crate::setup;
use crate::state::{Deed, MemberView, Room, RoomView};
use crate::wording;
use crate::words::{t, use_words};

/// Which room.
#[derive(Debug, PartialEq, Properties)]
pub struct RoomPanelProps {
    /// The room.
    pub room: Rc<Room>,
}

/// The room the page is in.
#[function_component(RoomPanel)]
pub fn room_panel(RoomPanelProps { room }: &RoomPanelProps) -> Html {
    let (words, actions) = (use_words(), use_actions());
    let Some(link) = &room.link else { return Html::default() };
    let leave = Callback::from(|_: MouseEvent| setup::go_to(""));
    let read = actions.reform(|_: MouseEvent| Action::RoomRefusalRead);
    html! {
        <section class="room" aria-label={t!(words, "room")}>
            <div class="room-head">
                <h2 dir="auto">{ &room.name }</h2>
                <p class="room-kind"><Icon shape={Shape::Lock} />{ t!(words, "private-room") }</p>
                <ShareRoom name={room.name.clone()} link={link.clone()} />
                <button type="button" class="button" onclick={leave}>{ t!(words, "leave-room") }</button>
            </div>
            if let Some(failure) = &room.failure {
                <div class="notice problem" role="alert">
                    <Icon shape={Shape::Problem} />
                    <span>{ wording::room_refusal(&words, failure) }</span>
                    <button type="button" class="button" onclick={read}>{ t!(words, "close") }</button>
                </div>
            }
            if room.view.is_some() && !has_service_worker() {
                <p class="room-hint">{ t!(words, "room-plays-whole") }</p>
            }
            if let Some(view) = &room.view {
                <Members view={view.clone()} />
                <Together room={room.clone()} />
                <Queue view={view.clone()} />
                <Libraries shows_public={room.shows_public} />
                <Publish room={room.name.clone()} song={room.publishing.clone()} />
            } else {
                <p role="status">{ t!(words, "going-in") }</p>
            }
        </section>
    }
}

/// What is shown of the members.
#[derive(Debug, PartialEq, Properties)]
struct MembersProps {
    view: Rc<RoomView>,
}

/// Who is here, and how they react.
#[function_component(Members)]
fn members(MembersProps { view }: &MembersProps) -> Html {
    let (words, deeds) = (use_words(), use_deeds());
    let react = |reaction: Reaction| {
        let onclick = deeds.reform(move |_: MouseEvent| Deed::React(reaction));
        let label = t!(words, "react-with", emoji = reaction.emoji());
        html! { <button type="button" class="round reaction" aria-label={label} {onclick}>{ reaction.emoji() }</button> }
    };
    html! {
        <>
            <ul class="members" role="list" aria-label={t!(words, "members")}>{ for view.members.iter().map(member) }</ul>
            if view.members.len() == 1 {
                <p class="room-hint">{ t!(words, "alone-here") }</p>
            }
            <p class="reactions" role="group" aria-label={t!(words, "reactions")}>
                { for Reaction::ALL.into_iter().map(react) }
            </p>
        </>
    }
}

fn member(member: &MemberView) -> Html {
    html! {
        <li class="member" key={member.peer.clone()}>
            if member.is_me {
                <OwnName name={member.name.clone()} />
            } else {
                <span dir="auto">{ &member.name }</span>
            }
            if let Some(reaction) = member.reactions.last() {
                <span class="reacted" role="status">{ *reaction }</span>
            }
        </li>
    }
}

/// What this person is called.
#[derive(Debug, PartialEq, Properties)]
struct OwnNameProps {
    name: AttrValue,
}

/// The person's own name, which can be changed.
#[function_component(OwnName)]
fn own_name(OwnNameProps { name }: &OwnNameProps) -> Html {
    let (words, deeds) = (use_words(), use_deeds());
    let (field, before) = (use_node_ref(), name.clone());
    // When it changes, and not with every rendering, which would take away what is being typed.
    let shown = field.clone();
    use_effect_with(name.clone(), move |name| {
        let input = shown.cast::<HtmlInputElement>();
        input.iter().for_each(|input| input.set_value(name));
    });
    let onchange = Callback::from(move |event: Event| {
        let input = event.target_unchecked_into::<HtmlInputElement>();
        if input.value().trim().is_empty() {
            input.set_value(&before);
        } else {
            deeds.emit(Deed::Rename(input.value()));
        }
    });
    html! {
        <label class="own-name">
            <input ref={field} type="text" aria-label={t!(words, "your-name")} dir="auto" autocomplete="nickname"
                maxlength={MEMBER_NAME_CHARS.to_string()} {onchange} />
            <span>{ t!(words, "member-is-you") }</span>
        </label>
    }
}

/// What is shown of listening together.
#[derive(Debug, PartialEq, Properties)]
struct TogetherProps {
    room: Rc<Room>,
}

/// Joins what the room plays, and says how near to it this tab is.
#[function_component(Together)]
fn together(TogetherProps { room }: &TogetherProps) -> Html {
    let (words, actions) = (use_words(), use_actions());
    let together = room.together;
    let onclick = actions.reform(move |_: MouseEvent| Action::TogetherSet(!together));
    let drift = room.drift_ms.map(|drift| format!("{drift:.1}"));
    html! {
        <p class="together" data-drift={drift}>
            <button type="button" class={classes!("button", together.then_some("pressed"))}
                aria-pressed={together.to_string()} {onclick}>
                <Icon shape={Shape::Together} />
                { if together { t!(words, "listening-together") } else { t!(words, "listen-together") } }
            </button>
            <span>{ wording::together(&words, room) }</span>
        </p>
    }
}

/// Which library is shown.
#[derive(Debug, PartialEq, Properties)]
struct LibrariesProps {
    shows_public: bool,
}

/// Whether the list below is the room's own or the public library's, from which songs can be added.
#[function_component(Libraries)]
fn libraries(LibrariesProps { shows_public }: &LibrariesProps) -> Html {
    let (words, actions) = (use_words(), use_actions());
    let button = |label: String, is_public: bool| {
        let onclick = actions.reform(move |_: MouseEvent| Action::PublicShown(is_public));
        let is_shown = is_public == *shows_public;
        html! {
            <button type="button" class={classes!("button", is_shown.then_some("pressed"))}
                aria-pressed={is_shown.to_string()} {onclick}>{ label }</button>
        }
    };
    html! {
        <p class="libraries" role="group" aria-label={t!(words, "songs-shown")}>
            { button(t!(words, "room-songs"), false) }
            { button(t!(words, "public-library"), true) }
        </p>
    }
}
