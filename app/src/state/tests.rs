//! What a person may rely on, whatever happens in whatever order.

mod uploads;

use std::time::Duration;

use bytes::Bytes;
use kadenza_api::{ContentId, Copies, Error, Found, Outcome, Recording, Song, Tags, Uploaded};
use wasm_bindgen_test::wasm_bindgen_test as test;
use web_sys::Blob;
use yew::Reducible;

use super::*;
use crate::actions::Action;
use crate::files::{Picked, PickedFile};

fn song(title: &str) -> Song {
    Song::new(vec![recording(title, "audio/wav")]).unwrap()
}

fn recording(title: &str, media_type: &str) -> Recording {
    let content = ContentId::of(format!("{title}{media_type}").as_bytes());
    Recording {
        time: 0,
        content,
        bytes: 1,
        media_type: media_type.into(),
        duration_ms: 60_000,
        bitrate: 128,
        title: title.into(),
        artist: "Ada".into(),
        album: String::new(),
        track: None,
        year: None,
        cover: None,
        uploader: String::new(),
        signature: String::new(),
    }
}

fn found(titles: &[&str], total: usize) -> Found {
    Found { songs: titles.iter().map(|title| song(title)).collect(), total }
}

fn everywhere(serial: u32, titles: &[&str]) -> Action {
    Action::FoundEverywhere { serial, answer: Ok(found(titles, titles.len())) }
}

fn after(state: State, actions: impl IntoIterator<Item = Action>) -> State {
    let state = actions.into_iter().fold(Rc::new(state), Reducible::reduce);
    (*state).clone()
}

fn listed(titles: &[&str]) -> State {
    after(State::default(), [everywhere(0, titles)])
}

fn titles(state: &State) -> Vec<String> {
    state.listing.songs.iter().map(|song| song.title().to_owned()).collect()
}

fn chosen(state: &State, title: &str) -> Action {
    Action::SongChosen(state.listing.songs.iter().find(|song| song.title() == title).unwrap().clone())
}

fn playing(state: &State) -> Option<&str> {
    state.player.song.as_ref().map(|song| song.title())
}

fn connected(peers: usize) -> Action {
    Action::StatusChanged(Status { connection: Connection::Connected { peers }, keeping: Keeping::Browser })
}

fn picked(names: &[&str]) -> Action {
    let file = |name: &&str| PickedFile {
        name: (*name).into(),
        source: Bytes::from_static(b"0123456789").into(),
        blob: Blob::new().ok(),
    };
    Action::FilesPicked(Picked { files: names.iter().map(file).collect(), ..Picked::default() })
}

fn uploaded(title: &str) -> Rc<Uploaded> {
    let song = song(title);
    let recording = song.first().clone();
    Rc::new(Uploaded { song, recording, outcome: Outcome::NewSong, copies: Copies::default() })
}

#[test]
fn an_answer_to_older_words_is_dropped() {
    let state = after(State::default(), [Action::Typed("si".into()), Action::Typed("sir".into())]);
    let state = after(state, [everywhere(1, &["Silence"])]);
    assert_eq!(titles(&state), Vec::<String>::new());
    assert_eq!(titles(&after(state, [everywhere(2, &["Sirens"])])), ["Sirens"]);
}

#[test]
fn this_tabs_songs_come_first_and_the_networks_answer_replaces_them() {
    let state = after(State::default(), [Action::FoundHere { serial: 0, found: found(&["Mine"], 1) }]);
    assert_eq!((titles(&state), &state.listing.phase), (vec!["Mine".into()], &Phase::LookingFurther));
    let state = after(state, [everywhere(0, &["Ours", "Mine"])]);
    assert_eq!(
        (titles(&state), &state.listing.phase),
        (vec!["Ours".into(), "Mine".into()], &Phase::Complete)
    );
}

#[test]
fn asking_again_keeps_what_is_listed_and_adds_what_is_new_here() {
    let state = after(listed(&["One", "Two"]), [Action::RefreshAsked]);
    assert_eq!((titles(&state).len(), &state.listing.phase), (2, &Phase::Complete));
    let state = after(state, [Action::FoundHere { serial: 1, found: found(&["New"], 1) }]);
    assert_eq!(titles(&state), ["New", "One", "Two"]);
}

#[test]
fn when_the_network_does_not_answer_this_tabs_songs_stay() {
    let state = after(
        State::default(),
        [
            Action::FoundHere { serial: 0, found: found(&["Mine"], 1) },
            Action::FoundEverywhere { serial: 0, answer: Err(Error::unavailable("nobody is there")) },
        ],
    );
    assert_eq!(titles(&state), ["Mine"]);
    assert_eq!(state.listing.phase, Phase::Incomplete(Error::unavailable("nobody is there")));
}

#[test]
fn more_songs_are_added_at_the_end_without_repeating_any() {
    let first = Action::FoundEverywhere { serial: 0, answer: Ok(found(&["One", "Two"], 4)) };
    let state = after(State::default(), [first, Action::MoreAsked, Action::MoreAsked]);
    assert_eq!((state.listing.more, state.listing.more_awaited), (1, true));
    assert_eq!(state.listing.further().offset, 2);
    let state = after(state, [Action::FoundMore { serial: 0, answer: Ok(found(&["Two", "Three"], 3)) }]);
    assert_eq!(titles(&state), ["One", "Two", "Three"]);
    assert!(!state.listing.has_more());
}

#[test]
fn joining_the_network_asks_it_for_its_songs_once() {
    let state = after(State::default(), [connected(1), connected(2)]);
    assert_eq!(state.listing.serial, 1);
}

#[test]
fn next_and_previous_go_through_the_list() {
    let state = listed(&["One", "Two"]);
    let state = after(state.clone(), [chosen(&state, "One"), Action::Next]);
    assert_eq!(playing(&state), Some("Two"));
    let state = after(state, [Action::Next]);
    assert_eq!(playing(&state), Some("Two"), "there is nothing after the last");
    assert_eq!(playing(&after(state, [Action::Previous])), Some("One"));
}

#[test]
fn a_song_that_ends_is_followed_by_the_next_and_the_last_one_stops() {
    let state = listed(&["One", "Two"]);
    let state = after(state.clone(), [chosen(&state, "One"), Action::AudioEnded]);
    assert_eq!((playing(&state), state.player.playing), (Some("Two"), true));
    assert!(!after(state, [Action::AudioEnded]).player.playing);
}

#[test]
fn a_search_for_something_else_does_not_change_what_plays_next() {
    let state = listed(&["One", "Two"]);
    let state =
        after(state.clone(), [chosen(&state, "One"), Action::Typed("x".into()), everywhere(1, &["Three"])]);
    assert_eq!(playing(&after(state, [Action::Next])), Some("Two"));
}

#[test]
fn a_song_that_joins_the_list_can_be_next() {
    let state = listed(&["One"]);
    let state =
        after(state.clone(), [chosen(&state, "One"), Action::RefreshAsked, everywhere(1, &["One", "New"])]);
    assert_eq!(playing(&after(state, [Action::Next])), Some("New"));
}

#[test]
fn a_failure_is_shown_only_after_another_try() {
    let state = listed(&["One"]);
    let failed = || Action::AudioFailed(PlaybackError::Stopped);
    let state = after(state.clone(), [chosen(&state, "One"), Action::AudioMoved(7.0), failed()]);
    assert_eq!((state.player.loads, &state.player.failure, state.player.position), (2, &None, 7.0));
    let state = after(state, [failed()]);
    assert_eq!((&state.player.failure, state.player.playing), (&Some(PlaybackError::Stopped), false));
    let state = after(state, [Action::Toggled]);
    assert_eq!((state.player.loads, &state.player.failure, state.player.playing), (3, &None, true));
}

#[test]
fn seeking_stays_within_the_song() {
    let state = listed(&["One"]);
    let state = after(state.clone(), [chosen(&state, "One"), Action::Sought(90.0)]);
    assert_eq!(state.player.seek, Seek { serial: 1, to: 60.0 });
    assert_eq!(after(state, [Action::Sought(-1.0)]).player.seek.to, 0.0);
}

/// A list, all of it in view, of a connected page that fetches ahead.
fn prefetching(titles: &[&str]) -> State {
    let state = State::new(Setup { prefetches: true, ..Setup::default() });
    let state = after(state, [everywhere(0, titles)]);
    let seen = Action::RowsSeen(state.listing.songs.clone());
    after(state, [connected(1), seen])
}

fn prefetched(state: &State) -> Vec<&str> {
    state.prefetch.running.iter().map(|song| song.title()).collect()
}

fn prefetch_ended(title: &str) -> Action {
    prefetch_took(title, 100)
}

fn prefetch_took(title: &str, milliseconds: u64) -> Action {
    Action::PrefetchEnded { id: song(title).id(), took: Duration::from_millis(milliseconds) }
}

fn next(state: &State) -> Option<&str> {
    state.next().map(|song| song.title())
}

#[test]
fn beginnings_in_view_are_fetched_two_at_a_time_from_the_top_and_each_once() {
    let state = prefetching(&["One", "Two", "Three"]);
    assert_eq!(prefetched(&state), ["One", "Two"]);
    let state = after(state, [prefetch_ended("One")]);
    assert_eq!(prefetched(&state), ["Two", "Three"]);
    let state = after(state, [prefetch_ended("Two"), prefetch_ended("Three"), Action::RefreshAsked]);
    assert_eq!(prefetched(&state), Vec::<&str>::new());
}

#[test]
fn a_list_has_a_budget_and_another_list_has_its_own() {
    let titles: Vec<String> = (0..20).map(|number| format!("Song {number}")).collect();
    let titles: Vec<&str> = titles.iter().map(String::as_str).collect();
    let mut state = prefetching(&titles);
    let mut begun = 0;
    while let Some(song) = state.prefetch.running.first().cloned() {
        begun += 1;
        state = after(state, [prefetch_ended(song.title())]);
    }
    assert_eq!(begun, ROWS_MAX);
    let state = after(state, [Action::Typed("s".into())]);
    assert_eq!(prefetched(&state).len(), 0, "it is still the same list");
    let serial = state.listing.serial;
    assert_eq!(prefetched(&after(state, [everywhere(serial, &titles)])).len(), 2);
}

#[test]
fn where_a_beginning_takes_long_one_of_each_list_is_tried_until_that_is_quick_again() {
    let titles = ["One", "Two", "Three"];
    let state = after(prefetching(&titles), [prefetch_took("One", 1500)]);
    assert_eq!(prefetched(&state), ["Two"]);
    let state = after(state, [prefetch_took("Two", 1500)]);
    assert!(prefetched(&state).is_empty());
    let next_list = |state: State, typed: &str| {
        let state = after(state, [Action::Typed(typed.into())]);
        let serial = state.listing.serial;
        after(state, [everywhere(serial, &titles)])
    };
    let state = next_list(state, "o");
    assert_eq!(prefetched(&state), ["One"]);
    let state = next_list(after(state, [prefetch_took("One", 1500)]), "on");
    assert_eq!(prefetched(&state), ["One"]);
    let state = after(state, [prefetch_ended("One")]);
    assert_eq!(prefetched(&state), ["Two", "Three"]);
}

#[test]
fn nothing_is_fetched_ahead_where_that_is_off_metered_or_out_of_view() {
    let state = prefetching(&["One"]);
    assert!(prefetched(&after(state.clone(), [Action::ConnectionMetered(true)])).is_empty());
    let off = after(State::default(), [everywhere(0, &["One"]), connected(1)]);
    let seen = Action::RowsSeen(vec![Rc::new(song("One"))]);
    assert!(prefetched(&after(off, [seen])).is_empty());
    let unseen = after(
        State::new(Setup { prefetches: true, ..Setup::default() }),
        [everywhere(0, &["One"]), connected(1)],
    );
    assert!(prefetched(&unseen).is_empty());
}

#[test]
fn what_plays_has_the_line_for_itself_until_it_has_enough() {
    let state = prefetching(&["One", "Two", "Three"]);
    let state = after(state.clone(), [chosen(&state, "Three")]);
    assert!(prefetched(&state).is_empty() && next(&state).is_none());
    let state = after(state, [Action::AudioBuffered(true)]);
    assert_eq!(prefetched(&state), ["One", "Two"], "what was given up is begun again");
}

#[test]
fn the_song_to_have_ready_is_the_one_pointed_at_or_the_next() {
    let state = prefetching(&["One", "Two", "Three"]);
    let pointed = |state: &State, title: &str| {
        let song = state.listing.songs.iter().find(|song| song.title() == title).cloned();
        Action::SongPointed(song)
    };
    assert_eq!(next(&state), None);
    let pointing = after(state.clone(), [pointed(&state, "Three")]);
    assert_eq!(next(&pointing), Some("Three"));
    let playing = after(state.clone(), [chosen(&state, "One"), Action::AudioBuffered(true)]);
    assert_eq!(next(&playing), Some("Two"));
    let pointing = after(playing.clone(), [pointed(&state, "One")]);
    assert_eq!(next(&pointing), Some("Two"), "what plays is ready already");
    let pointing = after(playing, [pointed(&state, "Three")]);
    assert_eq!(next(&pointing), Some("Three"));
    let ending = after(pointing, [Action::AudioMoved(40.0)]);
    assert_eq!(next(&ending), Some("Two"), "at its end a song is followed by the next");
}

/// A browser that plays WAV alone.
fn picky(songs: Vec<Song>) -> State {
    let formats = Formats::new(|kind| kind == "audio/wav");
    let state = State::new(Setup { formats, prefetches: true, ..Setup::default() });
    after(state, [Action::FoundEverywhere { serial: 0, answer: Ok(Found { total: songs.len(), songs }) }])
}

#[test]
fn a_song_is_played_from_a_recording_that_this_browser_plays() {
    let both = vec![recording("One", "audio/aiff"), recording("One", "audio/wav")];
    let state = picky(vec![Song::new(both).unwrap()]);
    let state = after(state.clone(), [chosen(&state, "One")]);
    assert_eq!(state.player.recording().unwrap().media_type, "audio/wav");
    let state = after(state, [Action::AudioFailed(PlaybackError::Stopped)]);
    assert_eq!(state.player.recording().unwrap().media_type, "audio/wav", "there is no other to try");
}

#[test]
fn a_song_that_cannot_be_played_here_says_so_and_is_passed_over() {
    let foreign = Song::new(vec![recording("Two", "audio/aiff")]).unwrap();
    let state = picky(vec![song("One"), foreign, song("Three")]);
    let at_one = after(state.clone(), [chosen(&state, "One"), Action::AudioBuffered(true)]);
    assert_eq!(next(&at_one), Some("Three"));
    assert_eq!(playing(&after(at_one.clone(), [Action::Next])), Some("Three"));
    let state = after(at_one, [chosen(&state, "Two")]);
    let unplayable = PlaybackError::Unplayable { media_type: "audio/aiff".into() };
    assert_eq!(state.player.failure, Some(unplayable));
    assert!(!state.player.playing && state.player.recording().is_none());
    assert!(!after(state, [Action::Toggled]).player.playing);
}

#[test]
fn a_link_is_read_whole_or_called_damaged() {
    let id = song("One").id();
    assert_eq!(Link::of(&hash(id)), Link::Looking(id));
    for none in ["", "#", "#/", "#/songs", "#network"] {
        assert_eq!(Link::of(none), Link::None, "{none}");
    }
    for damaged in ["#/song/", "#/song/12", &hash(id)[..46], &format!("{}0", hash(id)), "#/song/ü"] {
        assert_eq!(Link::of(damaged), Link::Damaged, "{damaged}");
    }
}

#[test]
fn a_link_plays_its_song_though_no_list_has_it() {
    let id = song("One").id();
    let state = State::new(Setup { link: Link::Looking(id), ..Setup::default() });
    let answer = Action::LinkAnswered { id, answer: Ok(song("One")) };
    let state = after(state, [answer]);
    assert_eq!((playing(&state), state.player.playing, &state.link), (Some("One"), true, &Link::None));
    let state = after(state, [everywhere(0, &["Zero", "One", "Two"]), Action::Next]);
    assert_eq!(playing(&state), Some("Two"));
}

#[test]
fn a_link_nobody_knows_can_be_looked_for_again_and_one_that_is_given_up_does_not_interrupt() {
    let id = song("One").id();
    let looking = State { link: Link::Looking(id), ..listed(&["Two"]) };
    let unknown = Action::LinkAnswered { id, answer: Err(Error::not_found("no")) };
    let state = after(looking.clone(), [unknown]);
    assert!(matches!(&state.link, Link::Missing(missing, _) if *missing == id));
    assert_eq!(after(state.clone(), [Action::LinkRetried]).link, Link::Looking(id));
    assert_eq!(after(state, [Action::LinkDismissed]).link, Link::None);
    let late = Action::LinkAnswered { id, answer: Ok(song("One")) };
    let state = after(looking.clone(), [chosen(&looking, "Two"), late]);
    assert_eq!(playing(&state), Some("Two"));
}

#[test]
fn a_metered_connection_serves_nobody_and_the_limit_is_what_was_set() {
    let state = after(State::default(), [Action::UploadLimitSet(Some(500_000))]);
    let offering = state.sharing.offering();
    assert_eq!((offering.serves, offering.limit_bytes_per_second), (true, Some(500_000)));
    let state = after(state, [Action::ConnectionMetered(true), Action::UploadLimitSet(Some(1))]);
    let offering = state.sharing.offering();
    assert_eq!((offering.serves, offering.limit_bytes_per_second), (false, Some(LIMIT_MIN)));
    let state = after(state, [Action::ConnectionMetered(false), Action::UploadLimitSet(None)]);
    assert_eq!(state.sharing.offering(), kadenza_api::Offering::default());
}

/// The titles that are played from `first` on, when each song is heard to its end.
fn heard(state: &State, first: &str, count: usize) -> Vec<String> {
    let mut state = after(state.clone(), [chosen(state, first)]);
    let mut titles = Vec::new();
    for _ in 0..count {
        titles.extend(playing(&state).filter(|_| state.player.playing).map(str::to_owned));
        state = after(state, [Action::AudioEnded]);
    }
    titles
}

#[test]
fn a_list_ends_unless_it_or_its_song_is_repeated() {
    let state = listed(&["A", "B", "C"]);
    assert_eq!(heard(&state, "B", 5), ["B", "C"]);
    let all = after(state.clone(), [Action::RepeatSet(Repeat::All)]);
    assert_eq!(heard(&all, "B", 5), ["B", "C", "A", "B", "C"]);
    let one = after(state, [Action::RepeatSet(Repeat::One)]);
    assert_eq!(heard(&one, "B", 3), ["B", "B", "B"]);
    assert_eq!(playing(&after(one.clone(), [chosen(&one, "B"), Action::Next])), Some("C"));
}

#[test]
fn a_shuffled_list_begins_with_the_chosen_song_and_has_each_song_once() {
    let state = listed(&["A", "B", "C", "D", "E", "F", "G"]);
    let mut orders = std::collections::BTreeSet::new();
    for seed in 0..20 {
        let order = heard(&after(state.clone(), [Action::ShuffleSet(Some(seed))]), "D", 10);
        assert_eq!(order[0], "D");
        let mut sorted = order.clone();
        sorted.sort();
        assert_eq!(sorted, ["A", "B", "C", "D", "E", "F", "G"]);
        orders.insert(order);
    }
    assert!(orders.len() > 10, "{orders:?}");
    let back = after(state, [Action::ShuffleSet(Some(1)), Action::ShuffleSet(None)]);
    assert_eq!(heard(&back, "F", 3), ["F", "G"]);
}

#[test]
fn a_song_that_plays_goes_on_when_its_list_is_shuffled() {
    let state = listed(&["A", "B", "C"]);
    let state =
        after(state.clone(), [chosen(&state, "B"), Action::AudioMoved(5.0), Action::ShuffleSet(Some(3))]);
    assert_eq!((playing(&state), state.player.position, state.player.loads), (Some("B"), 5.0, 1));
    assert!(state.player.neighbour(-1).is_none(), "it is the first of its order");
}

#[test]
fn what_a_room_plays_is_not_stopped_by_an_element_that_waits_for_its_moment() {
    let song = Rc::new(song("Sirens"));
    let mut state = State::default();
    state.player().steer(Some(song), true);
    let state = after(state, [Action::AudioPaused, Action::AudioEnded]);
    assert!(state.player.playing && playing(&state) == Some("Sirens"));
}

/// Titles of the songs that follow.
fn following(state: &State) -> Vec<&str> {
    state.player.up_next().iter().map(|song| song.title()).collect()
}

#[test]
fn what_follows_can_be_added_to_moved_and_taken_out_and_stays_so_when_the_list_is_found_anew() {
    let id = |title: &str| song(title).id();
    let state = listed(&["A", "B", "C", "D"]);
    let state = after(state.clone(), [chosen(&state, "B"), Action::QueueAdded(Rc::new(song("A")))]);
    assert_eq!(following(&state), ["A", "C", "D"]);
    let state = after(state, [Action::QueueMoved { song: id("D"), to: 0 }]);
    assert_eq!(following(&state), ["D", "A", "C"]);
    let state = after(state, [Action::QueueMoved { song: id("D"), to: 9 }, Action::QueueRemoved(id("A"))]);
    assert_eq!(following(&state), ["C", "D"]);
    let state = after(state, [Action::QueueRemoved(id("B")), Action::RefreshAsked]);
    let state = after(state.clone(), [everywhere(state.listing.serial, &["A", "B", "C", "D", "E"])]);
    assert_eq!((playing(&state), following(&state)), (Some("B"), vec!["C", "D"]));
    assert_eq!(playing(&after(state, [Action::QueueJumped(id("D"))])), Some("D"));
}

#[test]
fn a_song_is_queued_by_playing_it_where_nothing_plays() {
    let state = after(listed(&["A", "B"]), [Action::QueueAdded(Rc::new(song("B")))]);
    assert_eq!((playing(&state), state.player.playing), (Some("B"), true));
}

#[test]
fn the_next_visit_begins_where_the_last_one_ended_and_loads_nothing_before_it_is_played() {
    let state = listed(&["A", "B", "C"]);
    let state = after(state.clone(), [chosen(&state, "B"), Action::AudioMoved(33.0), Action::VolumeSet(0.4)]);
    let last = Remembered {
        settings: Some(Settings::of(&state.player)),
        place: Place::of(&state.player),
        list: remembered(&state.player).iter().map(|song| (**song).clone()).collect(),
    };
    let formats = state.player.formats.clone();
    let setup =
        |link| Setup { formats: (*formats).clone(), remembered: last.clone(), link, ..Setup::default() };
    let state = State::new(setup(Link::None));
    assert_eq!((playing(&state), state.player.position, following(&state)), (Some("B"), 30.0, vec!["C"]));
    assert_eq!((state.player.playing, state.player.loads, state.player.volume), (false, 0, 0.4));
    let state = after(state, [Action::Toggled]);
    assert_eq!((state.player.playing, state.player.loads, state.player.position), (true, 1, 30.0));
    let linked = State::new(setup(Link::Looking(song("A").id())));
    assert_eq!((playing(&linked), linked.player.volume), (None, 0.4), "a link says what plays");
}

#[test]
fn a_storage_limit_holds_whether_or_not_anybody_looks_and_asking_is_forgotten_with_the_sheet() {
    let state = after(State::default(), [Action::StorageToggled(true), Action::LastingAsked]);
    assert_eq!(state.storage.asked, Asked::Waiting);
    let state = after(state, [Action::StorageLimitSet(Some(5)), Action::StorageToggled(false)]);
    assert_eq!((state.storage.limit, state.storage.asked), (Some(5), Asked::No));
    let setup = Setup { storage_limit: Some(7), ..Setup::default() };
    assert_eq!(State::new(setup).storage.limit, Some(7));
}

#[test]
fn pointing_at_a_peer_and_looking_for_a_songs_place_end_with_the_network_panel() {
    let song = Rc::new(song("Sirens"));
    let looking = [
        Action::NetworkToggled(true),
        Action::PeerPicked(Some("a".into())),
        Action::SongSought(Some(song.clone())),
    ];
    let state = after(State::default(), looking);
    assert_eq!(state.standing.picked.as_deref(), Some("a"));
    let sought = state.standing.sought.clone().unwrap();
    assert_eq!((sought.song.id(), sought.position), (song.id(), kadenza_node::tab::song_position(song.id())));
    let state = after(state, [Action::NetworkToggled(false), Action::NetworkToggled(true)]);
    assert_eq!(*state.standing, Standing { open: true, ..Standing::default() });
}
