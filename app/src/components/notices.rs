//! What a person should know before anything else.

use kadenza_api::Error;
use kadenza_node::tab::Keeping;
use yew::prelude::*;

use super::{Icon, Shape};
use crate::actions::{Action, use_actions};
use crate::state::Link;
use crate::wording;
use crate::words::{t, use_words};

/// What there is to say.
#[derive(Debug, PartialEq, Properties)]
pub struct NoticesProps {
    /// Where songs are kept.
    pub keeping: Keeping,
    /// Why the page cannot work at all.
    pub failure: Option<Error>,
    /// The link the page was opened with.
    #[prop_or_default]
    pub link: Link,
}

/// The notices, where there are any.
#[function_component(Notices)]
pub fn notices(NoticesProps { keeping, failure, link }: &NoticesProps) -> Html {
    let words = use_words();
    let keeping = wording::keeping(&words, *keeping);
    if failure.is_none() && keeping.is_none() && *link == Link::None {
        return Html::default();
    }
    html! {
        <aside aria-label={t!(words, "notices")}>
            if let Some(failure) = failure {
                <p class="notice problem" role="alert">
                    <Icon shape={Shape::Problem} />
                    <span>{ wording::start_failure(&words, failure) }</span>
                </p>
            }
            if *link != Link::None {
                <LinkNotice link={link.clone()} />
            }
            if let Some(sentence) = keeping {
                <p class="notice"><Icon shape={Shape::Problem} /><span>{ sentence }</span></p>
            }
        </aside>
    }
}

/// Which link.
#[derive(Debug, PartialEq, Properties)]
struct LinkNoticeProps {
    link: Link,
}

/// That the song of a link is looked for, or why it does not play.
#[function_component(LinkNotice)]
fn link_notice(LinkNoticeProps { link }: &LinkNoticeProps) -> Html {
    let (words, actions) = (use_words(), use_actions());
    let button = |label: String, action: Action| {
        let onclick = actions.reform(move |_: MouseEvent| action.clone());
        html! { <button type="button" class="button" {onclick}>{ label }</button> }
    };
    let (sentence, may_retry) = match link {
        Link::None | Link::Room(_) => return Html::default(),
        Link::Looking(_) => {
            return html! { <p class="notice" role="status"><span>{ t!(words, "link-looking") }</span></p> };
        }
        Link::DamagedRoom(error) => (wording::room_link_failure(&words, error), false),
        Link::Damaged => (t!(words, "link-damaged"), false),
        Link::Missing(_, error) => (wording::link_failure(&words, error), true),
    };
    html! {
        <div class="notice problem" role="alert">
            <Icon shape={Shape::Problem} />
            <span>{ sentence }</span>
            if may_retry {
                { button(t!(words, "link-look-again"), Action::LinkRetried) }
            }
            { button(t!(words, "close"), Action::LinkDismissed) }
        </div>
    }
}
