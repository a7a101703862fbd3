//! Frames: what one message of a data channel holds (libp2p specification `webrtc/README.md`, "Multiplexing").

use std::collections::VecDeque;

use bytes::{Buf, Bytes, BytesMut};
use prost::Message as _;

/// The longest frame of the specification, its length prefix included.
pub(crate) const SPEC_FRAME_BYTES: usize = 16 * 1024;

/// What is left of a frame for payload is this much less than its length: three bytes of length prefix, one of key and
/// three of payload length, and two for a flag that may share the frame.
const OVERHEAD_BYTES: usize = 9;

/// Field 2, length-delimited, in protobuf's encoding.
const MESSAGE_KEY: u8 = 0x12;

/// The largest payload of a frame that is `frame` bytes long. 16,377 at the specification's 16 KiB would be possible;
/// two bytes are given away to have one rule for larger frames too.
pub(crate) fn max_payload(frame: usize) -> usize {
    frame.saturating_sub(OVERHEAD_BYTES)
}

/// What a frame says beside its payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, prost::Enumeration)]
#[repr(i32)]
pub(crate) enum Flag {
    /// The sender writes no more.
    Fin = 0,
    /// The sender reads no more.
    StopSending = 1,
    /// The sender gives the stream up, both ways.
    Reset = 2,
    /// The sender has read everything up to the other's `Fin`.
    FinAck = 3,
}

/// A frame. `credit` goes past the specification: how many bytes more the sender is ready to take.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Frame {
    #[prost(enumeration = "Flag", optional, tag = "1")]
    pub(crate) flag: Option<i32>,
    #[prost(bytes = "bytes", optional, tag = "2")]
    pub(crate) message: Option<Bytes>,
    #[prost(uint32, optional, tag = "3")]
    pub(crate) credit: Option<u32>,
}

impl Frame {
    pub(crate) fn of(flag: Flag) -> Self {
        Self { flag: Some(flag.into()), ..Self::default() }
    }

    pub(crate) fn granting(bytes: u32) -> Self {
        Self { credit: Some(bytes), ..Self::default() }
    }

    /// As it goes onto the channel.
    pub(crate) fn encode_whole(&self) -> Vec<u8> {
        self.encode_length_delimited_to_vec()
    }
}

/// What was written and not sent yet, at most one frame of it.
#[derive(Debug)]
pub(crate) struct Outgoing {
    most: usize,
    /// Room for a frame's beginning, then the payload, which is not copied again to put the one before the other.
    bytes: Vec<u8>,
}

impl Outgoing {
    /// Frames of up to `most` bytes of payload.
    pub(crate) fn new(most: usize) -> Self {
        Self { most, bytes: Vec::new() }
    }

    /// Takes as many of `bytes` as there is room for, and says how many.
    pub(crate) fn take(&mut self, bytes: &[u8]) -> usize {
        if self.bytes.is_empty() {
            self.bytes.resize(OVERHEAD_BYTES, 0);
        }
        let taken = bytes.len().min(self.most + OVERHEAD_BYTES - self.bytes.len());
        self.bytes.extend_from_slice(&bytes[..taken]);
        taken
    }

    /// Whether there is nothing to send.
    pub(crate) fn is_empty(&self) -> bool {
        self.bytes.len() <= OVERHEAD_BYTES
    }

    /// Whether nothing more fits.
    pub(crate) fn is_full(&self) -> bool {
        self.bytes.len() >= self.most + OVERHEAD_BYTES
    }

    /// The frame that holds all of it.
    pub(crate) fn frame(&mut self) -> &[u8] {
        let payload = self.bytes.len().saturating_sub(OVERHEAD_BYTES);
        let body = 1 + prost::length_delimiter_len(payload) + payload;
        let mut head = Vec::with_capacity(OVERHEAD_BYTES);
        prost::encoding::encode_varint(body as u64, &mut head);
        head.push(MESSAGE_KEY);
        prost::encoding::encode_varint(payload as u64, &mut head);
        let start = OVERHEAD_BYTES - head.len();
        self.bytes[start..OVERHEAD_BYTES].copy_from_slice(&head);
        &self.bytes[start..]
    }

    /// It was sent.
    pub(crate) fn clear(&mut self) {
        self.bytes.clear();
    }
}

/// Why bytes are no frame.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum FrameError {
    /// It says that it is longer than was agreed.
    #[error("a frame of {bytes} bytes, where {limit} are allowed")]
    TooLong {
        /// What it says.
        bytes: u64,
        /// What is allowed.
        limit: usize,
    },
    /// It is no protobuf of a frame.
    #[error("not a frame: {0}")]
    Malformed(String),
    /// A flag that does not exist.
    #[error("an unknown flag: {0}")]
    UnknownFlag(i32),
    /// More bytes than the sender was given credit for, or than may lie unread.
    #[error("more than {0} bytes lie unread")]
    Flood(usize),
    /// Bytes after the sender said that it writes no more.
    #[error("bytes after the end")]
    AfterEnd,
}

/// Takes messages of a channel apart. One frame in each is what everybody sends; the specification asks to be ready
/// for any split.
#[derive(Debug)]
pub(crate) struct Decoder {
    limit: usize,
    /// The beginning of a frame whose rest has not come.
    partial: BytesMut,
    whole: VecDeque<Bytes>,
}

impl Decoder {
    /// A decoder of frames up to `limit` bytes, prefix included.
    pub(crate) fn new(limit: usize) -> Self {
        Self { limit, partial: BytesMut::new(), whole: VecDeque::new() }
    }

    /// Adds a message of the channel.
    pub(crate) fn push(&mut self, message: Bytes) -> Result<(), FrameError> {
        if !self.partial.is_empty() {
            self.partial.extend_from_slice(&message);
            let joined = std::mem::take(&mut self.partial).freeze();
            return self.split(joined);
        }
        self.split(message)
    }

    fn split(&mut self, mut bytes: Bytes) -> Result<(), FrameError> {
        while !bytes.is_empty() {
            let Some((length, prefix)) = self.length(&bytes)? else { break };
            if bytes.len() < prefix + length {
                break;
            }
            bytes.advance(prefix);
            self.whole.push_back(bytes.split_to(length));
        }
        self.partial = BytesMut::from(&bytes[..]);
        Ok(())
    }

    /// The length of the frame that `bytes` begin with, and that of its prefix; `None` while the prefix is not whole.
    fn length(&self, bytes: &Bytes) -> Result<Option<(usize, usize)>, FrameError> {
        let mut length = 0u64;
        // Four bytes of seven bits each say any length that could be agreed on.
        for (index, byte) in bytes.iter().take(4).enumerate() {
            length |= u64::from(byte & 0x7f) << (7 * index);
            if byte & 0x80 == 0 {
                let prefix = index + 1;
                let length = usize::try_from(length).unwrap_or(usize::MAX);
                if length.saturating_add(prefix) > self.limit {
                    return Err(FrameError::TooLong { bytes: length as u64, limit: self.limit });
                }
                return Ok(Some((length, prefix)));
            }
        }
        if bytes.len() >= 4 {
            return Err(FrameError::TooLong { bytes: length, limit: self.limit });
        }
        Ok(None)
    }

    /// The next whole frame.
    pub(crate) fn next(&mut self) -> Result<Option<Frame>, FrameError> {
        let Some(bytes) = self.whole.pop_front() else { return Ok(None) };
        let frame = Frame::decode(bytes).map_err(|error| FrameError::Malformed(error.to_string()))?;
        match frame.flag {
            Some(flag) if Flag::try_from(flag).is_err() => Err(FrameError::UnknownFlag(flag)),
            _ => Ok(Some(frame)),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn all(decoder: &mut Decoder) -> Vec<Frame> {
        std::iter::from_fn(|| decoder.next().unwrap()).collect()
    }

    #[test]
    fn frames_are_the_bytes_the_specification_says() {
        assert_eq!(Frame::of(Flag::Fin).encode_whole(), [2, 8, 0], "a flag of zero is still written");
        assert_eq!(Frame::of(Flag::FinAck).encode_whole(), [2, 8, 3]);
        let mut outgoing = Outgoing::new(100);
        assert!(outgoing.is_empty());
        outgoing.take(b"hi");
        assert_eq!(outgoing.frame(), [4, 0x12, 2, b'h', b'i']);
    }

    #[test]
    fn the_largest_payload_fills_no_more_than_the_longest_frame() {
        for frame in [SPEC_FRAME_BYTES, 256 * 1024] {
            let mut outgoing = Outgoing::new(max_payload(frame));
            assert_eq!(outgoing.take(&vec![0; 2 * frame]), max_payload(frame));
            assert!(outgoing.is_full() && outgoing.frame().len() <= frame);
            outgoing.clear();
            assert!(outgoing.is_empty() && !outgoing.is_full());
        }
    }

    #[test]
    fn a_frame_longer_than_agreed_is_refused_before_it_has_come() {
        let mut decoder = Decoder::new(SPEC_FRAME_BYTES);
        let refused = decoder.push(Bytes::from_static(&[0xff, 0xff, 0x7f]));
        assert!(matches!(refused, Err(FrameError::TooLong { .. })));
        let endless = Decoder::new(SPEC_FRAME_BYTES).push(Bytes::from_static(&[0x80; 9]));
        assert!(matches!(endless, Err(FrameError::TooLong { .. })));
    }

    #[test]
    fn a_flag_nobody_has_defined_is_named() {
        let mut decoder = Decoder::new(SPEC_FRAME_BYTES);
        decoder.push(Bytes::from_static(&[2, 8, 9])).unwrap();
        assert_eq!(decoder.next(), Err(FrameError::UnknownFlag(9)));
    }

    #[test]
    fn a_field_of_a_later_version_is_passed_over() {
        let mut decoder = Decoder::new(SPEC_FRAME_BYTES);
        decoder.push(Bytes::from_static(&[5, 0x38, 1, 0x12, 1, b'x'])).unwrap();
        assert_eq!(all(&mut decoder)[0].message.as_deref(), Some(&b"x"[..]));
    }

    fn frames() -> impl Strategy<Value = Vec<Frame>> {
        let frame = (
            prop::option::of(0..4i32),
            prop::option::of(prop::collection::vec(any::<u8>(), 0..50)),
            any::<Option<u32>>(),
        );
        let frame = frame.prop_map(|(flag, message, credit)| Frame {
            flag,
            message: message.map(Bytes::from),
            credit,
        });
        prop::collection::vec(frame, 0..20)
    }

    proptest! {
        #[test]
        fn frames_come_out_as_they_went_in_however_they_are_split(frames in frames(), cuts in prop::collection::vec(1usize..40, 1..200)) {
            let mut bytes: Bytes = frames.iter().flat_map(Frame::encode_whole).collect();
            let (mut decoder, mut found) = (Decoder::new(SPEC_FRAME_BYTES), Vec::new());
            for cut in cuts.iter().cycle() {
                if bytes.is_empty() { break }
                decoder.push(bytes.split_to((*cut).min(bytes.len()))).unwrap();
                found.extend(all(&mut decoder));
            }
            prop_assert_eq!(found, frames);
        }

        #[test]
        fn what_is_written_piece_by_piece_reads_back(pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..400), 0..30), most in 1usize..300) {
            let (mut outgoing, mut decoder, mut read) = (Outgoing::new(most), Decoder::new(1 << 10), Vec::new());
            let mut send = |outgoing: &mut Outgoing| {
                decoder.push(Bytes::copy_from_slice(outgoing.frame())).unwrap();
                outgoing.clear();
                all(&mut decoder).into_iter().for_each(|frame| read.extend(frame.message.unwrap()));
            };
            for piece in &pieces {
                let mut rest = &piece[..];
                while !rest.is_empty() {
                    rest = &rest[outgoing.take(rest)..];
                    if outgoing.is_full() { send(&mut outgoing) }
                }
            }
            if !outgoing.is_empty() { send(&mut outgoing) }
            prop_assert_eq!(read, pieces.concat());
        }

        #[test]
        fn hostile_bytes_are_refused_without_a_panic_and_never_pile_up(messages in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..200), 0..50)) {
            let mut decoder = Decoder::new(64);
            for message in messages {
                if decoder.push(message.into()).is_err() { break }
                while let Ok(Some(_)) = decoder.next() {}
                prop_assert!(decoder.partial.len() <= 64);
            }
        }
    }
}
