//! What concerns the whole room: taken in once, and passed on to those who cannot have heard it.

use std::collections::{BTreeSet, VecDeque};
use std::time::Duration;

use libp2p_identity::PeerId;
use sha2::{Digest, Sha256};

use super::{Connection, DIFFERS_FOR, Live, Output, STATE_EVERY};
use crate::throttle::Kind;
use crate::wire::{Flood, HOPS_MAX, Message, News, tag};

/// Messages remembered so as not to hear them again: several seconds of all that 64 members may say. One that comes later
/// still changes nothing, and has gone too many hops soon.
const SEEN_MAX: usize = 4096;

/// How a piece of news is counted when its author says it.
pub(super) fn kind(news: &News) -> Kind {
    match news {
        News::Heartbeat { .. } | News::Goodbye => Kind::Presence,
        News::Op(_) => Kind::Action,
        News::Reaction(_) => Kind::Reaction,
        News::NewRecord(_) => Kind::Record,
    }
}

/// The latest messages, by their digests.
#[derive(Debug, Default)]
pub(super) struct Seen {
    digests: BTreeSet<[u8; 16]>,
    order: VecDeque<[u8; 16]>,
}

impl Seen {
    /// Whether this one is new.
    fn insert(&mut self, digest: [u8; 16]) -> bool {
        if !self.digests.insert(digest) {
            return false;
        }
        self.order.push_back(digest);
        if self.order.len() > SEEN_MAX {
            self.order.pop_front().map(|oldest| self.digests.remove(&oldest));
        }
        true
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.digests.len().max(self.order.len())
    }
}

impl Live {
    /// A connected member said something, or passed it on.
    pub(super) fn hear_flood(&mut self, from: PeerId, flood: Flood, now: Duration) {
        let is_echo = flood.author == self.me;
        // Only the transport vouches for an author: nobody speaks for one that can speak for itself.
        let is_hearsay = flood.author != from && self.connections.contains_key(&flood.author);
        if is_echo || is_hearsay || !self.seen.insert(flood.digest()) {
            return;
        }
        if self.take_in(from, &flood, now) {
            self.pass_on(from, flood);
        }
    }

    /// Whether it is worth passing on.
    fn take_in(&mut self, from: PeerId, flood: &Flood, now: Duration) -> bool {
        let author = flood.author;
        match &flood.news {
            News::Heartbeat { name, state, neighbours } => {
                if self.members.heard(author, name.clone(), now) {
                    self.note(Output::MembersChanged);
                }
                if author == from {
                    self.compare(from, *state, neighbours, now);
                }
                self.members.has(author)
            }
            News::Goodbye => {
                let was_here = self.members.left(author);
                if was_here {
                    self.note(Output::MembersChanged);
                }
                was_here
            }
            News::Op(op) => {
                let is_news = self.state.apply(op) == Ok(true);
                if is_news {
                    self.changed(op);
                    self.carry_over(now);
                }
                is_news
            }
            News::Reaction(reaction) => {
                self.members.react(author, *reaction, now);
                self.note(Output::MembersChanged);
                true
            }
            News::NewRecord(record) => {
                let is_ours = record.room == self.room && record.check().is_ok();
                if is_ours {
                    self.note(Output::Record(record.clone()));
                }
                is_ours
            }
        }
    }

    /// A connected member says what it knows and whom. One that has known something else for a while hears all of it.
    fn compare(&mut self, peer: PeerId, state: u64, neighbours: &BTreeSet<u64>, now: Duration) {
        let is_same = state == self.digest();
        let Some(connection) = self.connections.get_mut(&peer) else { return };
        connection.neighbours = Some(neighbours.clone());
        if is_same {
            connection.differs = None;
            return;
        }
        let since = *connection.differs.get_or_insert(now);
        let lasts = now.saturating_sub(since) >= DIFFERS_FOR;
        if lasts && now.saturating_sub(connection.told) >= STATE_EVERY {
            connection.told = now;
            self.tell_state(peer);
        }
    }

    /// Tells those who are connected neither to its author nor to whoever it came from: those hear it from them.
    fn pass_on(&mut self, from: PeerId, flood: Flood) {
        if flood.hops >= HOPS_MAX {
            return;
        }
        let knows = |connection: &Connection, peer: &PeerId| {
            connection.neighbours.as_ref().is_some_and(|neighbours| neighbours.contains(&tag(peer)))
        };
        let needs = |(peer, connection): (&PeerId, &Connection)| {
            let has_it = *peer == from
                || *peer == flood.author
                || knows(connection, &flood.author)
                || knows(connection, &from);
            (!has_it).then_some(*peer)
        };
        let peers: Vec<_> = self.connections.iter().filter_map(needs).collect();
        let flood = Flood { hops: flood.hops + 1, ..flood };
        for peer in peers {
            self.send(peer, Message::Flood(flood.clone()));
        }
    }

    /// A hash of what this member knows: two that know the same have the same.
    pub(super) fn digest(&mut self) -> u64 {
        let state = &self.state;
        *self.digest.get_or_insert_with(|| {
            let mut bytes = bytes::BytesMut::new();
            Message::State(state.ops()).write(&mut bytes);
            let hash: [u8; 32] = Sha256::digest(&bytes).into();
            let mut digest = [0; 8];
            digest.copy_from_slice(&hash[..8]);
            u64::from_be_bytes(digest)
        })
    }
}
