//! Files of a real browser, as an upload reads them.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::cell::RefCell;
use std::rc::Rc;

use bytes::Bytes;
use futures::StreamExt;
use js_sys::{Array, Uint8Array};
use kadenza_node::blob;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::{File, FilePropertyBag};

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

fn file(name: &str, bytes: &[u8]) -> File {
    let parts = Array::of1(&Uint8Array::from(bytes));
    File::new_with_u8_array_sequence_and_options(&parts, name, &FilePropertyBag::new()).unwrap()
}

#[wasm_bindgen_test]
async fn a_file_reads_back_in_slices_as_often_as_it_is_opened() {
    let bytes: Vec<u8> = (0..2_500_000u32).map(|n| n.to_le_bytes()[1]).collect();
    let source = blob::source(&file("a.mp3", &bytes));
    assert_eq!(source.len(), Some(2_500_000));
    for _ in 0..2 {
        let chunks: Vec<_> = source.open().unwrap().map(Result::unwrap).collect().await;
        assert_eq!(chunks.iter().map(Bytes::len).collect::<Vec<_>>(), [1_048_576, 1_048_576, 402_848]);
        assert!(chunks.concat() == bytes);
    }
}

#[wasm_bindgen_test]
async fn a_watched_source_tells_how_far_it_is() {
    let told = Rc::new(RefCell::new(Vec::new()));
    let into = told.clone();
    let source = blob::watched(blob::source(&file("a.mp3", &vec![0; 1_500_000])), move |read| {
        into.borrow_mut().push(read)
    });
    source.open().unwrap().for_each(|_| async {}).await;
    assert_eq!(*told.borrow(), [1_048_576, 1_500_000]);
}
