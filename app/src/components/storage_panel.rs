//! The sheet about what this tab stores: how much, for whom, how much it may, how long it lasts, and what would be gone
//! with it.

use std::rc::Rc;

use kadenza_node::tab::{Holdings, Lasting};
use yew::prelude::*;

use super::{Dialog, Icon, Shape, StorageBar, StorageLimit};
use crate::actions::{Action, use_actions};
use crate::state::{Asked, StorageSheet};
use crate::wording;
use crate::words::{Words, t, use_words};

/// What the sheet shows.
#[derive(Debug, PartialEq, Properties)]
pub struct StoragePanelProps {
    /// What is stored.
    pub sheet: Rc<StorageSheet>,
}

/// The sheet.
#[function_component(StoragePanel)]
pub fn storage_panel(StoragePanelProps { sheet }: &StoragePanelProps) -> Html {
    let (words, actions) = (use_words(), use_actions());
    let close = actions.reform(|()| Action::StorageToggled(false));
    let onclick = close.reform(|_: MouseEvent| ());
    html! {
        <Dialog open={sheet.open} heading="storage-title" on_close={close}>
            <h2 id="storage-title">{ t!(words, "storage") }</h2>
            { match sheet.storage {
                None => html! { <p>{ t!(words, "storage-asking") }</p> },
                Some(storage) => html! {
                    <div class="storage">
                        <StorageBar stored={storage.stored} />
                        <StorageLimit limit={sheet.limit} {storage} />
                        { lasting(&words, &actions, storage, sheet.asked) }
                        { losses(&words, sheet) }
                    </div>
                },
            } }
            <div class="dialog-buttons">
                <button type="button" class="button prominent" {onclick}>{ t!(words, "close") }</button>
            </div>
        </Dialog>
    }
}

/// How long it lasts, and what can be done for that.
fn lasting(words: &Words, actions: &Callback<Action>, storage: Holdings, asked: Asked) -> Html {
    let onclick = actions.reform(|_: MouseEvent| Action::LastingAsked);
    let shape = if storage.lasting == Lasting::Persistent { Shape::Done } else { Shape::Problem };
    html! {
        <section aria-labelledby="lasting-title">
            <h3 id="lasting-title">{ t!(words, "lasting") }</h3>
            <p class="lasting" role="status"><Icon {shape} /><span>{ wording::lasting(words, storage.lasting, asked) }</span></p>
            if storage.lasting == Lasting::Evictable {
                <button type="button" class="button" disabled={asked == Asked::Waiting} {onclick}>
                    { t!(words, "lasting-ask") }
                </button>
            }
        </section>
    }
}

/// What would be gone with it.
fn losses(words: &Words, sheet: &StorageSheet) -> Html {
    let counting = sheet.losses.as_ref().and_then(|losses| losses.as_ref().ok());
    let counting = counting.filter(|losses| losses.counted < losses.songs);
    html! {
        <section aria-labelledby="losses-title">
            <h3 id="losses-title">{ t!(words, "losses") }</h3>
            <p role="status" data-counted={counting.is_none().to_string()}>{ wording::losses(words, sheet.losses.as_ref()) }</p>
            { for counting.map(|losses| html! {
                <progress aria-label={t!(words, "losses-counting")} max={losses.songs.to_string()}
                    value={losses.counted.to_string()} />
            }) }
        </section>
    }
}
