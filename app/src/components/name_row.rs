//! The names of one file, to be corrected before it goes.

use std::rc::Rc;

use kadenza_api::TEXT_LIMIT_CHARS;
use web_sys::HtmlInputElement;
use yew::prelude::*;

use crate::actions::{Action, use_actions};
use crate::state::{NameField, UploadItem};
use crate::words::{isolated, t, use_words};

/// Which file.
#[derive(Debug, PartialEq, Properties)]
pub struct NameRowProps {
    /// The file.
    pub item: Rc<UploadItem>,
    /// Whether it is one of those that are named together, where there are several.
    pub picked: Option<bool>,
    /// Told when it is to be, or no longer.
    pub on_pick: Callback<u32>,
}

/// The file, and its three names.
#[function_component(NameRow)]
pub fn name_row(NameRowProps { item, picked, on_pick }: &NameRowProps) -> Html {
    let words = use_words();
    let id = item.id;
    let onchange = on_pick.reform(move |_: Event| id);
    let file = html! { <span class="name-file" dir="auto">{ &item.name }</span> };
    let field = |field, required| {
        let value = item.names().map(|names| NameField::of(field, names).to_owned());
        html! { <NameInput {field} ids={vec![id]} {value} {required} disabled={item.names().is_none()} /> }
    };
    html! {
        <li class="name-row">
            <fieldset aria-label={t!(words, "tags-of", name = isolated(&item.name))}>
                if let Some(picked) = picked {
                    <label class="check">
                        <input type="checkbox" checked={*picked} {onchange} />{ file }
                    </label>
                } else {
                    { file }
                }
                { field(NameField::Title, true) }
                { field(NameField::Artist, true) }
                { field(NameField::Album, false) }
            </fieldset>
        </li>
    }
}

/// A name.
#[derive(Debug, PartialEq, Properties)]
pub struct NameInputProps {
    /// Which one.
    pub field: NameField,
    /// Whose.
    pub ids: Vec<u32>,
    /// What it is; nothing where it is not known, or differs.
    pub value: Option<String>,
    /// Whether there has to be one.
    pub required: bool,
    /// Whether it cannot be changed now.
    #[prop_or_default]
    pub disabled: bool,
}

/// What a name is typed into. It is taken when the person goes on to something else.
#[function_component(NameInput)]
pub fn name_input(NameInputProps { field, ids, value, required, disabled }: &NameInputProps) -> Html {
    let (words, actions) = (use_words(), use_actions());
    let label = match field {
        NameField::Title => t!(words, "tag-title"),
        NameField::Artist => t!(words, "tag-artist"),
        NameField::Album => t!(words, "tag-album"),
    };
    let (ids, field) = (ids.clone(), *field);
    let onchange = actions.reform(move |event: Event| {
        let text = event.target_unchecked_into::<HtmlInputElement>().value();
        Action::NameGiven { ids: ids.clone(), field, text }
    });
    let placeholder = match (value, disabled) {
        (_, true) => t!(words, "reading-names"),
        (None, false) => t!(words, "names-differ"),
        _ => String::new(),
    };
    html! {
        <label>
            <span>{ label }</span>
            <input type="text" dir="auto" autocomplete="off" maxlength={TEXT_LIMIT_CHARS.to_string()} {placeholder}
                value={value.clone().unwrap_or_default()} required={*required} disabled={*disabled} {onchange} />
        </label>
    }
}
