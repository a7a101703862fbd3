//! The part of a long list that is in the document, and room for the rest.

use yew::prelude::*;

use crate::state::{Piece, Window};

/// What is in the document of a list of `count` items: those that `item` makes, each with a key, and gaps.
pub(super) fn windowed(window: &Window, count: usize, item: impl Fn(usize) -> Html) -> Html {
    let pieces = window.pieces(count);
    let gaps = pieces.iter().scan(0, |gaps, piece| {
        *gaps += usize::from(matches!(piece, Piece::Gap(_)));
        Some(*gaps)
    });
    pieces
        .iter()
        .zip(gaps)
        .map(|(piece, gaps)| match piece {
            Piece::Item(place) => item(*place),
            Piece::Gap(rows) => {
                let key = format!("gap-{gaps}");
                html! { <li {key} class="gap" data-rows={rows.to_string()} aria-hidden="true" /> }
            }
        })
        .collect()
}
