//! The sequence number SQN: 48 bits, SEQ ‖ IND (TS 33.102 §6.3 and Annex C).

use core::{fmt, str::FromStr};

use crate::{InvalidHex, octets::decode_hex};

/// A number does not fit in 48 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("SQN has 48 bits")]
#[non_exhaustive]
pub struct InvalidSqn;

/// A sequence number: 48 bits, most significant octet first on the wire (TS 33.102 §6.3.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sqn(u64);

impl Sqn {
    /// How many octets it has on the wire.
    pub const SIZE: usize = 6;
    /// The highest one, 2^48 - 1: after it there is none.
    pub const MAX: Self = Self((1 << 48) - 1);
    /// The lowest one.
    pub const ZERO: Self = Self(0);

    /// Takes a number below 2^48.
    ///
    /// # Errors
    /// [`InvalidSqn`] for a greater one.
    pub const fn new(number: u64) -> Result<Self, InvalidSqn> {
        if number > Self::MAX.0 {
            Err(InvalidSqn)
        } else {
            Ok(Self(number))
        }
    }

    /// Reads the 6 octets.
    pub const fn from_bytes(octets: [u8; 6]) -> Self {
        let [a, b, c, d, e, f] = octets;
        Self(u64::from_be_bytes([0, 0, a, b, c, d, e, f]))
    }

    /// The 6 octets.
    pub const fn to_bytes(self) -> [u8; 6] {
        let [_, _, a, b, c, d, e, f] = self.0.to_be_bytes();
        [a, b, c, d, e, f]
    }

    /// The number.
    pub const fn get(self) -> u64 {
        self.0
    }
}

impl FromStr for Sqn {
    type Err = InvalidHex;

    /// Reads 12 hexadecimal digits of either case.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut octets = [0; Self::SIZE];
        match decode_hex(text, &mut octets) {
            Some(()) => Ok(Self::from_bytes(octets)),
            None => Err(InvalidHex {
                name: "Sqn",
                digits: 2 * Self::SIZE,
            }),
        }
    }
}

impl fmt::LowerHex for Sqn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:012x}", self.0)
    }
}
