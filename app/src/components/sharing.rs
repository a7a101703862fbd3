//! What others may have of this tab, and how fast.

use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

use crate::actions::{Action, use_actions};
use crate::state::{LIMIT_MIN, Sharing};
use crate::wording;
use crate::words::{Words, t, use_words};

/// Limits to choose from, in bytes a second.
const LIMITS: [u64; 4] = [100_000, 500_000, 1_000_000, 5_000_000];

/// The choice of a limit that is none of those.
const OTHER: &str = "other";

/// What a person sees first who wants another one.
const OTHER_FIRST: u64 = 250_000;

/// What is shown.
#[derive(Debug, PartialEq, Properties)]
pub struct SharingPartProps {
    /// How this tab shares.
    pub sharing: Sharing,
}

/// The part of the network panel about it.
#[function_component(SharingPart)]
pub fn sharing_part(SharingPartProps { sharing }: &SharingPartProps) -> Html {
    let (words, actions) = (use_words(), use_actions());
    let onchange = {
        let actions = actions.clone();
        Callback::from(move |event: Event| {
            let chosen = event.target_unchecked_into::<HtmlSelectElement>().value();
            let limit = if chosen == OTHER { Some(OTHER_FIRST) } else { chosen.parse().ok() };
            actions.emit(Action::UploadLimitSet(limit));
        })
    };
    let keep = {
        let actions = actions.clone();
        Callback::from(move |event: Event| {
            actions.emit(Action::KeepingSet(event.target_unchecked_into::<HtmlInputElement>().checked()));
        })
    };
    let is_other = sharing.limit.is_some_and(|limit| !LIMITS.contains(&limit));
    let option = |limit: Option<u64>, label: String| {
        let value = limit.map_or_else(String::new, |limit| limit.to_string());
        html! { <option {value} selected={sharing.limit == limit}>{ label }</option> }
    };
    html! {
        <div class="sharing">
            <p class="serving" data-serves={(!sharing.metered).to_string()}>{ wording::serving(&words, *sharing) }</p>
            <label class="limit">
                <span>{ t!(words, "upload-limit") }</span>
                <select {onchange}>
                    { option(None, t!(words, "unlimited")) }
                    { for LIMITS.map(|limit| option(Some(limit), wording::rate(&words, limit))) }
                    <option value={OTHER} selected={is_other}>{ t!(words, "other-limit") }</option>
                </select>
            </label>
            if let Some(limit) = sharing.limit.filter(|_| is_other) {
                { other(&words, limit, &actions) }
            }
            <label class="limit">
                <span>{ t!(words, "keep-for-others") }</span>
                <input type="checkbox" checked={sharing.keeps} onchange={keep} />
            </label>
        </div>
    }
}

/// A limit in numbers.
fn other(words: &Words, limit: u64, actions: &Callback<Action>) -> Html {
    let actions = actions.clone();
    let onchange = Callback::from(move |event: Event| {
        let thousands: Option<u64> = event.target_unchecked_into::<HtmlInputElement>().value().parse().ok();
        if let Some(limit) = thousands.and_then(|thousands| thousands.checked_mul(1000)) {
            actions.emit(Action::UploadLimitSet(Some(limit)));
        }
    });
    html! {
        <label class="limit">
            <span>{ t!(words, "limit-in-kilobytes") }</span>
            <input type="number" inputmode="numeric" min={(LIMIT_MIN / 1000).to_string()} step="any"
                value={(limit / 1000).to_string()} {onchange} />
        </label>
    }
}
