//! Tells the peer what it may let others have, and remembers it.

use gloo_events::EventListener;
use kadenza_node::tab::Tab;
use yew::prelude::*;

use crate::actions::Action;
use crate::setup;
use crate::state::Sharing;

/// Keeps the peer to what the person and the connection allow.
#[hook]
pub fn use_sharing(tab: Option<Tab>, sharing: Sharing, actions: Callback<Action>) {
    use_effect_with((tab.is_some(), sharing), move |_| {
        if let Some(tab) = tab {
            tab.offer(sharing.offering());
        }
    });
    use_effect_with(sharing.limit, |limit| setup::keep_upload_limit(*limit));
    use_effect_with(sharing.keeps, |keeps| setup::remember_keeping(*keeps));
    use_effect_with((), move |()| {
        let listener = setup::connection().map(|connection| {
            EventListener::new(&connection, "change", move |_| {
                actions.emit(Action::ConnectionMetered(setup::is_metered()));
            })
        });
        move || drop(listener)
    });
}
