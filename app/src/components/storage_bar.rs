//! How much this tab stores, and for whom, as a bar.

use kadenza_api::Stored;
use yew::prelude::*;

use crate::wording;
use crate::words::{Words, t, use_words};

/// What is stored.
#[derive(Debug, PartialEq, Properties)]
pub struct StorageBarProps {
    /// How much there is, and how much there may be.
    pub stored: Stored,
}

/// The bar, and its parts in words.
#[function_component(StorageBar)]
pub fn storage_bar(StorageBarProps { stored }: &StorageBarProps) -> Html {
    let words = use_words();
    let others = stored.bytes.saturating_sub(stored.own_bytes);
    let free = stored.quota_bytes.saturating_sub(stored.bytes);
    // Where there is more than there may be, the bar is full.
    let all = stored.bytes.max(stored.quota_bytes);
    let (own_width, others_width) = (percent(stored.own_bytes, all), percent(others, all));
    let used = t!(
        words,
        "storage-used",
        used = wording::size(&words, stored.bytes),
        quota = wording::size(&words, stored.quota_bytes)
    );
    html! {
        <div class="storage-use">
            <p class="storage-used">{ used }</p>
            <svg class="storage-bar" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
                <rect class="own" width={own_width.to_string()} height="4" />
                <rect class="others" x={own_width.to_string()} width={others_width.to_string()} height="4" />
            </svg>
            <ul role="list">
                { part(&words, "own", t!(words, "storage-own"), stored.own_bytes) }
                { part(&words, "others", t!(words, "storage-others"), others) }
                { part(&words, "free", t!(words, "storage-free"), free) }
            </ul>
            <p>{ t!(words, "storage-songs", songs = stored.held_songs) }</p>
        </div>
    }
}

fn part(words: &Words, class: &'static str, name: String, bytes: u64) -> Html {
    html! {
        <li {class}>
            <svg viewBox="0 0 10 10" aria-hidden="true"><rect width="10" height="10" rx="3" /></svg>
            <span>{ name }</span>
            <b>{ wording::size(words, bytes) }</b>
        </li>
    }
}

/// A part of the whole; what there is at all can be seen.
#[expect(clippy::cast_precision_loss, reason = "a bar is not that wide")]
fn percent(part: u64, whole: u64) -> f64 {
    let percent = part as f64 * 100.0 / whole.max(1) as f64;
    if part > 0 { percent.max(0.5) } else { 0.0 }
}
