//! The library: search, songs, uploads, player.

use std::rc::Rc;

use kadenza_node::tab::{Connection, Tab, TabRoom};
use yew::prelude::*;

use crate::actions::Action;
use crate::audio::Audio;
use crate::components::{
    CheckNames, DropOverlay, Header, InRoom, NetworkPanel, Notices, PlayerBar, RoomPanel, Shortcuts,
    SongSafety, Songs, StoragePanel, UpNext, UploadPanel,
};
use crate::hooks::{
    Hover, use_document_title, use_drop, use_keys, use_language, use_latest, use_link, use_memory,
    use_network, use_outbox, use_peer, use_prefetch, use_room, use_safety, use_search, use_sharing,
    use_storage, use_uploads, use_whole_song,
};
use crate::setup;
use crate::state::{Deed, Room, State};
use crate::words::{Words, t};

/// The whole page.
#[function_component(App)]
pub fn app() -> Html {
    let state = use_reducer(|| State::new(setup::read()));
    let words = use_memo(state.language, |language| Words::of(*language));
    let actions = use_memo(state.dispatcher(), |dispatcher| Callback::<Action>::from(dispatcher.clone()));
    let tab = use_peer((*actions).clone());
    let (room, deeds) = use_room(tab.clone(), &state.room, (*actions).clone());
    let controls = use_latest(controls(&state.room, (*actions).clone(), deeds.clone()));
    use_search(tab.clone(), &state.listing, state.room.shows_public, (*actions).clone());
    use_network(tab.clone(), state.standing.open, (*actions).clone());
    use_uploads(tab.clone(), room.clone(), &state.uploads, (*actions).clone());
    use_outbox(&state.uploads, (*actions).clone());
    use_sharing(tab.clone(), state.sharing, (*actions).clone());
    use_link(tab.clone(), &state.link, &state.player, (*actions).clone());
    use_prefetch(tab.clone(), &state.prefetch, state.player.formats.clone(), (*actions).clone());
    use_storage(tab.clone(), &state.storage, (*actions).clone());
    use_safety(tab.clone(), &state.safety, (*actions).clone());
    use_whole_song(tab.clone(), &state.player);
    use_document_title(&words, &state.player);
    use_memory(&state.player, state.room.link.is_some());
    use_language(state.language);
    use_keys(state.keys, &state.player, controls.clone());
    let hovering = use_drop((*actions).clone(), state.uploads.looking > 0);

    // Not at each second of a song.
    let looked_at = (state.listing.clone(), state.view, state.opened.clone());
    let group = use_memo(looked_at, |_| state.group());
    let in_room = state.room.link.as_ref().map(|_| match state.room.shows_public {
        true => InRoom::Public,
        false => InRoom::Own,
    });
    html! {
        <ContextProvider<Words> context={(*words).clone()}>
        <ContextProvider<Callback<Action>> context={controls}>
        <ContextProvider<Callback<Deed>> context={deeds}>
        <ContextProvider<Option<TabRoom>> context={room.clone()}>
            <Header
                query={state.listing.words.clone()}
                status={state.failure.is_none().then_some(state.status)}
                peer={state.peer.clone()}
                shows_network={state.standing.open}
            />
            <NetworkPanel standing={state.standing.clone()} peer={state.peer.clone()} sharing={state.sharing}
                songs={if in_room == Some(InRoom::Own) { Vec::new() } else { state.listing.songs.clone() }} />
            <Notices keeping={state.status.keeping} streams={state.streams || in_room.is_some()}
                failure={state.failure.clone()} link={state.link.clone()} />
            <main class={classes!("main", (!state.uploads.is_empty()).then_some("with-uploads"))}>
                <UploadPanel uploads={state.uploads.clone()} />
                <RoomPanel room={state.room.clone()} />
                if state.failure.is_none() {
                    <Songs
                        listing={state.listing.clone()}
                        connection={state.status.connection}
                        current={state.player.song.as_ref().map(|song| song.id())}
                        playing={state.player.playing}
                        formats={state.player.formats.clone()}
                        {in_room}
                        view={state.view}
                        group={(*group).clone()}
                    />
                }
            </main>
            { footer(&words, (*actions).clone()) }
            <CheckNames open={state.uploads.shows_names} items={state.uploads.checked()} />
            <SongSafety safety={state.safety.clone()} />
            <StoragePanel sheet={state.storage.clone()} />
            <Shortcuts open={state.shows_keys} on={state.keys} />
            <UpNext songs={state.player.up_next().to_vec()} />
            <PlayerBar player={state.player.clone()} has_link={in_room.is_none()} />
            <Audio player={state.player.clone()} next={state.next().cloned()} {room} alone={alone(&state, tab)} />
            if let Some(hover) = hovering {
                <DropOverlay to_check={hover == Hover::ToCheck} />
            }
        </ContextProvider<Option<TabRoom>>>
        </ContextProvider<Callback<Deed>>>
        </ContextProvider<Callback<Action>>>
        </ContextProvider<Words>>
    }
}

/// The peer of this tab, where no relay could stream what it has to the page's elements.
fn alone(state: &State, tab: Option<Tab>) -> Option<Tab> {
    tab.filter(|_| state.status.connection == Connection::Offline)
}

/// What is seldom needed: what is stored here; what keys do, where there may be keys.
fn footer(words: &Words, actions: Callback<Action>) -> Html {
    let storage = actions.reform(|_: MouseEvent| Action::StorageToggled(true));
    let keys = actions.reform(|_: MouseEvent| Action::KeysShown(true));
    html! {
        <footer class="footer">
            <button type="button" class="button quiet" onclick={storage}>{ t!(words, "storage") }</button>
            <button type="button" class="button quiet keys" onclick={keys}>{ t!(words, "keyboard-shortcuts") }</button>
        </footer>
    }
}

/// What the player's controls do: act here, or on the room where this tab plays what the room plays.
fn controls(room: &Rc<Room>, actions: Callback<Action>, deeds: Callback<Deed>) -> Callback<Action> {
    if !room.together {
        return actions;
    }
    Callback::from(move |action: Action| match action {
        Action::SongChosen(song) => deeds.emit(Deed::Play(song)),
        Action::Toggled => deeds.emit(Deed::Toggle),
        Action::Next => deeds.emit(Deed::Skip),
        Action::Previous => deeds.emit(Deed::Seek(0.0)),
        Action::Sought(second) => deeds.emit(Deed::Seek(second)),
        action => actions.emit(action),
    })
}
