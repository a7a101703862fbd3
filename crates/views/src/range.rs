//! Which bytes a `Range` header asks for (RFC 9110, section 14).

use std::ops::Range;

/// The part of a representation that a request is answered with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Part {
    /// All of it: no range was asked for, or none that makes sense.
    Whole,
    /// These bytes of it.
    Bytes(Range<u64>),
    /// None: the range lies outside of it.
    Outside,
}

/// The part of `len` bytes that `header` asks for.
///
/// A malformed header is ignored, as section 14.2 wants. Several ranges in one header are answered with the
/// whole: no player asks for them, and multipart answers are a known way to exhaust a server (section 17.15).
pub(crate) fn part(header: &str, len: u64) -> Part {
    let Some((unit, ranges)) = header.split_once('=') else { return Part::Whole };
    if !unit.trim().eq_ignore_ascii_case("bytes") {
        return Part::Whole;
    }
    let mut ranges = ranges.split(',').map(str::trim).filter(|range| !range.is_empty());
    let (Some(range), None) = (ranges.next(), ranges.next()) else { return Part::Whole };
    let Some((first, last)) = range.split_once('-') else { return Part::Whole };
    match (position(first), position(last)) {
        (Some(first), Some(last)) if first <= last => clamped(first, last.saturating_add(1), len),
        (Some(first), None) if last.is_empty() => clamped(first, len, len),
        (None, Some(suffix)) if first.is_empty() && suffix > 0 => {
            clamped(len.saturating_sub(suffix), len, len)
        }
        (None, Some(0)) if first.is_empty() => Part::Outside,
        _ => Part::Whole,
    }
}

fn clamped(start: u64, end: u64, len: u64) -> Part {
    if start < len { Part::Bytes(start..end.min(len)) } else { Part::Outside }
}

/// A byte position. Numbers too large for any file are as good as the largest one.
fn position(digits: &str) -> Option<u64> {
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| digits.parse().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_malformed_range_is_ignored() {
        for header in [
            "",
            "bytes",
            "bytes=",
            "bytes=-",
            "bytes=5",
            "bytes=9-3",
            "bytes=a-b",
            "bytes=1-2-3",
            "items=0-1",
            "bytes=+1-2",
            "bytes=0x1-",
        ] {
            assert_eq!(part(header, 10), Part::Whole, "{header}");
        }
    }

    #[test]
    fn several_ranges_are_answered_with_the_whole() {
        assert_eq!(part("bytes=0-1,4-5", 10), Part::Whole);
    }

    #[test]
    fn a_range_past_the_end_is_outside_however_large_its_numbers() {
        for header in
            ["bytes=10-", "bytes=10-20", "bytes=9999999999-", "bytes=99999999999999999999999999-", "bytes=-0"]
        {
            assert_eq!(part(header, 10), Part::Outside, "{header}");
        }
        assert_eq!(part("bytes=3-99999999999999999999999999", 10), Part::Bytes(3..10));
    }

    #[test]
    fn the_unit_is_read_in_any_case() {
        assert_eq!(part("Bytes=2-3", 10), Part::Bytes(2..4));
    }

    proptest! {
        #[test]
        fn a_range_is_the_slice_of_the_same_numbers(len in 1usize..50, first in 0usize..60, last in 0usize..60) {
            let whole: Vec<usize> = (0..len).collect();
            let expect = |slice: &[usize]| match slice {
                [] => Part::Outside,
                [start, ..] => Part::Bytes(*start as u64..(start + slice.len()) as u64),
            };
            let len = len as u64;
            let from: Vec<usize> = whole.iter().copied().skip(first).collect();
            prop_assert_eq!(part(&format!("bytes={first}-"), len), expect(&from));
            let suffix: Vec<usize> = whole.iter().copied().rev().take(last).rev().collect();
            prop_assert_eq!(part(&format!("bytes=-{last}"), len), expect(&suffix));
            if first <= last {
                let within: Vec<usize> = whole.iter().copied().filter(|at| (first..=last).contains(at)).collect();
                prop_assert_eq!(part(&format!("bytes={first}-{last}"), len), expect(&within));
            } else {
                prop_assert_eq!(part(&format!("bytes={first}-{last}"), len), Part::Whole);
            }
        }

        #[test]
        fn no_header_makes_it_ask_for_bytes_that_are_not_there(header in ".*", len in 1u64..100) {
            if let Part::Bytes(range) = part(&header, len) {
                prop_assert!(range.start < range.end && range.end <= len);
            }
        }
    }
}
