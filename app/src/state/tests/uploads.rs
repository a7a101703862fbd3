//! Files on their way in: what is shown of them, what is kept, and where each goes.

use wasm_bindgen_test::wasm_bindgen_test as test;

use super::*;

#[test]
fn one_bad_file_does_not_stop_the_others() {
    let state = after(State::default(), [picked(&["a.mp3", "b.txt", "c.mp3"])]);
    let due = |state: &State| state.uploads.due(None).iter().map(|item| item.id).collect::<Vec<_>>();
    assert_eq!(due(&state), [1, 2]);
    let state = after(state, [Action::UploadStarted(1), Action::UploadStarted(2)]);
    assert_eq!(due(&state), Vec::<u32>::new());
    let state = after(state, [Action::UploadEnded { id: 2, result: Err(Error::invalid("not audio")) }]);
    assert_eq!((due(&state), state.uploads.over(), state.uploads.is_busy()), (vec![3], 1, true));
}

#[test]
fn an_upload_that_is_in_asks_for_the_list_anew_and_a_refused_one_does_not() {
    let state = after(State::default(), [picked(&["a.mp3", "b.mp3"])]);
    let state = after(state, [Action::UploadEnded { id: 1, result: Err(Error::invalid("not audio")) }]);
    assert_eq!(state.listing.serial, 0);
    let state = after(state, [Action::UploadEnded { id: 2, result: Ok(uploaded("One")) }]);
    assert_eq!(state.listing.serial, 1);
}

#[test]
fn progress_never_goes_back() {
    let read = |bytes| Action::UploadRead { id: 1, bytes };
    let state = after(State::default(), [picked(&["a.mp3"]), Action::UploadStarted(1), read(8), read(2)]);
    assert_eq!(state.uploads.bytes(), (8, 10));
}

#[test]
fn a_file_without_tags_waits_for_them_and_then_for_its_turn() {
    let guess = Tags { title: Some("Sirens".into()), ..Tags::default() };
    let refusal = Error::NeedsTags { message: "no artist".into(), guess: Box::new(guess.clone()) };
    let state =
        after(State::default(), [picked(&["a.mp3"]), Action::UploadEnded { id: 1, result: Err(refusal) }]);
    assert_eq!(state.uploads.items[0].progress, Progress::NeedsTags { guess });
    let tags = Tags { artist: Some("Ada".into()), ..Tags::default() };
    let state = after(state, [Action::TagsGiven { id: 1, tags: tags.clone() }]);
    assert_eq!((&state.uploads.due(None)[0].tags, state.uploads.is_busy()), (&tags, true));
}

#[test]
fn closing_the_panel_keeps_what_is_still_on_its_way() {
    let state = after(
        State::default(),
        [picked(&["a.mp3", "b.mp3"]), Action::UploadSkipped(1), Action::UploadsDismissed],
    );
    assert_eq!(state.uploads.items.iter().map(|item| item.id).collect::<Vec<_>>(), [2]);
}

#[test]
fn a_song_of_a_room_becomes_public_under_the_names_it_has_there() {
    let source = kadenza_api::Source::from(Bytes::from_static(b"sound"));
    let song = Rc::new(song("Sirens"));
    let state = after(State::default(), [Action::PublishAsked(Some(song.clone()))]);
    assert!(state.room.publishing.is_some() && state.uploads.is_empty(), "nothing is done before the answer");
    let state =
        after(state, [Action::PublishAsked(None), Action::PublishBegun { song: song.clone(), source }]);
    assert_eq!(state.room.publishing, None);
    let [item] = &state.uploads.items[..] else { panic!("{:?}", state.uploads.items) };
    assert_eq!((&item.destination, item.bytes), (&Destination::Public, 5));
    let tags = Tags { title: Some("Sirens".into()), artist: Some("Ada".into()), album: None };
    assert_eq!(item.tags, tags);
}

fn in_room(name: &str, secret: u8) -> Action {
    let link = kadenza_node::room::Link::new(name, kadenza_node::room::Secret::new([secret; 32])).unwrap();
    Action::LinkOpened(Link::Room(RoomLink::of(&link)))
}

#[test]
fn what_was_picked_in_a_room_goes_into_that_room_or_waits_and_never_goes_anywhere_else() {
    let state = after(State::default(), [in_room("Kitchen", 1), picked(&["a.mp3"])]);
    let kitchen = state.uploads.room();
    assert!(kitchen.is_some());
    let due = |state: &State, open| state.uploads.due(open).len();
    assert_eq!((due(&state, kitchen), due(&state, None)), (1, 0), "not before the room is open");
    let state = after(state, [in_room("Attic", 2)]);
    let attic = state.uploads.room();
    assert_eq!((due(&state, attic), due(&state, kitchen)), (0, 1));
    let state = after(state, [Action::LinkOpened(Link::None), picked(&["b.mp3"])]);
    let public: Vec<_> = state.uploads.due(None).iter().map(|item| item.name.clone()).collect();
    assert_eq!(public, ["b.mp3"]);
    assert_eq!(state.uploads.counts().elsewhere, 1);
    let state = after(state, [in_room("Kitchen", 1)]);
    assert_eq!(due(&state, kitchen), 2, "what is public goes from everywhere");
}

fn five_hundred() -> State {
    let names: Vec<String> = (1..=500).map(|number| format!("{number}.mp3")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut state = after(State::default(), [picked(&names)]);
    loop {
        let due = state.uploads.due(None);
        assert!(due.len() <= 2, "never more than a few at once");
        let Some(item) = due.first() else { return state };
        let result = match item.id {
            1..=7 => Err(Error::invalid("not audio")),
            8..=10 => Err(Error::unavailable("nobody is there")),
            11..=15 => {
                let known = Uploaded { outcome: Outcome::AlreadyHere, ..(*uploaded("Known")).clone() };
                Ok(Rc::new(known))
            }
            id => Ok(uploaded(&format!("Song {id}"))),
        };
        state = after(state, [Action::UploadStarted(item.id), Action::UploadEnded { id: item.id, result }]);
        assert!(state.uploads.rows().len() <= 20, "rows stay few");
    }
}

#[test]
fn five_hundred_files_with_ten_bad_ones_come_to_one_summary_and_a_row_for_each_bad_one() {
    let state = five_hundred();
    let counts = state.uploads.counts();
    assert_eq!((counts.added, counts.known, counts.failed, counts.retriable), (485, 5, 10, 3));
    let rows: Vec<u32> = state.uploads.rows().iter().map(|item| item.id).collect();
    assert_eq!(rows, (1..=10).collect::<Vec<_>>());
    let state = after(state, [Action::UploadsRetried]);
    let again: Vec<_> =
        state.uploads.items.iter().filter(|item| item.progress == Progress::Waiting).collect();
    assert_eq!(again.iter().map(|item| item.id).collect::<Vec<_>>(), [8, 9, 10], "only what may succeed");
}

#[test]
fn cancelling_leaves_out_what_is_not_in_yet_and_nothing_else() {
    let read = |id, bytes| Action::UploadRead { id, bytes };
    let state = after(
        State::default(),
        [
            picked(&["a.mp3", "b.mp3", "c.mp3"]),
            Action::UploadStarted(1),
            Action::UploadStarted(2),
            read(1, 10),
            read(2, 4),
        ],
    );
    let state = after(state, [Action::UploadsCancelled]);
    let over: Vec<bool> = state.uploads.items.iter().map(|item| item.progress == Progress::Skipped).collect();
    assert_eq!(over, [false, true, true], "the first is in already and only being copied");
}

fn names(title: &str) -> Tags {
    Tags { title: Some(title.into()), artist: Some("Ada".into()), album: None }
}

#[test]
fn a_file_whose_names_are_checked_goes_with_the_names_that_were_confirmed() {
    let state = after(State::default(), [Action::ChecksSet(true), picked(&["a.mp3", "b.mp3", "c.txt"])]);
    assert!(state.uploads.due(None).is_empty() && state.uploads.shows_names && !state.uploads.is_busy());
    let state = after(
        state,
        [
            Action::NamesRead { id: 1, names: Ok(names("One")) },
            Action::NamesRead { id: 2, names: Ok(names("Too")) },
            Action::NamesRead { id: 3, names: Err(Error::invalid("not audio")) },
            Action::NameGiven { ids: vec![2], field: NameField::Title, text: "Two".into() },
            Action::NameGiven { ids: vec![1, 2], field: NameField::Album, text: "Coast".into() },
        ],
    );
    assert_eq!(NameField::Album.shared(&state.uploads.checked()), Some("Coast"));
    assert_eq!(NameField::Title.shared(&state.uploads.checked()), None);
    let state = after(state, [Action::NamesConfirmed]);
    let coast = |title| Tags { album: Some("Coast".into()), ..names(title) };
    assert_eq!(
        state.uploads.due(None).iter().map(|item| item.tags.clone()).collect::<Vec<_>>(),
        [coast("One"), coast("Two")]
    );
    assert_eq!((state.uploads.counts().failed, state.uploads.shows_names), (1, false));
}

#[test]
fn a_file_that_waits_can_be_held_to_correct_its_names_and_one_that_runs_cannot() {
    let state = after(State::default(), [picked(&["a.mp3", "b.mp3"]), Action::UploadStarted(1)]);
    let state = after(state, [Action::CheckAsked(None)]);
    assert_eq!(state.uploads.checked().iter().map(|item| item.id).collect::<Vec<_>>(), [2]);
    let state = after(state, [Action::CheckedLeftOut]);
    assert_eq!((state.uploads.counts().skipped, state.uploads.checked().len()), (1, 0));
}

/// Does what the browser's files would be asked for, until nothing is left to be done.
fn keep_all(
    uploads: &Uploads,
    held: &mut std::collections::HashMap<u32, Option<Held>>,
    room: u64,
) -> Vec<String> {
    let mut done = Vec::new();
    while let Some(job) = uploads.keep_next(held, room) {
        done.push(match job {
            KeepJob::Keep(item) => {
                held.insert(item.id, Some(Held::of(&item)));
                format!("keep {}", item.id)
            }
            KeepJob::Update(item) => {
                held.insert(item.id, Some(Held::of(&item)));
                format!("update {}", item.id)
            }
            KeepJob::Forget(id) => {
                held.remove(&id);
                format!("forget {id}")
            }
            KeepJob::Refuse(id) => {
                held.insert(id, None);
                format!("refuse {id}")
            }
        });
    }
    done
}

#[test]
fn files_are_kept_within_what_there_is_room_for_until_they_are_in() {
    let mut held = std::collections::HashMap::new();
    // Ten bytes each.
    let state = after(State::default(), [picked(&["a.mp3", "b.mp3", "c.mp3"])]);
    assert_eq!(keep_all(&state.uploads, &mut held, 25), ["keep 1", "keep 2", "refuse 3"]);
    let state = after(state, [Action::UploadEnded { id: 1, result: Ok(uploaded("One")) }]);
    assert_eq!(keep_all(&state.uploads, &mut held, 25), ["forget 1", "keep 3"]);
    let state = after(state, [Action::CheckAsked(Some(2))]);
    assert_eq!(keep_all(&state.uploads, &mut held, 25), ["update 2"]);
    let state = after(state, [Action::UploadsCancelled, Action::UploadsDismissed]);
    assert_eq!(keep_all(&state.uploads, &mut held, 25).len(), 2);
    assert!(held.is_empty());
}

#[test]
fn a_reload_loses_only_what_is_not_kept_and_not_in() {
    let kept = |id| Action::UploadKept { id, kept: Kept::At("folder/name".into()) };
    let state = after(State::default(), [picked(&["a.mp3", "b.mp3"]), kept(1)]);
    assert!(state.uploads.would_lose());
    let refused = Action::UploadKept { id: 2, kept: Kept::No };
    let state = after(state, [refused]);
    assert_eq!(state.uploads.unkept(), 1);
    let state = after(state, [Action::UploadEnded { id: 2, result: Ok(uploaded("Two")) }]);
    assert_eq!((state.uploads.unkept(), state.uploads.would_lose()), (0, false));
}

#[test]
fn what_was_on_its_way_goes_on_with_its_names_and_to_its_room_after_a_reload() {
    let state = after(State::default(), [in_room("Kitchen", 1), picked(&["a.mp3", "b.mp3"])]);
    let kitchen = state.uploads.room();
    let state = after(state, [Action::TagsGiven { id: 1, tags: names("One") }, Action::CheckAsked(Some(2))]);
    let resumed = state.uploads.items.iter().map(|item| Resumed {
        place: format!("folder/{}", item.id).into(),
        entry: serde_json::from_str(&serde_json::to_string(&Entry::of(item)).unwrap()).unwrap(),
        source: item.source.clone(),
        blob: Blob::new().unwrap(),
    });
    let state = after(State::default(), [Action::UploadsResumed(resumed.collect())]);
    assert!(state.uploads.due(None).is_empty(), "the page is not in the room");
    let [due] = &state.uploads.due(kitchen)[..] else { panic!("{:?}", state.uploads) };
    assert_eq!((&due.tags, &due.kept), (&names("One"), &Kept::At("folder/1".into())));
    assert_eq!(state.uploads.counts().checking, 1);
    let text = serde_json::to_string(&Entry::of(&state.uploads.items[0])).unwrap();
    let secret =
        kadenza_node::room::Link::new("Kitchen", kadenza_node::room::Secret::new([1; 32])).unwrap().text();
    assert!(!text.contains(secret.rsplit('.').next().unwrap()), "what is kept lets nobody into the room");
}
