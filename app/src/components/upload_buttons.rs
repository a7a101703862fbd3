//! Buttons that open the browser's file picker, and the one for a new room beside them.

use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::{Icon, NewRoom, Shape};
use crate::actions::{Action, use_actions};
use crate::files::Picked;
use crate::words::{t, use_words};

/// The two ways to pick music, and a new room to put it in.
#[function_component(UploadButtons)]
pub fn upload_buttons() -> Html {
    let words = use_words();
    html! {
        <div class="upload-buttons">
            <PickFiles label={t!(words, "upload-songs")} shape={Shape::Upload} folder={false} prominent={true} />
            <PickFiles label={t!(words, "upload-folder")} shape={Shape::Folder} folder={true} prominent={false} />
            <NewRoom />
        </div>
    }
}

/// What a button picks.
#[derive(Debug, PartialEq, Properties)]
pub struct PickFilesProps {
    /// What it says.
    pub label: AttrValue,
    /// Its icon.
    pub shape: Shape,
    /// Whether a folder is picked rather than files.
    pub folder: bool,
    /// Whether it is the main thing to press.
    pub prominent: bool,
}

/// A button with the file input it stands for.
#[function_component(PickFiles)]
pub fn pick_files(props: &PickFilesProps) -> Html {
    let actions = use_actions();
    let input = use_node_ref();
    let onclick = {
        let input = input.clone();
        Callback::from(move |_: MouseEvent| {
            if let Some(input) = input.cast::<HtmlInputElement>() {
                input.click();
            }
        })
    };
    let folder = props.folder;
    let onchange = Callback::from(move |event: Event| {
        let input = event.target_unchecked_into::<HtmlInputElement>();
        if let Some(files) = input.files() {
            let picked = if folder { Picked::folder(&files) } else { Picked::one_by_one(&files) };
            actions.emit(Action::FilesPicked(picked));
        }
        // Without this, picking the same file again would not be a change.
        input.set_value("");
    });
    html! {
        <>
            <button type="button" title={&props.label}
                class={classes!("button", if props.prominent { "prominent" } else { "seldom" })} {onclick}>
                <Icon shape={props.shape} /><span>{ &props.label }</span>
            </button>
            <input
                ref={input}
                class="visually-hidden"
                type="file"
                multiple={true}
                accept={(!folder).then_some("audio/*,.mp3,.flac,.ogg,.oga,.opus,.webm,.mka,.m4a,.aac,.wav")}
                webkitdirectory={folder}
                tabindex="-1"
                aria-hidden="true"
                {onchange}
            />
        </>
    }
}
