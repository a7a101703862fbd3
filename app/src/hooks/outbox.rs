//! Keeps files that are not in yet for after a reload, and goes on with those of before it.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use gloo_events::{EventListener, EventListenerOptions};
use kadenza_platform::spawn;
use wasm_bindgen::JsCast;
use web_sys::BeforeUnloadEvent;
use yew::prelude::*;

use crate::actions::Action;
use crate::outbox::{NotKept, Outbox};
use crate::state::{Entry, Held, KeepJob, Kept, UploadItem, Uploads};

/// Keeps the uploads, and has a person asked before the page goes with files that are not kept.
#[hook]
pub fn use_outbox(uploads: &Rc<Uploads>, actions: Callback<Action>) {
    let keeper = use_memo((), |()| Rc::new(Keeper::new(actions)));
    let opened = (*keeper).clone();
    use_effect_with((), move |()| spawn(opened.open()));
    use_effect_with(uploads.clone(), move |uploads| (*keeper).clone().follow(uploads.clone()));
    use_effect_with(uploads.would_lose(), |would_lose| {
        let asking = if *would_lose { ask_before_leaving() } else { None };
        move || drop(asking)
    });
}

/// Has the browser ask, in its own words, whether the page is really to be left.
fn ask_before_leaving() -> Option<EventListener> {
    let options = EventListenerOptions::enable_prevent_default();
    let ask = |event: &web_sys::Event| {
        event.prevent_default();
        // Older browsers go by this.
        let leaving = event.dyn_ref::<BeforeUnloadEvent>();
        leaving.iter().for_each(|event| event.set_return_value("yes"));
    };
    let window = web_sys::window()?;
    Some(EventListener::new_with_options(&window, "beforeunload", options, ask))
}

/// What keeps them: one thing is done after another, by what the uploads are like then.
struct Keeper {
    /// Nothing while it is being opened, and where the browser keeps nothing.
    outbox: RefCell<Option<Rc<Outbox>>>,
    /// Bytes there is room for, once that is known.
    room: Cell<Option<u64>>,
    uploads: RefCell<Rc<Uploads>>,
    /// What is kept of each, and nothing where there was no room.
    held: RefCell<HashMap<u32, Option<Held>>>,
    /// Where each is, or was.
    places: RefCell<HashMap<u32, Rc<str>>>,
    works: Cell<bool>,
    actions: Callback<Action>,
}

impl Keeper {
    fn new(actions: Callback<Action>) -> Self {
        Self {
            outbox: RefCell::default(),
            room: Cell::default(),
            uploads: RefCell::default(),
            held: RefCell::default(),
            places: RefCell::default(),
            works: Cell::default(),
            actions,
        }
    }

    async fn open(self: Rc<Self>) {
        match Outbox::open().await {
            Ok((outbox, resumed)) => {
                self.room.set(Some(outbox.room_bytes()));
                self.outbox.replace(Some(Rc::new(outbox)));
                if !resumed.is_empty() {
                    self.actions.emit(Action::UploadsResumed(resumed));
                }
            }
            // The page says so as soon as a file waits.
            Err(_) => self.room.set(Some(0)),
        }
        self.go_on();
    }

    fn follow(self: Rc<Self>, uploads: Rc<Uploads>) {
        for item in &uploads.items {
            if let Kept::At(place) = &item.kept
                && !self.places.borrow().contains_key(&item.id)
            {
                // One of before the reload.
                self.places.borrow_mut().insert(item.id, place.clone());
                self.held.borrow_mut().insert(item.id, Some(Held::of(item)));
            }
        }
        self.uploads.replace(uploads);
        self.go_on();
    }

    fn go_on(self: Rc<Self>) {
        if self.works.replace(true) {
            return;
        }
        spawn(async move {
            while let Some(job) = self.next() {
                self.work(job).await;
            }
            self.works.set(false);
        });
    }

    fn next(&self) -> Option<KeepJob> {
        let (uploads, room) = (self.uploads.borrow(), self.room.get()?);
        uploads.keep_next(&self.held.borrow(), room)
    }

    async fn work(&self, job: KeepJob) {
        match job {
            KeepJob::Keep(item) => {
                let kept = self.keep(&item).await;
                if kept.is_err() {
                    // There is less room than the browser said.
                    self.room.set(Some(self.used()));
                }
                self.held.borrow_mut().insert(item.id, kept.is_ok().then(|| Held::of(&item)));
                self.tell(item.id, kept.map_or(Kept::No, Kept::At));
            }
            KeepJob::Update(item) => {
                let place = self.places.borrow().get(&item.id).cloned();
                let (outbox, entry) = (self.outbox.borrow().clone(), Entry::of(&item));
                if let (Some(place), Some(outbox)) = (place, outbox)
                    && outbox.update(&place, entry).await.is_err()
                {
                    self.tell(item.id, Kept::No);
                }
                self.held.borrow_mut().insert(item.id, Some(Held::of(&item)));
            }
            KeepJob::Forget(id) => {
                self.held.borrow_mut().remove(&id);
                let (place, outbox) = (self.places.borrow().get(&id).cloned(), self.outbox.borrow().clone());
                if let (Some(place), Some(outbox)) = (place, outbox) {
                    // Where it cannot be removed it is uploaded once more after a reload, and is there already.
                    drop(outbox.forget(&place).await);
                }
            }
            KeepJob::Refuse(id) => {
                self.held.borrow_mut().insert(id, None);
                self.tell(id, Kept::No);
            }
        }
    }

    async fn keep(&self, item: &UploadItem) -> Result<Rc<str>, NotKept> {
        let outbox = self.outbox.borrow().clone();
        let (Some(outbox), Some(bytes)) = (outbox, &item.blob) else {
            return Err(NotKept::NoFiles);
        };
        let place = outbox.keep(Entry::of(item), bytes).await?;
        self.places.borrow_mut().insert(item.id, place.clone());
        Ok(place)
    }

    fn used(&self) -> u64 {
        self.held.borrow().values().flatten().map(|held| held.bytes).sum()
    }

    fn tell(&self, id: u32, kept: Kept) {
        self.actions.emit(Action::UploadKept { id, kept });
    }
}
