//! The button that copies a link to a song.

use std::time::Duration;

use kadenza_api::SongId;
use kadenza_platform::{sleep, spawn};
use yew::prelude::*;

use super::{Icon, Shape};
use crate::link::{Copied, copy};

/// How long it says that the link is copied.
const SAID: Duration = Duration::from_secs(3);

/// Which song.
#[derive(Debug, PartialEq, Properties)]
pub struct CopyLinkProps {
    /// The song.
    pub song: SongId,
}

/// The button. Where the browser does not let it copy, the link goes to the address bar.
#[function_component(CopyLink)]
pub fn copy_link(CopyLinkProps { song }: &CopyLinkProps) -> Html {
    let copied = use_state_eq(|| None::<Copied>);
    let onclick = {
        let (song, copied) = (*song, copied.clone());
        Callback::from(move |_: MouseEvent| {
            let copied = copied.clone();
            spawn(async move {
                copied.set(Some(copy(song).await));
                sleep(SAID).await;
                copied.set(None);
            });
        })
    };
    let (shape, said) = match *copied {
        None => (Shape::Link, ""),
        Some(Copied::ToClipboard) => (Shape::Done, "Link copied"),
        Some(Copied::ToAddressBar) => (Shape::Done, "The link is in the address bar"),
    };
    html! {
        <span class="copy-link">
            <button type="button" class="round" aria-label="Copy link to this song" title="Copy link to this song" {onclick}>
                <Icon {shape} />
            </button>
            <span class="copied" role="status">{ said }</span>
        </span>
    }
}
