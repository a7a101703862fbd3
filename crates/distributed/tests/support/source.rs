//! Sources of a song, honest and hostile: whole real nodes, over a store that lies or with an uplink that drips.

use std::collections::BTreeSet;
use std::io;
use std::ops::Range;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use futures::future::BoxFuture;
use futures::{AsyncRead, AsyncWrite, FutureExt};
use kadenza_api::{
    Accepted, ContentId, Found, Groups, Music, Network, Query, RecordId, Replicas, Result, RoomId,
    SealedRecord, Song, SongId, Upload, Uploaded,
};
use kadenza_distributed::transport::Carrier;
use libp2p::Transport;
use libp2p::core::muxing::{StreamMuxer, StreamMuxerBox, StreamMuxerEvent, SubstreamBox};

use super::Shelf;

/// What a source sends when it is asked for groups of a content that it says it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// What it was asked for.
    Honest,
    /// As many bytes as there should be, one of which is wrong.
    Wrong,
    /// The first half.
    Truncated,
    /// The same groups of another content.
    OtherContent(ContentId),
    /// Other groups of the same content.
    OtherGroups,
    /// What it was asked for, a byte a second: see [`dripping`].
    Drips,
    /// Nothing, ever.
    Silent,
}

/// A shelf that serves others in its manner.
#[derive(Debug, Clone)]
pub struct Source {
    pub shelf: Shelf,
    pub manner: Manner,
    /// How long an answer takes. There is no other delay between nodes of one process.
    pub takes: Duration,
    /// How often it was asked for groups.
    pub asked: Arc<AtomicU64>,
}

impl Source {
    pub fn new(shelf: Shelf, manner: Manner, takes: Duration) -> Self {
        Self { shelf, manner, takes, asked: Arc::default() }
    }

    pub fn times_asked(&self) -> u64 {
        self.asked.load(Ordering::Relaxed)
    }
}

impl Music for Source {
    async fn upload(&self, upload: Upload) -> Result<Uploaded> {
        self.shelf.upload(upload).await
    }
    async fn search(&self, query: Query) -> Result<Found> {
        self.shelf.search(query).await
    }
    async fn song(&self, id: SongId) -> Result<Song> {
        self.shelf.song(id).await
    }
    async fn read(&self, content: ContentId, len: u64, range: Range<u64>) -> Result<Bytes> {
        self.shelf.read(content, len, range).await
    }
    async fn network(&self) -> Result<Network> {
        self.shelf.network().await
    }
}

impl Replicas for Source {
    async fn merge(&self, songs: Vec<Song>) -> Result<Vec<SongId>> {
        self.shelf.merge(songs).await
    }
    async fn songs_after(&self, after: Option<SongId>, limit: usize) -> Result<Vec<Song>> {
        self.shelf.songs_after(after, limit).await
    }
    async fn merge_sealed(&self, records: Vec<SealedRecord>) -> Result<Vec<RecordId>> {
        self.shelf.merge_sealed(records).await
    }
    async fn sealed_after(&self, after: Option<RecordId>, limit: usize) -> Result<Vec<SealedRecord>> {
        self.shelf.sealed_after(after, limit).await
    }
    async fn sealed_of(
        &self,
        room: RoomId,
        after: Option<RecordId>,
        limit: usize,
    ) -> Result<Vec<SealedRecord>> {
        if self.manner == Manner::Silent {
            std::future::pending::<()>().await;
        }
        self.shelf.sealed_of(room, after, limit).await
    }
    async fn sealed(&self, id: RecordId) -> Result<SealedRecord> {
        self.shelf.sealed(id).await
    }
    async fn sealed_count(&self) -> Result<u64> {
        self.shelf.sealed_count().await
    }
    async fn holds(&self, content: ContentId) -> Result<bool> {
        self.shelf.holds(content).await
    }
    async fn held(&self) -> Result<BTreeSet<ContentId>> {
        self.shelf.held().await
    }
    async fn missing(&self, content: ContentId, len: u64, groups: Groups) -> Result<Vec<u64>> {
        self.shelf.missing(content, len, groups).await
    }
    async fn slice(&self, content: ContentId, len: u64, groups: Groups) -> Result<Bytes> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        kadenza_platform::sleep(self.takes).await;
        let count = groups.end - groups.start;
        let honest = self.shelf.slice(content, len, groups.clone());
        match self.manner {
            Manner::Honest | Manner::Drips => honest.await,
            Manner::Wrong => {
                let mut slice = honest.await?.to_vec();
                slice.last_mut().into_iter().for_each(|last| *last ^= 1);
                Ok(slice.into())
            }
            Manner::Truncated => honest.await.map(|slice| slice.slice(..slice.len() / 2)),
            Manner::OtherContent(other) => self.shelf.slice(other, len, groups).await,
            Manner::OtherGroups => {
                let others = if groups.start < count { groups.end..groups.end + count } else { 0..count };
                self.shelf.slice(content, len, others).await
            }
            Manner::Silent => std::future::pending().await,
        }
    }
    async fn accept(&self, content: ContentId, len: u64, groups: Groups, slice: Bytes) -> Result<Accepted> {
        self.shelf.accept(content, len, groups, slice).await
    }
    async fn room(&self) -> Result<u64> {
        self.shelf.room().await
    }
}

/// What goes over a stream at full speed before it drips: all that peers say to each other but content.
const UNHURT_BYTES: usize = 8 * 1024;

/// Connections whose streams carry a byte a second once they have carried [`UNHURT_BYTES`].
pub fn dripping(mut carrier: Carrier) -> Carrier {
    let drips = |(peer, muxer), _: libp2p::core::ConnectedPoint| (peer, StreamMuxerBox::new(Dripping(muxer)));
    carrier.transport = carrier.transport.map(drips).boxed();
    carrier
}

struct Dripping(StreamMuxerBox);

impl StreamMuxer for Dripping {
    type Substream = DrippingStream;
    type Error = io::Error;

    fn poll_inbound(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<DrippingStream>> {
        Pin::new(&mut self.0).poll_inbound(cx).map_ok(DrippingStream::new)
    }

    fn poll_outbound(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<DrippingStream>> {
        Pin::new(&mut self.0).poll_outbound(cx).map_ok(DrippingStream::new)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_close(cx)
    }

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<StreamMuxerEvent>> {
        Pin::new(&mut self.0).poll(cx)
    }
}

struct DrippingStream {
    stream: SubstreamBox,
    unhurt: usize,
    /// Until the next byte may go.
    pause: Option<BoxFuture<'static, ()>>,
}

impl DrippingStream {
    fn new(stream: SubstreamBox) -> Self {
        Self { stream, unhurt: UNHURT_BYTES, pause: None }
    }
}

impl AsyncRead for DrippingStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for DrippingStream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if let Some(pause) = &mut self.pause {
            // What has been written so far goes out in the meantime.
            ready!(pause.poll_unpin(cx));
            self.pause = None;
        }
        let most = self.unhurt.max(1).min(bytes.len());
        let written = ready!(Pin::new(&mut self.stream).poll_write(cx, &bytes[..most]))?;
        self.unhurt = self.unhurt.saturating_sub(written);
        if self.unhurt == 0 {
            self.pause = Some(kadenza_platform::sleep(Duration::from_secs(1)).boxed());
        }
        Poll::Ready(Ok(written))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_close(cx)
    }
}
