//! Bytes behind JavaScript's buffers, given back once they are copied: a browser collects what nobody needs any more only after
//! tens of megabytes of it.

use js_sys::{ArrayBuffer, Uint8Array};
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(extends = ArrayBuffer)]
    type Transferable;

    /// ECMAScript 2024, `ArrayBuffer.prototype.transfer`: moves the bytes into another buffer of `len` bytes.
    #[wasm_bindgen(method, catch)]
    fn transfer(this: &Transferable, len: u32) -> Result<ArrayBuffer, JsValue>;
}

/// Copies the bytes of an array out and gives back those of the whole buffer it lies in, which is empty then.
pub fn taken(array: &Uint8Array) -> Vec<u8> {
    let bytes = array.to_vec();
    give_back(array);
    bytes
}

/// Gives back the memory of the buffer an array lies in, which nobody needs any more; both are empty then.
pub fn give_back(array: &Uint8Array) {
    // A browser older than 2024 cannot, and collects it when it likes.
    drop(array.buffer().unchecked_ref::<Transferable>().transfer(0));
}
