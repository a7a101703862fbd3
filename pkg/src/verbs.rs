//! Upload, search, listen: the same for the public library and for that of a room.

use js_sys::{Function, Promise, Uint8Array};
use kadenza_api::http::recording_path;
use kadenza_api::{ContentId, Error, Http, Music, Query, Recording, SongId, Upload};
use kadenza_node::{blob, bridge};
use serde::Deserialize;
use wasm_bindgen::JsValue;
use web_sys::{AbortSignal, Blob};

use crate::call::{Answer, promise};
use crate::data::{argument, object, thrown, wrong};

/// A part of a content.
#[derive(Deserialize)]
struct Part {
    content: ContentId,
    /// How long the whole content is, in bytes.
    bytes: u64,
    start: u64,
    end: u64,
}

pub(crate) fn upload(
    music: impl Music,
    file: Blob,
    name: String,
    tags: JsValue,
    on_read: Function,
    signal: AbortSignal,
) -> Promise {
    promise(signal, async move {
        #[expect(clippy::cast_precision_loss, reason = "a file's size is exact up to 2⁵³")]
        let source = blob::watched(blob::source(&file), move |read| {
            // What a page does with it is its own affair.
            drop(on_read.call1(&JsValue::UNDEFINED, &JsValue::from_f64(read as f64)));
        });
        let upload = Upload { name, tags: argument("tags", tags)?, source };
        object(&music.upload(upload).await.map_err(|error| thrown(&error))?)
    })
}

pub(crate) fn search(music: impl Music, query: JsValue, signal: AbortSignal) -> Promise {
    promise(signal, async move {
        let query: Query = argument("query", query)?;
        object(&music.search(query).await.map_err(|error| thrown(&error))?)
    })
}

pub(crate) fn song(music: impl Music, id: String, signal: AbortSignal) -> Promise {
    promise(signal, async move {
        let id = song_id(&id)?;
        object(&music.song(id).await.map_err(|error| thrown(&error))?)
    })
}

pub(crate) fn read(music: impl Music, part: JsValue, signal: AbortSignal) -> Promise {
    promise(signal, async move {
        let Part { content, bytes, start, end } = argument("content", part)?;
        let read = music.read(content, bytes, start..end).await;
        read.map(|bytes| Uint8Array::from(&*bytes)).map_err(|error| thrown(&error))
    })
}

pub(crate) fn whole(music: impl Music, recording: JsValue, signal: AbortSignal) -> Promise {
    promise(signal, async move {
        let recording: Recording = argument("recording", recording)?;
        blob::whole(&music, &recording).await.map_err(|error| thrown(&error))
    })
}

pub(crate) fn serve_below(http: impl Http + Clone, prefix: String, signal: AbortSignal) -> Promise {
    promise(signal, async move {
        bridge::serve_below(&prefix, http).await;
        Ok(JsValue::UNDEFINED)
    })
}

/// The path of a recording, of a song that is called so in addresses.
pub(crate) fn path(recording: JsValue, called: impl FnOnce(SongId) -> SongId) -> Answer<String> {
    let recording: Recording = argument("recording", recording)?;
    Ok(recording_path(called(recording.song_id()), &recording))
}

pub(crate) fn song_id(text: &str) -> Answer<SongId> {
    text.parse().map_err(|error: Error| wrong("id", error))
}
