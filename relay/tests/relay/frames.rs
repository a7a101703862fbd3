//! Frames of yamux that no honest peer sends: each that is known to have brought a decoder down, and random ones. A
//! frame is version, type, flags (2 bytes), stream (4) and length, credit or number (4), big endian.
//! `tests/hostile-relay.test.mjs` has a tab meet the same ones.

const DATA: u8 = 0;
const WINDOW_UPDATE: u8 = 1;
const PING: u8 = 2;
const GO_AWAY: u8 = 3;

const SYN: u16 = 1;
const FIN: u16 = 4;

/// What a stream may send before it is allowed more.
const CREDIT: u32 = 256 * 1024;

/// Which end sends: whoever dialled opens streams with odd numbers, the other even ones.
#[derive(Debug, Clone, Copy)]
pub(crate) enum End {
    #[allow(dead_code, reason = "a test dials, the hostile relay does not")]
    Dialer,
    #[allow(dead_code, reason = "the hostile relay listens, a test does not")]
    Listener,
}

impl End {
    fn stream(self) -> u32 {
        match self {
            Self::Dialer => 1,
            Self::Listener => 2,
        }
    }
}

fn header(kind: u8, flags: u16, stream: u32, number: u32) -> Vec<u8> {
    [&[0, kind], &flags.to_be_bytes()[..], &stream.to_be_bytes(), &number.to_be_bytes()].concat()
}

fn data(flags: u16, stream: u32, bytes: u32) -> Vec<u8> {
    let mut frame = header(DATA, flags, stream, bytes);
    frame.resize(frame.len() + bytes as usize, 0);
    frame
}

/// What each of these breaks, and the bytes; a connection over which they come is to be closed.
pub(crate) fn published(end: End) -> Vec<(&'static str, Vec<u8>)> {
    let (own, theirs) = (end.stream(), 3 - end.stream() + 2);
    vec![
        ("CVE-2026-32314: a stream begins with more than it may send", data(SYN, own, CREDIT + 1)),
        (
            "CVE-2026-31814: credit that overflows",
            [data(SYN, own, 0), header(WINDOW_UPDATE, 0, own, 0xFFFF_0000)].concat(),
        ),
        ("the same as a stream begins", header(WINDOW_UPDATE, SYN, own, u32::MAX)),
        ("CVE-2026-73568: a body of 4 GiB that never comes", header(DATA, SYN, own, u32::MAX)),
        ("more than a stream may send", [data(SYN, own, CREDIT), data(0, own, 1)].concat()),
        ("a stream that is there already", [data(SYN, own, 0), data(SYN, own, 0)].concat()),
        ("a stream with the other end's number", data(SYN, theirs, 0)),
        ("a stream with the number of none", data(SYN, 0, 0)),
        ("an unknown version", vec![1; 12]),
        ("an unknown type", header(9, 0, own, 0)),
        ("a farewell of an unknown kind", header(GO_AWAY, 0, 0, 99)),
        ("streams without end", (0..20_000).flat_map(|at| data(SYN | FIN, own + 2 * at, 0)).collect()),
    ]
}

/// CVE-2024-32984: each of these wants an answer, and they come from somebody who reads none.
pub(crate) fn pings(count: u32) -> Vec<u8> {
    (0..count).flat_map(|number| header(PING, SYN, 0, number)).collect()
}

/// A few frames that are nearly right, from a seed.
pub(crate) fn random(end: End, seed: u64) -> Vec<u8> {
    let mut random = Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    (0..16).flat_map(|_| random.frame(end)).collect()
}

/// Marsaglia's xorshift: the same frames in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u32) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        u32::try_from((self.0 >> 16) % u64::from(end.max(1))).unwrap_or(0)
    }

    fn one_of(&mut self, numbers: &[u32]) -> u32 {
        numbers[self.below(u32::try_from(numbers.len()).unwrap_or(0)) as usize]
    }

    fn frame(&mut self, end: End) -> Vec<u8> {
        let own = end.stream();
        let kind = if self.below(50) == 0 { 7 } else { self.one_of(&[0, 0, 0, 1, 1, 2, 3]) };
        // Farewells end it all, so they are rare.
        let kind = if kind == 3 && self.below(10) > 0 { 0 } else { kind };
        let flags = self.one_of(&[0, 0, 1, 1, 2, 3, 4, 5, 8, 9, 12, 15, 0xFFFF]);
        let stream = self.one_of(&[own, own, own + 2, own + 4, own + 1, 0, u32::MAX - 2 + own]);
        let number = self.one_of(&[0, 1, 12, 300, CREDIT, CREDIT + 1, 1 << 20, (1 << 20) + 1, u32::MAX]);
        let mut frame =
            header(u8::try_from(kind).unwrap_or(0), u16::try_from(flags).unwrap_or(0), stream, number);
        if kind == 0 {
            // Mostly as many bytes as were announced, sometimes others: what follows is then no header.
            let bytes = if self.below(4) == 0 { self.below(64) } else { number.min(1 << 20) };
            frame.resize(frame.len() + bytes as usize, 0x5A);
        }
        frame
    }
}
