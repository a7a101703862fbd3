//! One file on its way in, and what became of it.

use std::rc::Rc;

use kadenza_api::{Error, Uploaded};
use yew::prelude::*;

use super::{Icon, Shape, TagsForm};
use crate::actions::{Action, use_actions};
use crate::state::{Progress, UploadItem};
use crate::wording;
use crate::words::{Words, t, use_words};

/// Which file.
#[derive(Debug, PartialEq, Properties)]
pub struct UploadRowProps {
    /// The file.
    pub item: Rc<UploadItem>,
}

/// A file.
#[function_component(UploadRow)]
pub fn upload_row(UploadRowProps { item }: &UploadRowProps) -> Html {
    let (words, actions) = (use_words(), use_actions());
    let (class, shape, says) = match &item.progress {
        Progress::Waiting => ("waiting", Shape::Note, html! { t!(words, "upload-waiting") }),
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
            <div class="upload-says">{ says }</div>
        </li>
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
            if wording::is_worth_retrying(error) {
                <button type="button" class="button" onclick={again}>{ t!(words, "try-again") }</button>
            }
        </>
    }
}
