//! What can be done to all files on their way in at once.

use yew::prelude::*;

use crate::actions::{Action, use_actions};
use crate::state::Counts;
use crate::words::{t, use_words};

/// What there is to be done.
#[derive(Debug, PartialEq, Properties)]
pub struct UploadDeedsProps {
    /// How many came to what.
    pub counts: Counts,
    /// How many there are.
    pub files: usize,
    /// Whether names are looked at before files go.
    pub checks: bool,
}

/// The buttons, and the switch.
#[function_component(UploadDeeds)]
pub fn upload_deeds(UploadDeedsProps { counts, files, checks }: &UploadDeedsProps) -> Html {
    let (words, actions) = (use_words(), use_actions());
    let button = |class: &'static str, label: String, action: Action| {
        let onclick = actions.reform(move |_: MouseEvent| action.clone());
        html! { <button type="button" class={classes!("button", class)} {onclick}>{ label }</button> }
    };
    let set = !checks;
    let onchange = actions.reform(move |_: Event| Action::ChecksSet(set));
    let (unasked, unfinished) = (counts.waiting + counts.asking, counts.unfinished);
    html! {
        <footer class="upload-deeds">
            if counts.checking > 0 {
                { button("prominent", t!(words, "check-names-of", files = counts.checking), Action::NamesShown(true)) }
            }
            if unasked > 1 {
                { button("", t!(words, "edit-names-of", files = unasked), Action::CheckAsked(None)) }
            }
            if counts.retriable > 1 {
                { button("", t!(words, "try-all-again", files = counts.retriable), Action::UploadsRetried) }
            }
            if *files > 1 && unfinished > 0 {
                { button("", t!(words, "cancel-uploads"), Action::UploadsCancelled) }
            }
            <label class="check">
                <input type="checkbox" checked={*checks} {onchange} />
                <span>{ t!(words, "check-names-first") }</span>
            </label>
        </footer>
    }
}
