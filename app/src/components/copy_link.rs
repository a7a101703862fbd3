//! The button that copies a link to a song.

use std::time::Duration;

use kadenza_api::SongId;
use kadenza_platform::{sleep, spawn};
use yew::prelude::*;

use super::{Icon, Shape};
use crate::link::{Copied, copy};
use crate::words::{t, use_words};

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
    let words = use_words();
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
        None => (Shape::Link, String::new()),
        Some(Copied::ToClipboard) => (Shape::Done, t!(words, "link-copied")),
        Some(Copied::ToAddressBar) => (Shape::Done, t!(words, "link-in-address-bar")),
    };
    let label = t!(words, "copy-song-link");
    html! {
        <span class="copy-link">
            <button type="button" class="round" aria-label={label.clone()} title={label} {onclick}>
                <Icon {shape} />
            </button>
            <span class="copied" role="status">{ said }</span>
        </span>
    }
}
