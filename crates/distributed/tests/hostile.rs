//! Calls no honest peer makes: bytes that are not JSON, 100 MB of them, forged signatures. The node closes the
//! call, stores nothing, and goes on answering.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test says what went wrong by panicking")]

use std::io;
use std::time::Duration;

use bytes::Bytes;
use futures::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, StreamExt};
use kadenza_api::testing::{upload, wav};
use kadenza_api::{Music, Query, Replicas};
use kadenza_distributed::identity::Keypair;
use kadenza_distributed::transport;
use libp2p::request_response::{self, Event, Message, ProtocolSupport};
use libp2p::{PeerId, StreamProtocol, Swarm, swarm};

mod support;
use support::{Node, PATIENCE, key, node, shelf};

const RPC: StreamProtocol = StreamProtocol::new("/kadenza/rpc/1.0.0");
const CONTENT: StreamProtocol = StreamProtocol::new("/kadenza/content/2.0.0");

/// Sends and receives whatever bytes there are.
#[derive(Debug, Clone, Default)]
struct Raw;

impl request_response::Codec for Raw {
    type Protocol = StreamProtocol;
    type Request = Bytes;
    type Response = Bytes;

    async fn read_request<T: AsyncRead + Unpin + Send>(
        &mut self,
        _: &StreamProtocol,
        _: &mut T,
    ) -> io::Result<Bytes> {
        Ok(Bytes::new())
    }

    async fn read_response<T: AsyncRead + Unpin + Send>(
        &mut self,
        _: &StreamProtocol,
        io: &mut T,
    ) -> io::Result<Bytes> {
        let mut answer = Vec::new();
        io.read_to_end(&mut answer).await?;
        Ok(answer.into())
    }

    async fn write_request<T: AsyncWrite + Unpin + Send>(
        &mut self,
        _: &StreamProtocol,
        io: &mut T,
        bytes: Bytes,
    ) -> io::Result<()> {
        io.write_all(&bytes).await
    }

    async fn write_response<T: AsyncWrite + Unpin + Send>(
        &mut self,
        _: &StreamProtocol,
        _: &mut T,
        _: Bytes,
    ) -> io::Result<()> {
        Ok(())
    }
}

/// Sends `bytes` as a call of this protocol; returns the answer, `None` where there was none.
async fn send(to: &Node, protocol: StreamProtocol, bytes: Bytes) -> Option<Bytes> {
    let keypair = Keypair::generate_ed25519();
    let behaviour = request_response::Behaviour::with_codec(
        Raw,
        [(protocol, ProtocolSupport::Outbound)],
        request_response::Config::default(),
    );
    let config = swarm::Config::with_tokio_executor().with_idle_connection_timeout(Duration::from_secs(60));
    let carrier = transport::memory::memory(&keypair).unwrap();
    let mut stranger = Swarm::new(carrier.transport, behaviour, PeerId::from(keypair.public()), config);
    stranger.dial(to.address.clone()).unwrap();
    stranger.behaviour_mut().send_request(&to.peer, bytes);
    loop {
        match stranger.select_next_some().await {
            swarm::SwarmEvent::Behaviour(Event::Message {
                message: Message::Response { response, .. },
                ..
            }) => {
                return Some(response).filter(|answer| !answer.is_empty());
            }
            swarm::SwarmEvent::Behaviour(Event::OutboundFailure { .. }) => return None,
            _ => {}
        }
    }
}

async fn still_answers(node: &Node, songs: usize) {
    assert_eq!(node.layer.search(Query::new("").here()).await.unwrap().total, songs);
    let call = Bytes::from_static(br#"{"method":"search","params":{"words":"","scope":"here"}}"#);
    let answer = kadenza_platform::timeout(PATIENCE, send(node, RPC, call)).await.unwrap().unwrap();
    assert!(answer.starts_with(br#"{"answer":"found""#), "{answer:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_that_is_not_json_gets_no_answer_and_harms_nothing() {
    let node = node(true, None).await;
    node.layer.upload(upload("Sirens", "Ada", "", wav(9000, 1))).await.unwrap();
    for bytes in
        ["", "hello", "{", "{\"method\":\"song\"}", "{\"method\":\"song\",\"params\":\"xy\"}", "[[[[[[[["]
    {
        let answer = send(&node, RPC, Bytes::from_static(bytes.as_bytes())).await;
        assert_eq!(answer, None, "{bytes:?}");
    }
    let deep = Bytes::from(vec![b'['; 500_000]);
    assert_eq!(send(&node, RPC, deep).await, None);
    still_answers(&node, 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_of_100_mb_is_cut_off_and_harms_nothing() {
    let node = node(true, None).await;
    let endless = Bytes::from(vec![b' '; 100_000_000]);
    assert_eq!(kadenza_platform::timeout(PATIENCE, send(&node, RPC, endless.clone())).await.unwrap(), None);
    assert_eq!(kadenza_platform::timeout(PATIENCE, send(&node, CONTENT, endless)).await.unwrap(), None);
    still_answers(&node, 0).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_record_under_another_peers_signature_is_not_kept() {
    let node = node(true, None).await;
    let uploader = key();
    let uploaded =
        shelf(&uploader, false).await.upload(upload("Sirens", "Ada", "", wav(9000, 1))).await.unwrap();
    let call = |song: serde_json::Value| {
        Bytes::from(serde_json::json!({"method": "merge", "params": [song]}).to_string())
    };
    let honest = serde_json::to_value(&uploaded.song).unwrap();
    let mut forged = honest.clone();
    forged["recordings"][0]["uploader"] = PeerId::from(key().public()).to_string().into();
    let mut altered = honest.clone();
    altered["recordings"][0]["bytes"] = 9001.into();
    for lie in [forged, altered] {
        let answer = send(&node, RPC, call(lie)).await.unwrap();
        assert_eq!(answer, r#"{"answer":"merged","value":0}"#);
        still_answers(&node, 0).await;
    }
    let answer = send(&node, RPC, call(honest)).await.unwrap();
    assert_eq!(answer, r#"{"answer":"merged","value":1}"#);
    still_answers(&node, 1).await;
    assert!(!node.services.holds(uploaded.recording.content).await.unwrap());
}
