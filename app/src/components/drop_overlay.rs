//! What covers the page while files hover over it.

use yew::prelude::*;

use super::{Icon, Shape};
use crate::words::{t, use_words};

/// The class of the part where files are let go whose names are to be looked at first.
pub const DROP_TO_CHECK: &str = "drop-to-check";

/// Where files hover.
#[derive(Debug, PartialEq, Properties)]
pub struct DropOverlayProps {
    /// Whether they are over the part for names.
    pub to_check: bool,
}

/// An invitation to let go, and a smaller one to look at names first.
#[function_component(DropOverlay)]
pub fn drop_overlay(DropOverlayProps { to_check }: &DropOverlayProps) -> Html {
    let words = use_words();
    let over = |is_over: bool| is_over.then_some("over");
    html! {
        <div class="drop-overlay">
            <p class={classes!("drop-to-upload", over(!to_check))}>
                <Icon shape={Shape::Upload} />{ t!(words, "drop-to-upload") }
            </p>
            <p class={classes!(DROP_TO_CHECK, over(*to_check))}>
                <Icon shape={Shape::Pencil} />{ t!(words, "drop-to-check") }
            </p>
        </div>
    }
}
