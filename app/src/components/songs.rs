//! The songs a search found, or what there is to say instead.

use std::rc::Rc;

use kadenza_api::{Error, SongId};
use kadenza_node::tab::Connection;
use yew::prelude::*;

use super::{Empty, GroupHead, Groups, Icon, InRoom, NothingFound, Shape, SongRow};
use crate::actions::{Action, use_actions};
use crate::hooks::{use_pointing, use_rows_in_view};
use crate::state::{Formats, Group, Listing, Phase, View};
use crate::wording;
use crate::words::{Words, t, use_words};

/// What the list shows.
#[derive(Debug, Clone, PartialEq, Properties)]
pub struct SongsProps {
    /// The search and its songs.
    pub listing: Rc<Listing>,
    /// How this tab stands with the network.
    pub connection: Connection,
    /// The song in the player.
    pub current: Option<SongId>,
    /// Whether it plays.
    pub playing: bool,
    /// What this browser plays.
    #[prop_or_default]
    pub formats: Rc<Formats>,
    /// What can be done with the songs in the room the page is in.
    #[prop_or_default]
    pub in_room: Option<InRoom>,
    /// How they are looked at.
    #[prop_or_default]
    pub view: View,
    /// The album or artist that is looked at.
    #[prop_or_default]
    pub group: Option<Group>,
}

/// The songs.
#[function_component(Songs)]
pub fn songs(props: &SongsProps) -> Html {
    let SongsProps { listing, .. } = props;
    let (words, actions) = (use_words(), use_actions());
    let more = Callback::from(move |_: MouseEvent| actions.emit(Action::MoreAsked));
    if listing.songs.is_empty() {
        return html! { <section class="songs">{ unreachable_network(listing) }{ instead(&words, props) }</section> };
    }
    html! {
        <section class="songs">
            { unreachable_network(listing) }
            <div class="songs-head">
                <p class="count" aria-live="polite">{ wording::found(&words, listing) }</p>
                <Views view={props.view} />
            </div>
            if let Some(group) = &props.group {
                <GroupHead view={props.view} group={group.clone()} />
            }
            if props.group.is_some() || props.view == View::Songs {
                <SongList ..props.clone() />
            } else {
                <Groups view={props.view} songs={listing.songs.clone()} />
            }
            if listing.has_more() {
                <button type="button" class="button more" onclick={more} aria-disabled={listing.more_awaited.to_string()}>
                    { if listing.more_awaited { t!(words, "asking-for-more") } else { t!(words, "show-more") } }
                </button>
            }
        </section>
    }
}

/// How the library is looked at now.
#[derive(Debug, PartialEq, Properties)]
struct ViewsProps {
    view: View,
}

#[function_component(Views)]
fn views(ViewsProps { view }: &ViewsProps) -> Html {
    let (words, actions) = (use_words(), use_actions());
    let button = |of: View| {
        let onclick = actions.reform(move |_: MouseEvent| Action::ViewSet(of));
        let is_so = of == *view;
        html! {
            <button type="button" class={classes!("view", is_so.then_some("current"))} aria-pressed={is_so.to_string()} {onclick}>
                { wording::view(&words, of) }
            </button>
        }
    };
    html! {
        <div class="views" role="group" aria-label={t!(words, "view")}>
            { for [View::Songs, View::Albums, View::Artists].into_iter().map(button) }
        </div>
    }
}

/// The list itself. It tells which rows are looked at.
#[function_component(SongList)]
fn song_list(SongsProps { listing, current, playing, formats, in_room, group, .. }: &SongsProps) -> Html {
    let (words, actions) = (use_words(), use_actions());
    let list = use_node_ref();
    let songs = group.as_ref().map_or(&listing.songs, |group| &group.songs);
    use_rows_in_view(&list, songs, actions.clone());
    let pointing = use_pointing(songs, actions);
    let pointer = pointing.reform(|event: PointerEvent| event.into());
    let focus = pointing.reform(|event: FocusEvent| event.into());
    html! {
        <ul
            ref={list}
            class="song-list"
            role="list"
            aria-label={t!(words, "songs")}
            onpointerover={pointer.clone()}
            onpointerdown={pointer.clone()}
            onpointerleave={pointer}
            onfocusin={focus.clone()}
            onfocusout={focus}
        >
            { for songs.iter().map(|song| {
                let is_current = *current == Some(song.id());
                html! {
                    <SongRow
                        key={song.id().to_string()}
                        song={song.clone()}
                        {is_current}
                        playing={is_current && *playing}
                        can_play={formats.can_play(song)}
                        in_room={*in_room}
                    />
                }
            }) }
        </ul>
    }
}

/// What to show where there are no songs.
fn instead(words: &Words, SongsProps { listing, connection, in_room, .. }: &SongsProps) -> Html {
    let looking = matches!(listing.phase, Phase::Looking | Phase::LookingFurther);
    // Before the network is joined, nobody has said yet that there is nothing.
    if looking || *connection == Connection::Starting {
        return html! {
            <div class="looking">
                <p aria-live="polite">{ t!(words, "looking-for-songs") }</p>
                { for (0..6).map(|_| html! { <div class="ghost" aria-hidden="true"><i /><b /></div> }) }
            </div>
        };
    }
    if listing.words.trim().is_empty() {
        html! { <Empty in_room={in_room.is_some()} /> }
    } else {
        html! { <NothingFound query={listing.words.clone()} /> }
    }
}

/// That the list may lack what others have.
fn unreachable_network(listing: &Listing) -> Html {
    let Phase::Incomplete(error) = &listing.phase else { return Html::default() };
    html! { <NetworkTrouble error={error.clone()} /> }
}

/// Why others could not be asked.
#[derive(Debug, PartialEq, Properties)]
struct NetworkTroubleProps {
    error: Error,
}

#[function_component(NetworkTrouble)]
fn network_trouble(NetworkTroubleProps { error }: &NetworkTroubleProps) -> Html {
    let (words, actions) = (use_words(), use_actions());
    let again = Callback::from(move |_: MouseEvent| actions.emit(Action::RefreshAsked));
    html! {
        <div class="notice" role="alert">
            <Icon shape={Shape::Problem} />
            <span>{ t!(words, "only-here", why = wording::error(&words, error)) }</span>
            <button type="button" class="button" onclick={again}>{ t!(words, "ask-again") }</button>
        </div>
    }
}
