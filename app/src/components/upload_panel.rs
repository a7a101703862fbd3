//! The files on their way in.

use std::rc::Rc;

use yew::prelude::*;

use super::{Icon, Shape, UploadDeeds, UploadRow};
use crate::actions::{Action, use_actions};
use crate::state::Uploads;
use crate::wording;
use crate::words::{Words, t, use_words};

/// What the panel shows.
#[derive(Debug, PartialEq, Properties)]
pub struct UploadPanelProps {
    /// The files.
    pub uploads: Rc<Uploads>,
}

/// The panel, where there is anything to show.
#[function_component(UploadPanel)]
pub fn upload_panel(UploadPanelProps { uploads }: &UploadPanelProps) -> Html {
    let (words, actions) = (use_words(), use_actions());
    if uploads.is_empty() {
        return Html::default();
    }
    let stop = {
        let actions = actions.clone();
        Callback::from(move |_: MouseEvent| actions.emit(Action::LookingStopped))
    };
    let dismiss = Callback::from(move |_: MouseEvent| actions.emit(Action::UploadsDismissed));
    html! {
        <section class="uploads" aria-label={t!(words, "uploads")}>
            <header>
                <h2 aria-live="polite">{ wording::summary(&words, uploads) }</h2>
                <button type="button" class="round" aria-label={t!(words, "close-uploads")}
                    title={t!(words, "close")} onclick={dismiss}>
                    <Icon shape={Shape::Close} />
                </button>
            </header>
            { progress(&words, uploads, stop) }
            { for wording::outcomes(&words, uploads).into_iter().map(|outcome| html! {
                <p class="outcomes">{ outcome }</p>
            }) }
            // Where there is nothing else to say, the heading says so.
            if uploads.found_nothing && !uploads.items.is_empty() {
                <p class="aside">{ t!(words, "no-music-in-folder") }</p>
            }
            if uploads.left_out > 0 {
                <p class="aside">{ t!(words, "files-left-out", files = uploads.left_out) }</p>
            }
            if uploads.unkept() > 0 {
                <p class="aside">{ t!(words, "uploads-unkept", files = uploads.unkept()) }</p>
            }
            <ul class="upload-list" role="list" aria-label={t!(words, "upload-files")}>
                { for uploads.rows().iter().map(|item| {
                    let waits_elsewhere = !item.can_go_from(uploads.room());
                    html! { <UploadRow key={item.id} item={item.clone()} {waits_elsewhere} /> }
                }) }
            </ul>
            <UploadDeeds counts={uploads.counts()} files={uploads.items.len()} checks={uploads.checks} />
        </section>
    }
}

/// How far all of them are, while something goes on. `stop` ends the looking through folders.
fn progress(words: &Words, uploads: &Uploads, stop: Callback<MouseEvent>) -> Html {
    let (done, bytes) = uploads.bytes();
    match (uploads.looking > 0, uploads.is_busy()) {
        (true, _) => html! {
            <div class="looking-through">
                <progress class="overall" aria-label={t!(words, "looking-through-folder")} />
                <button type="button" class="button" onclick={stop}>{ t!(words, "cancel") }</button>
            </div>
        },
        (_, true) => html! {
            <progress class="overall" aria-label={t!(words, "all-uploads")} value={done.to_string()}
                max={bytes.max(1).to_string()} />
        },
        _ => Html::default(),
    }
}
