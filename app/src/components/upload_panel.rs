//! The files on their way in.

use std::rc::Rc;

use yew::prelude::*;

use super::{Icon, Shape, UploadRow};
use crate::actions::{Action, use_actions};
use crate::state::Uploads;
use crate::wording;

/// What the panel shows.
#[derive(Debug, PartialEq, Properties)]
pub struct UploadPanelProps {
    /// The files.
    pub uploads: Rc<Uploads>,
}

/// The panel, where there is anything to show.
#[function_component(UploadPanel)]
pub fn upload_panel(UploadPanelProps { uploads }: &UploadPanelProps) -> Html {
    let actions = use_actions();
    if uploads.is_empty() {
        return Html::default();
    }
    let dismiss = Callback::from(move |_: MouseEvent| actions.emit(Action::UploadsDismissed));
    let (over, all) = (uploads.over(), uploads.items.len());
    let summary = match all {
        0 => "No music in that folder".to_owned(),
        _ if uploads.is_busy() => format!("Uploading: {over} of {all} done"),
        _ if uploads.asking() > 0 => {
            format!("{} in need of a name", wording::count(uploads.asking(), "file"))
        }
        _ => format!("{} done", wording::count(all, "file")),
    };
    let (done, bytes) = uploads.bytes();
    html! {
        <section class="uploads" aria-label="Uploads">
            <header>
                <h2 aria-live="polite">{ summary }</h2>
                <button type="button" class="round" aria-label="Close uploads" title="Close" onclick={dismiss}>
                    <Icon shape={Shape::Close} />
                </button>
            </header>
            if uploads.is_busy() {
                <progress class="overall" aria-label="All uploads" value={done.to_string()} max={bytes.max(1).to_string()} />
            }
            if uploads.left_out > 0 {
                <p class="left-out">
                    { format!("{} left out: not music, or too many at once.", wording::count(uploads.left_out, "file")) }
                </p>
            }
            <ul class="upload-list" role="list" aria-label="Files">
                { for uploads.items.iter().map(|item| html! { <UploadRow key={item.id} item={item.clone()} /> }) }
            </ul>
        </section>
    }
}
