//! What a device shows and a user types in.

use std::fmt;
use std::str::FromStr;

use strict_jws::SecureRandom;

use crate::random::{self, Digest, NoRandomness};
use crate::store::RowId;

/// Eight consonants, shown as `BCDF-GHJK`: 34 bits, without words and without letters that look alike
/// (RFC 8628 §6.1).
#[derive(Clone, PartialEq, Eq)]
pub struct UserCode([u8; LEN]);

/// Text is no such code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a code of a device")]
#[non_exhaustive]
pub struct InvalidUserCode;

impl UserCode {
    /// Draws one, each as likely as any other.
    ///
    /// # Errors
    /// The system gave no random numbers.
    pub fn draw(random: &dyn SecureRandom) -> Result<Self, NoRandomness> {
        let mut letters = [0; LEN];
        let mut drawn = 0;
        while drawn < LEN {
            let octets: [u8; 2 * LEN] = random::fill(random)?;
            for letter in octets.iter().filter_map(|octet| letter(*octet)) {
                if let Some(place) = letters.get_mut(drawn) {
                    *place = letter;
                    drawn = drawn.saturating_add(1);
                }
            }
        }
        Ok(Self(letters))
    }

    /// Where it stands in a store, as a [`Hold`](crate::store::Hold) of its [`DeviceGrant`](super::DeviceGrant).
    pub fn row_id(&self) -> RowId {
        Digest::of("user code", &[&self.0]).into()
    }
}

impl FromStr for UserCode {
    type Err = InvalidUserCode;

    /// Takes it as people write it: in small letters, with or without what sets the halves apart.
    ///
    /// ```
    /// use passkey_idp::oauth::device::UserCode;
    ///
    /// let code: UserCode = "bcdf ghjk".parse()?;
    /// assert_eq!(code.to_string(), "BCDF-GHJK");
    /// assert!("ABCD-EFGH".parse::<UserCode>().is_err());
    /// # Ok::<(), passkey_idp::oauth::device::InvalidUserCode>(())
    /// ```
    fn from_str(text: &str) -> Result<Self, InvalidUserCode> {
        let letters = text.bytes().filter(|octet| !b"- ".contains(octet));
        let letters: Vec<u8> = letters.take(LEN.saturating_add(1)).collect();
        let letters: [u8; LEN] = letters.try_into().or(Err(InvalidUserCode))?;
        let letters = letters.map(|letter| letter.to_ascii_uppercase());
        if letters.iter().all(|letter| ALPHABET.contains(letter)) {
            Ok(Self(letters))
        } else {
            Err(InvalidUserCode)
        }
    }
}

impl fmt::Display for UserCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, letter) in self.0.iter().copied().map(char::from).enumerate() {
            let between = if place == LEN / 2 { "-" } else { "" };
            write!(f, "{between}{letter}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for UserCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UserCode([redacted])")
    }
}

/// Octets that do not come out even are left out, so that no letter is likelier than another.
fn letter(octet: u8) -> Option<u8> {
    let twenty = u8::try_from(ALPHABET.len()).ok()?;
    let even = (u8::MAX / twenty).saturating_mul(twenty);
    let index = octet.checked_rem(twenty).filter(|_| octet < even)?;
    ALPHABET.get(usize::from(index)).copied()
}

const LEN: usize = 8;
const ALPHABET: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";

#[cfg(test)]
mod tests {
    use strict_jws::SystemRandom;

    use super::*;

    #[test]
    fn a_code_is_read_as_it_is_written() {
        let random = SystemRandom::new();
        for _ in 0..100 {
            let code = UserCode::draw(&random).unwrap();
            let written = code.to_string();
            assert_eq!(written.len(), 9);
            assert_eq!(written.parse(), Ok(code.clone()));
            assert_eq!(written.replace('-', "").to_lowercase().parse(), Ok(code));
        }
    }

    #[test]
    fn other_text_is_no_code() {
        for text in [
            "",
            "BCDF-GHJ",
            "BCDF-GHJKL",
            "BCDF-GHJA",
            "BCDF_GHJK",
            "BCDF-GHJ\u{301}",
        ] {
            assert_eq!(text.parse::<UserCode>(), Err(InvalidUserCode), "{text}");
        }
    }

    #[test]
    fn every_letter_has_as_many_octets_as_any_other() {
        let count = |wanted| {
            (0..=u8::MAX)
                .filter(|octet| letter(*octet) == Some(wanted))
                .count()
        };
        assert!(ALPHABET.iter().all(|wanted| count(*wanted) == 12));
    }
}
