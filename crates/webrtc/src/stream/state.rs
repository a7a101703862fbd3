//! What a stream's frames mean, without I/O or clock: half-close with acknowledgement, reset, and credit.
//!
//! The specification has no flow control: a browser hands over bytes as fast as they come. Where both ends announced
//! it, [`Windows`] bound what lies unread; elsewhere a reader that falls too far behind loses the stream, with an
//! error and never silently.

use std::collections::VecDeque;

use bytes::{Buf, Bytes};

use super::{Flag, Frame, FrameError};

/// Unread bytes of a stream without flow control at which it is given up. js-libp2p sends as fast as the path is, however
/// slowly it is read: a peer that sends back what it gets has most of a large file lying here. What may lie unread on all
/// streams of a connection together is not much more.
const UNREAD_MAX_BYTES: usize = 80 * 1024 * 1024;

/// The most a window grows to: what a 100 Mbit/s path with 160 ms round trip holds.
const WINDOW_MAX_BYTES: u32 = 2 * 1024 * 1024;

/// Credit, both ways.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Windows {
    /// Bytes we may still send.
    send: u64,
    /// How many bytes may be under way or unread here.
    receive: u32,
    /// Bytes the other may still send.
    granted: u64,
    /// Bytes read here that the other has not been granted anew.
    unreported: u32,
}

impl Windows {
    /// A stream whose ends begin with these windows, in bytes: `ours` for what comes, `theirs` for what goes.
    pub(crate) fn new(ours: u32, theirs: u32) -> Self {
        Self { send: theirs.into(), receive: ours, granted: ours.into(), unreported: 0 }
    }

    fn took(&mut self, bytes: usize) -> Result<(), FrameError> {
        let left = self.granted.checked_sub(bytes as u64);
        self.granted = left.ok_or(FrameError::Flood(self.receive as usize))?;
        Ok(())
    }

    /// `bytes` were read. Returns credit to grant, if it is time: when half the window has been read. A reader that
    /// keeps up gets a window twice as large, which is also what keeps the first seconds of a connection from
    /// flooding the path.
    fn read(&mut self, bytes: usize, keeps_up: bool) -> Option<u32> {
        self.unreported = self.unreported.saturating_add(u32::try_from(bytes).unwrap_or(u32::MAX));
        if self.unreported < self.receive / 2 {
            return None;
        }
        let growth =
            if keeps_up { self.receive.min(WINDOW_MAX_BYTES.saturating_sub(self.receive)) } else { 0 };
        self.receive += growth;
        let credit = std::mem::take(&mut self.unreported).saturating_add(growth);
        self.granted += u64::from(credit);
        Some(credit)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Writing {
    Open,
    /// `Fin` is on its way.
    Ending,
    /// The other end has it.
    Ended,
}

/// What reading gives.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Read {
    /// This many bytes.
    Bytes(usize),
    /// Nothing now.
    Nothing,
    /// The end; the other writes no more.
    End,
    /// The other end, or the connection, gave the stream up.
    Reset,
}

/// Whether the channel is still needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Channel {
    /// It is.
    Needed,
    /// Everything is said, but the last acknowledgement may still be on its way: the other end closes the channel.
    Lingers,
    /// It can be closed.
    Done,
}

/// A stream.
#[derive(Debug)]
pub(crate) struct State {
    inbox: VecDeque<Bytes>,
    unread: usize,
    /// The other end writes no more.
    ended: bool,
    /// Nobody reads here any more.
    deaf: bool,
    writing: Writing,
    /// The other end reads no more.
    unheard: bool,
    /// Our `Fin` followed our `FinAck`: who acknowledges it has both.
    fin_last: bool,
    reset: bool,
    outbox: VecDeque<Frame>,
    windows: Option<Windows>,
}

impl State {
    /// An open stream.
    pub(crate) fn new(windows: Option<Windows>) -> Self {
        Self {
            inbox: VecDeque::new(),
            unread: 0,
            ended: false,
            deaf: false,
            writing: Writing::Open,
            unheard: false,
            fin_last: false,
            reset: false,
            outbox: VecDeque::new(),
            windows,
        }
    }

    /// A frame came.
    ///
    /// # Errors
    /// [`FrameError`] when the other end broke the rules; the stream is reset then.
    pub(crate) fn receive(&mut self, frame: Frame) -> Result<(), FrameError> {
        if self.reset {
            return Ok(());
        }
        let taken = self.take(frame);
        if taken.is_err() {
            self.reset();
        }
        taken
    }

    fn take(&mut self, frame: Frame) -> Result<(), FrameError> {
        if let Some(message) = frame.message.filter(|message| !message.is_empty()) {
            self.take_bytes(message)?;
        }
        if let (Some(windows), Some(credit)) = (&mut self.windows, frame.credit) {
            windows.send = windows.send.saturating_add(credit.into());
        }
        match frame.flag.map(Flag::try_from) {
            Some(Ok(Flag::Fin)) => {
                self.ended = true;
                self.outbox.push_back(Frame::of(Flag::FinAck));
            }
            Some(Ok(Flag::FinAck)) if self.writing == Writing::Ending => self.writing = Writing::Ended,
            Some(Ok(Flag::StopSending)) => {
                self.unheard = true;
                self.close_write();
            }
            Some(Ok(Flag::Reset)) => self.give_up(),
            _ => {}
        }
        Ok(())
    }

    fn take_bytes(&mut self, message: Bytes) -> Result<(), FrameError> {
        if self.ended {
            return Err(FrameError::AfterEnd);
        }
        match &mut self.windows {
            Some(windows) => windows.took(message.len())?,
            None if self.unread + message.len() > UNREAD_MAX_BYTES => {
                return Err(FrameError::Flood(UNREAD_MAX_BYTES));
            }
            None => {}
        }
        if !self.deaf {
            self.unread += message.len();
            self.inbox.push_back(message);
        }
        Ok(())
    }

    /// Copies unread bytes into `buffer`.
    pub(crate) fn read(&mut self, buffer: &mut [u8]) -> Read {
        let mut read = 0;
        while let Some(message) = self.inbox.front_mut().filter(|_| read < buffer.len()) {
            let part = message.len().min(buffer.len() - read);
            buffer[read..read + part].copy_from_slice(&message[..part]);
            message.advance(part);
            read += part;
            if message.is_empty() {
                self.inbox.pop_front();
            }
        }
        self.unread -= read;
        if read > 0 {
            let keeps_up = self.inbox.is_empty();
            let credit = self.windows.as_mut().and_then(|windows| windows.read(read, keeps_up));
            if let Some(credit) = credit.filter(|_| !self.ended) {
                self.outbox.push_back(Frame::granting(credit));
            }
            return Read::Bytes(read);
        }
        match (buffer.is_empty(), self.ended, self.reset) {
            (true, ..) => Read::Bytes(0),
            (_, true, _) => Read::End,
            (_, _, true) => Read::Reset,
            _ => Read::Nothing,
        }
    }

    /// How many bytes have come and were not read.
    pub(crate) fn unread(&self) -> usize {
        self.unread
    }

    /// How many bytes the other end is ready to take; `None` when it takes no more.
    pub(crate) fn credit(&self) -> Option<usize> {
        if self.reset || self.unheard || self.writing != Writing::Open {
            return None;
        }
        Some(self.windows.map_or(usize::MAX, |windows| usize::try_from(windows.send).unwrap_or(usize::MAX)))
    }

    /// A payload of `bytes` was sent.
    pub(crate) fn sent(&mut self, bytes: usize) {
        if let Some(windows) = &mut self.windows {
            windows.send = windows.send.saturating_sub(bytes as u64);
        }
    }

    /// Says that nothing more is written. Returns whether it had not been said before.
    pub(crate) fn close_write(&mut self) -> bool {
        let first = self.writing == Writing::Open && !self.reset;
        if first {
            self.writing = Writing::Ending;
            self.fin_last = self.ended;
            self.outbox.push_back(Frame::of(Flag::Fin));
        }
        first
    }

    /// The other end has taken too long to acknowledge that nothing more is written.
    pub(crate) fn acknowledge_anyway(&mut self) {
        if self.writing == Writing::Ending {
            self.writing = Writing::Ended;
        }
    }

    /// Whether the other end has everything that was written; an error where it never will.
    pub(crate) fn write_closed(&self) -> Result<bool, ()> {
        match self.writing {
            Writing::Ended => Ok(true),
            _ if self.unheard => Ok(true),
            _ if self.reset => Err(()),
            _ => Ok(false),
        }
    }

    /// The stream's owner has let go of it: what it did not finish is reset, what it did is seen to its end.
    pub(crate) fn let_go(&mut self) {
        if self.writing == Writing::Open {
            return self.reset();
        }
        if !self.ended && !self.deaf && !self.reset {
            self.outbox.push_back(Frame::of(Flag::StopSending));
        }
        self.deaf = true;
        self.inbox.clear();
        self.unread = 0;
    }

    /// Gives the stream up and tells the other end.
    pub(crate) fn reset(&mut self) {
        if !self.reset {
            self.give_up();
            self.outbox.push_back(Frame::of(Flag::Reset));
        }
    }

    fn give_up(&mut self) {
        self.reset = true;
        self.inbox.clear();
        self.unread = 0;
        self.outbox.clear();
    }

    /// The other end, or the connection, closed the channel. Bytes that have come can still be read.
    pub(crate) fn channel_closed(&mut self) {
        // Whoever has finished writing and knows our end closes the channel: our last acknowledgement may be lost then,
        // and is not needed.
        if self.ended && self.writing != Writing::Open {
            self.writing = Writing::Ended;
        }
        self.reset |= self.writing != Writing::Ended || !self.ended;
        self.outbox.clear();
    }

    /// The next frame to send.
    pub(crate) fn next_frame(&mut self) -> Option<Frame> {
        self.outbox.pop_front()
    }

    /// Whether the channel is still needed, once all frames are sent.
    pub(crate) fn channel(&self) -> Channel {
        let read = self.ended || self.deaf;
        match (self.reset, read && self.writing == Writing::Ended) {
            (true, _) => Channel::Done,
            (_, true) if self.ended && self.fin_last => Channel::Done,
            (_, true) => Channel::Lingers,
            _ => Channel::Needed,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const WINDOW: u32 = 1000;

    fn pair() -> (State, State) {
        let windows = || Some(Windows::new(WINDOW, WINDOW));
        (State::new(windows()), State::new(windows()))
    }

    fn write(state: &mut State, bytes: &[u8]) -> Frame {
        state.sent(bytes.len());
        Frame { message: Some(Bytes::copy_from_slice(bytes)), ..Frame::default() }
    }

    /// Carries all frames between two ends until none is left.
    fn settle(left: &mut State, right: &mut State) {
        loop {
            let (there, back) = (left.next_frame(), right.next_frame());
            if there.is_none() && back.is_none() {
                return;
            }
            there.into_iter().for_each(|frame| right.receive(frame).unwrap());
            back.into_iter().for_each(|frame| left.receive(frame).unwrap());
        }
    }

    fn drain(state: &mut State) -> (Vec<u8>, Read) {
        let (mut all, mut buffer) = (Vec::new(), [0; 7]);
        loop {
            match state.read(&mut buffer) {
                Read::Bytes(read) => all.extend_from_slice(&buffer[..read]),
                end => return (all, end),
            }
        }
    }

    #[test]
    fn a_half_closed_stream_still_carries_the_answer() {
        let (mut asker, mut answerer) = pair();
        let question = write(&mut asker, b"?");
        answerer.receive(question).unwrap();
        asker.close_write();
        settle(&mut asker, &mut answerer);
        assert_eq!(asker.write_closed(), Ok(true));
        assert_eq!(drain(&mut answerer), (b"?".to_vec(), Read::End));
        let answer = write(&mut answerer, b"!");
        asker.receive(answer).unwrap();
        answerer.close_write();
        settle(&mut answerer, &mut asker);
        assert_eq!(drain(&mut asker), (b"!".to_vec(), Read::End));
        assert_eq!(
            answerer.channel(),
            Channel::Done,
            "its end was acknowledged after it had acknowledged the other"
        );
        assert_eq!(asker.channel(), Channel::Lingers, "its acknowledgement may still be under way");
    }

    #[test]
    fn a_reset_ends_both_directions_at_once() {
        let (mut left, mut right) = pair();
        left.reset();
        settle(&mut left, &mut right);
        assert_eq!(drain(&mut right).1, Read::Reset);
        assert_eq!((right.credit(), right.write_closed()), (None, Err(())));
        assert_eq!((left.channel(), right.channel()), (Channel::Done, Channel::Done));
    }

    #[test]
    fn a_request_to_stop_ends_writing_and_is_not_answered_by_a_reset() {
        let (mut reader, mut writer) = pair();
        reader.close_write();
        reader.let_go();
        settle(&mut reader, &mut writer);
        assert_eq!(writer.credit(), None);
        assert_eq!(writer.write_closed(), Ok(true));
        assert_eq!(drain(&mut writer).1, Read::End, "not a reset");
        assert_ne!(reader.channel(), Channel::Needed);
    }

    #[test]
    fn a_stream_that_is_dropped_in_the_middle_is_reset_for_the_other_end() {
        let (mut left, mut right) = pair();
        left.let_go();
        settle(&mut left, &mut right);
        assert_eq!(drain(&mut right).1, Read::Reset);
    }

    #[test]
    fn bytes_that_came_before_the_channel_closed_can_be_read() {
        let (mut left, mut right) = pair();
        let last = write(&mut left, b"last words");
        right.receive(last).unwrap();
        right.channel_closed();
        assert_eq!(drain(&mut right), (b"last words".to_vec(), Read::Reset));
    }

    #[test]
    fn a_channel_closed_by_whoever_is_finished_is_a_good_end() {
        let (mut left, mut right) = pair();
        left.close_write();
        settle(&mut left, &mut right);
        right.close_write();
        let fin = right.next_frame().unwrap();
        left.receive(fin).unwrap();
        // Its acknowledgement is lost with the channel.
        right.channel_closed();
        assert_eq!(right.write_closed(), Ok(true));
    }

    #[test]
    fn a_peer_that_sends_more_than_it_may_loses_the_stream() {
        let (mut left, mut right) = pair();
        let flood = write(&mut left, &[0; WINDOW as usize + 1]);
        assert_eq!(right.receive(flood), Err(FrameError::Flood(WINDOW as usize)));
        settle(&mut right, &mut left);
        assert_eq!(drain(&mut left).1, Read::Reset);
    }

    #[test]
    fn without_flow_control_what_lies_unread_is_bounded_all_the_same() {
        let mut state = State::new(None);
        let chunk = Bytes::from(vec![0; 1 << 20]);
        let frame = || Frame { message: Some(chunk.clone()), ..Frame::default() };
        let taken = (0..100).take_while(|_| state.receive(frame()).is_ok()).count();
        assert_eq!(taken, UNREAD_MAX_BYTES >> 20);
    }

    #[test]
    fn a_reader_that_keeps_up_is_given_a_growing_window() {
        let (mut sender, mut receiver) = pair();
        for _ in 0..40 {
            let credit = sender.credit().unwrap();
            let burst = write(&mut sender, &vec![0; credit]);
            receiver.receive(burst).unwrap();
            receiver.read(&mut vec![0; credit]);
            settle(&mut sender, &mut receiver);
        }
        assert_eq!(sender.credit(), Some(WINDOW_MAX_BYTES as usize));
    }

    #[derive(Debug, Clone)]
    enum Step {
        Write(usize),
        Read(usize),
        Deliver(usize),
        CloseWrite,
    }

    fn steps() -> impl Strategy<Value = Vec<(bool, Step)>> {
        let step = prop_oneof![
            4 => (1usize..700).prop_map(Step::Write),
            4 => (1usize..700).prop_map(Step::Read),
            4 => (1usize..5).prop_map(Step::Deliver),
            1 => Just(Step::CloseWrite),
        ];
        prop::collection::vec((any::<bool>(), step), 0..300)
    }

    /// One end, what is on its way to the other, and what its owner wrote and read.
    #[derive(Default)]
    struct Side {
        wire: VecDeque<Frame>,
        wrote: Vec<u8>,
        read: Vec<u8>,
    }

    proptest! {
        #[test]
        fn no_byte_is_lost_or_repeated_and_no_more_lies_unread_than_was_granted(steps in steps()) {
            let (left, right) = pair();
            let mut ends = [(left, Side::default()), (right, Side::default())];
            let mut next = 0u8;
            for (side, step) in steps {
                let [a, b] = &mut ends;
                let ((state, own), (other, others)) = if side { (a, b) } else { (b, a) };
                match step {
                    Step::Write(bytes) => {
                        let bytes = bytes.min(state.credit().unwrap_or(0));
                        let payload: Vec<u8> = (0..bytes).map(|_| { next = next.wrapping_add(1); next }).collect();
                        if !payload.is_empty() {
                            let frame = write(state, &payload);
                            own.wire.push_back(frame);
                            own.wrote.extend(payload);
                        }
                    }
                    Step::Read(bytes) => {
                        let mut buffer = vec![0; bytes];
                        if let Read::Bytes(read) = state.read(&mut buffer) {
                            own.read.extend_from_slice(&buffer[..read]);
                        }
                    }
                    Step::Deliver(frames) => {
                        for frame in own.wire.drain(..frames.min(own.wire.len())) {
                            prop_assert!(other.receive(frame).is_ok());
                        }
                        prop_assert!(other.unread <= WINDOW_MAX_BYTES as usize);
                    }
                    Step::CloseWrite => drop(state.close_write()),
                }
                while let Some(frame) = state.next_frame() { own.wire.push_back(frame) }
                while let Some(frame) = other.next_frame() { others.wire.push_back(frame) }
            }
            let [(mut left, mut l), (mut right, mut r)] = ends;
            left.close_write();
            right.close_write();
            for _ in 0..4 {
                while let Some(frame) = left.next_frame() { l.wire.push_back(frame) }
                while let Some(frame) = right.next_frame() { r.wire.push_back(frame) }
                for frame in l.wire.drain(..) { prop_assert!(right.receive(frame).is_ok()) }
                for frame in r.wire.drain(..) { prop_assert!(left.receive(frame).is_ok()) }
            }
            let ((left_rest, left_end), (right_rest, right_end)) = (drain(&mut left), drain(&mut right));
            l.read.extend(left_rest);
            r.read.extend(right_rest);
            prop_assert_eq!((left_end, right_end), (Read::End, Read::End));
            prop_assert_eq!((l.read, r.read), (r.wrote, l.wrote));
            prop_assert_ne!(left.channel(), Channel::Needed);
            prop_assert_ne!(right.channel(), Channel::Needed);
        }

        #[test]
        fn hostile_frames_in_any_order_are_survived(frames in prop::collection::vec((prop::option::of(-1i32..6), prop::option::of(0usize..1500), any::<Option<u32>>()), 0..100), windows: bool) {
            let mut state = State::new(windows.then(|| Windows::new(WINDOW, 0)));
            for (flag, bytes, credit) in frames {
                let message = bytes.map(|bytes| Bytes::from(vec![0; bytes]));
                let refused = state.receive(Frame { flag, message, credit }).is_err();
                prop_assert!(!refused || state.channel() == Channel::Done);
                prop_assert!(!windows || state.unread <= WINDOW as usize);
                while state.next_frame().is_some() {}
            }
        }
    }
}
