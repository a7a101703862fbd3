//! The names of files before they go, to be corrected: of one song, or of a whole album.

use std::collections::HashSet;
use std::rc::Rc;

use yew::prelude::*;

use super::{Dialog, NameInput, NameRow};
use crate::actions::{Action, use_actions};
use crate::state::{NameField, UploadItem};
use crate::words::{t, use_words};

/// What there is to look at.
#[derive(Debug, PartialEq, Properties)]
pub struct CheckNamesProps {
    /// Whether it is shown.
    pub open: bool,
    /// The files.
    pub items: Vec<Rc<UploadItem>>,
}

/// The dialog. Closing it changes nothing: the files wait.
#[function_component(CheckNames)]
pub fn check_names(CheckNamesProps { open, items }: &CheckNamesProps) -> Html {
    let (words, actions) = (use_words(), use_actions());
    let apart = use_state(HashSet::<u32>::new);
    let close = actions.reform(|()| Action::NamesShown(false));
    let later = close.reform(|_: MouseEvent| ());
    let leave_out = actions.reform(|_: MouseEvent| Action::CheckedLeftOut);
    let onsubmit = actions.reform(|event: SubmitEvent| {
        event.prevent_default();
        Action::NamesConfirmed
    });
    let pick = {
        let apart = apart.clone();
        Callback::from(move |id| {
            let mut others = (*apart).clone();
            if !others.remove(&id) {
                others.insert(id);
            }
            apart.set(others);
        })
    };
    let picked: Vec<_> = items.iter().filter(|item| !apart.contains(&item.id)).cloned().collect();
    let ready = items.iter().all(|item| item.names().is_some());
    html! {
        <Dialog open={*open && !items.is_empty()} heading="names-title" on_close={close}>
            <h2 id="names-title">{ t!(words, "check-names-of", files = items.len()) }</h2>
            <p>{ t!(words, "names-are-final") }</p>
            <form class="names" {onsubmit}>
                if items.len() > 1 {
                    <SharedNames {picked} />
                }
                <ul class="name-list" role="list" aria-label={t!(words, "upload-files")}>
                    { for items.iter().map(|item| html! {
                        <NameRow key={item.id} item={item.clone()}
                            picked={(items.len() > 1).then(|| !apart.contains(&item.id))} on_pick={pick.clone()} />
                    }) }
                </ul>
                <div class="dialog-buttons">
                    <button type="submit" class="button prominent" disabled={!ready}>
                        { t!(words, "add-songs", songs = items.len()) }
                    </button>
                    <button type="button" class="button" onclick={later}>{ t!(words, "later") }</button>
                    <button type="button" class="button quiet" onclick={leave_out}>
                        { t!(words, "leave-out", files = items.len()) }
                    </button>
                </div>
            </form>
        </Dialog>
    }
}

/// Which files.
#[derive(Debug, PartialEq, Properties)]
struct SharedNamesProps {
    picked: Vec<Rc<UploadItem>>,
}

/// What the songs of an album have in common, given once.
#[function_component(SharedNames)]
fn shared_names(SharedNamesProps { picked }: &SharedNamesProps) -> Html {
    let words = use_words();
    let ids: Vec<u32> = picked.iter().map(|item| item.id).collect();
    html! {
        <fieldset class="shared-names">
            <legend>{ t!(words, "names-of-selected", files = picked.len()) }</legend>
            { for [NameField::Artist, NameField::Album].into_iter().map(|field| html! {
                <NameInput {field} ids={ids.clone()} value={field.shared(picked).map(str::to_owned)} required={false} />
            }) }
        </fieldset>
    }
}
