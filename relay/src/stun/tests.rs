//! The bytes, and what hostile bytes do: nothing.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

/// RFC 5769, 2.1: an ICE agent's check, with a FINGERPRINT.
const CHECK: &str = "000100582112a442b7e7a701bc34d686fa87dfae802200105354554e207465737420636c69656e74002400046e0001ff\
    80290008932ff9b151263b36000600096576746a3a68367659202020000800149aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a2\
    80280004e57a3bcf";

/// RFC 5769, 2.2: an answer to it.
const ANSWER: &str = "0101003c2112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563746f7220002000080001a147e112a643\
    000800142b91f599fd9e90c38c7489f92af9ba53f06be7d780280004c07d4c96";

/// RFC 5769, 2.4: a request with a user's name, and no FINGERPRINT.
const SIGNED: &str = "000100602112a44278ad3433c6ad72c029da412e00060012e3839ee38388e383aae38383e382afe382b9000000150\
    01c662f2f3439396b39353464364f4c33346f4c39465354767936347341001400\
    0b6578616d706c652e6f72670000080014f67024656dd64a3e02b8e0712e85c9a28ca89666";

/// The addresses that RFC 5769 has the answers of.
const V4: (IpAddr, u16) = (IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)), 32853);
const V6: (IpAddr, u16) =
    (IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0x1234, 0x5678, 0x11, 0x2233, 0x4455, 0x6677)), 32853);

const COOKIE_AND_TRANSACTION: &str = "2112a442b7e7a701bc34d686fa87dfae";

fn bytes(hex: &str) -> Vec<u8> {
    let digits: Vec<_> = hex.bytes().map(|digit| char::from(digit).to_digit(16).unwrap() as u8).collect();
    digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

/// A request with these attributes, each a type and a value.
fn request(attributes: &[(u16, Vec<u8>)]) -> Vec<u8> {
    let mut body = Vec::new();
    for (kind, value) in attributes {
        body.extend(kind.to_be_bytes());
        body.extend((value.len() as u16).to_be_bytes());
        body.extend(value);
        body.resize(body.len().next_multiple_of(4), 0);
    }
    let length = (body.len() as u16).to_be_bytes();
    [&[0, 1], &length[..], &bytes(COOKIE_AND_TRANSACTION), &body].concat()
}

#[test]
fn who_asks_is_told_its_address() {
    let answer_to = |from: (IpAddr, u16)| answer(&request(&[]), from.into()).unwrap();
    let v4 = format!("0101000c{COOKIE_AND_TRANSACTION}002000080001a147e112a643");
    assert_eq!(answer_to(V4), bytes(&v4));
    let v6 = format!("01010018{COOKIE_AND_TRANSACTION}002000140002a1470113a9faa5d3f179bc25f4b5bed2b9d9");
    assert_eq!(answer_to(V6), bytes(&v6));
}

#[test]
fn an_ipv4_address_is_told_as_one_where_a_socket_serves_both_families() {
    let mapped = SocketAddr::from((Ipv4Addr::new(192, 0, 2, 1).to_ipv6_mapped(), 32853));
    assert_eq!(answer(&request(&[]), mapped), answer(&request(&[]), V4.into()));
}

#[test]
fn what_a_question_says_of_its_user_is_no_reason_to_refuse_it() {
    let answer = answer(&bytes(SIGNED), V4.into()).unwrap();
    assert_eq!(answer[..2], [1, 1]);
}

#[test]
fn attributes_that_must_be_understood_and_are_not_are_named_in_the_refusal() {
    let refusal = answer(&bytes(CHECK), V4.into()).unwrap();
    let expected = format!("01110018{COOKIE_AND_TRANSACTION}0009000400000414000a000200240000");
    assert_eq!(refusal[..36], bytes(&expected));
    // It ends in a FINGERPRINT, as the question did, and the library that reads it checks that it is right.
    assert_eq!(refusal[36..40], bytes("80280004"));
    assert!(Message::from_bytes(&refusal).is_ok());
}

#[test]
fn attributes_that_may_be_ignored_are() {
    let software = request(&[(0x8022, b"browser".to_vec()), (0xffff, Vec::new())]);
    assert_eq!(answer(&software, V4.into()), answer(&request(&[]), V4.into()));
}

#[test]
fn what_is_not_a_binding_request_gets_no_answer() {
    let mut indication = request(&[]);
    indication[1] = 0x11;
    let mut allocate = request(&[]);
    allocate[1] = 3;
    let mut no_cookie = request(&[]);
    no_cookie[4] = 0;
    let mut wrong_fingerprint = bytes(CHECK);
    *wrong_fingerprint.last_mut().unwrap() ^= 1;
    let trailing = [request(&[]), vec![0; 4]].concat();
    let long = request(&[(0x8022, vec![b'x'; QUESTION_MAX_BYTES])]);
    let silent =
        [indication, allocate, no_cookie, wrong_fingerprint, trailing, long, bytes(ANSWER), Vec::new()];
    for datagram in silent {
        assert_eq!(answer(&datagram, V4.into()), None, "{datagram:x?}");
    }
    for length in 0..bytes(SIGNED).len() {
        assert_eq!(answer(&bytes(SIGNED)[..length], V4.into()), None, "{length}");
    }
}

/// Datagrams from noise to nearly right.
fn hostile() -> impl Strategy<Value = Vec<u8>> {
    let changes = vec((any::<prop::sample::Index>(), any::<u8>()), 0..4);
    let known = prop_oneof![Just(CHECK), Just(ANSWER), Just(SIGNED)];
    let changed = (known, changes, any::<prop::sample::Index>()).prop_map(|(known, changes, end)| {
        let mut datagram = bytes(known);
        for (at, byte) in changes {
            let at = at.index(datagram.len());
            datagram[at] = byte;
        }
        datagram.truncate(end.index(datagram.len() * 4));
        datagram
    });
    let headed = vec(any::<u8>(), 0..200).prop_map(|noise| {
        let length = (noise.len() as u16).to_be_bytes();
        [&[0, 1], &length[..], &bytes(COOKIE_AND_TRANSACTION), &noise].concat()
    });
    prop_oneof![vec(any::<u8>(), 0..2000), changed, headed, well_formed()]
}

/// Questions with any attributes but a FINGERPRINT; the types that RFCs define are few, and all of them come up.
fn well_formed() -> impl Strategy<Value = Vec<u8>> {
    let kind = prop_oneof![0..0x30u16, 0x8020..0x8030u16, any::<u16>()];
    let attribute = (kind.prop_filter("a FINGERPRINT", |kind| *kind != 0x8028), vec(any::<u8>(), 0..40));
    vec(attribute, 0..60).prop_map(|attributes| request(&attributes))
}

proptest! {
    #[test]
    fn nothing_makes_it_panic_or_answer_at_length(datagram in hostile(), from in prop_oneof![Just(V4), Just(V6)]) {
        if let Some(answer) = answer(&datagram, from.into()) {
            prop_assert!(answer.len() <= datagram.len() + ANSWER_EXCESS_MAX_BYTES);
            prop_assert_eq!(&answer[4..20], &datagram[4..20]);
        }
    }

    #[test]
    fn every_question_that_is_not_too_long_is_answered(question in well_formed()) {
        prop_assert_eq!(answer(&question, V4.into()).is_some(), question.len() <= QUESTION_MAX_BYTES);
    }
}
