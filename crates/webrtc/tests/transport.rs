//! The transport over circuits in one process, with a backend that connects by name instead of by packets.

mod support;

use std::time::{Duration, Instant};

use futures::future::join;
use futures::{AsyncReadExt, AsyncWriteExt};
use kadenza_webrtc::{Config, Error, Path};
use support::{Fake, Peer, Relation, relayed};

#[tokio::test]
async fn two_peers_that_meet_over_a_circuit_are_connected_directly() {
    let (mut dialer, mut listener) = (Peer::new(Fake::connects()).await, Peer::new(Fake::connects()).await);
    let dial = dialer.dial(&listener);
    let (dialled, answered) = join(dial, listener.answer()).await;
    let ((to, there), (from, back)) = (dialled.unwrap(), answered.unwrap());
    assert_eq!((to, from), (listener.id, dialer.id));
    assert_eq!((there.path, back.path), (Path::Direct, Path::Direct));
    assert!(Fake::agreed(&dialer, &listener), "both announced extensions");
}

#[tokio::test]
async fn a_peer_of_the_specification_alone_is_spoken_to_without_extensions() {
    let plain = Config { extended: false, ..Config::default() };
    let mut dialer = Peer::with(Fake::connects(), Config::default()).await;
    let mut listener = Peer::with(Fake::connects(), plain).await;
    let (dialled, answered) = join(dialer.dial(&listener), listener.answer()).await;
    assert!(dialled.is_ok() && answered.is_ok());
    assert!(!Fake::agreed(&dialer, &listener));
}

#[tokio::test]
async fn where_no_direct_path_exists_the_circuit_becomes_the_connection_if_both_want_that() {
    for backend in [Fake::finds_no_path(), Fake::is_missing()] {
        let mut dialer = Peer::with(backend, relayed()).await;
        let mut listener = Peer::with(Fake::finds_no_path(), relayed()).await;
        let (dialled, answered) = join(dialer.dial(&listener), listener.answer()).await;
        let ((_, mut there), (_, mut back)) = (dialled.unwrap(), answered.unwrap());
        assert_eq!((there.path, back.path), (Path::Relayed, Path::Relayed));
        let mut sent = there.open().await;
        let reading = async {
            let (mut received, mut bytes) = (back.accept().await, [0; 16]);
            back.with(received.read_exact(&mut bytes)).await.map(|()| bytes)
        };
        let writing = async {
            sent.write_all(b"over the circuit").await?;
            sent.flush().await
        };
        // The writing end goes on being driven, as by a swarm, until the reading end has everything.
        let driving = there.with(futures::future::join(writing, futures::future::pending::<()>()));
        let reading = tokio::time::timeout(Duration::from_secs(5), Box::pin(reading));
        let futures::future::Either::Left((read, _)) =
            futures::future::select(Box::pin(reading), Box::pin(driving)).await
        else {
            panic!("nothing drives for ever")
        };
        assert_eq!(&read.unwrap().unwrap(), b"over the circuit");
    }
}

#[tokio::test]
async fn where_no_direct_path_exists_and_one_end_does_not_want_the_circuit_the_dial_fails() {
    let mut dialer = Peer::with(Fake::finds_no_path(), relayed()).await;
    let mut listener = Peer::new(Fake::finds_no_path()).await;
    let (dialled, answered) = join(dialer.dial(&listener), listener.answer()).await;
    assert!(dialled.is_err() && answered.is_err());
}

#[tokio::test]
async fn a_direct_path_that_takes_too_long_is_given_up_for_the_circuit() {
    let quick = || Config { direct_limit: Duration::from_millis(50), ..relayed() };
    let mut dialer = Peer::with(Fake::hangs(), quick()).await;
    let mut listener = Peer::with(Fake::hangs(), quick()).await;
    let (dialled, answered) = join(dialer.dial(&listener), listener.answer()).await;
    assert_eq!((dialled.unwrap().1.path, answered.unwrap().1.path), (Path::Relayed, Path::Relayed));
}

#[tokio::test]
async fn peers_that_dial_each_other_at_the_same_moment_end_with_one_connection() {
    for _ in 0..20 {
        let (mut one, mut two) = (Peer::new(Fake::connects()).await, Peer::new(Fake::connects()).await);
        let (first, second) = (one.dial(&two), two.dial(&one));
        let both = async {
            let (first, second) = join(first, second).await;
            (first.unwrap(), second.unwrap())
        };
        let answers =
            join(one.answer_for(Duration::from_millis(300)), two.answer_for(Duration::from_millis(300)));
        let (((to_two, _), (to_one, _)), (at_one, at_two)) = join(both, answers).await;
        assert_eq!((to_two, to_one), (two.id, one.id), "whoever dialled has got a connection");
        assert_eq!(at_one + at_two, 0, "no second connection came in");
        assert_eq!(Fake::connected(&one, &two), Relation::Once);
    }
}

#[tokio::test]
async fn a_circuit_that_leads_to_somebody_else_is_not_used() {
    let (mut dialer, stranger) = (Peer::new(Fake::connects()).await, Peer::new(Fake::connects()).await);
    let mut listener = Peer::new(Fake::connects()).await;
    let dial = dialer.dial_at(listener.place(), stranger.id);
    let (dialled, answered) = join(dial, listener.answer()).await;
    assert!(matches!(dialled, Err(Error::WrongPeer(wrong)) if wrong.expected == stranger.id));
    assert!(answered.is_err());
}

#[tokio::test]
async fn a_peer_that_says_nothing_is_given_up() {
    let hasty = Config { dial_limit: Duration::from_millis(100), ..Config::default() };
    let mut dialer = Peer::with(Fake::hangs(), hasty).await;
    let mut listener = Peer::new(Fake::hangs()).await;
    let begun = Instant::now();
    let dial = dialer.dial(&listener);
    let dialled = futures::future::select(Box::pin(dial), Box::pin(listener.answer())).await;
    let futures::future::Either::Left((dialled, _)) = dialled else { panic!("the listener gave up first") };
    assert!(matches!(dialled, Err(Error::Timeout)), "{dialled:?}");
    assert!(begun.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn whatever_a_hostile_dialer_signals_the_listener_only_refuses_it() {
    let long = [&[0xff, 0xff, 0xff, 0x7f][..], &[0; 100]].concat();
    let answer_out_of_turn = vec![7, 8, 1, 0x12, 3, b'v', b'=', b'0'];
    let candidates = [6, 8, 2, 0x12, 2, b'{', b'}'].repeat(100);
    for bytes in [vec![], vec![0xff; 64], long, answer_out_of_turn, vec![2, 8, 7], candidates] {
        let mut listener = Peer::new(Fake::connects()).await;
        let (_, answered) = join(support::signal(listener.place(), bytes.clone()), listener.answer()).await;
        assert!(answered.is_err(), "{bytes:?}");
    }
}
