use proptest::prelude::*;

use super::*;
use crate::simulation::{Random, peer};

fn id(number: u64) -> QueueItemId {
    let mut id = [0; 16];
    id[..8].copy_from_slice(&number.to_be_bytes());
    QueueItemId(id)
}

fn song(number: u8) -> SongId {
    SongId([number; 20])
}

fn at(us: i64) -> (u64, RoomTime) {
    (1, RoomTime(us))
}

/// Something a member does, to what its state has.
fn act(state: &mut SharedState, random: &mut Random, next_id: &mut u64) -> Option<Op> {
    let queue = state.queue();
    let any =
        |random: &mut Random| queue.get(random.below(queue.len().max(1) as u64) as usize).map(|item| item.id);
    let when = at(random.below(1 << 30) as i64);
    match random.below(10) {
        0..=3 => {
            *next_id += 1;
            let place = match random.below(3) {
                0 => Place::First,
                1 => Place::Last,
                _ => any(random).map_or(Place::Last, Place::After),
            };
            state.add(id(*next_id), song(random.below(9) as u8), place).ok()
        }
        4 => state.move_to(any(random)?, any(random).map_or(Place::First, Place::After)).ok(),
        5 => state.remove(any(random)?).ok(),
        6 => state.play(any(random)?, when).ok(),
        7 => state.next_after(state.playback()?.song?, random.chance(50), when),
        8 => state.seek(random.below(100_000), when).ok(),
        _ if random.chance(50) => state.pause(when).ok(),
        _ => state.resume(when).ok(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn members_agree_whatever_was_lost_repeated_or_late(seed: u64, count in 2usize..6, actions in 1usize..80) {
        let mut random = Random(seed);
        let mut states: Vec<_> = (0..count).map(|number| SharedState::new(peer(number))).collect();
        let mut under_way: Vec<(usize, Op)> = Vec::new();
        let mut next_id = 0;
        for _ in 0..actions {
            let actor = random.below(count as u64) as usize;
            if let Some(op) = act(&mut states[actor], &mut random, &mut next_id) {
                under_way.extend((0..count).map(|to| (to, op.clone())));
            }
            while !under_way.is_empty() && random.chance(70) {
                let place = random.below(under_way.len() as u64) as usize;
                let (to, op) = under_way[place].clone();
                match random.below(10) {
                    // It comes, and comes again later.
                    0..=1 => prop_assert!(states[to].apply(&op).is_ok()),
                    // It is lost.
                    2..=3 => drop(under_way.swap_remove(place)),
                    _ => {
                        under_way.swap_remove(place);
                        prop_assert!(states[to].apply(&op).is_ok());
                    }
                }
            }
        }
        let whole: Vec<_> = states.iter().map(SharedState::ops).collect();
        for state in &mut states {
            let first = random.below(count as u64) as usize;
            (0..count).for_each(|other| { state.merge(whole[(first + other) % count].clone()); });
        }
        for state in &states {
            prop_assert_eq!(state, &states[0]);
            prop_assert_eq!(state.queue(), states[0].queue());
            prop_assert!(state.queue().len() <= QUEUE_ITEMS);
        }
    }

}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn more_changes_than_are_remembered_leave_the_same_ones_everywhere(seed: u64, removes in 0u64..100) {
        let mut random = Random(seed);
        let mut authors: Vec<_> = (0..3).map(|number| SharedState::new(peer(number))).collect();
        let mut ops = Vec::new();
        for number in 0..1500 {
            let author = &mut authors[(number % 3) as usize];
            // The queue is full for one who adds alone; these are hostile adds beyond it.
            let position = Position::from_bytes(&[1 + random.below(255) as u8]).unwrap();
            let stamp = author.stamp_for_test();
            let entry = Entry { stamp, id: id(number), song: song(1), added_by: peer(0), position, removed: false };
            ops.push(Op::Item(entry.clone()));
            author.apply(&Op::Item(entry.clone())).unwrap();
            if random.below(100) < removes {
                let stamp = author.stamp_for_test();
                let removed = Op::Item(Entry { stamp, removed: true, ..entry });
                author.apply(&removed).unwrap();
                ops.push(removed);
            }
        }
        let mut replicas = vec![SharedState::new(peer(7)), SharedState::new(peer(8))];
        for replica in &mut replicas {
            for index in (1..ops.len()).rev() {
                ops.swap(index, random.below(index as u64 + 1) as usize);
            }
            for op in &ops {
                replica.apply(op).unwrap();
            }
            prop_assert!(replica.entries.len() <= ENTRIES_MAX && replica.queue().len() <= QUEUE_ITEMS);
        }
        prop_assert_eq!(&replicas[0], &replicas[1]);
    }
}

impl SharedState {
    fn stamp_for_test(&self) -> Stamp {
        Stamp { count: self.count + 1, author: self.me }
    }
}

/// Three songs, and the first of them played, as two members know it.
fn playing() -> [SharedState; 2] {
    let mut one = SharedState::new(peer(0));
    for number in 1..=3 {
        one.add(id(number), song(number as u8), Place::Last).unwrap();
    }
    one.play(id(1), at(0)).unwrap();
    let mut other = SharedState::new(peer(1));
    other.merge(one.ops());
    [one, other]
}

fn ids(state: &SharedState) -> Vec<QueueItemId> {
    state.queue().iter().map(|item| item.id).collect()
}

#[test]
fn a_song_that_ends_for_everybody_is_followed_once() {
    let [mut one, mut other] = playing();
    let from_one = one.next_after(id(1), false, at(9)).unwrap();
    let from_other = other.next_after(id(1), false, at(9)).unwrap();
    one.apply(&from_other).unwrap();
    other.apply(&from_one).unwrap();
    assert_eq!(one, other);
    assert_eq!(one.playback().unwrap().song, Some(id(2)));
    assert_eq!(one.next_after(id(1), true, at(9)), None);
}

#[test]
fn whoever_skips_what_others_left_long_ago_does_not_bring_them_back() {
    let [mut one, mut late] = playing();
    one.next_after(id(1), false, at(9));
    one.next_after(id(2), true, at(10));
    // It has done much to the queue meanwhile, but has heard nothing of the playback.
    (10..20).for_each(|number| drop(late.add(id(number), song(1), Place::Last)));
    let skip = late.next_after(id(1), true, at(11)).unwrap();
    assert_eq!(one.apply(&skip), Ok(false));
    assert_eq!(one.playback().unwrap().song, Some(id(3)));
}

#[test]
fn a_press_goes_before_the_end_of_a_song_at_the_same_moment() {
    let [mut one, mut other] = playing();
    let ended = one.next_after(id(1), false, at(9)).unwrap();
    let paused = other.pause(at(9)).unwrap();
    one.apply(&paused).unwrap();
    other.apply(&ended).unwrap();
    assert_eq!(one, other);
    assert!(!one.playback().unwrap().playing);
}

#[test]
fn pausing_and_going_on_keep_the_position() {
    let [mut one, _] = playing();
    one.pause(at(5_000_000)).unwrap();
    assert_eq!(one.playback().unwrap().position_us(RoomTime(8_000_000)), 5_000_000);
    one.resume(at(9_000_000)).unwrap();
    let playback = *one.playback().unwrap();
    assert_eq!(playback.position_us(RoomTime(8_900_000)), 5_000_000);
    assert_eq!(playback.position_us(RoomTime(9_500_000)), 5_500_000);
}

#[test]
fn the_last_song_is_followed_by_silence() {
    let [mut one, _] = playing();
    one.play(id(3), at(0)).unwrap();
    one.next_after(id(3), false, at(9)).unwrap();
    let playback = one.playback().unwrap();
    assert_eq!((playback.song, playback.playing), (None, false));
    assert_eq!(one.pause(at(10)), Err(Conflict::NothingPlayed));
}

#[test]
fn what_follows_a_removed_song_is_what_followed_it() {
    let [mut one, _] = playing();
    one.remove(id(1)).unwrap();
    assert_eq!(one.following(id(1)), Some(id(2)));
    assert_eq!(one.remove(id(1)), Err(Conflict::NoItem));
}

#[test]
fn items_go_where_they_are_put() {
    let [mut one, _] = playing();
    one.add(id(4), song(4), Place::After(id(1))).unwrap();
    assert_eq!(ids(&one), [1, 4, 2, 3].map(id));
    one.move_to(id(3), Place::First).unwrap();
    assert_eq!(ids(&one), [3, 1, 4, 2].map(id));
    one.move_to(id(1), Place::After(id(1))).unwrap();
    one.move_to(id(3), Place::Last).unwrap();
    assert_eq!(ids(&one), [1, 4, 2, 3].map(id));
    assert_eq!(one.add(id(4), song(4), Place::Last), Err(Conflict::Taken));
    assert_eq!(one.move_to(id(1), Place::After(id(9))), Err(Conflict::NoItem));
}

#[test]
fn a_full_queue_takes_no_more_until_something_is_removed() {
    let mut state = SharedState::new(peer(0));
    for number in 0..QUEUE_ITEMS as u64 {
        state.add(id(number), song(1), Place::Last).unwrap();
    }
    assert_eq!(state.add(id(9999), song(1), Place::Last), Err(Conflict::Full));
    state.remove(id(0)).unwrap();
    assert!(state.add(id(9999), song(1), Place::Last).is_ok());
}

#[test]
fn a_stamp_far_ahead_and_positions_out_of_bounds_are_refused() {
    let [mut one, _] = playing();
    let before = one.clone();
    let Op::Playback { stamp, pressed, playback } = one.ops()[0].clone() else { panic!("no playback") };
    let with = |count, playback| Op::Playback { stamp: Stamp { count, ..stamp }, pressed, playback };
    let error = one.apply(&with(u64::MAX, playback)).unwrap_err();
    assert_eq!(error, StateError::StampAhead { count: u64::MAX, ours: 1 });
    let far = Playback { position_ms: u64::MAX, ..playback };
    assert_eq!(one.apply(&with(2, far)), Err(StateError::Position(u64::MAX)));
    let far = Playback { anchor: RoomTime(i64::MAX), ..playback };
    assert_eq!(one.apply(&with(2, far)), Err(StateError::Anchor(RoomTime(i64::MAX))));
    assert_eq!(one, before);
}

#[test]
fn a_playback_carried_over_to_another_epoch_is_the_same_change() {
    let [mut one, mut other] = playing();
    let op = one.seek(0, (7, RoomTime(0))).unwrap();
    other.apply(&op).unwrap();
    let carried = one.carry_over((3, RoomTime(500))).unwrap();
    // A press of somebody who has not heard of it is not lost.
    let press = other.pause((7, RoomTime(1))).unwrap();
    one.apply(&press).unwrap();
    other.apply(&carried).unwrap();
    assert_eq!(one, other);
    assert!(!one.playback().unwrap().playing);
    assert_eq!(one.carry_over((8, RoomTime(0))), None);
}
