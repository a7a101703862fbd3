//! The length of bare AAC (ADTS, ISO/IEC 13818-7, section 6.2), which no header tells: its frames are counted.

use std::ops::Range;
use std::time::Duration;

use bytes::Bytes;
use futures::Future;
use kadenza_api::{READ_LIMIT_BYTES, Result};

/// Samples in a block of a frame.
const BLOCK_SAMPLES: u64 = 1024;

/// Sample rates by their index, in hertz.
const RATES: [u64; 13] =
    [96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350];

/// Bytes of a header that matter here.
const HEADER_BYTES: usize = 7;

/// The most bytes between frames that are passed over; what comes after more of them is not counted.
const JUNK_MAX_BYTES: u64 = 64 * 1024;

/// How long a file of `len` bytes plays; `fetch` reads the bytes of a range of it. Only a part of the file is in
/// memory at a time.
pub(crate) async fn duration<F, R>(len: u64, fetch: &F) -> Result<Duration>
where
    F: Fn(Range<u64>) -> R,
    R: Future<Output = Result<Bytes>>,
{
    let mut at = after_tag(&fetch(0..len.min(10)).await?);
    let mut junk = 0;
    let mut nanoseconds = 0;
    while at + HEADER_BYTES as u64 <= len && junk <= JUNK_MAX_BYTES {
        let window = fetch(at..len.min(at + READ_LIMIT_BYTES)).await?;
        let start = at;
        while let Some(header) = header_at(&window, at - start) {
            match frame(header) {
                Some((bytes, time)) => {
                    at += bytes;
                    nanoseconds += time;
                }
                None => {
                    at += 1;
                    junk += 1;
                }
            }
        }
    }
    Ok(Duration::from_nanos(nanoseconds))
}

fn header_at(window: &Bytes, at: u64) -> Option<&[u8]> {
    let at = usize::try_from(at).ok()?;
    window.get(at..at + HEADER_BYTES)
}

/// The bytes and the nanoseconds of the frame with this header.
fn frame(header: &[u8]) -> Option<(u64, u64)> {
    let [0xff, b1, b2, b3, b4, b5, b6] = *header else { return None };
    // Twelve bits of synchronisation, one of version, and a layer that is always 0.
    if b1 & 0xf6 != 0xf0 {
        return None;
    }
    let rate = RATES.get(usize::from(b2 >> 2 & 0x0f))?;
    let bytes = u64::from(b3 & 0x03) << 11 | u64::from(b4) << 3 | u64::from(b5 >> 5);
    let blocks = u64::from(b6 & 0x03) + 1;
    (bytes >= HEADER_BYTES as u64).then_some((bytes, blocks * BLOCK_SAMPLES * 1_000_000_000 / rate))
}

/// Where the audio begins: after an ID3v2 tag, if there is one.
fn after_tag(head: &[u8]) -> u64 {
    let [b'I', b'D', b'3', _, _, flags, s0, s1, s2, s3] = *head else { return 0 };
    let size = [s0, s1, s2, s3].iter().fold(0, |size, byte| size << 7 | u64::from(byte & 0x7f));
    let footer = if flags & 0x10 == 0 { 0 } else { 10 };
    10 + size + footer
}

#[cfg(test)]
mod tests {
    use futures::executor::block_on;

    use super::*;

    /// A frame of 2000 bytes at 44.1 kHz.
    fn frame_of_2000_bytes() -> Vec<u8> {
        let mut frame = vec![0xff, 0xf1, 4 << 2, 0, (2000u64 >> 3).to_le_bytes()[0], 0, 0];
        frame.resize(2000, 0x55);
        frame
    }

    fn duration_of(file: &Bytes) -> Duration {
        let fetch = |range: Range<u64>| {
            let at = |position| usize::try_from(position).unwrap();
            futures::future::ready(Ok(file.slice(at(range.start)..at(range.end))))
        };
        block_on(duration(file.len() as u64, &fetch)).unwrap()
    }

    #[test]
    fn frames_are_counted_behind_tags_across_windows_and_over_junk() {
        let frames = frame_of_2000_bytes().repeat(1500);
        let expected = Duration::from_nanos(1500 * (1024 * 1_000_000_000 / 44_100));
        assert_eq!(duration_of(&frames.clone().into()), expected);
        let tag = [&b"ID3\x04\0\0\0\0\x01\x00"[..], &[0xff; 128]].concat();
        let long = [&tag[..], &frames, &[7; 100], &frames, b"TAG", &[0; 125]].concat();
        assert_eq!(duration_of(&long.into()), expected * 2);
    }

    #[test]
    fn what_is_not_aac_has_no_length() {
        for file in [&b""[..], b"\xff", &[0xff; 100_000], &[0; 100_000], b"ID3\x04\0\0\x7f\x7f\x7f\x7f"] {
            assert_eq!(duration_of(&Bytes::copy_from_slice(file)), Duration::ZERO);
        }
    }
}
