//! A room's link, `/#/room/<name>.<secret>`: whoever has it is in. It stands after the `#`, so browsers send it to nobody.
//!
//! The secret is 256 random bits and a checksum of 20 bits in base64url: 46 characters. Without the checksum a link
//! with a changed letter would open another room, which is empty, rather than say what is wrong.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::keys::{RoomId, RoomKeys};
use crate::name::{self, NameError, ROOM_NAME_CHARS};

/// Characters of a secret in a link: 276 bits, six in each.
pub const SECRET_CHARS: usize = 46;

/// The longest text that is looked at: a name of 60 characters, four bytes each, three characters a byte; the secret.
const LINK_CHARS: usize = ROOM_NAME_CHARS * 12 + 1 + SECRET_CHARS;

/// What the checksum is over, before the secret.
const CHECKSUM_DOMAIN: &[u8] = b"kadenza room link 1";

/// What stays as it is in a name. A dot does not: it ends the name.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'~');

/// What is wrong with a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// There is no dot, so nothing that could be a secret.
    #[error("the link has no secret: what follows the room's name is missing")]
    NoSecret,
    /// The end was not copied.
    #[error("the link is cut off: {missing} of its last {SECRET_CHARS} characters are missing")]
    TooShort {
        /// How many characters are missing.
        missing: usize,
    },
    /// Something was added.
    #[error("the link is {extra} characters too long")]
    TooLong {
        /// How many characters there are too many.
        extra: usize,
    },
    /// A character that no secret has.
    #[error("the link has a character that does not belong: {character:?}, {position} after the dot")]
    Character {
        /// The character.
        character: char,
        /// Where it is, counted from 1 after the dot.
        position: usize,
    },
    /// All looks right, but it is not what was shared.
    #[error("a letter of the link was changed")]
    Changed,
    /// The name is not text once it is decoded.
    #[error("the room's name in the link is damaged")]
    NameEncoding,
    /// The name cannot be one.
    #[error(transparent)]
    Name(#[from] NameError),
}

/// 256 random bits that all of a room's keys come from.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<[u8; 32]>);

impl Secret {
    /// The secret with these bytes. They must be random: the room is as private as they are hard to guess.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    pub(crate) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The secret, the checksum, and four zero bits that fill the last byte.
    fn checked_bytes(&self) -> Zeroizing<[u8; 35]> {
        let checksum = Sha256::new().chain_update(CHECKSUM_DOMAIN).chain_update(*self.0).finalize();
        let mut bytes = Zeroizing::new([0; 35]);
        bytes[..32].copy_from_slice(self.bytes());
        bytes[32..].copy_from_slice(&checksum[..3]);
        bytes[34] &= 0xf0;
        bytes
    }

    fn text(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(URL_SAFE_NO_PAD.encode(self.checked_bytes().as_slice()));
        // The last character stands for the zero bits alone.
        text.truncate(SECRET_CHARS);
        text
    }

    fn parse(text: &str) -> Result<Self, LinkError> {
        let belongs = |char: char| char.is_ascii_alphanumeric() || char == '-' || char == '_';
        if let Some((index, character)) = text.chars().enumerate().find(|(_, char)| !belongs(*char)) {
            return Err(LinkError::Character { character, position: index + 1 });
        }
        match text.len() {
            SECRET_CHARS => {}
            len if len < SECRET_CHARS => return Err(LinkError::TooShort { missing: SECRET_CHARS - len }),
            len => return Err(LinkError::TooLong { extra: len - SECRET_CHARS }),
        }
        let whole = Zeroizing::new(format!("{text}A"));
        let mut bytes = Zeroizing::new([0; 35]);
        URL_SAFE_NO_PAD.decode_slice(whole.as_bytes(), bytes.as_mut()).map_err(|_| LinkError::Changed)?;
        let mut secret = Self::new([0; 32]);
        secret.0.copy_from_slice(&bytes[..32]);
        if secret.checked_bytes() != bytes {
            return Err(LinkError::Changed);
        }
        Ok(secret)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// A room's name and secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    name: String,
    secret: Secret,
}

impl Link {
    /// A link to the room with this secret, called `name` by whoever shares it: 1 to [`ROOM_NAME_CHARS`] characters.
    ///
    /// # Errors
    /// [`LinkError::Name`] that says why the name cannot be one.
    pub fn new(name: &str, secret: Secret) -> Result<Self, LinkError> {
        Ok(Self { name: name::checked(name, ROOM_NAME_CHARS)?.to_owned(), secret })
    }

    /// The room's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The room's secret.
    pub fn secret(&self) -> &Secret {
        &self.secret
    }

    /// What outsiders can know the room by. It does not let anybody in.
    pub fn room(&self) -> RoomId {
        RoomKeys::derive(&self.secret).room()
    }

    /// `<name>.<secret>`, what follows `/#/room/`. A method and not `Display`, so that no log shows it by accident.
    pub fn text(&self) -> String {
        format!("{}.{}", utf8_percent_encode(&self.name, ESCAPED), *self.secret.text())
    }
}

impl FromStr for Link {
    type Err = LinkError;

    /// Reads `<name>.<secret>`, what follows `/#/room/`.
    fn from_str(text: &str) -> Result<Self, LinkError> {
        let text = text.trim();
        let len = text.chars().count();
        if len > LINK_CHARS {
            return Err(LinkError::TooLong { extra: len - LINK_CHARS });
        }
        let (name, secret) = text.split_once('.').ok_or(LinkError::NoSecret)?;
        let secret = Secret::parse(secret)?;
        let name = percent_decode_str(name).decode_utf8().map_err(|_| LinkError::NameEncoding)?;
        Self::new(&name, secret)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn link() -> impl Strategy<Value = Link> {
        let name = prop::collection::vec(any::<char>(), 1..=ROOM_NAME_CHARS);
        (name, any::<[u8; 32]>()).prop_filter_map("a name", |(name, secret)| {
            let name: String = name.into_iter().filter(|char| !char.is_control()).collect();
            Link::new(&name, Secret::new(secret)).ok()
        })
    }

    fn example() -> Link {
        Link::new("Küche 2.0", Secret::new([7; 32])).unwrap()
    }

    proptest! {
        #[test]
        fn a_link_reads_back_what_it_writes(link in link()) {
            let text = link.text();
            prop_assert!(text.is_ascii() && text.len() <= LINK_CHARS);
            prop_assert_eq!(text.split_once('.').unwrap().1.len(), SECRET_CHARS);
            prop_assert_eq!(text.parse::<Link>().unwrap(), link);
        }

        #[test]
        fn a_link_with_a_changed_letter_is_refused(secret: [u8; 32], at in 0..SECRET_CHARS, letter in "[A-Za-z0-9_-]") {
            let text = Link::new("a", Secret::new(secret)).unwrap().text();
            let mut changed = text.clone();
            changed.replace_range(2 + at..3 + at, &letter);
            // One change in a million goes unnoticed; none of those this test can be expected to meet.
            prop_assert!(changed == text || changed.parse::<Link>() == Err(LinkError::Changed));
        }

        #[test]
        fn any_text_is_a_link_or_an_error(text in ".{0,120}") {
            if let Ok(link) = text.parse::<Link>() {
                prop_assert!(link.name().chars().count() <= ROOM_NAME_CHARS);
            }
        }
    }

    #[test]
    fn a_damaged_link_says_what_is_damaged() {
        let text = example().text();
        let parse = |text: &str| text.parse::<Link>().unwrap_err();
        assert_eq!(parse("K%C3%BCche"), LinkError::NoSecret);
        assert_eq!(parse(&text[..text.len() - 3]), LinkError::TooShort { missing: 3 });
        assert_eq!(parse("a."), LinkError::TooShort { missing: 46 });
        assert_eq!(parse(&format!("{text}xy")), LinkError::TooLong { extra: 2 });
        assert_eq!(parse(&format!("{text}.")), LinkError::Character { character: '.', position: 47 });
        assert_eq!(parse(&text.replace('%', "%%").replace("K", "%FF")), LinkError::NameEncoding);
        assert_eq!(parse(&format!(" {}", &text[text.find('.').unwrap()..])), NameError::Empty.into());
        assert_eq!(parse(&"x".repeat(5000)), LinkError::TooLong { extra: 5000 - LINK_CHARS });
    }

    #[test]
    fn spaces_around_a_pasted_link_do_no_harm() {
        assert_eq!(format!(" {}\n", example().text()).parse::<Link>().unwrap(), example());
    }

    #[test]
    fn a_secret_is_never_shown_by_debug() {
        assert_eq!(format!("{:?}", example()), r#"Link { name: "Küche 2.0", secret: Secret(..) }"#);
    }
}
