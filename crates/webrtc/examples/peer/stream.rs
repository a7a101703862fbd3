//! A stream, for JavaScript to hold.

use futures::{AsyncReadExt, AsyncWriteExt};
use js_sys::Uint8Array;
use libp2p::Stream as Libp2pStream;
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::prelude::*;

/// A stream. What it does, it does one after the other.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Stream(Rc<RefCell<Option<Libp2pStream>>>);

const CHUNK_BYTES: usize = 64 * 1024;

impl Stream {
    pub(crate) fn new(stream: Libp2pStream) -> Self {
        Self(Rc::new(RefCell::new(Some(stream))))
    }

    async fn with<T>(
        &self,
        call: impl AsyncFnOnce(&mut Libp2pStream) -> std::io::Result<T>,
    ) -> Result<T, JsError> {
        let stream = self.0.borrow_mut().take();
        let mut stream = stream.ok_or_else(|| JsError::new("the stream is gone, or busy"))?;
        let result = call(&mut stream).await;
        *self.0.borrow_mut() = Some(stream);
        Ok(result?)
    }
}

#[wasm_bindgen]
impl Stream {
    /// Writes all of these bytes.
    pub async fn write(&self, bytes: Uint8Array) -> Result<(), JsError> {
        let bytes = bytes.to_vec();
        self.with(async |stream| {
            stream.write_all(&bytes).await?;
            stream.flush().await
        })
        .await
    }

    /// The next bytes; nothing at the end.
    pub async fn read(&self) -> Result<Option<Uint8Array>, JsError> {
        let mut buffer = vec![0; CHUNK_BYTES];
        let read = self.with(async |stream| stream.read(&mut buffer).await).await?;
        Ok((read > 0).then(|| Uint8Array::from(&buffer[..read])))
    }

    /// Says that nothing more is written.
    #[wasm_bindgen(js_name = closeWrite)]
    pub async fn close_write(&self) -> Result<(), JsError> {
        self.with(async |stream| stream.close().await).await
    }

    /// Gives the stream up.
    pub fn reset(&self) {
        self.0.borrow_mut().take();
    }
}
