//! PINs and PUKs: the secrets themselves, which one is meant, and how many tries it has.

use std::fmt;

use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::CallerError;

/// A PIN of 4 to 8 digits, padded with `FF` to 8 octets (TS 102 221 §9.5.1): wiped on drop, never
/// shown by `Debug`.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Pin([u8; 8]);

impl Pin {
    /// Takes 4 to 8 decimal digits.
    ///
    /// # Errors
    /// [`CallerError::InvalidPin`] for anything else.
    pub fn new(digits: &str) -> Result<Self, CallerError> {
        Ok(Self(padded(digits, 4).ok_or(CallerError::InvalidPin)?))
    }

    pub(crate) const fn expose(&self) -> &[u8; 8] {
        &self.0
    }
}

impl fmt::Debug for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pin([redacted])")
    }
}

/// A PUK, the unblocking key: 8 digits (TS 102 221 §9.5.1); wiped on drop, never shown by `Debug`.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Puk([u8; 8]);

impl Puk {
    /// Takes 8 decimal digits.
    ///
    /// # Errors
    /// [`CallerError::InvalidPuk`] for anything else.
    pub fn new(digits: &str) -> Result<Self, CallerError> {
        Ok(Self(padded(digits, 8).ok_or(CallerError::InvalidPuk)?))
    }

    pub(crate) const fn expose(&self) -> &[u8; 8] {
        &self.0
    }
}

impl fmt::Debug for Puk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Puk([redacted])")
    }
}

/// Which PIN is meant: the key reference in P2 (TS 102 221 §9.5.1, table 9.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PinReference(u8);

impl PinReference {
    /// PIN1, of the first application; CHV1 of a 2G SIM.
    pub const PIN1: Self = Self(0x01);
    /// PIN2 of the current application, `81`; CHV2 of a 2G SIM.
    pub const PIN2: Self = Self(0x81);
    /// The universal PIN.
    pub const UNIVERSAL: Self = Self(0x11);
    /// The first administrative key.
    pub const ADM1: Self = Self(0x0a);

    /// Takes a key reference, as an application's FCP names it.
    pub const fn new(reference: u8) -> Self {
        Self(reference)
    }

    /// The key reference.
    pub const fn get(self) -> u8 {
        self.0
    }
}

/// How a PIN stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PinStatus {
    /// So many tries are left.
    TriesLeft(u8),
    /// None is left: only the PUK helps.
    Blocked,
    /// The card does not count at the moment: the PIN is verified already, or not asked for.
    NotCounted,
    /// The PIN is disabled; the card does not say how many tries there would be.
    Disabled,
}

/// What to do when the next wrong PIN, or PUK, would be the last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "yes or no")]
pub enum LastTry {
    /// Stop with [`CallerError::LastTry`]; nothing is sent.
    #[default]
    Keep,
    /// Go on: a wrong PIN blocks it, a wrong PUK destroys the application for good.
    Risk,
}

fn padded(digits: &str, fewest: usize) -> Option<[u8; 8]> {
    let fits = (fewest..=8).contains(&digits.len()) && digits.bytes().all(|d| d.is_ascii_digit());
    let mut octets = [0xff; 8];
    for (to, from) in octets.iter_mut().zip(digits.bytes()) {
        *to = from;
    }
    fits.then_some(octets)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pin_is_padded_with_ff() {
        let pin = Pin::new("1234").unwrap();
        assert_eq!(pin.expose(), b"1234\xff\xff\xff\xff");
        assert_eq!(Pin::new("12345678").unwrap().expose(), b"12345678");
    }

    #[test]
    fn a_pin_has_4_to_8_digits() {
        for wrong in ["", "123", "123456789", "12a4", "١٢"] {
            assert!(
                matches!(Pin::new(wrong), Err(CallerError::InvalidPin)),
                "{wrong}"
            );
        }
    }

    #[test]
    fn a_puk_has_8_digits() {
        assert_eq!(Puk::new("12345678").unwrap().expose(), b"12345678");
        for wrong in ["1234567", "123456789", "1234567x"] {
            assert!(
                matches!(Puk::new(wrong), Err(CallerError::InvalidPuk)),
                "{wrong}"
            );
        }
    }

    #[test]
    fn debug_shows_no_digit() {
        let shown = format!("{:?} {:?}", Pin::new("1234"), Puk::new("12345678"));
        assert_eq!(shown, "Ok(Pin([redacted])) Ok(Puk([redacted]))");
    }
}
