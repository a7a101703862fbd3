//! What goes to each peer and comes from it, and by which path: counted where connections begin, read by whoever
//! wants to know.

use std::collections::BTreeMap;
use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use futures::{AsyncRead, AsyncWrite};
use kadenza_api::Reach;
use kadenza_platform::Instant;
use libp2p::PeerId;
use libp2p::core::muxing::{StreamMuxer, StreamMuxerBox, StreamMuxerEvent, SubstreamBox};

/// The connected peers' accounts. Cloning gives another handle to the same ones.
#[derive(Debug, Clone)]
pub(crate) struct Traffic {
    accounts: Arc<Mutex<BTreeMap<PeerId, Account>>>,
    begun: Instant,
}

/// A peer's connections: it is there as long as one of them is.
#[derive(Debug, Default)]
struct Account {
    direct: usize,
    relayed: usize,
    counts: Arc<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    sent: AtomicU64,
    received: AtomicU64,
    /// When something came last, in milliseconds since the count began.
    heard: AtomicU64,
}

/// What a peer's connections carried since it was connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Carried {
    pub(crate) reach: Reach,
    pub(crate) sent_bytes: u64,
    pub(crate) received_bytes: u64,
}

impl Default for Traffic {
    fn default() -> Self {
        Self { accounts: Arc::default(), begun: Instant::now() }
    }
}

impl Traffic {
    /// Counts what goes over a connection to `peer` from now on.
    pub(crate) fn count(&self, peer: PeerId, reach: Reach, muxer: StreamMuxerBox) -> StreamMuxerBox {
        let mut accounts = self.lock();
        let account = accounts.entry(peer).or_default();
        *account.connections(reach) += 1;
        account.counts.heard.store(milliseconds(self.begun), Ordering::Relaxed);
        let counts = Arc::clone(&account.counts);
        drop(accounts);
        let line = Line { traffic: self.clone(), peer, reach };
        StreamMuxerBox::new(Counted { muxer, counts, begun: self.begun, _line: line })
    }

    /// What was carried to and from `peer`; nothing when it is not connected.
    pub(crate) fn of(&self, peer: PeerId) -> Option<Carried> {
        self.lock().get(&peer).map(|account| Carried {
            reach: if account.direct > 0 { Reach::Direct } else { Reach::Relayed },
            sent_bytes: account.counts.sent.load(Ordering::Relaxed),
            received_bytes: account.counts.received.load(Ordering::Relaxed),
        })
    }

    /// How long nothing has come from `peer`; `None` when it is not connected.
    pub(crate) fn silence(&self, peer: PeerId) -> Option<Duration> {
        let heard = self.lock().get(&peer).map(|account| account.counts.heard.load(Ordering::Relaxed))?;
        Some(Duration::from_millis(milliseconds(self.begun).saturating_sub(heard)))
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<PeerId, Account>> {
        self.accounts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Account {
    fn connections(&mut self, reach: Reach) -> &mut usize {
        match reach {
            Reach::Direct => &mut self.direct,
            Reach::Relayed => &mut self.relayed,
        }
    }
}

/// Keeps a connection in its peer's account.
#[derive(Debug)]
struct Line {
    traffic: Traffic,
    peer: PeerId,
    reach: Reach,
}

impl Drop for Line {
    fn drop(&mut self) {
        let mut accounts = self.traffic.lock();
        if let Some(account) = accounts.get_mut(&self.peer) {
            let connections = account.connections(self.reach);
            *connections = connections.saturating_sub(1);
            if account.direct + account.relayed == 0 {
                accounts.remove(&self.peer);
            }
        }
    }
}

fn milliseconds(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}

/// A connection whose bytes are counted.
struct Counted {
    muxer: StreamMuxerBox,
    counts: Arc<Counts>,
    begun: Instant,
    _line: Line,
}

impl Counted {
    fn stream(&self, stream: SubstreamBox) -> CountedStream {
        CountedStream { stream, counts: Arc::clone(&self.counts), begun: self.begun }
    }
}

impl StreamMuxer for Counted {
    type Substream = CountedStream;
    type Error = io::Error;

    fn poll_inbound(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<CountedStream>> {
        Pin::new(&mut self.muxer).poll_inbound(cx).map_ok(|stream| self.stream(stream))
    }

    fn poll_outbound(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<CountedStream>> {
        Pin::new(&mut self.muxer).poll_outbound(cx).map_ok(|stream| self.stream(stream))
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.muxer).poll_close(cx)
    }

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<StreamMuxerEvent>> {
        Pin::new(&mut self.muxer).poll(cx)
    }
}

struct CountedStream {
    stream: SubstreamBox,
    counts: Arc<Counts>,
    begun: Instant,
}

impl AsyncRead for CountedStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let read = Pin::new(&mut self.stream).poll_read(cx, buffer);
        if let Poll::Ready(Ok(bytes)) = read {
            self.counts.received.fetch_add(bytes as u64, Ordering::Relaxed);
            self.counts.heard.store(milliseconds(self.begun), Ordering::Relaxed);
        }
        read
    }
}

impl AsyncWrite for CountedStream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        if let Poll::Ready(Ok(bytes)) = written {
            self.counts.sent.fetch_add(bytes as u64, Ordering::Relaxed);
        }
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_close(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A connection on which nothing happens.
    struct Silent;

    impl StreamMuxer for Silent {
        type Substream = futures::io::Cursor<Vec<u8>>;
        type Error = io::Error;

        fn poll_inbound(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<Self::Substream>> {
            Poll::Ready(Ok(futures::io::Cursor::new(b"twelve bytes".to_vec())))
        }

        fn poll_outbound(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<Self::Substream>> {
            Poll::Ready(Ok(futures::io::Cursor::new(Vec::new())))
        }

        fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }

        fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<StreamMuxerEvent>> {
            Poll::Pending
        }
    }

    #[tokio::test]
    async fn bytes_are_counted_for_the_peer_they_go_to_and_come_from() {
        use futures::{AsyncReadExt, AsyncWriteExt, future::poll_fn};
        let (traffic, peer) = (Traffic::default(), PeerId::random());
        let mut connection = traffic.count(peer, Reach::Direct, StreamMuxerBox::new(Silent));
        let mut stream = poll_fn(|cx| Pin::new(&mut connection).poll_inbound(cx)).await.unwrap();
        stream.read_to_end(&mut Vec::new()).await.unwrap();
        let mut stream = poll_fn(|cx| Pin::new(&mut connection).poll_outbound(cx)).await.unwrap();
        stream.write_all(b"four").await.unwrap();
        let carried = Carried { reach: Reach::Direct, sent_bytes: 4, received_bytes: 12 };
        assert_eq!(traffic.of(peer), Some(carried));
        assert!(traffic.silence(peer).unwrap() < Duration::from_secs(60));
    }

    #[test]
    fn a_peer_is_reached_directly_as_soon_as_one_connection_is_direct_and_forgotten_with_its_last() {
        let (traffic, peer) = (Traffic::default(), PeerId::random());
        let reach = || traffic.of(peer).map(|carried| carried.reach);
        let relayed = traffic.count(peer, Reach::Relayed, StreamMuxerBox::new(Silent));
        assert_eq!(reach(), Some(Reach::Relayed));
        let direct = traffic.count(peer, Reach::Direct, StreamMuxerBox::new(Silent));
        assert_eq!(reach(), Some(Reach::Direct));
        drop((direct, relayed));
        assert_eq!(reach(), None);
    }
}
