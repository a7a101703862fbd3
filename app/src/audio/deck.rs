//! The two audio elements, what they hold, and what becomes of their events.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use gloo_events::EventListener;
use kadenza_api::http::{listen_path, recording_path};
use kadenza_api::{ContentId, Recording, Song, SongId};
use wasm_bindgen::JsCast;
use web_sys::{HtmlAudioElement, HtmlMediaElement, MediaError};
use yew::Callback;

use super::whole;
use crate::actions::Action;
use crate::state::PlaybackError;

/// The element that `static/early.js` made for the song of a link, before this program was here.
const EARLY: &str = "early";

/// With so many seconds ahead the one that plays can spare the line. A browser keeps not much more of a FLAC at once.
const ENOUGH_SECONDS: f64 = 10.0;

/// What becomes an action, or may have changed how much is buffered.
const EVENTS: [&str; 10] = [
    "playing",
    "waiting",
    "pause",
    "timeupdate",
    "durationchange",
    "ended",
    "error",
    "progress",
    "suspend",
    "seeked",
];

/// What an element is told to load.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Source {
    song: SongId,
    content: ContentId,
    address: String,
}

impl Source {
    /// A recording of a song. The address describes it, so that nobody has to look the song up first.
    ///
    /// `called` is what the song is called in addresses: its id, or what a room lets outsiders know it by.
    pub(super) fn of(song: &Song, called: SongId, recording: &Recording) -> Self {
        let address = recording_path(called, recording);
        Self { song: song.id(), content: recording.content, address }
    }

    /// The same recording at another address.
    pub(super) fn at(self, address: String) -> Self {
        Self { address, ..self }
    }
}

/// What the page was told last of the element that plays. Elements speak four times a second and the page shows seconds:
/// what changes nothing on it is not told.
#[derive(Debug, Default)]
struct Told {
    second: Cell<Option<f64>>,
    is_buffered: Cell<Option<bool>>,
}

impl Told {
    fn moves(&self, second: f64) -> bool {
        let second = Some(second.floor());
        self.second.replace(second) != second
    }

    fn buffers(&self, is_buffered: bool) -> bool {
        self.is_buffered.replace(Some(is_buffered)) != Some(is_buffered)
    }

    fn forget(&self) {
        self.second.take();
        self.is_buffered.take();
    }
}

/// One element.
#[derive(Debug)]
struct Deck {
    audio: HtmlAudioElement,
    holds: RefCell<Option<Source>>,
    _events: Vec<EventListener>,
}

impl Deck {
    fn has(&self, source: &Source) -> bool {
        self.audio.error().is_none()
            && match &*self.holds.borrow() {
                Some(held) => held.content == source.content && held.song == source.song,
                // What the link of this page named; which recording that is, the relay has chosen.
                None => self.audio.src().ends_with(&listen_path(source.song, None)),
            }
    }

    fn set(&self, source: Source, address: &str) {
        self.audio.set_src(address);
        self.let_go();
        self.holds.replace(Some(source));
    }

    fn let_go(&self) {
        let held = self.holds.take();
        held.iter().for_each(|held| whole::forget(&held.address));
    }
}

/// Both of them.
#[derive(Debug)]
pub(super) struct Decks {
    decks: [Deck; 2],
    /// Which one plays: only its events count.
    playing: Rc<Cell<usize>>,
    /// How often something was loaded, or waited for.
    turns: Cell<u32>,
    told: Rc<Told>,
    actions: Callback<Action>,
}

impl Decks {
    /// The page's elements. Where a link has its song playing already, that goes on.
    pub(super) fn open(actions: Callback<Action>) -> Self {
        let (playing, told) = (Rc::new(Cell::new(0)), Rc::<Told>::default());
        let deck = |index| {
            let audio = element(index == 0);
            let _events = EVENTS.map(|kind| listen(&audio, kind, (index, &playing), &told, &actions)).into();
            Deck { audio, holds: RefCell::default(), _events }
        };
        Self {
            decks: [deck(0), deck(1)],
            playing: playing.clone(),
            turns: Cell::default(),
            told,
            actions: actions.clone(),
        }
    }

    /// The element that plays.
    pub(super) fn playing(&self) -> &HtmlAudioElement {
        &self.decks[self.playing.get()].audio
    }

    /// The song in the element that plays.
    pub(super) fn song(&self) -> Option<SongId> {
        self.decks[self.playing.get()].holds.borrow().as_ref().map(|source| source.song)
    }

    /// Plays nothing until what is being fetched is loaded. The number says which turn that is.
    pub(super) fn wait(&self) -> u32 {
        self.turns.set(self.turns.get() + 1);
        let current = &self.decks[self.playing.get()];
        // It has the attribute, or there is nothing to take away.
        drop(current.audio.remove_attribute("src"));
        current.audio.load();
        current.let_go();
        self.turns.get()
    }

    /// Whether nothing else was to be loaded since.
    pub(super) fn is_turn(&self, turn: u32) -> bool {
        self.turns.get() == turn
    }

    /// Makes `source` the one that plays, from `position` on: where it is there already, and there is no reason to
    /// load it `anew`, that element goes on.
    pub(super) fn load(&self, source: Source, position: f64, anew: bool) {
        self.turns.set(self.turns.get() + 1);
        let [current, other] = [self.playing.get(), 1 - self.playing.get()].map(|index| &self.decks[index]);
        if !anew && current.has(&source) {
            self.tell_where_it_is();
            return;
        }
        if !anew && other.has(&source) {
            // Pausing fails only on an element that is gone.
            drop(current.audio.pause());
            self.playing.set(1 - self.playing.get());
            other.audio.set_preload("auto");
        } else {
            let address = source.address.clone();
            current.set(source, &address);
        }
        if self.playing().current_time() != position {
            self.playing().set_current_time(position);
        }
        self.tell_where_it_is();
    }

    /// Has the other element get `source` ready, without asking for all of it.
    pub(super) fn prepare(&self, source: Source) {
        let other = &self.decks[1 - self.playing.get()];
        if !other.has(&source) {
            let address = format!("{}&peek=true", source.address);
            other.set(source, &address);
        }
    }

    pub(super) fn set_volume(&self, volume: f64) {
        self.decks.iter().for_each(|deck| deck.audio.set_volume(volume));
    }

    /// What an element said while nobody listened to it.
    fn tell_where_it_is(&self) {
        let audio = self.playing();
        self.told.forget();
        self.actions.emit(Action::AudioLength(audio.duration()));
        self.actions.emit(Action::AudioBuffered(is_buffered(audio)));
        if !audio.paused() && audio.ready_state() >= HtmlMediaElement::HAVE_FUTURE_DATA {
            self.actions.emit(Action::AudioPlaying);
        }
    }
}

/// A new element, or the one that is there already where it `may_be_early`.
fn element(may_be_early: bool) -> HtmlAudioElement {
    let document = web_sys::window().and_then(|window| window.document());
    let early = document.as_ref().filter(|_| may_be_early).and_then(|page| page.get_element_by_id(EARLY));
    if let Some(audio) = early.and_then(|early| early.dyn_into().ok()) {
        return audio;
    }
    // A browser without audio elements runs no part of this page.
    let audio = HtmlAudioElement::new().unwrap_or_else(|error| wasm_bindgen::throw_val(error));
    audio.set_preload("auto");
    if let Some(body) = document.and_then(|document| document.body()) {
        // It plays without being on the page as well.
        drop(body.append_child(&audio));
    }
    audio
}

fn listen(
    audio: &HtmlAudioElement,
    kind: &'static str,
    (index, playing): (usize, &Rc<Cell<usize>>),
    told: &Rc<Told>,
    actions: &Callback<Action>,
) -> EventListener {
    let (element, playing, told, actions) = (audio.clone(), playing.clone(), told.clone(), actions.clone());
    EventListener::new(audio, kind, move |_| {
        if playing.get() != index {
            return;
        }
        if let Some(action) = action_of(kind, &element, &told) {
            actions.emit(action);
        }
    })
}

fn action_of(kind: &str, audio: &HtmlAudioElement, told: &Told) -> Option<Action> {
    match kind {
        "playing" => Some(Action::AudioPlaying),
        "waiting" => Some(Action::AudioWaiting),
        "pause" => (audio.paused() && !audio.ended()).then_some(Action::AudioPaused),
        "timeupdate" => {
            let second = audio.current_time();
            told.moves(second).then_some(Action::AudioMoved(second))
        }
        "progress" | "suspend" | "seeked" => {
            let is_buffered = is_buffered(audio);
            told.buffers(is_buffered).then_some(Action::AudioBuffered(is_buffered))
        }
        "durationchange" => Some(Action::AudioLength(audio.duration())),
        "ended" => Some(Action::AudioEnded),
        _ => audio.error().map(|error| Action::AudioFailed(failure(&error))),
    }
}

/// Whether there is enough ahead of where it plays, or all there is.
fn is_buffered(audio: &HtmlAudioElement) -> bool {
    let (now, buffered) = (audio.current_time(), audio.buffered());
    let end = (0..buffered.length()).find_map(|part| {
        let (start, end) = (buffered.start(part).ok()?, buffered.end(part).ok()?);
        (start <= now + 0.5 && now <= end).then_some(end)
    });
    end.is_some_and(|end| end - now >= ENOUGH_SECONDS || audio.duration() - end < 0.5)
}

/// Why the element gave up.
fn failure(error: &MediaError) -> PlaybackError {
    match error.code() {
        MediaError::MEDIA_ERR_DECODE => PlaybackError::Damaged,
        MediaError::MEDIA_ERR_NETWORK => PlaybackError::Stopped,
        _ => PlaybackError::NotLoaded,
    }
}
