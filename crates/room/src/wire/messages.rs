//! How messages are written and read.

use std::collections::BTreeSet;

use bytes::{Buf, BufMut, Bytes, BytesMut};
use libp2p_identity::PeerId;

use super::codec::{Part, put_short, short};
use super::{Clear, Flood, HOPS_MAX, Message, NEIGHBOURS_MAX, News, STATE_OPS, WireError};
use crate::members::{MemberName, Reaction};
use crate::together::{Op, TimeAnswer};

const HELLO: u8 = 1;
const PROOF: u8 = 2;

const TIME_ASK: u8 = 16;
const TIME_ANSWER: u8 = 17;
const STATE: u8 = 18;
const FLOOD: u8 = 19;

const HEARTBEAT: u8 = 32;
const GOODBYE: u8 = 33;
const OP: u8 = 34;
const REACTION: u8 = 35;
const NEW_RECORD: u8 = 36;

impl Clear {
    /// Appends it to `to`.
    pub fn write(&self, to: &mut BytesMut) {
        let (kind, bytes) = match self {
            Self::Hello { nonce } => (HELLO, nonce),
            Self::Proof { mac } => (PROOF, mac),
        };
        to.put_u8(kind);
        to.put_slice(bytes);
    }

    /// Reads a frame.
    ///
    /// # Errors
    /// [`WireError`], saying what is wrong with it.
    pub fn read(mut from: Bytes) -> Result<Self, WireError> {
        let message = match u8::read(&mut from)? {
            HELLO => Self::Hello { nonce: Part::read(&mut from)? },
            PROOF => Self::Proof { mac: Part::read(&mut from)? },
            kind => return Err(WireError::Kind { what: "greeting", kind }),
        };
        ended(&from, message)
    }
}

impl Message {
    /// Appends it to `to`.
    pub fn write(&self, to: &mut BytesMut) {
        match self {
            Self::TimeAsk { t1 } => {
                to.put_u8(TIME_ASK);
                t1.write(to);
            }
            Self::TimeAnswer(answer) => {
                to.put_u8(TIME_ANSWER);
                answer.write(to);
            }
            Self::State(ops) => {
                to.put_u8(STATE);
                ops.iter().for_each(|op| op.write(to));
            }
            Self::Flood(flood) => {
                to.put_u8(FLOOD);
                flood.author.write(to);
                flood.sequence.write(to);
                flood.hops.write(to);
                flood.news.write(to);
            }
        }
    }

    /// Reads what a frame sealed.
    ///
    /// # Errors
    /// [`WireError`], saying what is wrong with it.
    pub fn read(mut from: Bytes) -> Result<Self, WireError> {
        let message = match u8::read(&mut from)? {
            TIME_ASK => Self::TimeAsk { t1: u64::read(&mut from)? },
            TIME_ANSWER => Self::TimeAnswer(TimeAnswer::read(&mut from)?),
            STATE => Self::State(ops(&mut from)?),
            FLOOD => Self::Flood(Flood {
                author: PeerId::read(&mut from)?,
                sequence: u64::read(&mut from)?,
                hops: hops(&mut from)?,
                news: News::read(&mut from)?,
            }),
            kind => return Err(WireError::Kind { what: "message", kind }),
        };
        ended(&from, message)
    }
}

fn ops(from: &mut Bytes) -> Result<Vec<Op>, WireError> {
    let mut ops = Vec::new();
    while from.has_remaining() {
        if ops.len() >= STATE_OPS {
            return Err(WireError::Field("number of changes"));
        }
        ops.push(Op::read(from)?);
    }
    Ok(ops)
}

fn hops(from: &mut Bytes) -> Result<u8, WireError> {
    let hops = u8::read(from)?;
    if hops > HOPS_MAX { Err(WireError::Field("number of hops")) } else { Ok(hops) }
}

impl Part for News {
    fn write(&self, to: &mut BytesMut) {
        match self {
            Self::Heartbeat { name, state, neighbours } => {
                to.put_u8(HEARTBEAT);
                // 40 characters of up to four bytes.
                put_short(to, name.as_str().as_bytes());
                state.write(to);
                to.put_u8(u8::try_from(neighbours.len()).unwrap_or(u8::MAX));
                neighbours.iter().for_each(|neighbour| neighbour.write(to));
            }
            Self::Goodbye => to.put_u8(GOODBYE),
            Self::Op(op) => {
                to.put_u8(OP);
                op.write(to);
            }
            Self::Reaction(reaction) => {
                to.put_u8(REACTION);
                let number = Reaction::ALL.iter().position(|other| other == reaction);
                to.put_u8(number.and_then(|number| u8::try_from(number).ok()).unwrap_or(u8::MAX));
            }
            Self::NewRecord(record) => {
                to.put_u8(NEW_RECORD);
                // Nothing in a record can fail to be JSON; if it did, the other side refuses an empty one.
                to.put_slice(&serde_json::to_vec(record).unwrap_or_default());
            }
        }
    }

    fn read(from: &mut Bytes) -> Result<Self, WireError> {
        match u8::read(from)? {
            HEARTBEAT => heartbeat(from),
            GOODBYE => Ok(Self::Goodbye),
            OP => Op::read(from).map(Self::Op),
            REACTION => {
                let reaction = Reaction::ALL.get(usize::from(u8::read(from)?));
                reaction.copied().map(Self::Reaction).ok_or(WireError::Field("reaction"))
            }
            NEW_RECORD => {
                let json = from.split_off(0);
                let record = serde_json::from_slice(&json).map_err(|_| WireError::Field("record"))?;
                Ok(Self::NewRecord(record))
            }
            kind => Err(WireError::Kind { what: "piece of news", kind }),
        }
    }
}

fn heartbeat(from: &mut Bytes) -> Result<News, WireError> {
    let name = short(from)?;
    let name = std::str::from_utf8(&name).ok().and_then(|name| MemberName::new(name).ok());
    let name = name.ok_or(WireError::Field("name"))?;
    let state = u64::read(from)?;
    let count = usize::from(u8::read(from)?);
    if count > NEIGHBOURS_MAX {
        return Err(WireError::Field("number of neighbours"));
    }
    let neighbours = (0..count).map(|_| u64::read(from)).collect::<Result<BTreeSet<_>, _>>()?;
    Ok(News::Heartbeat { name, state, neighbours })
}

fn ended<T>(rest: &Bytes, message: T) -> Result<T, WireError> {
    if rest.has_remaining() { Err(WireError::TooMany(rest.len())) } else { Ok(message) }
}
