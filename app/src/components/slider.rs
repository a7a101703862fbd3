//! A slider: the browser's own, laid over a bar that shows how far it is.

use web_sys::HtmlInputElement;
use yew::prelude::*;

/// What a slider sets.
#[derive(Debug, PartialEq, Properties)]
pub struct SliderProps {
    /// Its name.
    pub label: AttrValue,
    /// Where it is.
    pub value: f64,
    /// Its end; it begins at 0.
    pub max: f64,
    /// How far one press of an arrow key goes.
    pub step: f64,
    /// A value in words.
    pub text: Callback<f64, String>,
    /// Told while it is dragged.
    #[prop_or_default]
    pub on_slide: Callback<f64>,
    /// Told when it is let go.
    pub on_set: Callback<f64>,
}

/// A slider. While it is dragged it shows where the hand is, not where the value still is.
#[function_component(Slider)]
pub fn slider(props: &SliderProps) -> Html {
    let held = use_state_eq(|| None::<f64>);
    let value = held.unwrap_or(props.value).clamp(0.0, props.max.max(0.0));
    let oninput = {
        let (held, on_slide) = (held.clone(), props.on_slide.clone());
        Callback::from(move |event: InputEvent| {
            let value = event.target_unchecked_into::<HtmlInputElement>().value_as_number();
            held.set(Some(value));
            on_slide.emit(value);
        })
    };
    let onchange = {
        let on_set = props.on_set.clone();
        Callback::from(move |event: Event| {
            on_set.emit(event.target_unchecked_into::<HtmlInputElement>().value_as_number());
            held.set(None);
        })
    };
    html! {
        <span class="slider">
            <progress value={value.to_string()} max={props.max.to_string()} aria-hidden="true" />
            <input
                type="range"
                aria-label={&props.label}
                aria-valuetext={props.text.emit(value)}
                min="0"
                max={props.max.to_string()}
                step={props.step.to_string()}
                value={value.to_string()}
                {oninput}
                {onchange}
            />
        </span>
    }
}
