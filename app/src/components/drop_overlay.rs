//! What covers the page while files hover over it.

use yew::prelude::*;

use super::{Icon, Shape};
use crate::words::{t, use_words};

/// An invitation to let go.
#[function_component(DropOverlay)]
pub fn drop_overlay() -> Html {
    let words = use_words();
    html! {
        <div class="drop-overlay">
            <p><Icon shape={Shape::Upload} />{ t!(words, "drop-to-upload") }</p>
        </div>
    }
}
