//! The name of a key.

use std::borrow::Borrow;
use std::fmt;
use std::str::FromStr;

use crate::PublicKey;

/// A key's identifier (`kid`, RFC 7515 §4.1.4): 1 to 128 of `A-Z a-z 0-9 . _ -`.
///
/// It names an entry of a set that the verifier has, and is never a path or an address; hence it is
/// not `.` or `..` either.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(Box<str>);

/// Text is not a key's identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a key identifier has 1 to 128 letters, digits, dots, underscores and hyphens")]
#[non_exhaustive]
pub struct InvalidKeyId;

impl KeyId {
    /// How long the longest is.
    pub const MAX_LEN: usize = 128;

    /// The identifier that proves itself: `v1-`, the first 32 hexadecimal digits of the SHA-256 of
    /// the key's SubjectPublicKeyInfo, and `-x509.pem`.
    pub fn certifying(key: &PublicKey) -> Self {
        let digest = ring::digest::digest(&ring::digest::SHA256, &key.to_spki());
        let mut text = String::from("v1-");
        for octet in digest.as_ref().iter().take(16) {
            let nibbles = [octet >> 4, octet & 0x0f].map(u32::from);
            text.extend(
                nibbles
                    .iter()
                    .filter_map(|nibble| char::from_digit(*nibble, 16)),
            );
        }
        text.push_str("-x509.pem");
        Self(text.into())
    }

    /// The identifier's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for KeyId {
    type Err = InvalidKeyId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let allowed = |octet: u8| octet.is_ascii_alphanumeric() || b"._-".contains(&octet);
        let fits = (1..=Self::MAX_LEN).contains(&text.len()) && text.bytes().all(allowed);
        if fits && text != "." && text != ".." {
            Ok(Self(text.into()))
        } else {
            Err(InvalidKeyId)
        }
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Borrow<str> for KeyId {
    fn borrow(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_digits_dots_underscores_and_hyphens_are_an_identifier() {
        let longest = "k".repeat(128);
        for text in ["a", "v1-00ff-x509.pem", "A.b_C-9", "...", &longest] {
            assert_eq!(text.parse::<KeyId>().unwrap().as_str(), text);
        }
    }

    #[test]
    fn paths_addresses_and_odd_characters_are_none() {
        let too_long = "k".repeat(129);
        for text in [
            "", ".", "..", "../k", "a/b", "a\\b", "http://x", "a b", "a\0", "k\u{e9}", "'--",
            "a%2e", &too_long,
        ] {
            assert_eq!(text.parse::<KeyId>(), Err(InvalidKeyId), "{text:?}");
        }
    }
}
