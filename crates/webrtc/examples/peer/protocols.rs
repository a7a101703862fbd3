//! What the peer does over streams: echo, a sink that checks what it gets, and the asking ends of both.

use futures::future::{join, try_join_all};
use futures::{AsyncReadExt, AsyncWriteExt, StreamExt};
use libp2p::{PeerId, Stream, StreamProtocol};
use serde::Serialize;
use wasm_bindgen_futures::spawn_local;

use crate::bytes::{Checker, marked};
use crate::node::Node;

pub(crate) const ECHO: StreamProtocol = StreamProtocol::new("/bench/echo/1.0.0");
pub(crate) const SINK: StreamProtocol = StreamProtocol::new("/bench/sink/1.0.0");
pub(crate) const RESET: StreamProtocol = StreamProtocol::new("/bench/reset/1.0.0");
const PING: StreamProtocol = StreamProtocol::new("/ipfs/ping/1.0.0");

const CHUNK_BYTES: usize = 64 * 1024;
const PING_BYTES: usize = 32;

type Outcome<T> = Result<T, String>;

pub(crate) fn said(error: impl ToString) -> String {
    error.to_string()
}

fn now() -> f64 {
    web_sys::window().and_then(|window| window.performance()).map_or(0.0, |performance| performance.now())
}

/// Answers on all protocols, each stream in a task of its own.
pub(crate) fn serve(control: &mut libp2p_stream::Control) -> Outcome<()> {
    serve_one(control, ECHO, async |mut stream: Stream| {
        let mut buffer = vec![0; CHUNK_BYTES];
        loop {
            let read = stream.read(&mut buffer).await?;
            if read == 0 {
                return stream.close().await;
            }
            stream.write_all(&buffer[..read]).await?;
            stream.flush().await?;
        }
    })?;
    serve_one(control, RESET, async |mut stream: Stream| {
        stream.read_exact(&mut [0]).await?;
        Ok(())
    })?;
    serve_one(control, SINK, sink)
}

fn serve_one<F: Future<Output = std::io::Result<()>> + 'static>(
    control: &mut libp2p_stream::Control,
    protocol: StreamProtocol,
    answer: impl Fn(Stream) -> F + Copy + 'static,
) -> Outcome<()> {
    let mut incoming = control.accept(protocol).map_err(said)?;
    spawn_local(async move {
        while let Some((_, stream)) = incoming.next().await {
            spawn_local(async move {
                // The asking end reports what goes wrong.
                let _ = answer(stream).await;
            });
        }
    });
    Ok(())
}

async fn sink(mut stream: Stream) -> std::io::Result<()> {
    let mut header = [0; 4];
    stream.read_exact(&mut header).await?;
    let expected = u32::from_be_bytes(header) as usize * 1024;
    let (mut checker, mut buffer) = (Checker::default(), vec![0; CHUNK_BYTES]);
    while checker.got < expected {
        match stream.read(&mut buffer).await? {
            0 => return Err(std::io::ErrorKind::UnexpectedEof.into()),
            read => checker.add(&buffer[..read]),
        }
    }
    let facts = [(checker.got / 1024) as u32, checker.bad, checker.checked, checker.reads];
    stream.write_all(&facts.map(u32::to_be_bytes).concat()).await?;
    stream.close().await
}

/// What became of a transfer.
#[derive(Debug, Serialize)]
pub(crate) struct Transfer {
    seconds: f64,
    received: usize,
    bad: u32,
    checked: u32,
}

pub(crate) async fn send(node: &Node, peer: PeerId, kib: u32, streams: u32) -> Outcome<Transfer> {
    let each = kib / streams.max(1);
    let opened = try_join_all((0..streams).map(|_| node.open(peer, SINK.to_string()))).await?;
    let begun = now();
    let facts = try_join_all(opened.into_iter().map(|stream| fill(stream, each))).await.map_err(said)?;
    let seconds = (now() - begun) / 1000.0;
    let sum = |index: usize| facts.iter().map(|facts| facts[index]).sum::<u32>();
    Ok(Transfer { seconds, received: sum(0) as usize * 1024, bad: sum(1), checked: sum(2) })
}

async fn fill(mut stream: Stream, kib: u32) -> std::io::Result<[u32; 4]> {
    stream.write_all(&kib.to_be_bytes()).await?;
    write_marked(&mut stream, kib as usize * 1024).await?;
    let mut facts = [[0; 4]; 4];
    for fact in &mut facts {
        stream.read_exact(fact).await?;
    }
    stream.close().await?;
    Ok(facts.map(u32::from_be_bytes))
}

async fn write_marked(stream: &mut (impl AsyncWriteExt + Unpin), bytes: usize) -> std::io::Result<()> {
    for offset in (0..bytes).step_by(CHUNK_BYTES) {
        stream.write_all(&marked(offset, CHUNK_BYTES.min(bytes - offset))).await?;
    }
    stream.flush().await
}

pub(crate) async fn echo(node: &Node, peer: PeerId, kib: u32) -> Outcome<Transfer> {
    let begun = now();
    let (mut reader, mut writer) = node.open(peer, ECHO.to_string()).await?.split();
    let writing = async {
        write_marked(&mut writer, kib as usize * 1024).await?;
        writer.close().await
    };
    let reading = async {
        let (mut checker, mut buffer) = (Checker::default(), vec![0; CHUNK_BYTES]);
        loop {
            match reader.read(&mut buffer).await? {
                0 => return Ok::<_, std::io::Error>(checker),
                read => checker.add(&buffer[..read]),
            }
        }
    };
    let (written, checker) = join(writing, reading).await;
    written.map_err(said)?;
    let checker = checker.map_err(said)?;
    let seconds = (now() - begun) / 1000.0;
    Ok(Transfer { seconds, received: checker.got, bad: checker.bad, checked: checker.checked })
}

pub(crate) async fn ping(node: &Node, peer: PeerId) -> Outcome<f64> {
    let begun = now();
    let mut stream = node.open(peer, PING.to_string()).await?;
    round_trip(&mut stream).await.map_err(said)?;
    let took = now() - begun;
    stream.close().await.map_err(said)?;
    Ok(took)
}

pub(crate) async fn pings(node: &Node, peer: PeerId, count: u32) -> Outcome<Vec<f64>> {
    let mut stream = node.open(peer, ECHO.to_string()).await?;
    let mut times = Vec::new();
    for _ in 0..count {
        let begun = now();
        round_trip(&mut stream).await.map_err(said)?;
        times.push(now() - begun);
    }
    stream.close().await.map_err(said)?;
    Ok(times)
}

pub(crate) async fn stream_opens(node: &Node, peer: PeerId, count: u32) -> Outcome<Vec<f64>> {
    let mut times = Vec::new();
    for _ in 0..count {
        let begun = now();
        let mut stream = node.open(peer, ECHO.to_string()).await?;
        round_trip(&mut stream).await.map_err(said)?;
        times.push(now() - begun);
        stream.close().await.map_err(said)?;
    }
    Ok(times)
}

async fn round_trip(stream: &mut Stream) -> std::io::Result<()> {
    let question = [7; PING_BYTES];
    stream.write_all(&question).await?;
    stream.flush().await?;
    let mut answer = [0; PING_BYTES];
    stream.read_exact(&mut answer).await?;
    if answer == question { Ok(()) } else { Err(std::io::ErrorKind::InvalidData.into()) }
}
