use std::time::Duration;

use bytes::BytesMut;
use kadenza_api::SongId;
use proptest::prelude::*;

use super::*;
use crate::members::Reaction;
use crate::simulation::{Events, Random, number, peer};
use crate::together::Place;

const MILLISECOND: u64 = 1_000;
const SECOND: u64 = 1_000_000;

struct Member {
    live: Live,
    came: u64,
    is_here: bool,
}

enum Event {
    Tick(usize),
    Message {
        from: usize,
        to: usize,
        message: Message,
    },
    Act(usize, Action),
    Disconnect(usize, usize),
    /// A hostile member says this to all it is connected to.
    Hostile(usize, News),
}

/// A room in memory: members with clocks of their own, on links that take their time.
struct Room {
    random: Random,
    members: Vec<Member>,
    linked: Vec<Vec<bool>>,
    delays: Vec<Vec<u64>>,
    events: Events<Event>,
    throttled: usize,
    sent: u64,
    hostile_sequence: u64,
}

impl Room {
    fn new(seed: u64, count: usize, linked: impl Fn(usize, usize) -> bool) -> Self {
        let mut random = Random(seed);
        let member = |number| Member { live: live(number, 0, Duration::ZERO), came: 0, is_here: false };
        let delay = |random: &mut Random| (1 + random.below(40)) * MILLISECOND;
        Self {
            members: (0..count).map(member).collect(),
            linked: (0..count).map(|a| (0..count).map(|b| a != b && linked(a, b)).collect()).collect(),
            delays: (0..count).map(|_| (0..count).map(|_| delay(&mut random)).collect()).collect(),
            random,
            events: Events::new(),
            throttled: 0,
            sent: 0,
            hostile_sequence: 0,
        }
    }

    fn local(&self, member: usize, at: u64) -> Duration {
        // Every tab started at another time.
        Duration::from_micros(at - self.members[member].came + 1_000 * SECOND * member as u64)
    }

    fn join(&mut self, member: usize, at: u64) {
        self.members[member].came = at;
        self.members[member].is_here = true;
        self.members[member].live = live(member, self.random.next(), self.local(member, at));
        for other in (0..self.members.len()).filter(|other| *other != member) {
            if self.members[other].is_here && self.linked[member][other] {
                for (one, two) in [(member, other), (other, member)] {
                    let now = self.local(one, at);
                    assert!(self.members[one].live.connected(peer(two), now));
                    self.collect(one, at);
                }
            }
        }
        self.events.add(at, Event::Tick(member));
    }

    /// It says nothing any more; the others notice three seconds later that it is not connected.
    fn crash(&mut self, member: usize, at: u64) {
        self.members[member].is_here = false;
        for other in 0..self.members.len() {
            if self.linked[member][other] {
                self.events.add(at + 3 * SECOND, Event::Disconnect(other, member));
            }
        }
    }

    fn collect(&mut self, member: usize, at: u64) {
        while let Some(output) = self.members[member].live.output() {
            match output {
                Output::Send { to, message } => {
                    let to = number(to);
                    self.sent += 1;
                    self.deliver(at, member, to, *message);
                }
                Output::Throttled(_) => self.throttled += 1,
                _ => {}
            }
        }
    }

    fn deliver(&mut self, at: u64, from: usize, to: usize, message: Message) {
        let mut bytes = BytesMut::new();
        message.write(&mut bytes);
        assert_eq!(Message::read(bytes.freeze()), Ok(message.clone()));
        // Links keep the order.
        self.events.add(at + self.delays[from][to], Event::Message { from, to, message });
    }

    fn run(&mut self, until: u64) {
        while let Some((at, event)) = self.events.next_until(until) {
            let member = match &event {
                Event::Tick(member)
                | Event::Act(member, _)
                | Event::Hostile(member, _)
                | Event::Disconnect(member, _)
                | Event::Message { to: member, .. } => *member,
            };
            if !self.members[member].is_here {
                continue;
            }
            let now = self.local(member, at);
            let live = &mut self.members[member].live;
            match event {
                Event::Tick(_) => {
                    live.tick(now);
                    self.events.add(at + 50 * MILLISECOND, Event::Tick(member));
                }
                Event::Message { from, message, .. } => live.heard(peer(from), message, now),
                Event::Act(_, action) => drop(live.act(action, now)),
                Event::Disconnect(_, other) => live.disconnected(peer(other), now),
                Event::Hostile(_, news) => self.say_hostile(at, member, news),
            }
            self.collect(member, at);
        }
    }

    fn say_hostile(&mut self, at: u64, member: usize, news: News) {
        self.hostile_sequence += 1;
        let flood = Flood { author: peer(member), sequence: self.hostile_sequence, hops: 0, news };
        for to in 0..self.members.len() {
            if self.linked[member][to] {
                self.deliver(at, member, to, Message::Flood(flood.clone()));
            }
        }
    }

    fn here(&self) -> Vec<usize> {
        (0..self.members.len()).filter(|member| self.members[*member].is_here).collect()
    }

    fn live(&self, member: usize) -> &Live {
        &self.members[member].live
    }

    /// All who are here know each other, the same state, and where its playback is within 45 ms.
    fn check(&self, at: u64) {
        let here = self.here();
        let targets: Vec<_> = here.iter().map(|m| self.live(*m).target(self.local(*m, at))).collect();
        for member in &here {
            let live = self.live(*member);
            assert_eq!(live.state, self.live(here[0]).state, "member {member}");
            let known: BTreeSet<_> = live.members().all().map(|(peer, _)| number(peer)).collect();
            let others: BTreeSet<_> = here.iter().copied().filter(|other| other != member).collect();
            assert_eq!(known, others, "as member {member} sees it");
            assert!(live.seen.len() <= 4096 && live.outbox.is_empty());
        }
        let position = |target: &Option<(QueueItemId, Target)>| match target {
            Some((item, Target::Playing { position_us })) => Some((*item, *position_us)),
            _ => None,
        };
        if let Some((first, position_us)) = position(&targets[0]) {
            for target in &targets {
                let (item, other_us) = position(target).expect("all play");
                assert!(item == first && (other_us - position_us).abs() <= 45_000, "{targets:?}");
            }
        }
    }
}

fn live(number: usize, random: u64, now: Duration) -> Live {
    let name = MemberName::new(&format!("Member {number}")).unwrap();
    Live::new(RoomId([1; 32]), peer(number), name, random, now)
}

fn id(number: u8) -> QueueItemId {
    QueueItemId([number; 16])
}

fn add(number: u8) -> Action {
    Action::Add { id: id(number), song: SongId([number; 20]), place: Place::Last }
}

/// A chain with some more links.
fn sparse(seed: u64) -> impl Fn(usize, usize) -> bool {
    move |a, b| a.abs_diff(b) == 1 || Random(seed ^ (a * b) as u64 ^ (a + b) as u64).chance(40)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn members_agree_though_one_crashes_one_joins_late_and_not_all_are_connected(seed: u64, full: bool) {
        let sparse = sparse(seed);
        let mut room = Room::new(seed, 5, |a, b| full || sparse(a, b));
        for member in 0..4 {
            room.run(member as u64 * 100 * MILLISECOND);
            room.join(member, member as u64 * 100 * MILLISECOND);
        }
        for step in 0..40u64 {
            let at = 2 * SECOND + step * 250 * MILLISECOND;
            let item = id(1 + room.random.below(10) as u8);
            let action = match room.random.below(8) {
                0..=2 => add(1 + room.random.below(60) as u8),
                3 => Action::Play(item),
                4 => Action::Skip(item),
                5 => Action::Move { id: item, place: Place::First },
                6 => Action::Remove(item),
                _ => Action::Seek(room.random.below(100_000)),
            };
            let member = room.random.below(4) as usize;
            room.events.add(at, Event::Act(member, action));
        }
        room.run(8 * SECOND);
        // In a chain, whoever is in the middle would tear the room apart.
        let crashes = if full { room.random.below(4) as usize } else { 0 };
        room.crash(crashes, 8 * SECOND);
        room.run(9 * SECOND);
        room.join(4, 9 * SECOND);
        room.run(60 * SECOND);
        room.check(60 * SECOND);
    }
}

#[test]
fn a_press_reaches_all_within_300_ms() {
    let mut room = Room::new(1, 5, |_, _| true);
    (0..5).for_each(|member| room.join(member, 0));
    room.events.add(3 * SECOND, Event::Act(0, add(1)));
    room.events.add(4 * SECOND, Event::Act(0, Action::Play(id(1))));
    room.run(4 * SECOND + 250 * MILLISECOND);
    for member in 0..5 {
        let now = room.local(member, 4 * SECOND + 250 * MILLISECOND);
        assert!(matches!(room.live(member).target(now), Some((_, Target::Playing { .. }))));
    }
}

#[test]
fn one_who_joins_late_has_the_same_state_within_a_second() {
    let mut room = Room::new(2, 5, |_, _| true);
    (0..4).for_each(|member| room.join(member, 0));
    room.events.add(2 * SECOND, Event::Act(0, add(1)));
    room.events.add(3 * SECOND, Event::Act(1, Action::Play(id(1))));
    room.run(20 * SECOND);
    room.join(4, 20 * SECOND);
    room.run(21 * SECOND);
    room.check(21 * SECOND);
    assert!(room.live(4).state().playback().unwrap().playing);
}

#[test]
fn songs_follow_each_other_and_none_is_skipped() {
    let mut room = Room::new(3, 4, |_, _| true);
    (0..4).for_each(|member| room.join(member, 0));
    (1..=3).for_each(|song| {
        room.events.add(u64::from(song) * 100 * MILLISECOND + SECOND, Event::Act(0, add(song)))
    });
    room.events.add(3 * SECOND, Event::Act(2, Action::Play(id(1))));
    let mut heard = Vec::new();
    for step in 0..500u64 {
        let at = 3 * SECOND + step * 50 * MILLISECOND;
        room.run(at);
        for member in 0..4 {
            let Some(song) = room.live(member).state().playback().and_then(|playback| playback.song) else {
                continue;
            };
            room.members[member].live.set_duration(song, Duration::from_secs(5));
            if member == 1 && heard.last() != Some(&song) {
                heard.push(song);
            }
        }
    }
    assert_eq!(heard, [id(1), id(2), id(3)]);
    assert!((0..4).all(|member| !room.live(member).state().playback().unwrap().playing));
}

#[test]
fn a_member_that_floods_is_ignored_and_the_others_go_on() {
    let mut room = Room::new(4, 5, |_, _| true);
    (0..5).for_each(|member| room.join(member, 0));
    room.run(5 * SECOND);
    for step in 0..10_000u64 {
        let at = 5 * SECOND + step * MILLISECOND;
        let news = match step % 3 {
            0 => News::Reaction(Reaction::Fire),
            _ => {
                let Action::Add { song, .. } = add(9) else { unreachable!() };
                let mut id = [0; 16];
                id[..8].copy_from_slice(&step.to_be_bytes());
                let op = SharedState::new(peer(4)).add(QueueItemId(id), song, Place::Last).unwrap();
                News::Op(op)
            }
        };
        room.events.add(at, Event::Hostile(4, news));
    }
    room.events.add(10 * SECOND, Event::Act(0, add(1)));
    room.events.add(11 * SECOND, Event::Act(1, Action::Play(id(1))));
    room.run(30 * SECOND);
    assert!(room.throttled > 1000);
    for member in 0..4 {
        let live = room.live(member);
        assert!(live.state().queue().len() <= 20 + 10 * 10 + 2, "{}", live.state().queue().len());
        assert_eq!(live.state().playback().unwrap().song, Some(id(1)));
        assert!(live.members().has(peer((member + 1) % 4)));
        assert!(live.seen.len() <= 4096);
    }
}

#[test]
fn what_one_says_reaches_those_it_is_not_connected_to() {
    let mut room = Room::new(5, 5, |a, b| a.abs_diff(b) == 1);
    (0..5).for_each(|member| room.join(member, 0));
    room.run(6 * SECOND);
    room.check(6 * SECOND);
    room.events.add(6 * SECOND, Event::Act(0, add(1)));
    room.events.add(6 * SECOND, Event::Act(4, Action::React(Reaction::Heart)));
    room.run(6 * SECOND + 300 * MILLISECOND);
    assert_eq!(room.live(4).state().queue().len(), 1);
    assert_eq!(room.live(0).members().reactions().next().unwrap().peer, peer(4));
}

#[test]
fn in_a_room_where_all_are_connected_nothing_is_said_twice() {
    let mut room = Room::new(6, 5, |_, _| true);
    (0..5).for_each(|member| room.join(member, 0));
    room.run(10 * SECOND);
    let before = room.sent;
    room.run(20 * SECOND);
    // Every second, each asks and answers four others; every other second, it tells them that it is here.
    let expected = 10 * 5 * 4 * 2 + 5 * 5 * 4;
    assert!(room.sent - before <= expected + 40, "{} messages", room.sent - before);
}

#[test]
fn a_member_that_says_goodbye_is_gone_at_once_and_one_that_crashed_after_ten_seconds() {
    let mut room = Room::new(7, 4, |_, _| true);
    (0..4).for_each(|member| room.join(member, 0));
    room.run(5 * SECOND);
    room.members[2].live.leave();
    room.collect(2, 5 * SECOND);
    room.members[2].is_here = false;
    room.crash(3, 5 * SECOND);
    room.run(5 * SECOND + 100 * MILLISECOND);
    assert!(!room.live(0).members().has(peer(2)) && room.live(0).members().has(peer(3)));
    room.run(15 * SECOND + 200 * MILLISECOND);
    assert!(!room.live(0).members().has(peer(3)));
}

#[test]
fn two_rooms_that_meet_go_on_with_one_playback() {
    let mut room = Room::new(8, 4, |a, b| a / 2 == b / 2);
    (0..4).for_each(|member| room.join(member, 0));
    for half in [0, 2] {
        room.events.add(2 * SECOND, Event::Act(half, add(1 + half as u8)));
        room.events.add(3 * SECOND, Event::Act(half, Action::Play(id(1 + half as u8))));
    }
    room.run(10 * SECOND);
    assert_ne!(room.live(0).clock().epoch(), room.live(2).clock().epoch());
    for (one, other) in [(0, 2), (2, 0), (1, 3), (3, 1), (0, 3), (3, 0), (1, 2), (2, 1)] {
        room.linked[one][other] = true;
        let now = room.local(one, 10 * SECOND);
        assert!(room.members[one].live.connected(peer(other), now));
        room.collect(one, 10 * SECOND);
    }
    room.run(14 * SECOND);
    room.check(14 * SECOND);
    let now = room.local(0, 14 * SECOND);
    let Some((_, Target::Playing { position_us })) = room.live(0).target(now) else { panic!("silence") };
    assert!((position_us - 10_850_000).abs() < 100_000, "{position_us}");
}

#[test]
fn nobody_speaks_for_a_member_that_is_connected() {
    let mut live = live(0, 1, Duration::ZERO);
    live.connected(peer(1), Duration::ZERO);
    live.connected(peer(2), Duration::ZERO);
    let name = |text| MemberName::new(text).unwrap();
    let heartbeat = |text| News::Heartbeat { name: name(text), state: 0, neighbours: BTreeSet::new() };
    let mut say = |from, sequence, news| {
        let flood = Flood { author: peer(1), sequence, hops: 1, news };
        live.heard(peer(from), Message::Flood(flood), Duration::ZERO);
        live.members().all().map(|(_, member)| member.name.clone()).collect::<Vec<_>>()
    };
    assert_eq!(say(1, 1, heartbeat("Mira")), [name("Mira")]);
    assert_eq!(say(2, 2, heartbeat("Somebody else")), [name("Mira")]);
    assert_eq!(say(2, 3, News::Goodbye), [name("Mira")]);
    assert_eq!(say(1, 3, News::Goodbye), []);
}

#[test]
fn nobody_acts_before_there_is_a_time() {
    let mut alone = live(0, 1, Duration::ZERO);
    alone.act(add(1), Duration::ZERO).unwrap();
    assert_eq!(alone.act(Action::Play(id(1)), Duration::ZERO), Err(ActionError::NoTime));
    alone.tick(Duration::from_secs(1));
    assert_eq!(alone.act(Action::Play(id(1)), Duration::from_secs(1)), Ok(()));
}

#[test]
fn whoever_presses_too_often_is_told_so_rather_than_ignored() {
    let mut alone = live(0, 1, Duration::ZERO);
    let refused = (0..30).filter(|_| alone.act(Action::React(Reaction::Up), Duration::ZERO).is_err()).count();
    assert_eq!(refused, 25);
}
