//! Sharing a room: its link to copy, as a QR code, or by the system's own share sheet.

use std::time::Duration;

use js_sys::{Object, Reflect};
use kadenza_platform::{sleep, spawn};
use qrcode::{Color, EcLevel, QrCode};
use wasm_bindgen::JsCast;
use yew::prelude::*;

use super::{Icon, Shape};
use crate::link::copy_text;
use crate::setup;
use crate::state::RoomLink;
use crate::words::{Words, t, use_words};

/// The dialog's id.
const DIALOG: &str = "share-room";

/// How long it says that the link is copied.
const SAID: Duration = Duration::from_secs(3);

/// White around a QR code, in its squares (ISO/IEC 18004: four).
const MARGIN: usize = 4;

/// Which room.
#[derive(Debug, PartialEq, Properties)]
pub struct ShareRoomProps {
    /// Its name.
    pub name: String,
    /// Its link.
    pub link: RoomLink,
}

/// The button, and what it opens.
#[function_component(ShareRoom)]
pub fn share_room(ShareRoomProps { name, link }: &ShareRoomProps) -> Html {
    let words = use_words();
    let address = setup::origin().map(|origin| format!("{origin}/{}", link.hash())).unwrap_or_default();
    let copied = use_state_eq(|| None::<bool>);
    let copy = {
        let (address, copied) = (address.clone(), copied.clone());
        Callback::from(move |_: MouseEvent| {
            let (address, copied) = (address.clone(), copied.clone());
            spawn(async move {
                copied.set(Some(copy_text(&address).await.is_some()));
                sleep(SAID).await;
                copied.set(None);
            });
        })
    };
    let said = match *copied {
        None => String::new(),
        Some(true) => t!(words, "link-copied"),
        Some(false) => t!(words, "copy-by-hand"),
    };
    let share = share_sheet(name, &address);
    html! {
        <>
            <button type="button" class="button prominent" popovertarget={DIALOG}>
                <Icon shape={Shape::Link} />{ t!(words, "share-room") }
            </button>
            <div id={DIALOG} class="dialog share" popover="auto" role="dialog" aria-label={t!(words, "share-room")}>
                <h2>{ t!(words, "share-room-title") }</h2>
                <p>{ t!(words, "share-room-about") }</p>
                <input type="text" readonly=true aria-label={t!(words, "room-link")} value={address.clone()} />
                <div class="dialog-buttons">
                    <button type="button" class="button prominent" onclick={copy}>{ t!(words, "copy-link") }</button>
                    if let Some(onclick) = share {
                        <button type="button" class="button" {onclick}>{ t!(words, "share-sheet") }</button>
                    }
                    <button type="button" class="button" popovertarget={DIALOG} popovertargetaction="hide">
                        { t!(words, "close") }
                    </button>
                </div>
                <p class="copied" role="status">{ said }</p>
                { code(&words, &address) }
            </div>
        </>
    }
}

/// Opens the system's share sheet, where the browser has one.
fn share_sheet(name: &str, address: &str) -> Option<Callback<MouseEvent>> {
    let navigator = web_sys::window()?.navigator();
    let share = Reflect::get(&navigator, &"share".into()).ok()?.dyn_into::<js_sys::Function>().ok()?;
    let data = Object::new();
    for (key, value) in [("title", name), ("url", address)] {
        // Setting a key of a new plain object always succeeds.
        drop(Reflect::set(&data, &key.into(), &value.into()));
    }
    Some(Callback::from(move |_: MouseEvent| {
        // Whoever closes the sheet without sharing has the link in the field.
        drop(share.call1(&navigator, &data));
    }))
}

/// The address as a QR code.
fn code(words: &Words, address: &str) -> Html {
    // An address is far shorter than what a code holds.
    let Ok(code) = QrCode::with_error_correction_level(address, EcLevel::M) else { return Html::default() };
    let side = code.width() + 2 * MARGIN;
    let squares: String = code
        .to_colors()
        .iter()
        .enumerate()
        .filter(|(_, color)| **color == Color::Dark)
        .map(|(at, _)| format!("M{} {}h1v1h-1z", at % code.width() + MARGIN, at / code.width() + MARGIN))
        .collect();
    html! {
        <svg class="qr" viewBox={format!("0 0 {side} {side}")} role="img" aria-label={t!(words, "qr-code")}>
            <rect width={side.to_string()} height={side.to_string()} fill="#fff" />
            <path d={squares} fill="#000" />
        </svg>
    }
}
