//! Calls no honest peer makes: bytes that are not JSON, 100 MB of them, forged signatures, frames of the content
//! protocol that are none. The node closes the call, stores nothing, and goes on answering. What hostile sources of a
//! song can do is in `polluted.rs`.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test says what went wrong by panicking")]

use std::io;
use std::time::Duration;

use bytes::Bytes;
use futures::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, StreamExt};
use kadenza_api::testing::vault::Room;
use kadenza_api::testing::{upload, wav};
use kadenza_api::{
    ContentId, Music, Query, RecordId, Replicas, SEALED_RECORD_BYTES, SealedContent, SealedRecord,
};
use kadenza_distributed::identity::Keypair;
use kadenza_distributed::transport;
use libp2p::request_response::{self, Event, Message, ProtocolSupport};
use libp2p::{PeerId, StreamProtocol, Swarm, swarm};

mod support;
use support::source::Source;
use support::wire::{
    ASK, CANCEL, CONTENT, FOLLOW, HAVE, LEAVE, REFUSED, SLICE, answer, content_stream, follow, frame, groups,
    with_song,
};
use support::{Node, PATIENCE, key, node, shelf};

const RPC: StreamProtocol = StreamProtocol::new("/kadenza/rpc/1.0.0");

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

/// What a stranger is answered who searches for everything.
async fn still_answers(node: &Node, songs: usize) -> serde_json::Value {
    assert_eq!(node.layer.search(Query::new("").here()).await.unwrap().total, songs);
    let call = Bytes::from_static(br#"{"method":"search","params":{"words":"","scope":"here"}}"#);
    let answer = kadenza_platform::timeout(PATIENCE, send(node, RPC, call)).await.unwrap().unwrap();
    let answer: serde_json::Value = serde_json::from_slice(&answer).unwrap();
    assert_eq!(answer["answer"], "found");
    assert_eq!(answer["value"]["total"], songs);
    answer["value"].clone()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_search_answer_names_who_holds_what_was_found() {
    let node = node(true, None).await;
    let uploaded = node.layer.upload(upload("Sirens", "Ada", "", wav(9000, 1))).await.unwrap();
    let content = uploaded.song.recordings()[0].content.to_string();
    let found = still_answers(&node, 1).await;
    assert_eq!(found["holders"][content], serde_json::json!([node.peer.to_string()]));
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

async fn call(node: &Node, call: serde_json::Value) -> serde_json::Value {
    let answer = send(node, RPC, call.to_string().into()).await.unwrap();
    serde_json::from_slice(&answer).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sealed_record_that_its_room_has_not_signed_is_not_kept() {
    let (node, room, other) = (node(true, None).await, Room::new(1), Room::new(2));
    let honest = room.record(1, 1, vec![]);
    let mut forged = room.record(2, 1, vec![]);
    forged.signature[0] ^= 1;
    let displaced = SealedRecord { room: room.id(), ..other.record(3, 1, vec![]) };
    let endless = room.signed(SealedRecord { bytes: vec![0; SEALED_RECORD_BYTES + 1], ..honest.clone() });
    let file = |records: &[SealedRecord]| serde_json::json!({"method": "file", "params": records});
    let answer = call(&node, file(&[forged, displaced, endless, honest.clone()])).await;
    assert_eq!(answer, serde_json::json!({"answer": "kept", "value": 1}));
    assert_eq!(node.services.sealed_after(None, 10).await.unwrap(), std::slice::from_ref(&honest));
    let many: Vec<_> = (0..41).map(|song| room.record(song, 1, vec![])).collect();
    let answer = call(&node, file(&many)).await;
    assert_eq!(answer["value"]["code"], "too-large");
    assert_eq!(node.services.sealed_count().await.unwrap(), 1);
    let filed = |room: &Room| serde_json::json!({"method": "filed", "params": {"room": room.id()}});
    assert_eq!(call(&node, filed(&room)).await["value"], serde_json::json!([honest]));
    assert_eq!(call(&node, filed(&other)).await["value"], serde_json::json!([]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_content_that_no_record_names_is_not_kept() {
    let (node, room) = (node(true, None).await, Room::new(1));
    let named = SealedContent { content: ContentId([7; 32]), len: 900 };
    let record = room.record(1, 1, vec![named]);
    node.services.merge_sealed(vec![record.clone()]).await.unwrap();
    let wanted = |id: RecordId, content: ContentId| serde_json::json!({"sealed": id, "content": content});
    let unnamed = [wanted(record.id(), ContentId([8; 32])), wanted(RecordId([8; 32]), named.content)];
    let all = [&[wanted(record.id(), named.content)], &unnamed[..]].concat();
    let answer = call(&node, serde_json::json!({"method": "keep", "params": all})).await;
    assert_eq!(answer, serde_json::json!({"answer": "keep", "value": ["fetching", "refused", "refused"]}));
    let many = vec![wanted(record.id(), named.content); 33];
    let answer = call(&node, serde_json::json!({"method": "keep", "params": many})).await;
    assert_eq!(answer["value"]["code"], "too-large");
}

/// Whether an asker that follows the rules gets a group.
async fn still_serves(node: &Node<Source>, content: ContentId, len: u64) {
    let asking = async {
        let mut stream = content_stream(node).await;
        stream.write_all(&[follow(7, content, len), groups(ASK, 7, 0, 1)].concat()).await.unwrap();
        stream.flush().await.unwrap();
        while answer(&mut stream).await.unwrap() != SLICE {}
    };
    kadenza_platform::timeout(PATIENCE, asking).await.expect("it serves nobody any more");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_content_stream_with_a_frame_that_is_none_is_closed_and_others_are_served() {
    let (node, content, file) = with_song(200_000, Duration::ZERO).await;
    let len = file.len() as u64;
    let (endless, too_long) = (u32::MAX.to_be_bytes().to_vec(), frame(&[LEAVE; 65]));
    let cut = groups(ASK, 7, 0, 1)[..9].to_vec();
    let unknown = [0, 5, HAVE, SLICE, REFUSED, 99, 255].map(|kind| groups(kind, 7, 0, 1));
    let absurd = [(ASK, 0), (ASK, 17), (ASK, u32::MAX), (CANCEL, u32::MAX)]
        .map(|(kind, count)| groups(kind, 7, u32::MAX, count));
    let short = [frame(&[]), frame(&[FOLLOW]), frame(&[ASK, 0, 0]), frame(&[LEAVE, 0, 0, 0, 7, 0])];
    for bad in [vec![endless, too_long, cut], unknown.into(), absurd.into(), short.into()].concat() {
        let mut stream = content_stream(&node).await;
        stream.write_all(&follow(7, content, len)).await.unwrap();
        stream.write_all(&bad).await.unwrap();
        stream.close().await.unwrap();
        let ended = async { while answer(&mut stream).await.is_ok() {} };
        kadenza_platform::timeout(PATIENCE, ended).await.unwrap_or_else(|_| panic!("{bad:?} was swallowed"));
        still_serves(&node, content, len).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn groups_and_contents_that_cannot_be_are_refused() {
    let (node, content, file) = with_song(200_000, Duration::ZERO).await;
    let len = file.len() as u64;
    let mut stream = content_stream(&node).await;
    for (question, kind) in [
        (follow(1, content, u64::MAX), HAVE),
        (follow(2, content, 0), HAVE),
        (follow(3, content, len), HAVE),
        (groups(ASK, 1, 0, 1), REFUSED),
        (groups(ASK, 3, u32::MAX, 4), REFUSED),
        (groups(ASK, 99, 0, 1), REFUSED),
        (groups(ASK, 3, 0, 1), SLICE),
    ] {
        stream.write_all(&question).await.unwrap();
        stream.flush().await.unwrap();
        let heard = kadenza_platform::timeout(PATIENCE, answer(&mut stream)).await.unwrap().unwrap();
        assert_eq!(heard, kind, "{question:?}");
    }
}
