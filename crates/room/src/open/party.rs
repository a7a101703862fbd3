//! The members: one stream with each who is met, a session on it, and the room's state machine between them all.

use std::collections::BTreeMap;
use std::io;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, StreamExt};
use kadenza_api::{Duplex, Guest};
use kadenza_platform::{sleep, spawn};
use libp2p_identity::PeerId;
use tokio::sync::mpsc;

use super::{Below, Room, random};
use crate::live::Output;
use crate::session::{Session, SessionEvent};
use crate::wire::{Message, take_frame};

/// Streams at once: more than there are members, for some have not proved to be any.
const STREAMS_MAX: usize = 80;

/// How long somebody may take to prove to be a member.
const PROOF_LIMIT: Duration = Duration::from_secs(5);

/// Frames that came and were not looked at, from all together.
const HEARD_QUEUE: usize = 256;

/// Frames to one member that wait to be sent. Who does not take these is gone.
const UNSENT_MAX: usize = 256;

/// Bytes read at once.
const READ_BYTES: usize = 16 * 1024;

/// What came on a stream: a frame, or its end.
type Said = (u64, Option<Bytes>);

/// A stream with somebody.
struct Stream {
    peer: PeerId,
    session: Session,
    to: mpsc::Sender<Bytes>,
    since: Duration,
}

/// All streams of the room, by number.
struct Party<P> {
    room: Room<P>,
    streams: BTreeMap<u64, Stream>,
    next: u64,
    said: mpsc::Sender<Said>,
}

/// Takes part in the room until the node below stops.
pub(super) async fn run<P: Below>(room: Room<P>) {
    let mut guests = room.inner.below.meet(room.id().0);
    let (said, mut heard) = mpsc::channel(HEARD_QUEUE);
    let mut party = Party { room: room.clone(), streams: BTreeMap::new(), next: 0, said };
    loop {
        party.act();
        let now = room.now();
        let wakes = room.live().wakes(now).saturating_sub(now);
        tokio::select! {
            guest = guests.next() => match guest {
                Some(guest) => party.welcome(guest),
                None => return,
            },
            said = heard.recv() => match said {
                Some((number, Some(frame))) => party.hear(number, frame),
                Some((number, None)) => party.close(number),
                None => return,
            },
            () = room.inner.acted.notified() => {}
            () = sleep(wakes) => party.tick(),
        }
    }
}

impl<P: Below> Party<P> {
    fn welcome(&mut self, guest: Guest) {
        let Ok(peer) = PeerId::from_bytes(&guest.peer) else { return };
        // The network says which of two streams with the same member is to stay: the newer one.
        let earlier = self.streams.iter().find(|(_, stream)| stream.peer == peer).map(|(number, _)| *number);
        earlier.into_iter().for_each(|number| self.close(number));
        let Ok(nonce) = random() else { return };
        if self.streams.len() >= STREAMS_MAX {
            return;
        }
        let (to, unsent) = mpsc::channel(UNSENT_MAX);
        let session = Session::new(&self.room.inner.keys, self.room.me(), peer, nonce);
        self.next += 1;
        let stream = Stream { peer, session, to, since: self.room.now() };
        self.streams.insert(self.next, stream);
        spawn(converse(self.next, guest.stream, unsent, self.said.clone()));
        self.send(self.next);
    }

    fn hear(&mut self, number: u64, frame: Bytes) {
        let Some(stream) = self.streams.get_mut(&number) else { return };
        let (peer, now) = (stream.peer, self.room.now());
        let goes_on = match stream.session.input(frame) {
            Ok(Some(SessionEvent::Proved)) => self.room.live().connected(peer, now),
            Ok(Some(SessionEvent::Heard(message))) => {
                self.room.live().heard(peer, *message, now);
                true
            }
            Ok(None) => true,
            Err(error) => {
                tracing::debug!(%peer, %error, "somebody at the room's place is sent away");
                false
            }
        };
        if goes_on { self.send(number) } else { self.close(number) }
    }

    fn close(&mut self, number: u64) {
        if let Some(stream) = self.streams.remove(&number)
            && stream.session.is_open()
        {
            let now = self.room.now();
            self.room.live().disconnected(stream.peer, now);
        }
    }

    fn tick(&mut self) {
        let now = self.room.now();
        self.room.live().tick(now);
        let is_late =
            |stream: &Stream| !stream.session.is_open() && now.saturating_sub(stream.since) > PROOF_LIMIT;
        self.streams.retain(|_, stream| !is_late(stream));
    }

    /// Sends what a session has to say.
    fn send(&mut self, number: u64) {
        let Some(stream) = self.streams.get_mut(&number) else { return };
        while let Some(bytes) = stream.session.output() {
            if stream.to.try_send(bytes).is_err() {
                return self.close(number);
            }
        }
    }

    /// Does what the room's state machine says.
    fn act(&mut self) {
        loop {
            let output = self.room.live().output();
            let Some(output) = output else { return };
            let changed = &self.room.inner.changed;
            match output {
                Output::Send { to, message } => self.say(to, &message),
                Output::PlaybackChanged => {
                    changed.send_modify(|changes| changes.playback += 1);
                    self.room.tell_duration();
                }
                Output::QueueChanged => changed.send_modify(|changes| changes.queue += 1),
                Output::MembersChanged => changed.send_modify(|changes| changes.members += 1),
                Output::Record(record) => self.room.take_in(std::slice::from_ref(&record)),
                Output::Throttled(peer) => tracing::debug!(%peer, "a member says too much"),
            }
        }
    }

    fn say(&mut self, to: PeerId, message: &Message) {
        let number = self.streams.iter().find(|(_, stream)| stream.peer == to).map(|(number, _)| *number);
        let Some(number) = number else { return };
        if let Some(stream) = self.streams.get_mut(&number)
            && let Err(error) = stream.session.send(message)
        {
            tracing::debug!(%to, %error, "a member is not told");
        }
        self.send(number);
    }
}

/// Carries frames both ways until the stream breaks or the party lets go of it.
async fn converse(
    number: u64,
    stream: Box<dyn Duplex>,
    unsent: mpsc::Receiver<Bytes>,
    said: mpsc::Sender<Said>,
) {
    let (reading, writing) = stream.split();
    let end = tokio::select! {
        end = listen(number, reading, &said) => end,
        end = speak(writing, unsent) => end,
    };
    tracing::trace!(?end, "a stream with a member ended");
    // A party that is over need not know.
    let _ = said.send((number, None)).await;
}

async fn listen(number: u64, mut from: impl AsyncRead + Unpin, said: &mpsc::Sender<Said>) -> io::Result<()> {
    let mut come = BytesMut::new();
    let mut buffer = vec![0; READ_BYTES];
    loop {
        while let Some(frame) = take_frame(&mut come).map_err(io::Error::other)? {
            if said.send((number, Some(frame))).await.is_err() {
                return Ok(());
            }
        }
        match from.read(&mut buffer).await? {
            0 => return Ok(()),
            read => come.extend_from_slice(&buffer[..read]),
        }
    }
}

async fn speak(mut to: impl AsyncWrite + Unpin, mut unsent: mpsc::Receiver<Bytes>) -> io::Result<()> {
    while let Some(bytes) = unsent.recv().await {
        to.write_all(&bytes).await?;
        while let Ok(bytes) = unsent.try_recv() {
            to.write_all(&bytes).await?;
        }
        to.flush().await?;
    }
    to.close().await
}
