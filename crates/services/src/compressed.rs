//! Tells tags that unpack to more than fits in memory.
//!
//! A frame of an ID3v2 tag may be compressed (ID3v2.4 structure, section 4.1), a thousandfold in the worst case,
//! and the parser unpacks whatever it is given. Nobody has compressed frames in music; a file that seems to have
//! one is read without its tags. Looking for the frame's own bytes, wherever they lie, cannot be led astray by
//! the many ways to hide a tag.

/// Bytes before and after a piece of a file that a frame's beginning may reach into.
pub(crate) const OVERLAP_BYTES: usize = 32;

/// Bytes from a frame's beginning to its zlib header: name, size, flags and the unpacked length, and up to two
/// more for its group and its encryption.
const ZLIB_OFFSETS: std::ops::RangeInclusive<usize> = 14..=16;

/// The bits that say that a frame is compressed, in versions 3 and 4.
const COMPRESSED: u8 = 0x80 | 0x08;

/// Whether a tag begins somewhere in `bytes`.
pub(crate) fn has_tag(bytes: &[u8]) -> bool {
    let mut rest = bytes;
    while let [first, others @ ..] = rest {
        if *first == b'I' && matches!(others, [b'D', b'3', 2..=4, ..]) {
            return true;
        }
        rest = others;
    }
    false
}

/// Whether a compressed frame of at most `largest` bytes begins somewhere in `bytes`.
pub(crate) fn has_compressed_frame(bytes: &[u8], largest: u64) -> bool {
    has_frame(bytes, largest) || has_frame(&without_stuffing(bytes), largest)
}

fn has_frame(bytes: &[u8], largest: u64) -> bool {
    let mut rest = bytes;
    while let [_, others @ ..] = rest {
        if begins_compressed_frame(rest, largest) {
            return true;
        }
        rest = others;
    }
    false
}

/// `bytes` without the zeros that a tag may have after every 0xff byte (ID3v2.4 structure, section 6.1).
fn without_stuffing(bytes: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    let mut rest = bytes;
    while let Some(at) = rest.windows(2).position(|pair| pair == [0xff, 0]) {
        let (before, after) = rest.split_at(at + 1);
        plain.extend_from_slice(before);
        rest = after.get(1..).unwrap_or_default();
    }
    plain.extend_from_slice(rest);
    plain
}

fn begins_compressed_frame(frame: &[u8], largest: u64) -> bool {
    let [a, b, c, d, s0, s1, s2, s3, _, flags, ..] = *frame else { return false };
    if flags & COMPRESSED == 0 || ![a, b, c, d].iter().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit()) {
        return false;
    }
    let size = u64::from(u32::from_be_bytes([s0, s1, s2, s3]));
    let seven_bits = [s0, s1, s2, s3].iter().fold(0, |size, byte| size << 7 | u64::from(byte & 0x7f));
    if size > largest && seven_bits > largest {
        return false;
    }
    ZLIB_OFFSETS.filter_map(|at| frame.get(at..at + 2)).any(|header| {
        // Method 8, a window of at most 32 KiB, and a check sum (RFC 1950, section 2.2).
        header[0] & 0x0f == 8
            && header[0] >> 4 <= 7
            && (u32::from(header[0]) << 8 | u32::from(header[1])) % 31 == 0
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(size: [u8; 4], flags: u8) -> Vec<u8> {
        let mut frame = vec![b'T', b'I', b'T', b'2'];
        frame.extend(size);
        frame.extend([0, flags, 0, 0x10, 0, 0, 0x78, 0x9c, 0xed]);
        frame.extend([0; 20]);
        frame
    }

    #[test]
    fn compressed_frames_are_noticed_and_others_are_not() {
        assert!(has_compressed_frame(&frame([0, 0, 9, 9], 0x80), 10_000), "version 3");
        assert!(has_compressed_frame(&frame([0, 0, 9, 9], 0x09), 10_000), "version 4");
        assert!(!has_compressed_frame(&frame([0, 0, 9, 9], 0x00), 10_000));
        assert!(!has_compressed_frame(&frame([9, 9, 9, 9], 0x80), 10_000), "longer than the file");
    }

    #[test]
    fn zeros_put_in_between_do_not_hide_a_frame() {
        let mut hidden = frame([0, 0, 0xff, 1], 0x80);
        hidden.insert(7, 0);
        assert!(has_compressed_frame(&hidden, 100_000));
    }
}
