//! A small round button with an icon, as rows of songs have them.

use yew::prelude::*;

use super::{Icon, Shape};

/// What the button is.
#[derive(Debug, PartialEq, Properties)]
pub struct SmallButtonProps {
    /// What it does, in words.
    pub label: AttrValue,
    /// Its icon.
    pub shape: Shape,
    /// Whether it is switched on, where it is a switch.
    #[prop_or_default]
    pub pressed: Option<bool>,
    /// Told when it is pressed.
    pub on_press: Callback<()>,
}

/// The button.
#[function_component(SmallButton)]
pub fn small_button(SmallButtonProps { label, shape, pressed, on_press }: &SmallButtonProps) -> Html {
    let onclick = on_press.reform(|_: MouseEvent| ());
    html! {
        <button type="button" class={classes!("round", "small", (*pressed == Some(true)).then_some("pressed"))}
            aria-label={label} title={label} aria-pressed={pressed.map(|pressed| pressed.to_string())} {onclick}>
            <Icon shape={*shape} />
        </button>
    }
}
