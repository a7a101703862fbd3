//! Sizes as people write them: `200MB`, `1.5 GB`, `64KiB`, `4096`.

use std::num::NonZeroU64;

/// Units and their bytes. Decimal ones as disks are sold, binary ones for who says so.
const UNITS: [(&str, u64); 10] = [
    ("", 1),
    ("B", 1),
    ("KB", 1_000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("TB", 1_000_000_000_000),
    ("KIB", 1 << 10),
    ("MIB", 1 << 20),
    ("GIB", 1 << 30),
    ("TIB", 1 << 40),
];

/// Reads a number of bytes.
///
/// # Errors
/// A sentence that shows how a size is written.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "checked"
)]
pub(crate) fn parse(text: &str) -> Result<NonZeroU64, String> {
    let refused = || "a size is a number of bytes above zero, like 200MB or 50GB".to_owned();
    let text = text.trim();
    let digits = text.bytes().take_while(|byte| byte.is_ascii_digit() || *byte == b'.').count();
    let (number, unit) = text.split_at(digits);
    let unit = unit.trim().to_ascii_uppercase();
    let (_, factor) = UNITS.iter().find(|(name, _)| *name == unit).ok_or_else(refused)?;
    // Whole numbers are exact; a fraction is only ever a rough wish.
    let bytes = match number.parse::<u64>() {
        Ok(number) => number.checked_mul(*factor),
        Err(_) => {
            number.parse::<f64>().ok().map(|n| n * *factor as f64).filter(|n| *n < 1e18).map(|n| n as u64)
        }
    };
    bytes.and_then(NonZeroU64::new).ok_or_else(refused)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_as_people_write_them() {
        for (text, bytes) in [
            ("4096", 4096),
            ("200MB", 200_000_000),
            ("50 GB", 50_000_000_000),
            ("1.5gb", 1_500_000_000),
            ("64KiB", 65_536),
            (" 2TiB ", 2 << 40),
        ] {
            assert_eq!(parse(text).map(NonZeroU64::get), Ok(bytes), "{text}");
        }
    }

    #[test]
    fn what_is_not_a_size_is_refused() {
        for text in [
            "",
            "GB",
            "-1GB",
            "0",
            "0.0001B",
            "1.2.3MB",
            "5 parsecs",
            "99999999999999999999",
            "9999999999TB",
            "NaN",
            "inf",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
