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

use core::fmt;

use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::{K, octets::secret_octets};

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
