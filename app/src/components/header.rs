//! The top of the page: its name, the search box, uploading, and the state of the network.

use kadenza_node::tab::{Connection, Status};
use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::network_panel::NETWORK_PANEL;
use super::{Icon, LanguageChoice, Shape, UploadButtons};
use crate::actions::{Action, use_actions};
use crate::wording;
use crate::words::{Words, t, use_words};

/// Characters that fit the search box; the bytes they may come to stay within a query's bound.
const WORDS_MAX_CHARS: &str = "160";

/// What the header shows.
#[derive(Debug, PartialEq, Properties)]
pub struct HeaderProps {
    /// The words in the search box.
    pub query: AttrValue,
    /// How this tab stands with the network; nothing where its peer could not be started.
    pub status: Option<Status>,
    /// This tab's peer id.
    pub peer: Option<AttrValue>,
    /// Whether the network panel is open.
    pub shows_network: bool,
}

/// The top of the page.
#[function_component(Header)]
pub fn header(HeaderProps { query, status, peer, shows_network }: &HeaderProps) -> Html {
    let (words, actions) = (use_words(), use_actions());
    let oninput = Callback::from(move |event: InputEvent| {
        actions.emit(Action::Typed(event.target_unchecked_into::<HtmlInputElement>().value()));
    });
    // The songs are there already; sending the form would only reload the page.
    let onsubmit = Callback::from(|event: SubmitEvent| event.prevent_default());
    html! {
        <header class="header">
            <h1 class="brand"><span class="brand-mark"><Icon shape={Shape::Fermata} /></span>{ "Kadenza" }</h1>
            <form class="search" role="search" {onsubmit}>
                <Icon shape={Shape::Search} />
                <input
                    type="search"
                    aria-label={t!(words, "search-songs")}
                    placeholder={t!(words, "search-hint")}
                    autocomplete="off"
                    autocapitalize="off"
                    spellcheck="false"
                    enterkeyhint="search"
                    dir="auto"
                    maxlength={WORDS_MAX_CHARS}
                    value={query}
                    {oninput}
                />
            </form>
            <UploadButtons />
            <p class="status" role="status" data-peer={peer}>
                { match status {
                    Some(status) => connection(&words, status.connection, *shows_network),
                    None => html! { t!(words, "not-running") },
                } }
            </p>
            <LanguageChoice />
        </header>
    }
}

/// How this tab stands; pressing it shows with whom.
fn connection(words: &Words, connection: Connection, shows_network: bool) -> Html {
    let standing = match connection {
        Connection::Starting => "starting",
        Connection::Connected { .. } => "connected",
        Connection::Offline => "offline",
    };
    html! {
        <button
            type="button"
            class={standing}
            title={t!(words, "network")}
            aria-expanded={shows_network.to_string()}
            aria-controls={NETWORK_PANEL}
            popovertarget={NETWORK_PANEL}
        >
            { wording::connection(words, connection) }
            <Icon shape={Shape::Unfold} />
        </button>
    }
}
