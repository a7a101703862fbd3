//! The part of a long list that is in the document, and room for the rest.

use yew::prelude::*;

use crate::state::{Piece, Window};

/// What is in the document of a list of `count` items: those that `item` makes, each with a key, and gaps.
pub(super) fn windowed(window: &Window, count: usize, item: impl Fn(usize) -> Html) -> Html {
    let pieces = window.pieces(count);
    let last = pieces.len().saturating_sub(1);
    let mut gaps = 0;
    let mut all = Vec::with_capacity(pieces.len());
    for (at, piece) in pieces.into_iter().enumerate() {
        all.push(match piece {
            Piece::Item(place) => item(place),
            Piece::Gap(rows) => {
                gaps += 1;
                // A gap stays on its side of the items: an item that is moved past one would lose the focus.
                let key = if at == last { "gap-end".to_owned() } else { format!("gap-{gaps}") };
                html! { <li {key} class="gap" data-rows={rows.to_string()} aria-hidden="true" /> }
            }
        });
    }
    all.into_iter().collect()
}
