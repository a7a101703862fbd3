//! One file on its way in, and what became of it.

use std::rc::Rc;

use kadenza_api::{Error, Uploaded};
use yew::prelude::*;

use super::{Icon, Shape, SmallButton, TagsForm};
use crate::actions::{Action, use_actions};
use crate::state::{Destination, Progress, UploadItem};
use crate::wording;
use crate::words::{Words, isolated, t, use_words};

/// Which file.
#[derive(Debug, PartialEq, Properties)]
pub struct UploadRowProps {
    /// The file.
    pub item: Rc<UploadItem>,
    /// Whether it waits for its room to be open.
    pub waits_elsewhere: bool,
}

/// A file.
#[function_component(UploadRow)]
pub fn upload_row(UploadRowProps { item, waits_elsewhere }: &UploadRowProps) -> Html {
    let (words, actions) = (use_words(), use_actions());
    let (class, shape, says) = match &item.progress {
        Progress::Waiting => ("waiting", Shape::Note, html! { waiting(&words, item, *waits_elsewhere) }),
        Progress::Checking { .. } => ("asking", Shape::Note, html! { t!(words, "upload-checking") }),
        Progress::Running { read } => ("running", Shape::Upload, running(&words, item, *read)),
        Progress::Done(uploaded) => ("done", Shape::Done, done(&words, uploaded)),
        Progress::NeedsTags { guess } => {
            let form = html! { <TagsForm id={item.id} name={item.name.clone()} guess={guess.clone()} /> };
            ("asking", Shape::Note, form)
        }
        Progress::Failed { error } => ("failed", Shape::Problem, failed(&words, item, error, &actions)),
        Progress::Skipped => ("skipped", Shape::Close, html! { t!(words, "upload-skipped") }),
    };
    html! {
        <li class={classes!("upload", class)}>
            <Icon {shape} />
            <span class="upload-name" dir="auto" title={item.name.clone()}>{ &item.name }</span>
            <span class="upload-buttons-of">{ buttons(&words, item, &actions) }</span>
            <div class="upload-says">{ says }</div>
        </li>
    }
}

/// What can be done to a file that is not in yet. One that asks has buttons of its own.
fn buttons(words: &Words, item: &UploadItem, actions: &Callback<Action>) -> Html {
    let id = item.id;
    let name = || isolated(&item.name);
    let edit = actions.reform(move |()| Action::CheckAsked(Some(id)));
    let leave_out = actions.reform(move |()| Action::UploadSkipped(id));
    let asks = matches!(item.progress, Progress::NeedsTags { .. });
    html! {
        <>
            if item.progress == Progress::Waiting && item.blob.is_some() {
                <SmallButton label={t!(words, "edit-names", name = name())} shape={Shape::Pencil} on_press={edit} />
            }
            if item.can_be_left_out() && !asks {
                <SmallButton label={t!(words, "cancel-upload", name = name())} shape={Shape::Close} on_press={leave_out} />
            }
        </>
    }
}

fn waiting(words: &Words, item: &UploadItem, elsewhere: bool) -> String {
    match &item.destination {
        Destination::Room { name, .. } if elsewhere => {
            t!(words, "upload-waits-for-room", room = isolated(name))
        }
        _ => t!(words, "upload-waiting"),
    }
}

fn running(words: &Words, item: &UploadItem, read: u64) -> Html {
    let says = if read >= item.bytes {
        t!(words, "upload-copying")
    } else {
        let [read, bytes] = [read, item.bytes].map(|bytes| wording::size(words, bytes));
        t!(words, "part-of", part = read, whole = bytes)
    };
    let label = t!(words, "upload-of", name = item.name.as_str());
    html! {
        <>
            <progress aria-label={label} value={read.to_string()} max={item.bytes.max(1).to_string()} />
            { says }
        </>
    }
}

fn done(words: &Words, uploaded: &Uploaded) -> Html {
    let copies = &uploaded.copies;
    html! {
        <>
            <span class="outcome">{ wording::outcome(words, uploaded) }</span>
            <span class={classes!("copies", copies.safe.then_some("safe"))}>{ wording::copies(words, copies) }</span>
        </>
    }
}

fn failed(words: &Words, item: &UploadItem, error: &Error, actions: &Callback<Action>) -> Html {
    let id = item.id;
    let again = actions.reform(move |_: MouseEvent| Action::UploadRetried(id));
    html! {
        <>
            <span>{ wording::upload_failure(words, item.bytes, error) }</span>
            if item.may_be_retried() {
                <button type="button" class="button" onclick={again}>{ t!(words, "try-again") }</button>
            }
        </>
    }
}
