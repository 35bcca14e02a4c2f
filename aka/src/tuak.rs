//! TUAK, the second algorithm set of 3GPP, on Keccak-f\[1600\] (TS 35.231).
//!
//! [`Tuak`] is the set as AKA uses it. [`Functions`] has every length that TS 35.231 knows.

mod aka;
mod functions;
mod lengths;
mod side_by_side;

pub use aka::Tuak;
pub use functions::{Functions, Output};
pub use lengths::{AkaResLength, KeyLength, Lengths, MacLength, ResLength};

use core::{fmt, str::FromStr};

use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::{Hex, InvalidHex, InvalidLength, K, octets::secret_octets};

secret_octets! {
    /// A subscriber's key K of 256 bits: 32 octets (TS 35.231 §5.2).
    K256, 32
}

secret_octets! {
    /// The operator variant algorithm configuration field TOP: 32 octets, one for the whole
    /// network (TS 35.231 §5.1). Turn it into a subscriber's [`Topc`] as early as you can.
    Top, 32
}

secret_octets! {
    /// TOPc, computed from TOP and K and stored in place of TOP: 32 octets (TS 35.231 §6.1).
    Topc, 32
}

/// A key of either length; which one it has enters every function (TS 35.231 §6).
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Key {
    octets: [u8; 32],
    #[zeroize(skip)]
    length: KeyLength,
}

impl Key {
    /// How long it is.
    pub const fn length(&self) -> KeyLength {
        self.length
    }

    /// Reads 16 or 32 octets.
    ///
    /// # Errors
    /// [`InvalidLength`] for any other number of octets.
    pub fn from_slice(octets: &[u8]) -> Result<Self, InvalidLength> {
        if octets.len() == K256::SIZE {
            K256::from_slice(octets).map(|key| Self::from(&key))
        } else {
            K::from_slice(octets).map(|key| Self::from(&key))
        }
    }

    /// The 16 or 32 octets.
    pub fn expose(&self) -> &[u8] {
        self.octets
            .get(..self.length.octets())
            .expect("32 octets are enough for either")
    }

    /// For printing with `{:x}` or `{:X}`; `Debug` never shows the octets.
    pub fn expose_hex(&self) -> Hex<'_> {
        Hex(self.expose())
    }
}

impl FromStr for Key {
    type Err = InvalidHex;

    /// Reads 32 or 64 hexadecimal digits of either case.
    fn from_str(text: &str) -> Result<Self, InvalidHex> {
        if text.len() == 2 * K256::SIZE {
            text.parse().map(|key: K256| Self::from(&key))
        } else {
            text.parse().map(|key: K| Self::from(&key))
        }
    }
}

impl From<&K> for Key {
    fn from(k: &K) -> Self {
        let mut octets = [0; 32];
        for (to, from) in octets.iter_mut().zip(k.expose()) {
            *to = *from;
        }
        let length = KeyLength::Bits128;
        Self { octets, length }
    }
}

impl From<&K256> for Key {
    fn from(k: &K256) -> Self {
        let length = KeyLength::Bits256;
        Self {
            octets: *k.expose(),
            length,
        }
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key([redacted])")
    }
}

#[cfg(test)]
mod tests {
    use std::format;

    use super::*;

    #[test]
    fn a_key_of_either_length_is_read_and_given_back() {
        for octets in [&[0x5a; 16][..], &[0x5a; 32]] {
            let key = Key::from_slice(octets).unwrap();
            assert_eq!(key.expose(), octets);
            let read: Key = format!("{:x}", key.expose_hex()).parse().unwrap();
            assert_eq!((read.expose(), read.length()), (octets, key.length()));
        }
        assert_eq!(Key::from_slice(&[0; 24]).unwrap_err().actual, 24);
        assert_eq!("5a".parse::<Key>().unwrap_err().digits, 32);
    }
}
