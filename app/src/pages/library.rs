//! The library: search, songs, uploads, player.

use yew::prelude::*;

use crate::actions::Action;
use crate::audio::Audio;
use crate::components::{DropOverlay, Header, NetworkPanel, Notices, PlayerBar, Songs, UploadPanel};
use crate::hooks::{
    use_document_title, use_drop, use_link, use_network, use_peer, use_prefetch, use_search, use_sharing,
    use_uploads, use_whole_song,
};
use crate::setup;
use crate::state::State;

/// The whole page.
#[function_component(App)]
pub fn app() -> Html {
    let state = use_reducer(|| State::new(setup::read()));
    let actions = use_memo(state.dispatcher(), |dispatcher| Callback::<Action>::from(dispatcher.clone()));
    let tab = use_peer((*actions).clone());
    use_search(tab.clone(), &state.listing, (*actions).clone());
    use_network(tab.clone(), state.standing.open, (*actions).clone());
    use_uploads(tab.clone(), state.uploads.clone(), (*actions).clone());
    use_sharing(tab.clone(), state.sharing, (*actions).clone());
    use_link(tab.clone(), &state.link, &state.player, (*actions).clone());
    use_prefetch(tab.clone(), &state.prefetch, state.player.formats.clone(), (*actions).clone());
    use_whole_song(tab, &state.player);
    use_document_title(&state.player);
    let hovering = use_drop((*actions).clone());

    html! {
        <ContextProvider<Callback<Action>> context={(*actions).clone()}>
            <Header
                words={state.listing.words.clone()}
                status={state.failure.is_none().then_some(state.status)}
                peer={state.peer.clone()}
                shows_network={state.standing.open}
            />
            <NetworkPanel standing={state.standing.clone()} peer={state.peer.clone()} sharing={state.sharing} />
            <Notices keeping={state.status.keeping} failure={state.failure.clone()} link={state.link.clone()} />
            <main class={classes!("main", (!state.uploads.is_empty()).then_some("with-uploads"))}>
                <UploadPanel uploads={state.uploads.clone()} />
                if state.failure.is_none() {
                    <Songs
                        listing={state.listing.clone()}
                        connection={state.status.connection}
                        current={state.player.song.as_ref().map(|song| song.id())}
                        playing={state.player.playing}
                        formats={state.player.formats.clone()}
                    />
                }
            </main>
            <PlayerBar player={state.player.clone()} />
            <Audio player={state.player.clone()} next={state.next().cloned()} />
            if hovering {
                <DropOverlay />
            }
        </ContextProvider<Callback<Action>>>
    }
}
