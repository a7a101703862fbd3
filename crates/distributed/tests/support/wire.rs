//! The content protocol as a stranger may speak it, by hand: frames, right and wrong.

use std::io;
use std::time::Duration;

use bytes::{BufMut, Bytes};
use futures::{AsyncReadExt, StreamExt};
use kadenza_api::testing::{upload, wav};
use kadenza_api::{ContentId, Music};
use kadenza_distributed::transport;
use libp2p::{PeerId, Stream, StreamProtocol, Swarm, swarm};

use super::source::{Manner, Source};
use super::{Node, key, shelf, source};

pub const CONTENT: StreamProtocol = StreamProtocol::new("/kadenza/content/2.0.0");

/// A stream of the content protocol from a stranger, who may say anything on it.
pub async fn content_stream<S>(to: &Node<S>) -> Stream {
    let keypair = key();
    let behaviour = libp2p_stream::Behaviour::new();
    let mut control = behaviour.new_control();
    let config = swarm::Config::with_tokio_executor().with_idle_connection_timeout(Duration::from_secs(60));
    let carrier = transport::memory::memory(&keypair).unwrap();
    let mut stranger = Swarm::new(carrier.transport, behaviour, PeerId::from(keypair.public()), config);
    stranger.dial(to.address.clone()).unwrap();
    while !stranger.is_connected(&to.peer) {
        stranger.select_next_some().await;
    }
    tokio::spawn(async move {
        loop {
            stranger.select_next_some().await;
        }
    });
    control.open_stream(to.peer, CONTENT).await.unwrap()
}

pub const FOLLOW: u8 = 1;
pub const ASK: u8 = 2;
pub const CANCEL: u8 = 3;
pub const LEAVE: u8 = 4;
pub const HAVE: u8 = 16;
pub const SLICE: u8 = 17;
pub const REFUSED: u8 = 18;
const OTHERS: u8 = 19;

/// A frame that says how long its message is.
pub fn frame(message: &[u8]) -> Vec<u8> {
    let mut frame = Vec::new();
    frame.put_u32(u32::try_from(message.len()).unwrap());
    frame.put_slice(message);
    frame
}

pub fn follow(handle: u32, content: ContentId, len: u64) -> Vec<u8> {
    let mut message = vec![FOLLOW];
    message.put_u32(handle);
    message.put_slice(&content.0);
    message.put_u64(len);
    frame(&message)
}

pub fn groups(kind: u8, handle: u32, first: u32, count: u32) -> Vec<u8> {
    let mut message = vec![kind];
    [handle, first, count].into_iter().for_each(|number| message.put_u32(number));
    frame(&message)
}

/// The kind of the next answer, but for who else follows the content.
pub async fn answer(stream: &mut Stream) -> io::Result<u8> {
    message(stream).await.map(|message| message[0])
}

/// The next answer, but for who else follows the content.
pub async fn message(stream: &mut Stream) -> io::Result<Vec<u8>> {
    loop {
        let mut len = [0; 4];
        stream.read_exact(&mut len).await?;
        let mut message = vec![0; u32::from_be_bytes(len).try_into().unwrap()];
        stream.read_exact(&mut message).await?;
        if message[0] != OTHERS {
            return Ok(message);
        }
    }
}

/// A node with one song, which answers slowly enough that questions queue.
pub async fn with_song(bytes: usize, takes: Duration) -> (Node<Source>, ContentId, Bytes) {
    let keypair = key();
    let (shelf, file) = (shelf(&keypair, true).await, wav(bytes, 1));
    shelf.upload(upload("Sirens", "Ada", "", file.clone())).await.unwrap();
    let node = source(Source::new(shelf, Manner::Honest, takes), keypair, true, None);
    (node, ContentId::of(&file), file)
}
