//! How much this tab may store: a slider, and what its setting means before it is let go.

use kadenza_node::tab::Holdings;
use yew::prelude::*;

use super::Slider;
use crate::actions::{Action, use_actions};
use crate::state::{chosen_limit, storage_limits};
use crate::wording;
use crate::words::{t, use_words};

/// What there is to set.
#[derive(Debug, PartialEq, Properties)]
pub struct StorageLimitProps {
    /// The limit in bytes; as many as the browser allows where `None`.
    pub limit: Option<u64>,
    /// What is stored, and what the browser allows.
    pub storage: Holdings,
}

/// The slider.
#[function_component(StorageLimit)]
pub fn storage_limit(StorageLimitProps { limit, storage }: &StorageLimitProps) -> Html {
    let (words, actions) = (use_words(), use_actions());
    let limits = storage_limits(storage.allowed_bytes);
    let last = limits.len().saturating_sub(1);
    let chosen = chosen_limit(*limit, &limits);
    let held = use_state_eq(|| None::<usize>);
    let shown = held.unwrap_or(chosen).min(last);
    let bytes = limits.get(shown).copied().flatten();
    let on_slide = {
        let held = held.clone();
        Callback::from(move |value: f64| held.set(Some(step(value))))
    };
    let on_set = {
        let limits = limits.clone();
        Callback::from(move |value: f64| {
            held.set(None);
            let limit = limits.get(step(value)).copied().flatten();
            actions.emit(Action::StorageLimitSet(limit));
        })
    };
    let text = {
        let (words, allowed) = (words.clone(), storage.allowed_bytes);
        Callback::from(move |value: f64| {
            wording::storage_limit(&words, limits.get(step(value)).copied().flatten(), allowed)
        })
    };
    let is_over = bytes.is_some_and(|bytes| bytes < storage.stored.bytes);
    html! {
        <section aria-labelledby="storage-limit-title">
            <h3 id="storage-limit-title">{ t!(words, "storage-limit") }</h3>
            <p class="storage-limit">{ wording::storage_limit(&words, bytes, storage.allowed_bytes) }</p>
            <Slider label={t!(words, "storage-limit")} value={index(chosen)} max={index(last)} step={1.0}
                {text} {on_slide} {on_set} />
            <p role="status">{ is_over.then(|| t!(words, "storage-over", used = wording::size(&words, storage.stored.bytes))) }</p>
        </section>
    }
}

/// The place of a limit among all of them, as the slider has it, and back.
#[expect(clippy::cast_precision_loss, reason = "there are a dozen")]
fn index(step: usize) -> f64 {
    step as f64
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "casts from float saturate")]
fn step(index: f64) -> usize {
    index.round() as usize
}
