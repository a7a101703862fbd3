//! Gives picked files to the peer, a few at a time, and looks into those whose names are to be checked.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use futures::future::{AbortHandle, abortable};
use kadenza_api::{Music, Result, Upload, Uploaded};
use kadenza_node::blob;
use kadenza_node::tab::{Tab, TabRoom};
use kadenza_platform::spawn;
use yew::prelude::*;

use crate::actions::Action;
use crate::setup;
use crate::state::{Destination, Progress, UploadItem, Uploads};

/// Files looked into at once.
const LOOKED_INTO_MAX: usize = 4;

/// What goes on for each upload.
type Tasks = Rc<RefCell<HashMap<u32, AbortHandle>>>;

/// Keeps the uploads going. What is meant for a room goes into `room`, if that is the one, and nowhere else.
#[hook]
pub fn use_uploads(
    tab: Option<Tab>,
    room: Option<TabRoom>,
    uploads: &Rc<Uploads>,
    actions: Callback<Action>,
) {
    let tasks = use_memo((), |()| Tasks::default());
    let report = actions.clone();
    use_effect_with((tab.is_some(), room.clone(), uploads.clone()), move |(_, _, uploads)| {
        end_left_out(&tasks, uploads);
        let Some(tab) = tab else { return };
        for item in uploads.due(room.as_ref().map(TabRoom::id)) {
            let Some(place) = Place::of(&item, &tab, room.as_ref()) else { continue };
            actions.emit(Action::UploadStarted(item.id));
            let (task, handle) = abortable(upload(place, item.clone(), actions.clone()));
            tasks.borrow_mut().insert(item.id, handle);
            let (tasks, actions) = (tasks.clone(), actions.clone());
            spawn(async move {
                let ended = task.await;
                tasks.borrow_mut().remove(&item.id);
                if let Ok(result) = ended {
                    actions.emit(Action::UploadEnded { id: item.id, result: result.map(Rc::new) });
                }
            });
        }
    });
    use_names(uploads, report);
    use_effect_with(uploads.checks, |checks| setup::remember_checks(*checks));
}

/// What takes an upload in.
enum Place {
    Public(Box<Tab>),
    Room(TabRoom),
}

impl Place {
    /// That of an upload, if it is open: a room's goes into no other, and never to the public.
    fn of(item: &UploadItem, tab: &Tab, room: Option<&TabRoom>) -> Option<Self> {
        match &item.destination {
            Destination::Public => Some(Self::Public(Box::new(tab.clone()))),
            Destination::Room { id, .. } => room.filter(|room| room.id() == *id).cloned().map(Self::Room),
        }
    }
}

/// Ends what goes on for files that were left out.
fn end_left_out(tasks: &Tasks, uploads: &Uploads) {
    let left_out = |id: &u32| {
        let mut items = uploads.items.iter();
        items.any(|item| item.id == *id && item.progress == Progress::Skipped)
    };
    tasks.borrow().iter().filter(|(id, _)| left_out(id)).for_each(|(_, task)| task.abort());
}

async fn upload(place: Place, item: Rc<UploadItem>, actions: Callback<Action>) -> Result<Uploaded> {
    let id = item.id;
    let source =
        blob::watched(item.source.clone(), move |bytes| actions.emit(Action::UploadRead { id, bytes }));
    let upload = Upload { name: item.name.clone(), tags: item.tags.clone(), source };
    match place {
        Place::Public(tab) => tab.public().upload(upload).await,
        Place::Room(room) => room.upload(upload).await,
    }
}

/// Reads the names of files that a person wants to look at, a few at a time.
#[hook]
fn use_names(uploads: &Rc<Uploads>, actions: Callback<Action>) {
    let reading = use_mut_ref(Vec::<u32>::new);
    use_effect_with(uploads.clone(), move |uploads| {
        let waiting = uploads.items.iter().filter(|item| item.is_to_be_looked_into());
        for item in waiting {
            let Some(blob) = item.blob.clone() else { continue };
            if reading.borrow().len() == LOOKED_INTO_MAX {
                break;
            }
            if reading.borrow().contains(&item.id) {
                continue;
            }
            reading.borrow_mut().push(item.id);
            let (id, name) = (item.id, item.name.clone());
            let (reading, actions) = (reading.clone(), actions.clone());
            spawn(async move {
                let names = blob::names(&name, &blob).await;
                reading.borrow_mut().retain(|read| *read != id);
                actions.emit(Action::NamesRead { id, names });
            });
        }
    });
}
