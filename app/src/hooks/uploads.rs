//! Gives picked files to the peer, a few at a time.

use std::rc::Rc;

use kadenza_api::{Music, Upload};
use kadenza_node::tab::Tab;
use kadenza_platform::spawn;
use yew::prelude::*;

use crate::actions::Action;
use crate::files;
use crate::state::{UploadItem, Uploads};

/// Keeps the uploads going.
#[hook]
pub fn use_uploads(tab: Option<Tab>, uploads: Rc<Uploads>, actions: Callback<Action>) {
    use_effect_with((tab.is_some(), uploads), move |(_, uploads)| {
        let Some(tab) = tab else { return };
        for item in uploads.due() {
            actions.emit(Action::UploadStarted(item.id));
            spawn(upload(tab.clone(), item, actions.clone()));
        }
    });
}

async fn upload(tab: Tab, item: Rc<UploadItem>, actions: Callback<Action>) {
    let id = item.id;
    let report = actions.clone();
    let source =
        files::watched(item.source.clone(), move |bytes| report.emit(Action::UploadRead { id, bytes }));
    let upload = Upload { name: item.name.clone(), tags: item.tags.clone(), source };
    let result = match item.public {
        true => tab.public().upload(upload).await,
        false => tab.upload(upload).await,
    };
    let result = result.map(Rc::new);
    actions.emit(Action::UploadEnded { id, result });
}
