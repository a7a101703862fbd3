//! A swarm in virtual time: real [`Download`]s on simulated links. One seed, one course of events.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, VecDeque};
use std::time::Duration;

use bytes::BytesMut;
use futures::executor::block_on;
use futures::io::Cursor;
use kadenza_api::{ContentId, GROUP_BYTES, Groups};
use libp2p::PeerId;
use libp2p::identity::Keypair;

use super::{Download, Output};
use crate::content::groups::GroupSet;
use crate::content::wire::{ToHolder, next_frame, put_frame};

type Number = usize;

/// When, in which order, from whom, to whom, what.
type Due = (Duration, u64, Number, Number, Event);

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    Follow,
    Have(Vec<(u64, u64)>),
    Others(Vec<Number>),
    Ask(u64, u64),
    Cancel(u64, u64),
    Slice(u64),
    Refused(u64),
    /// The node's uplink is free.
    Free,
    Wake,
    Read,
    Begin,
    Die,
}

/// How a node is, and how it behaves.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kind {
    /// Bytes a second it can send.
    pub(super) uplink: f64,
    pub(super) durable: bool,
    /// Sends nothing of what it is asked for.
    pub(super) drips: bool,
    /// Sends other bytes than it should.
    pub(super) lies: bool,
}

pub(super) const TAB: Kind = Kind { uplink: 30e6, durable: false, drips: false, lies: false };

struct Node {
    peer: PeerId,
    kind: Kind,
    held: GroupSet,
    download: Option<Download>,
    followers: Vec<Number>,
    queues: BTreeMap<Number, VecDeque<u64>>,
    turn: Number,
    sends: bool,
    alive: bool,
    reader: u64,
    waits: bool,
    /// When its download looks again although nothing happens.
    wakes: Option<Duration>,
    begun: Duration,
    /// When each group came.
    came: BTreeMap<u64, Duration>,
    sent: u64,
}

/// What a holder reads when it is told this.
pub(super) fn carried(output: Output) -> (PeerId, ToHolder) {
    let (peer, message) = output.message(0, (ContentId::of(b"song"), 1));
    let mut wire = BytesMut::new();
    put_frame(&mut wire, &message);
    let read = block_on(next_frame(&mut Cursor::new(wire)));
    (peer, read.expect("the holder takes it").expect("it is whole"))
}

pub(super) struct Swarm {
    nodes: Vec<Node>,
    count: u64,
    delay: Duration,
    now: Duration,
    events: BinaryHeap<Reverse<Due>>,
    serial: u64,
    /// Groups that came and were not what they should be.
    pub(super) bad: u64,
    /// Which peers these are: whose share is what depends on their ids.
    pub(super) cast: u8,
}

impl Swarm {
    /// A content of `count` groups among peers half `round_trip` apart.
    pub(super) fn new(count: u64, round_trip: Duration) -> Self {
        let events = BinaryHeap::new();
        Self {
            nodes: Vec::new(),
            count,
            delay: round_trip / 2,
            now: Duration::ZERO,
            events,
            serial: 0,
            bad: 0,
            cast: 0,
        }
    }

    fn add(&mut self, kind: Kind, held: GroupSet, download: bool) -> Number {
        let number = self.nodes.len();
        let mut seed = [u8::try_from(number + 1).unwrap(); 32];
        seed[0] ^= self.cast;
        let peer = PeerId::from(Keypair::ed25519_from_bytes(seed).unwrap().public());
        let download = download.then(|| Download::new(peer, held.clone()));
        self.nodes.push(Node {
            peer,
            kind,
            held,
            download,
            followers: Vec::new(),
            queues: BTreeMap::new(),
            turn: 0,
            sends: false,
            alive: true,
            reader: 0,
            waits: false,
            wakes: None,
            begun: Duration::ZERO,
            came: BTreeMap::new(),
            sent: 0,
        });
        number
    }

    pub(super) fn holder(&mut self, kind: Kind) -> Number {
        self.add(kind, GroupSet::all(self.count), false)
    }

    /// A peer that begins to listen at `at` and knows `sources`.
    pub(super) fn listener(&mut self, kind: Kind, at: Duration, sources: &[Number]) -> Number {
        let number = self.add(kind, GroupSet::none(self.count), true);
        for source in sources {
            let (peer, durable) = (self.nodes[*source].peer, self.nodes[*source].kind.durable);
            let download = self.nodes[number].download.as_mut().unwrap();
            download.add_source(peer, durable, Some(self.delay * 2), Duration::ZERO);
        }
        self.nodes[number].begun = at;
        self.at(at, number, number, Event::Begin);
        number
    }

    pub(super) fn dies(&mut self, number: Number, at: Duration) {
        self.at(at, number, number, Event::Die);
    }

    fn at(&mut self, when: Duration, from: Number, to: Number, event: Event) {
        self.serial += 1;
        self.events.push(Reverse((when, self.serial, from, to, event)));
    }

    /// Runs until nothing happens any more, or `until` is reached or true.
    pub(super) fn run(&mut self, limit: Duration, until: impl Fn(&Self) -> bool) {
        while !until(self)
            && let Some(Reverse((when, _, from, to, event))) = self.events.pop()
        {
            if when > limit {
                return;
            }
            self.now = when;
            if self.nodes[to].alive {
                self.on(from, to, event);
            }
        }
    }

    fn on(&mut self, from: Number, to: Number, event: Event) {
        let (now, peer) = (self.now, self.nodes[from].peer);
        match event {
            Event::Begin => {
                let node = &mut self.nodes[to];
                node.begun = now;
                node.download.as_mut().unwrap().want_everything();
                self.read(to);
            }
            Event::Die => self.nodes[to].alive = false,
            // It has something else to wait for by now.
            Event::Wake if self.nodes[to].wakes != Some(now) => return,
            Event::Wake => {}
            Event::Read => self.read(to),
            Event::Free => {
                self.nodes[to].sends = false;
                self.send_next(to);
            }
            Event::Follow => self.on_follow(from, to),
            Event::Have(groups) => {
                let groups: Vec<Groups> = groups.into_iter().map(|(start, end)| start..end).collect();
                if let Some(download) = &mut self.nodes[to].download {
                    download.have(peer, &groups, now);
                }
            }
            Event::Others(others) => {
                for other in others.into_iter().filter(|other| *other != to) {
                    self.meet(to, other);
                }
            }
            Event::Ask(start, end) => {
                let node = &mut self.nodes[to];
                let (here, missing): (Vec<u64>, Vec<u64>) =
                    (start..end).partition(|group| node.held.has(*group));
                node.queues.entry(from).or_default().extend(here);
                for group in missing {
                    self.at(now + self.delay, to, from, Event::Refused(group));
                }
                self.send_next(to);
            }
            Event::Refused(group) => {
                if let Some(download) = &mut self.nodes[to].download {
                    download.refused(peer, &(group..group + 1), now);
                }
            }
            Event::Cancel(start, end) => {
                let queue = self.nodes[to].queues.entry(from).or_default();
                queue.retain(|group| !(start..end).contains(group));
            }
            Event::Slice(group) => self.on_slice(from, to, group),
        }
        self.act(to);
    }

    fn on_follow(&mut self, from: Number, to: Number) {
        let have = self.nodes[to].held.ranges().into_iter().map(|range| (range.start, range.end)).collect();
        self.at(self.now + self.delay, to, from, Event::Have(have));
        let others = self.nodes[to].followers.clone();
        for other in &others {
            self.at(self.now + self.delay, to, *other, Event::Others(vec![from]));
        }
        self.at(self.now + self.delay, to, from, Event::Others(others));
        self.nodes[to].followers.push(from);
        self.meet(to, from);
    }

    fn meet(&mut self, number: Number, other: Number) {
        let (peer, durable) = (self.nodes[other].peer, self.nodes[other].kind.durable);
        let (now, round_trip) = (self.now, Some(self.delay * 2));
        if let Some(download) = &mut self.nodes[number].download {
            download.add_source(peer, durable, round_trip, now);
            download.fetches(peer, now);
        }
    }

    fn on_slice(&mut self, from: Number, to: Number, group: u64) {
        let (now, peer, lies) = (self.now, self.nodes[from].peer, self.nodes[from].kind.lies);
        let Some(download) = &mut self.nodes[to].download else { return };
        if lies {
            self.bad += 1;
            download.lied(peer, now);
            return;
        }
        download.arrived(peer, &(group..group + 1), now);
        let node = &mut self.nodes[to];
        node.held.insert(group);
        node.came.entry(group).or_insert(now);
        for follower in node.followers.clone() {
            self.at(now + self.delay, to, follower, Event::Have(vec![(group, group + 1)]));
        }
        if self.nodes[to].waits && self.nodes[to].reader == group {
            self.read(to);
        }
    }

    /// The reader takes what is here and waits for what is not. As Chromium does, it keeps 2 MB ahead of what is heard of
    /// an MP3 of 320 kbit/s.
    fn read(&mut self, number: Number) {
        let (now, count) = (self.now, self.count);
        let node = &mut self.nodes[number];
        let heard = 40e3 * now.saturating_sub(node.begun).as_secs_f64();
        let limit = ((heard + 2e6) / GROUP_BYTES as f64) as u64;
        while node.reader < count.min(limit) && node.held.has(node.reader) {
            node.reader += 1;
        }
        node.waits = node.reader < count.min(limit);
        if !node.waits && node.reader < count {
            let next = now + Duration::from_secs_f64(GROUP_BYTES as f64 / 40e3);
            self.at(next, number, number, Event::Read);
            return;
        }
        if node.waits {
            let groups = node.reader..(node.reader + 64).min(count);
            node.download.as_mut().unwrap().want(&groups, now);
        }
    }

    /// Sends the next group anybody has asked for, in turn.
    fn send_next(&mut self, number: Number) {
        let node = &mut self.nodes[number];
        if node.sends || node.kind.drips {
            return;
        }
        let turn = node.turn;
        let waiting = node.queues.iter().filter(|(_, queue)| !queue.is_empty()).map(|(asker, _)| *asker);
        let after = waiting.clone().find(|asker| *asker > turn);
        let Some(asker) = after.or_else(|| waiting.min()) else { return };
        let Some(group) = node.queues.get_mut(&asker).and_then(VecDeque::pop_front) else { return };
        (node.turn, node.sends) = (asker, true);
        node.sent += 1;
        let takes = Duration::from_secs_f64(GROUP_BYTES as f64 / node.kind.uplink);
        self.at(self.now + takes + self.delay, number, asker, Event::Slice(group));
        self.at(self.now + takes, number, number, Event::Free);
    }

    fn act(&mut self, number: Number) {
        let now = self.now;
        let Some(mut download) = self.nodes[number].download.take() else { return };
        while let Some(output) = download.next(now) {
            let (peer, message) = carried(output);
            let event = match message {
                ToHolder::Follow { .. } => Event::Follow,
                ToHolder::Ask { groups, .. } => Event::Ask(groups.start, groups.end),
                ToHolder::Cancel { groups, .. } => Event::Cancel(groups.start, groups.end),
                ToHolder::Leave { .. } => continue,
            };
            let to = self.nodes.iter().position(|node| node.peer == peer).unwrap();
            self.at(now + self.delay, number, to, event);
        }
        let wakes = download.wakes(now);
        if let Some(when) = wakes.filter(|_| wakes != self.nodes[number].wakes) {
            self.at(when, number, number, Event::Wake);
        }
        self.nodes[number].wakes = wakes;
        self.nodes[number].download = Some(download);
    }

    pub(super) fn held(&self, number: Number) -> u64 {
        self.nodes[number].held.len()
    }

    pub(super) fn has_all(&self, number: Number) -> bool {
        self.nodes[number].held.is_all()
    }

    /// How many copies of the content a node has sent.
    pub(super) fn copies_sent(&self, number: Number) -> f64 {
        self.nodes[number].sent as f64 / self.count as f64
    }

    /// How many of the groups that two nodes hold are held by either.
    pub(super) fn held_together(&self, one: Number, other: Number) -> u64 {
        let (one, other) = (&self.nodes[one].held, &self.nodes[other].held);
        (0..self.count).filter(|group| one.has(*group) || other.has(*group)).count() as u64
    }

    /// How long after its beginning a node had the first `groups`.
    pub(super) fn start(&self, number: Number, groups: u64) -> Duration {
        let node = &self.nodes[number];
        let last =
            (0..groups).map(|group| node.came.get(&group).copied().unwrap_or(Duration::MAX)).max().unwrap();
        last.saturating_sub(node.begun)
    }

    /// When a node had all of it, after its beginning.
    pub(super) fn took(&self, number: Number) -> Duration {
        self.start(number, self.count)
    }

    /// How long a player of `rate` bytes a second that began with the first two groups had nothing to play.
    pub(super) fn gap(&self, number: Number, rate: f64) -> Duration {
        let node = &self.nodes[number];
        let (mut clock, mut gap) = (node.begun + self.start(number, 2), Duration::ZERO);
        for group in 0..self.count {
            let Some(came) = node.came.get(&group) else { return Duration::MAX };
            let late = came.saturating_sub(clock);
            gap += late;
            clock = clock + late + Duration::from_secs_f64(GROUP_BYTES as f64 / rate);
        }
        gap
    }
}
