//! Bytes of a fixed length as text: how ids, salts and signatures are shown and stand in JSON.

use serde::{Deserialize, Deserializer, Serializer, de};

/// A text that is not the hexadecimal digits of the bytes it stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{what} is {digits} hexadecimal digits")]
pub struct NotBytes {
    what: &'static str,
    digits: usize,
}

/// The bytes that `text` is the hexadecimal digits of; `what` they are is for the message.
///
/// # Errors
/// [`NotBytes`] for any other text.
pub fn from_digits<const N: usize>(text: &str, what: &'static str) -> Result<[u8; N], NotBytes> {
    let mut bytes = [0; N];
    hex::decode_to_slice(text, &mut bytes).map_err(|_| NotBytes { what, digits: N * 2 })?;
    Ok(bytes)
}

/// `bytes` in hexadecimal digits.
pub fn to_digits(bytes: &[u8]) -> String {
    hex::encode(bytes)
}

/// A tuple struct over `[u8; N]`: hexadecimal digits in text, in JSON and in `Debug`. Whoever uses it depends on `serde`.
#[macro_export]
macro_rules! fixed_bytes {
    ($(#[$doc:meta])* $name:ident, $len:literal, $what:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub [u8; $len]);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&$crate::bytes_text::to_digits(&self.0))
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::bytes_text::NotBytes;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                $crate::bytes_text::from_digits(text, $what).map(Self)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <String as serde::Deserialize>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

/// Hexadecimal digits in JSON for an array that has no type of its own.
pub(crate) mod digits {
    use super::{Deserialize, Deserializer, Serializer, de};

    pub(crate) fn serialize<S: Serializer, const N: usize>(
        bytes: &[u8; N],
        to: S,
    ) -> Result<S::Ok, S::Error> {
        to.serialize_str(&hex::encode(bytes))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>, const N: usize>(
        from: D,
    ) -> Result<[u8; N], D::Error> {
        let text = String::deserialize(from)?;
        super::from_digits(&text, "a value").map_err(de::Error::custom)
    }
}

/// Base64url without padding in JSON.
pub(crate) mod base64url {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    use super::{Deserialize, Deserializer, Serializer, de};

    pub(crate) fn serialize<S: Serializer>(bytes: &[u8], to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&URL_SAFE_NO_PAD.encode(bytes))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u8>, D::Error> {
        let text = String::deserialize(from)?;
        URL_SAFE_NO_PAD.decode(text).map_err(|error| de::Error::custom(format!("not base64url: {error}")))
    }
}
