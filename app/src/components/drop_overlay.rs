//! What covers the page while files hover over it.

use yew::prelude::*;

use super::{Icon, Shape};

/// An invitation to let go.
#[function_component(DropOverlay)]
pub fn drop_overlay() -> Html {
    html! {
        <div class="drop-overlay">
            <p><Icon shape={Shape::Upload} />{ "Drop to upload" }</p>
        </div>
    }
}
