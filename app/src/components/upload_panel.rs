//! The files on their way in.

use std::rc::Rc;

use yew::prelude::*;

use super::{Icon, Shape, UploadRow};
use crate::actions::{Action, use_actions};
use crate::state::Uploads;
use crate::wording;
use crate::words::{t, use_words};

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
    let dismiss = Callback::from(move |_: MouseEvent| actions.emit(Action::UploadsDismissed));
    let (done, bytes) = uploads.bytes();
    html! {
        <section class="uploads" aria-label={t!(words, "uploads")}>
            <header>
                <h2 aria-live="polite">{ wording::summary(&words, uploads) }</h2>
                <button type="button" class="round" aria-label={t!(words, "close-uploads")}
                    title={t!(words, "close")} onclick={dismiss}>
                    <Icon shape={Shape::Close} />
                </button>
            </header>
            if uploads.is_busy() {
                <progress class="overall" aria-label={t!(words, "all-uploads")} value={done.to_string()}
                    max={bytes.max(1).to_string()} />
            }
            if uploads.left_out > 0 {
                <p class="left-out">{ t!(words, "files-left-out", files = uploads.left_out) }</p>
            }
            <ul class="upload-list" role="list" aria-label={t!(words, "upload-files")}>
                { for uploads.items.iter().map(|item| html! { <UploadRow key={item.id} item={item.clone()} /> }) }
            </ul>
        </section>
    }
}
