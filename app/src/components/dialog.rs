//! A dialog that keeps the rest of the page from being used while it is open.

use web_sys::HtmlDialogElement;
use yew::prelude::*;

/// What the dialog is.
#[derive(Debug, PartialEq, Properties)]
pub struct DialogProps {
    /// Whether it is open.
    pub open: bool,
    /// The id of its heading.
    pub heading: AttrValue,
    /// The id of what describes it, where it warns of something.
    #[prop_or_default]
    pub warning: Option<AttrValue>,
    /// Told when it is closed, by Escape for one.
    pub on_close: Callback<()>,
    /// What is in it while it is open.
    #[prop_or_default]
    pub children: Html,
}

/// The dialog.
#[function_component(Dialog)]
pub fn dialog(DialogProps { open, heading, warning, on_close, children }: &DialogProps) -> Html {
    let dialog = use_node_ref();
    let shown = dialog.clone();
    use_effect_with(*open, move |open| {
        let Some(dialog) = shown.cast::<HtmlDialogElement>() else { return };
        match open {
            // It fails only where it is shown already.
            true if !dialog.open() => drop(dialog.show_modal()),
            true => {}
            false => dialog.close(),
        }
    });
    let onclose = on_close.reform(|_: Event| ());
    let role = warning.as_ref().map(|_| "alertdialog");
    html! {
        <dialog ref={dialog} class="dialog" {role} aria-labelledby={heading} aria-describedby={warning.clone()} {onclose}>
            if *open {
                { children.clone() }
            }
        </dialog>
    }
}
