use proptest::prelude::*;

use super::*;
use crate::simulation::{Events, Random, number, peer};

const SECOND: u64 = 1_000_000;

struct Node {
    clock: RoomClock,
    /// When it came, in true microseconds.
    came: u64,
    /// What its clock showed then.
    shows: u64,
    ppm: i64,
    is_here: bool,
}

impl Node {
    fn local(&self, at: u64) -> Duration {
        let elapsed = (at - self.came) as i64;
        Duration::from_micros(self.shows + (elapsed + elapsed * self.ppm / 1_000_000) as u64)
    }
}

enum Event {
    Tick(usize),
    Ask { from: usize, to: usize, t1: u64 },
    Answer { from: usize, to: usize, answer: TimeAnswer },
    Join(usize),
    Leave(usize),
}

/// Members whose messages take as long as they will.
struct Mesh {
    random: Random,
    nodes: Vec<Node>,
    events: Events<Event>,
    /// How long a message takes at least from one to another, and how much longer at most.
    delays: Vec<Vec<u64>>,
    jitter: u64,
    loss_percent: u64,
    linked: Vec<Vec<bool>>,
}

impl Mesh {
    fn new(seed: u64, count: usize, loss_percent: u64, links_percent: u64) -> Self {
        let mut random = Random(seed);
        let node = |index, random: &mut Random| Node {
            clock: RoomClock::new(peer(index), 0, Duration::ZERO),
            came: 0,
            shows: random.below(3 * 86_400 * SECOND),
            ppm: random.below(401) as i64 - 200,
            is_here: false,
        };
        let nodes = (0..count).map(|index| node(index, &mut random)).collect();
        let delays = (0..count).map(|_| (0..count).map(|_| random.below(38_000)).collect()).collect();
        let mut linked = vec![vec![false; count]; count];
        let pairs = (0..count).flat_map(|a| (0..a).map(move |b| (a, b)));
        for (a, b) in pairs {
            // A chain at the least.
            let is_linked = a == b + 1 || random.chance(links_percent);
            (linked[a][b], linked[b][a]) = (is_linked, is_linked);
        }
        Self { random, nodes, events: Events::new(), delays, jitter: 2_000, loss_percent, linked }
    }

    fn join(&mut self, index: usize, at: u64) {
        let founding = self.random.next();
        let node = &mut self.nodes[index];
        (node.came, node.is_here) = (at, true);
        node.clock = RoomClock::new(peer(index), founding, node.local(at));
        for other in 0..self.nodes.len() {
            if self.nodes[other].is_here && self.linked[index][other] {
                let now = self.nodes[index].local(at);
                self.nodes[index].clock.connected(peer(other), now);
                let now = self.nodes[other].local(at);
                self.nodes[other].clock.connected(peer(index), now);
            }
        }
        self.events.add(at, Event::Tick(index));
    }

    fn leave(&mut self, index: usize, at: u64) {
        self.nodes[index].is_here = false;
        for node in self.nodes.iter_mut().filter(|node| node.is_here) {
            let now = node.local(at);
            node.clock.disconnected(peer(index), now);
        }
    }

    fn send(&mut self, at: u64, from: usize, to: usize, event: Event) {
        if !self.random.chance(self.loss_percent) {
            let delay = self.delays[from][to] + self.random.below(self.jitter);
            self.events.add(at + delay, event);
        }
    }

    fn run(&mut self, until: u64) {
        while let Some((at, event)) = self.events.next_until(until) {
            match event {
                Event::Join(index) => self.join(index, at),
                Event::Leave(index) => self.leave(index, at),
                Event::Tick(index) if self.nodes[index].is_here => {
                    let node = &mut self.nodes[index];
                    let now = node.local(at);
                    node.clock.tick(now);
                    for (to, t1) in node.clock.asks(now) {
                        let to = number(to);
                        self.send(at, index, to, Event::Ask { from: index, to, t1 });
                    }
                    self.events.add(at + 50_000, Event::Tick(index));
                }
                Event::Ask { from, to, t1 } if self.nodes[to].is_here => {
                    let now = self.nodes[to].local(at);
                    let answer = self.nodes[to].clock.answer(t1, now, now);
                    self.send(at, to, from, Event::Answer { from: to, to: from, answer });
                }
                Event::Answer { from, to, answer } if self.nodes[to].is_here => {
                    let now = self.nodes[to].local(at);
                    self.nodes[to].clock.heard(peer(from), &answer, now);
                }
                _ => {}
            }
        }
    }

    fn here(&self) -> Vec<usize> {
        (0..self.nodes.len()).filter(|index| self.nodes[*index].is_here).collect()
    }

    /// How wrong a member may be: on every hop to whoever follows nobody, half of what the ways there and back differ by;
    /// and 2 ms for every hop but the first.
    fn error(&self, mut index: usize) -> u64 {
        let mut sum = 0;
        for hop in 0..self.nodes.len() {
            let Some(source) = self.nodes[index].clock.source() else { return sum };
            sum += if hop > 0 { 2_000 } else { 0 };
            let next = number(source);
            sum += self.delays[index][next].abs_diff(self.delays[next][index]) / 2;
            index = next;
        }
        panic!("members follow in a circle");
    }

    /// Runs from `at` on until one member only follows nobody, who is the founder or took its place. One whose questions
    /// were all lost for ten seconds goes on alone.
    fn settle(&mut self, at: u64) -> u64 {
        let alone =
            |mesh: &Self| mesh.here().iter().filter(|i| mesh.nodes[**i].clock.source().is_none()).count();
        let settled = (0..30).map(|seconds| at + seconds * SECOND).find(|until| {
            self.run(*until);
            alone(self) == 1
        });
        settled.expect("somebody stays alone")
    }

    fn check(&self, at: u64) -> Result<(), TestCaseError> {
        let here = self.here();
        let time = |index: usize| self.nodes[index].clock.time(self.nodes[index].local(at)).unwrap();
        for &a in &here {
            for &b in &here {
                prop_assert_eq!(self.nodes[a].clock.epoch(), self.nodes[b].clock.epoch());
                let apart = time(a).since_us(time(b)).unsigned_abs();
                let allowed = 5_000 + self.error(a) + self.error(b);
                prop_assert!(apart <= allowed, "{} and {} are {} µs apart; {} allowed", a, b, apart, allowed);
            }
        }
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn members_agree_on_the_time_whatever_their_clocks_and_links(
        seed: u64,
        count in 2usize..7,
        loss in 0u64..30,
        links in prop_oneof![Just(100u64), 0u64..100],
        joins in prop::collection::vec(0u64..20, 7),
    ) {
        let mut mesh = Mesh::new(seed, count, loss, links);
        for (index, at) in joins.into_iter().take(count).enumerate() {
            mesh.events.add(at * SECOND / 2, Event::Join(index));
        }
        let at = mesh.settle(60 * SECOND);
        mesh.check(at)?;
    }

    #[test]
    fn members_go_on_when_some_leave_and_come_back(seed: u64, count in 3usize..6, leaver in 0usize..6, again: bool) {
        let mut mesh = Mesh::new(seed, count, 10, 100);
        for index in 0..count {
            mesh.events.add(index as u64 * SECOND, Event::Join(index));
        }
        mesh.events.add(20 * SECOND, Event::Leave(leaver % count));
        if again {
            mesh.events.add(22 * SECOND, Event::Join(leaver % count));
        }
        let at = mesh.settle(60 * SECOND);
        mesh.check(at)?;
    }
}

/// Two members on links without delay, the second of which joins `later` µs after the first.
fn pair(later: u64) -> Mesh {
    let mut mesh = Mesh::new(3, 2, 0, 100);
    mesh.delays = vec![vec![1_000; 2]; 2];
    mesh.events.add(0, Event::Join(0));
    mesh.events.add(later, Event::Join(1));
    mesh
}

#[test]
fn a_newcomer_that_founded_its_own_epoch_does_not_move_the_room() {
    for seed in 0..20 {
        let mut mesh = Mesh::new(seed, 3, 0, 100);
        mesh.events.add(0, Event::Join(0));
        mesh.events.add(0, Event::Join(1));
        mesh.run(10 * SECOND);
        let epoch = mesh.nodes[0].clock.epoch();
        // It hears nobody for two seconds, so it founds an epoch, perhaps one with a lower id.
        for other in 0..2 {
            mesh.linked[2][other] = false;
        }
        mesh.join(2, 10 * SECOND);
        mesh.run(12 * SECOND);
        for other in 0..2 {
            let now = mesh.nodes[2].local(12 * SECOND);
            mesh.nodes[2].clock.connected(peer(other), now);
            let now = mesh.nodes[other].local(12 * SECOND);
            mesh.nodes[other].clock.connected(peer(2), now);
        }
        (0..3).for_each(|index| mesh.events.add(12 * SECOND, Event::Tick(index)));
        mesh.run(20 * SECOND);
        assert!((0..3).all(|index| mesh.nodes[index].clock.epoch() == epoch));
    }
}

#[test]
fn the_time_is_there_a_few_round_trips_after_joining() {
    let mut mesh = pair(5 * SECOND);
    mesh.run(5 * SECOND + 100_000);
    assert!(mesh.nodes[1].clock.time(mesh.nodes[1].local(5 * SECOND + 100_000)).is_some());
    mesh.check(5 * SECOND + 100_000).unwrap();
}

#[test]
fn a_step_to_another_epoch_says_by_how_much_and_keeps_the_way_back() {
    let now = Duration::from_secs(100);
    let mut clock = RoomClock::new(peer(0), 9, now - FOUNDS_AFTER);
    assert_eq!(clock.tick(now), Some(Step { from_epoch: None, to_epoch: 9, delta_us: 0 }));
    clock.connected(peer(1), now);
    let (_, t1) = clock.asks(now)[0];
    let reference =
        Reference { epoch: 5, shared: false, root: peer(1), pulse: 1, stratum: 0, time: RoomTime(7_000_000) };
    let answer = TimeAnswer { t1, t2: 50, t3: 50, reference: Some(reference) };
    let step = clock.heard(peer(1), &answer, now);
    assert_eq!(step, Some(Step { from_epoch: Some(9), to_epoch: 5, delta_us: -93_000_000 }));
    assert_eq!(clock.time(now), Some(RoomTime(7_000_000)));
    assert_eq!(clock.convert(9, RoomTime(100_000_001), now), Some(RoomTime(7_000_001)));
    assert_eq!(clock.convert(4, RoomTime(0), now), None);
}

#[test]
fn within_an_epoch_time_is_moved_by_5_ms_a_second_at_most() {
    let mut offset = Offset::fixed(0, Duration::ZERO);
    offset.slew(20_000, Duration::ZERO);
    assert_eq!(offset.at(Duration::from_secs(1)), 5_000);
    offset.slew(-20_000, Duration::from_secs(1));
    assert_eq!(offset.at(Duration::from_secs(2)), 0);
    assert_eq!(offset.at(Duration::from_secs(60)), -20_000);
}

#[test]
fn answers_nobody_asked_for_and_impossible_ones_change_nothing() {
    let now = Duration::from_secs(1);
    let mut clock = RoomClock::new(peer(0), 9, now);
    clock.connected(peer(1), now);
    let (_, t1) = clock.asks(now)[0];
    let time = |time| {
        Some(Reference { epoch: 1, shared: true, root: peer(1), pulse: 1, stratum: 0, time: RoomTime(time) })
    };
    let answer = |t1, t2, t3, reference| TimeAnswer { t1, t2, t3, reference };
    for wrong in [
        answer(t1 + 1, 0, 0, time(0)),
        answer(t1, 5, 4, time(0)),
        answer(t1, 0, 1_000_000, time(0)),
        answer(t1, u64::MAX, u64::MAX, time(0)),
        answer(t1, 0, 0, time(i64::MIN)),
    ] {
        let mut clock = RoomClock::new(peer(0), 9, now);
        clock.connected(peer(1), now);
        clock.asks(now);
        assert_eq!(clock.heard(peer(1), &wrong, now), None);
        assert_eq!(clock.time(now), None);
    }
    assert_eq!(clock.heard(peer(2), &answer(t1, 0, 0, time(0)), now), None);
}
