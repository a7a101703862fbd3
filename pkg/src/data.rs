//! Plain objects in and out, and errors.

use std::fmt::Display;

use kadenza_api::Error;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::JsValue;

use crate::call::Answer;

/// `value` as JSON would have it. Numbers are numbers: all there are stay below 2⁵³.
///
/// # Errors
/// What is thrown for a number that does not.
pub(crate) fn object(value: &impl Serialize) -> Answer {
    value
        .serialize(&Serializer::json_compatible())
        .map_err(|error| thrown(&Error::invalid(error.to_string())))
}

/// An argument that is a plain object. `name` is for the message.
///
/// # Errors
/// What is thrown where it is not what it should be.
pub(crate) fn argument<T: DeserializeOwned>(name: &str, value: JsValue) -> Answer<T> {
    serde_wasm_bindgen::from_value(value).map_err(|error| wrong(name, error))
}

/// What is thrown for an argument that is wrong.
pub(crate) fn wrong(name: &str, why: impl Display) -> JsValue {
    thrown(&Error::invalid(format!("{name}: {why}")))
}

/// What is thrown for an error.
pub(crate) fn thrown(error: &Error) -> JsValue {
    // An error is made of texts, which every value of JavaScript can hold.
    error.serialize(&Serializer::json_compatible()).unwrap_or_else(JsValue::from)
}
