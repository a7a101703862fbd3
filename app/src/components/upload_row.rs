//! One file on its way in, and what became of it.

use std::rc::Rc;

use kadenza_api::{Error, Uploaded};
use yew::prelude::*;

use super::{Icon, Shape, TagsForm};
use crate::actions::{Action, use_actions};
use crate::state::{Progress, UploadItem};
use crate::wording;

/// Which file.
#[derive(Debug, PartialEq, Properties)]
pub struct UploadRowProps {
    /// The file.
    pub item: Rc<UploadItem>,
}

/// A file.
#[function_component(UploadRow)]
pub fn upload_row(UploadRowProps { item }: &UploadRowProps) -> Html {
    let actions = use_actions();
    let (class, shape, says) = match &item.progress {
        Progress::Waiting => ("waiting", Shape::Note, html! { "Waiting" }),
        Progress::Running { read } => ("running", Shape::Upload, running(item, *read)),
        Progress::Done(uploaded) => ("done", Shape::Done, done(uploaded)),
        Progress::NeedsTags { guess } => {
            let form = html! { <TagsForm id={item.id} name={item.name.clone()} guess={guess.clone()} /> };
            ("asking", Shape::Note, form)
        }
        Progress::Failed { error } => ("failed", Shape::Problem, failed(item.id, error, &actions)),
        Progress::Skipped => ("skipped", Shape::Close, html! { "Left out" }),
    };
    html! {
        <li class={classes!("upload", class)}>
            <Icon {shape} />
            <span class="upload-name" dir="auto" title={item.name.clone()}>{ &item.name }</span>
            <div class="upload-says">{ says }</div>
        </li>
    }
}

fn running(item: &UploadItem, read: u64) -> Html {
    let says = if read >= item.bytes {
        "Making copies…".to_owned()
    } else {
        format!("{} of {}", wording::size(read), wording::size(item.bytes))
    };
    let label = format!("Upload of {}", item.name);
    html! {
        <>
            <progress aria-label={label} value={read.to_string()} max={item.bytes.max(1).to_string()} />
            { says }
        </>
    }
}

fn done(uploaded: &Uploaded) -> Html {
    let (what, title) = wording::outcome(uploaded);
    let copies = &uploaded.copies;
    html! {
        <>
            <span class="outcome">
                { what }
                if let Some(title) = title {
                    { " " }<bdi>{ title }</bdi>
                }
            </span>
            <span class={classes!("copies", copies.safe.then_some("safe"))}>{ wording::copies(copies) }</span>
        </>
    }
}

fn failed(id: u32, error: &Error, actions: &Callback<Action>) -> Html {
    let again = actions.reform(move |_: MouseEvent| Action::UploadRetried(id));
    html! {
        <>
            <span>{ wording::upload_failure(error) }</span>
            if wording::is_worth_retrying(error) {
                <button type="button" class="button" onclick={again}>{ "Try again" }</button>
            }
        </>
    }
}
