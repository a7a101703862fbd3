//! The songs a search found, or what there is to say instead.

use std::rc::Rc;

use kadenza_api::SongId;
use kadenza_node::tab::Connection;
use yew::prelude::*;

use super::{Empty, Icon, InRoom, NothingFound, Shape, SongRow};
use crate::actions::{Action, use_actions};
use crate::hooks::{use_pointing, use_rows_in_view};
use crate::state::{Formats, Listing, Phase};
use crate::wording;

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
}

/// The songs.
#[function_component(Songs)]
pub fn songs(props: &SongsProps) -> Html {
    let SongsProps { listing, .. } = props;
    let actions = use_actions();
    let more = Callback::from(move |_: MouseEvent| actions.emit(Action::MoreAsked));
    if listing.songs.is_empty() {
        return html! { <section class="songs">{ unreachable_network(listing) }{ instead(props) }</section> };
    }
    html! {
        <section class="songs">
            { unreachable_network(listing) }
            <p class="count" aria-live="polite">{ wording::found(listing) }</p>
            <SongList ..props.clone() />
            if listing.has_more() {
                <button type="button" class="button more" onclick={more} aria-disabled={listing.more_awaited.to_string()}>
                    { if listing.more_awaited { "Asking for more…" } else { "Show more" } }
                </button>
            }
        </section>
    }
}

/// The list itself. It tells which rows are looked at.
#[function_component(SongList)]
fn song_list(SongsProps { listing, current, playing, formats, in_room, .. }: &SongsProps) -> Html {
    let actions = use_actions();
    let list = use_node_ref();
    use_rows_in_view(&list, &listing.songs, actions.clone());
    let pointing = use_pointing(&listing.songs, actions);
    let pointer = pointing.reform(|event: PointerEvent| event.into());
    let focus = pointing.reform(|event: FocusEvent| event.into());
    html! {
        <ul
            ref={list}
            class="song-list"
            role="list"
            aria-label="Songs"
            onpointerover={pointer.clone()}
            onpointerdown={pointer.clone()}
            onpointerleave={pointer}
            onfocusin={focus.clone()}
            onfocusout={focus}
        >
            { for listing.songs.iter().map(|song| {
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
fn instead(SongsProps { listing, connection, in_room, .. }: &SongsProps) -> Html {
    let looking = matches!(listing.phase, Phase::Looking | Phase::LookingFurther);
    // Before the network is joined, nobody has said yet that there is nothing.
    if looking || *connection == Connection::Starting {
        return html! {
            <div class="looking">
                <p aria-live="polite">{ "Looking for songs…" }</p>
                { for (0..6).map(|_| html! { <div class="ghost" aria-hidden="true"><i /><b /></div> }) }
            </div>
        };
    }
    if listing.words.trim().is_empty() {
        html! { <Empty in_room={in_room.is_some()} /> }
    } else {
        html! { <NothingFound words={listing.words.clone()} /> }
    }
}

/// That the list may lack what others have.
fn unreachable_network(listing: &Listing) -> Html {
    let Phase::Incomplete(message) = &listing.phase else { return Html::default() };
    html! { <NetworkTrouble message={message.clone()} /> }
}

/// Why others could not be asked.
#[derive(Debug, PartialEq, Properties)]
struct NetworkTroubleProps {
    message: AttrValue,
}

#[function_component(NetworkTrouble)]
fn network_trouble(NetworkTroubleProps { message }: &NetworkTroubleProps) -> Html {
    let actions = use_actions();
    let again = Callback::from(move |_: MouseEvent| actions.emit(Action::RefreshAsked));
    html! {
        <div class="notice" role="alert">
            <Icon shape={Shape::Problem} />
            <span>{ "Only songs in this tab are listed. " }{ wording::sentence(message) }</span>
            <button type="button" class="button" onclick={again}>{ "Ask again" }</button>
        </div>
    }
}
