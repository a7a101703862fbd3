//! The button that makes a room, and the two names it asks for.

use kadenza_node::room::{MEMBER_NAME_CHARS, ROOM_NAME_CHARS};
use web_sys::{HtmlElement, HtmlFormElement, HtmlInputElement};
use yew::prelude::*;

use super::{Icon, Shape};
use crate::actions::use_deeds;
use crate::setup;
use crate::state::Deed;
use crate::words::{t, use_words};

/// The dialog's id.
const DIALOG: &str = "new-room";

/// The button, and what it opens.
#[function_component(NewRoom)]
pub fn new_room() -> Html {
    let (words, deeds) = (use_words(), use_deeds());
    let (dialog, room, me, form) = (use_node_ref(), use_node_ref(), use_node_ref(), use_node_ref());
    // Set once, and not with every rendering, which would take away what is being typed.
    let named = me.clone();
    use_effect_with((), move |()| {
        let input = named.cast::<HtmlInputElement>();
        input.iter().for_each(|input| input.set_default_value(setup::own_name().as_str()));
    });
    let value = |field: &NodeRef| field.cast::<HtmlInputElement>().map(|input| input.value());
    let onsubmit = {
        let (dialog, room, me, form) = (dialog.clone(), room.clone(), me.clone(), form.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            if let (Some(room), Some(me)) = (value(&room), value(&me)) {
                deeds.emit(Deed::Create { room, me });
                form.cast::<HtmlFormElement>().iter().for_each(HtmlFormElement::reset);
                // It fails where it is closed already.
                dialog.cast::<HtmlElement>().iter().for_each(|dialog| drop(dialog.hide_popover()));
            }
        })
    };
    html! {
        <>
            <button type="button" class="button" popovertarget={DIALOG}>
                <Icon shape={Shape::Together} /><span>{ t!(words, "new-room") }</span>
            </button>
            <div ref={dialog} id={DIALOG} class="dialog" popover="auto" role="dialog" aria-label={t!(words, "new-room")}>
                <h2>{ t!(words, "new-room") }</h2>
                <p>{ t!(words, "new-room-about") }</p>
                <form ref={form} {onsubmit}>
                    <label>
                        { t!(words, "room-name") }
                        <input ref={room} type="text" name="room" required=true dir="auto" autocomplete="off"
                            maxlength={ROOM_NAME_CHARS.to_string()} />
                    </label>
                    <label>
                        { t!(words, "your-name") }
                        <input ref={me} type="text" name="me" required=true dir="auto" autocomplete="nickname"
                            maxlength={MEMBER_NAME_CHARS.to_string()} />
                    </label>
                    <div class="dialog-buttons">
                        <button type="submit" class="button prominent">{ t!(words, "open-room") }</button>
                        <button type="button" class="button" popovertarget={DIALOG} popovertargetaction="hide">
                            { t!(words, "cancel") }
                        </button>
                    </div>
                </form>
            </div>
        </>
    }
}
