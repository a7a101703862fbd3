//! What a person should know before anything else.

use kadenza_node::tab::Keeping;
use yew::prelude::*;

use super::{Icon, Shape};
use crate::wording;

/// What there is to say.
#[derive(Debug, PartialEq, Properties)]
pub struct NoticesProps {
    /// Where songs are kept.
    pub keeping: Keeping,
    /// Why the page cannot work at all.
    pub failure: Option<AttrValue>,
}

/// The notices, where there are any.
#[function_component(Notices)]
pub fn notices(NoticesProps { keeping, failure }: &NoticesProps) -> Html {
    let keeping = wording::keeping(*keeping);
    if failure.is_none() && keeping.is_none() {
        return Html::default();
    }
    html! {
        <aside aria-label="Notices">
            if let Some(failure) = failure {
                <p class="notice problem" role="alert">
                    <Icon shape={Shape::Problem} />
                    <span>{ format!("Kadenza could not start: {failure} Reload the page to try again.") }</span>
                </p>
            }
            if let Some(sentence) = keeping {
                <p class="notice"><Icon shape={Shape::Problem} /><span>{ sentence }</span></p>
            }
        </aside>
    }
}
