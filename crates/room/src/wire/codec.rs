//! How the parts of messages are written and read.

use bytes::{Buf, BufMut, Bytes, BytesMut, TryGetError};
use kadenza_api::SongId;
use libp2p_identity::PeerId;

use super::WireError;
use crate::together::{Entry, Op, Playback, Position, QueueItemId, Reference, RoomTime, Stamp, TimeAnswer};

/// What can be part of a message.
pub(super) trait Part: Sized {
    fn write(&self, to: &mut BytesMut);
    fn read(from: &mut Bytes) -> Result<Self, WireError>;
}

pub(super) fn cut(_: TryGetError) -> WireError {
    WireError::Cut
}

/// Up to 255 bytes after their number.
pub(super) fn put_short(to: &mut BytesMut, bytes: &[u8]) {
    to.put_u8(u8::try_from(bytes.len()).unwrap_or(u8::MAX));
    to.put_slice(bytes);
}

pub(super) fn short(from: &mut Bytes) -> Result<Bytes, WireError> {
    let len = usize::from(from.try_get_u8().map_err(cut)?);
    if from.len() < len {
        return Err(WireError::Cut);
    }
    Ok(from.split_to(len))
}

macro_rules! numbers {
    ($($number:ty, $put:ident, $get:ident;)*) => {
        $(impl Part for $number {
            fn write(&self, to: &mut BytesMut) {
                to.$put(*self);
            }

            fn read(from: &mut Bytes) -> Result<Self, WireError> {
                from.$get().map_err(cut)
            }
        })*
    };
}
numbers!(u8, put_u8, try_get_u8; u64, put_u64, try_get_u64; i64, put_i64, try_get_i64;);

impl<const N: usize> Part for [u8; N] {
    fn write(&self, to: &mut BytesMut) {
        to.put_slice(self);
    }

    fn read(from: &mut Bytes) -> Result<Self, WireError> {
        let mut bytes = [0; N];
        from.try_copy_to_slice(&mut bytes).map_err(cut)?;
        Ok(bytes)
    }
}

impl Part for bool {
    fn write(&self, to: &mut BytesMut) {
        to.put_u8((*self).into());
    }

    fn read(from: &mut Bytes) -> Result<Self, WireError> {
        match u8::read(from)? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(WireError::Field("flag")),
        }
    }
}

impl<T: Part> Part for Option<T> {
    fn write(&self, to: &mut BytesMut) {
        self.is_some().write(to);
        if let Some(value) = self {
            value.write(to);
        }
    }

    fn read(from: &mut Bytes) -> Result<Self, WireError> {
        if bool::read(from)? { T::read(from).map(Some) } else { Ok(None) }
    }
}

impl Part for PeerId {
    fn write(&self, to: &mut BytesMut) {
        // A peer id is a multihash of at most 66 bytes.
        put_short(to, &self.to_bytes());
    }

    fn read(from: &mut Bytes) -> Result<Self, WireError> {
        Self::from_bytes(&short(from)?).map_err(|_| WireError::Field("peer id"))
    }
}

impl Part for Stamp {
    fn write(&self, to: &mut BytesMut) {
        self.count.write(to);
        self.author.write(to);
    }

    fn read(from: &mut Bytes) -> Result<Self, WireError> {
        Ok(Self { count: u64::read(from)?, author: PeerId::read(from)? })
    }
}

impl Part for Playback {
    fn write(&self, to: &mut BytesMut) {
        self.song.map(|song| song.0).write(to);
        self.playing.write(to);
        self.position_ms.write(to);
        self.anchor.0.write(to);
        self.epoch.write(to);
    }

    fn read(from: &mut Bytes) -> Result<Self, WireError> {
        Ok(Self {
            song: Option::read(from)?.map(QueueItemId),
            playing: bool::read(from)?,
            position_ms: u64::read(from)?,
            anchor: RoomTime(i64::read(from)?),
            epoch: u64::read(from)?,
        })
    }
}

impl Part for Entry {
    fn write(&self, to: &mut BytesMut) {
        self.stamp.write(to);
        self.id.0.write(to);
        self.song.0.write(to);
        self.added_by.write(to);
        put_short(to, self.position.as_bytes());
        self.removed.write(to);
    }

    fn read(from: &mut Bytes) -> Result<Self, WireError> {
        Ok(Self {
            stamp: Stamp::read(from)?,
            id: QueueItemId(Part::read(from)?),
            song: SongId(Part::read(from)?),
            added_by: PeerId::read(from)?,
            position: Position::from_bytes(&short(from)?).ok_or(WireError::Field("position"))?,
            removed: bool::read(from)?,
        })
    }
}

const PLAYBACK: u8 = 1;
const ITEM: u8 = 2;

impl Part for Op {
    fn write(&self, to: &mut BytesMut) {
        match self {
            Self::Playback { stamp, pressed, playback } => {
                to.put_u8(PLAYBACK);
                stamp.write(to);
                pressed.write(to);
                playback.write(to);
            }
            Self::Item(entry) => {
                to.put_u8(ITEM);
                entry.write(to);
            }
        }
    }

    fn read(from: &mut Bytes) -> Result<Self, WireError> {
        match u8::read(from)? {
            PLAYBACK => Ok(Self::Playback {
                stamp: Stamp::read(from)?,
                pressed: bool::read(from)?,
                playback: Playback::read(from)?,
            }),
            ITEM => Entry::read(from).map(Self::Item),
            kind => Err(WireError::Kind { what: "change", kind }),
        }
    }
}

impl Part for Reference {
    fn write(&self, to: &mut BytesMut) {
        self.epoch.write(to);
        self.shared.write(to);
        self.root.write(to);
        self.pulse.write(to);
        self.stratum.write(to);
        self.time.0.write(to);
    }

    fn read(from: &mut Bytes) -> Result<Self, WireError> {
        Ok(Self {
            epoch: u64::read(from)?,
            shared: bool::read(from)?,
            root: PeerId::read(from)?,
            pulse: u64::read(from)?,
            stratum: u8::read(from)?,
            time: RoomTime(i64::read(from)?),
        })
    }
}

impl Part for TimeAnswer {
    fn write(&self, to: &mut BytesMut) {
        self.t1.write(to);
        self.t2.write(to);
        self.t3.write(to);
        self.reference.write(to);
    }

    fn read(from: &mut Bytes) -> Result<Self, WireError> {
        Ok(Self {
            t1: u64::read(from)?,
            t2: u64::read(from)?,
            t3: u64::read(from)?,
            reference: Option::read(from)?,
        })
    }
}
