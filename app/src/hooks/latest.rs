//! Callbacks that stay the same.

use yew::prelude::*;

/// A callback that never changes and calls what it was given last: whoever has it need not render again for its sake, and what
/// was handed to the browser once, as media keys are, still does what is right now.
#[hook]
pub fn use_latest<IN: 'static>(callback: Callback<IN>) -> Callback<IN> {
    let latest = use_mut_ref(|| callback.clone());
    latest.replace(callback);
    let same = use_memo((), |()| {
        Callback::from(move |input| {
            let callback = latest.borrow().clone();
            callback.emit(input);
        })
    });
    (*same).clone()
}
