//! Asks for the title and artist a file does not name.

use kadenza_api::{TEXT_LIMIT_CHARS, Tags};
use web_sys::HtmlInputElement;
use yew::prelude::*;

use crate::actions::{Action, use_actions};
use crate::words::{t, use_words};

/// What is asked.
#[derive(Debug, PartialEq, Properties)]
pub struct TagsFormProps {
    /// Which upload.
    pub id: u32,
    /// Its file name.
    pub name: AttrValue,
    /// What may be right.
    pub guess: Tags,
}

/// The form.
#[function_component(TagsForm)]
pub fn tags_form(TagsFormProps { id, name, guess }: &TagsFormProps) -> Html {
    let (words, actions) = (use_words(), use_actions());
    let (title, artist, album) = (use_node_ref(), use_node_ref(), use_node_ref());
    let id = *id;
    let onsubmit = {
        let (actions, fields) = (actions.clone(), [title.clone(), artist.clone(), album.clone()]);
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let [title, artist, album] =
                fields.each_ref().map(|field| field.cast::<HtmlInputElement>().map(|field| field.value()));
            actions.emit(Action::TagsGiven { id, tags: Tags { title, artist, album } });
        })
    };
    let skip = Callback::from(move |_: MouseEvent| actions.emit(Action::UploadSkipped(id)));
    html! {
        <form class="tags" aria-label={t!(words, "tags-of", name = name.as_str())} {onsubmit}>
            <p>{ t!(words, "tags-missing") }</p>
            { field(t!(words, "tag-title"), &title, guess.title.as_ref(), true) }
            { field(t!(words, "tag-artist"), &artist, guess.artist.as_ref(), true) }
            { field(t!(words, "tag-album"), &album, guess.album.as_ref(), false) }
            <div class="tags-buttons">
                <button type="submit" class="button prominent">{ t!(words, "add-song") }</button>
                <button type="button" class="button" onclick={skip}>{ t!(words, "skip") }</button>
            </div>
        </form>
    }
}

fn field(label: String, node: &NodeRef, guess: Option<&String>, required: bool) -> Html {
    html! {
        <label>
            <span>{ label }</span>
            <input ref={node} type="text" dir="auto" autocomplete="off" maxlength={TEXT_LIMIT_CHARS.to_string()}
                value={guess.cloned().unwrap_or_default()} {required} />
        </label>
    }
}
