//! A room as one of its members takes part in it: who is here, what time it is, what is played, and what goes to whom.
//!
//! A state machine without I/O or clock: it is told who is connected, what was heard and what its user does, and says what is
//! to be sent and what has changed. Times are since the tab started, on a monotonic clock.

mod actions;
mod news;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use libp2p_identity::PeerId;

pub use self::actions::{Action, ActionError};
use self::news::Seen;
use crate::keys::RoomId;
use crate::members::{HEARTBEAT, MemberName, Members};
use crate::record::SealedRecord;
use crate::throttle::{Kind, Throttle};
use crate::together::{LEAD, Op, QueueItemId, RoomClock, RoomTime, SharedState, Target};
use crate::wire::{Flood, Message, NEIGHBOURS_MAX, News, STATE_OPS, tag};

/// The most members connected at once: as many as a heartbeat can name.
const CONNECTIONS_MAX: usize = NEIGHBOURS_MAX;

/// How often a member that knows something else is told the whole state: as often as it may be heard.
const STATE_EVERY: Duration = Duration::from_secs(5);

/// How long a difference lasts before it is no change that is still on its way.
const DIFFERS_FOR: Duration = Duration::from_secs(2);

/// What is to be done, or shown anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// Send this to a connected member.
    Send {
        /// To whom.
        to: PeerId,
        /// What.
        message: Box<Message>,
    },
    /// Something else is played, or from elsewhere.
    PlaybackChanged,
    /// The queue is another.
    QueueChanged,
    /// Somebody came, left, or has another name; or a reaction came or went.
    MembersChanged,
    /// A song was added to the room's library; its record is signed with the room's key.
    Record(Box<SealedRecord>),
    /// A member says more than one may; what is too much is not heard.
    Throttled(PeerId),
}

/// Another member that is connected.
#[derive(Debug)]
struct Connection {
    throttle: Throttle,
    /// Whom it is connected to, once it has said so.
    neighbours: Option<BTreeSet<u64>>,
    /// Since when it knows something else.
    differs: Option<Duration>,
    /// When it was last told the whole state.
    told: Duration,
}

/// One member's part in a room.
#[derive(Debug)]
pub struct Live {
    room: RoomId,
    me: PeerId,
    name: MemberName,
    clock: RoomClock,
    state: SharedState,
    /// A hash of the state, until that changes.
    digest: Option<u64>,
    members: Members,
    connections: BTreeMap<PeerId, Connection>,
    /// What this member itself may say, so that nothing it does is ignored by the others.
    own: Throttle,
    seen: Seen,
    sequence: u64,
    heartbeat: Duration,
    /// How long an item is, as soon as that is known of the one that plays.
    duration: Option<(QueueItemId, Duration)>,
    outbox: VecDeque<Output>,
}

impl Live {
    /// Takes part in `room` as `me`, called `name`. `random` is random: the id of the epoch this member founds if there
    /// is none, and where its messages' numbers begin.
    pub fn new(room: RoomId, me: PeerId, name: MemberName, random: u64, now: Duration) -> Self {
        Self {
            room,
            me,
            name,
            clock: RoomClock::new(me, random, now),
            state: SharedState::new(me),
            digest: None,
            members: Members::default(),
            connections: BTreeMap::new(),
            own: Throttle::new(now),
            seen: Seen::default(),
            sequence: random,
            heartbeat: now,
            duration: None,
            outbox: VecDeque::new(),
        }
    }

    /// The next thing to do. To be asked for until there is none after everything that happens.
    pub fn output(&mut self) -> Option<Output> {
        self.outbox.pop_front()
    }

    /// A connection to a member that has proved to be one is open. Whether there is room for it; if not, it is to be closed.
    pub fn connected(&mut self, peer: PeerId, now: Duration) -> bool {
        if peer == self.me
            || self.connections.len() >= CONNECTIONS_MAX && !self.connections.contains_key(&peer)
        {
            return false;
        }
        let connection =
            Connection { throttle: Throttle::new(now), neighbours: None, differs: None, told: now };
        self.connections.insert(peer, connection);
        self.clock.connected(peer, now);
        self.ask_for_time(now);
        self.tell_state(peer);
        // All others hear at once that they need not pass on to the newcomer what this member says.
        self.say_heartbeat(now);
        true
    }

    /// A connection is closed. The member is shown until it has been silent for long: others may still hear it.
    pub fn disconnected(&mut self, peer: PeerId, now: Duration) {
        self.connections.remove(&peer);
        if self.clock.disconnected(peer, now).is_some() {
            self.note(Output::PlaybackChanged);
        }
        self.carry_over(now);
    }

    /// A connected member said something.
    pub fn heard(&mut self, peer: PeerId, message: Message, now: Duration) {
        let Some(connection) = self.connections.get_mut(&peer) else { return };
        let kind = match &message {
            Message::TimeAsk { .. } | Message::TimeAnswer(_) => Kind::Presence,
            Message::State(_) => Kind::State,
            Message::Flood(flood) if flood.author != peer => Kind::Relay,
            Message::Flood(flood) => news::kind(&flood.news),
        };
        if connection.throttle.take(kind, now).is_err() {
            self.note(Output::Throttled(peer));
            return;
        }
        match message {
            Message::TimeAsk { t1 } => {
                let answer = self.clock.answer(t1, now, now);
                self.send(peer, Message::TimeAnswer(answer));
            }
            Message::TimeAnswer(answer) => {
                if self.clock.heard(peer, &answer, now).is_some() {
                    self.note(Output::PlaybackChanged);
                }
                self.carry_over(now);
            }
            Message::State(ops) => self.merge(ops, now),
            Message::Flood(flood) => self.hear_flood(peer, flood, now),
        }
    }

    /// Time has passed. To be called when [`Live::wakes`] says, or more often.
    pub fn tick(&mut self, now: Duration) {
        if self.clock.tick(now).is_some() {
            self.note(Output::PlaybackChanged);
        }
        self.carry_over(now);
        self.ask_for_time(now);
        if self.members.tick(now) {
            self.note(Output::MembersChanged);
        }
        if self.heartbeat <= now {
            self.say_heartbeat(now);
        }
        self.go_on_at_the_end(now);
    }

    /// When to call [`Live::tick`], although nothing happened.
    pub fn wakes(&self, now: Duration) -> Duration {
        let ends = self.ends_in(now).map(|us| now + Duration::from_micros(us.max(0).unsigned_abs()));
        let wakes = [Some(self.heartbeat), self.clock.wakes(), ends].into_iter().flatten().min();
        wakes.unwrap_or(now + HEARTBEAT)
    }

    /// Says goodbye to all. Nothing is to be said afterwards.
    pub fn leave(&mut self) {
        self.say(News::Goodbye);
    }

    /// Goes by another name from now on.
    pub fn rename(&mut self, name: MemberName, now: Duration) {
        self.name = name;
        self.say_heartbeat(now);
    }

    /// How long an item is, by its recording, so that the next one follows it. Only the last one told is known.
    pub fn set_duration(&mut self, item: QueueItemId, duration: Duration) {
        self.duration = Some((item, duration));
    }

    /// Tells the room of a song that was added to its library.
    ///
    /// # Errors
    /// [`ActionError::Throttled`] where there were too many just now.
    pub fn announce(&mut self, record: SealedRecord, now: Duration) -> Result<(), ActionError> {
        self.own.take(Kind::Record, now)?;
        self.say(News::NewRecord(Box::new(record)));
        Ok(())
    }

    /// What this member is called.
    pub fn name(&self) -> &MemberName {
        &self.name
    }

    /// Who else is here, and how they react.
    pub fn members(&self) -> &Members {
        &self.members
    }

    /// What is played, and the queue.
    pub fn state(&self) -> &SharedState {
        &self.state
    }

    /// The room's time.
    pub fn clock(&self) -> &RoomClock {
        &self.clock
    }

    /// What is played, and where its player should be now. `None` where nothing is.
    pub fn target(&self, now: Duration) -> Option<(QueueItemId, Target)> {
        let playback = self.state.playback()?;
        let song = playback.song?;
        let stopped = Target::Stopped {
            position_us: i64::try_from(playback.position_ms).unwrap_or(0).saturating_mul(1000),
            in_us: 0,
        };
        // Whoever has never gone by the anchor's epoch waits until somebody who has carries it over.
        let target = self.now_and_anchor(now).map(|(time, anchor)| {
            let mut playback = *playback;
            playback.anchor = anchor;
            Target::of(&playback, time)
        });
        Some((song, target.unwrap_or(stopped)))
    }

    /// Room time, and the playback's anchor in the same epoch.
    fn now_and_anchor(&self, now: Duration) -> Option<(RoomTime, RoomTime)> {
        let playback = self.state.playback()?;
        Some((self.clock.time(now)?, self.clock.convert(playback.epoch, playback.anchor, now)?))
    }

    /// How soon what plays is so near its end that the next one is to be said, in microseconds.
    fn ends_in(&self, now: Duration) -> Option<i64> {
        let (time, end) = self.end(now)?;
        Some(end.since_us(time) - crate::together::micros(LEAD))
    }

    /// Room time, and when what plays ends.
    fn end(&self, now: Duration) -> Option<(RoomTime, RoomTime)> {
        let playback = self.state.playback().filter(|playback| playback.playing)?;
        let (_, duration) = self.duration.filter(|(item, _)| playback.song == Some(*item))?;
        let (time, anchor) = self.now_and_anchor(now)?;
        let position = Duration::from_millis(playback.position_ms);
        let left = crate::together::micros(duration.saturating_sub(position));
        Some((time, anchor.plus_us(left)))
    }

    /// Moves the playback's anchor over when the room went over to another epoch.
    fn carry_over(&mut self, now: Duration) {
        let Some((playback, epoch)) = self.state.playback().zip(self.clock.epoch()) else { return };
        if playback.epoch == epoch {
            return;
        }
        let Some(anchor) = self.clock.convert(playback.epoch, playback.anchor, now) else { return };
        if let Some(op) = self.state.carry_over((epoch, anchor)) {
            self.changed(&op);
            self.say(News::Op(op));
        }
    }

    fn merge(&mut self, ops: Vec<Op>, now: Duration) {
        let before = (self.state.playback().copied(), self.state.queue());
        if !self.state.merge(ops) {
            return;
        }
        self.digest = None;
        if before.0.as_ref() != self.state.playback() {
            self.note(Output::PlaybackChanged);
        }
        if before.1 != self.state.queue() {
            self.note(Output::QueueChanged);
        }
        self.carry_over(now);
    }

    /// The state was changed by `op`.
    fn changed(&mut self, op: &Op) {
        self.digest = None;
        self.note(match op {
            Op::Playback { .. } => Output::PlaybackChanged,
            Op::Item(_) => Output::QueueChanged,
        });
    }

    fn ask_for_time(&mut self, now: Duration) {
        for (peer, t1) in self.clock.asks(now) {
            self.send(peer, Message::TimeAsk { t1 });
        }
    }

    fn tell_state(&mut self, peer: PeerId) {
        for part in self.state.ops().chunks(STATE_OPS) {
            self.send(peer, Message::State(part.to_vec()));
        }
    }

    fn say_heartbeat(&mut self, now: Duration) {
        self.heartbeat = now + HEARTBEAT;
        let neighbours = self.connections.keys().map(tag).collect();
        let state = self.digest();
        self.say(News::Heartbeat { name: self.name.clone(), state, neighbours });
    }

    /// Tells all who are connected, and through them the others.
    fn say(&mut self, news: News) {
        self.sequence = self.sequence.wrapping_add(1);
        let flood = Flood { author: self.me, sequence: self.sequence, hops: 0, news };
        let peers: Vec<_> = self.connections.keys().copied().collect();
        for peer in peers {
            self.send(peer, Message::Flood(flood.clone()));
        }
    }

    fn send(&mut self, to: PeerId, message: Message) {
        self.outbox.push_back(Output::Send { to, message: Box::new(message) });
    }

    /// Says once, however often it happened, that something is to be shown anew.
    fn note(&mut self, output: Output) {
        if !self.outbox.contains(&output) {
            self.outbox.push_back(output);
        }
    }
}
