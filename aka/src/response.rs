//! What an algorithm or a card gives back: responses and session keys.

use core::{fmt, str::FromStr};

use subtle::{Choice, ConstantTimeEq};

use crate::{
    InvalidHex,
    octets::{Hex, decode_hex, secret_octets, wiped},
};

secret_octets! {
    /// The cipher key CK: 16 octets (TS 33.102 §6.3.2).
    Ck, 16
}

secret_octets! {
    /// The integrity key IK: 16 octets (TS 33.102 §6.3.2).
    Ik, 16
}

secret_octets! {
    /// The anonymity key AK (of f5) or AK* (of f5*): 6 octets (TS 33.102 §6.3.2).
    Ak, 6
}

secret_octets! {
    /// The GSM cipher key Kc: 8 octets (TS 33.102 §6.8.1.2).
    Kc, 8
}

secret_octets! {
    /// The GSM response SRES: 4 octets (TS 33.102 §6.8.1.2).
    Sres, 4
}

#[cfg(target_arch = "x86_64")]
impl Ck {
    /// Overwrites a value in place.
    #[inline]
    pub(crate) const fn set(&mut self, octets: &[u8; 16]) {
        self.0 = *octets;
    }
}

#[cfg(target_arch = "x86_64")]
impl Ik {
    /// Overwrites a value in place.
    #[inline]
    pub(crate) const fn set(&mut self, octets: &[u8; 16]) {
        self.0 = *octets;
    }
}

/// RES has fewer than 4 or more than 16 octets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("RES: expected 4 to 16 octets, got {actual}")]
#[non_exhaustive]
pub struct InvalidRes {
    /// How many octets were given.
    pub actual: usize,
}

/// The response RES (or the expected XRES): 4 to 16 octets (TS 33.102 §6.3.7).
///
/// The size belongs to the value: it enters RES* and AT_RES, and two of different size never match.
#[derive(Clone)]
pub struct Res {
    octets: [u8; Self::MAX_SIZE],
    size: u8,
}

wiped!(Res: octets, size);

impl Res {
    /// The fewest octets.
    pub const MIN_SIZE: usize = 4;
    /// The most octets.
    pub const MAX_SIZE: usize = 16;

    /// Takes the 8 octets of Milenage's f2.
    pub const fn from_f2(octets: [u8; 8]) -> Self {
        let mut padded = [0; Self::MAX_SIZE];
        if let Some((front, _)) = padded.split_first_chunk_mut() {
            *front = octets;
        }
        Self {
            octets: padded,
            size: 8,
        }
    }

    /// Overwrites a value with 8 octets of f2.
    #[cfg(target_arch = "x86_64")]
    #[inline]
    pub(crate) const fn set_f2(&mut self, octets: [u8; 8]) {
        let [a, b, c, d, e, f, g, h] = octets;
        self.octets = [a, b, c, d, e, f, g, h, 0, 0, 0, 0, 0, 0, 0, 0];
        self.size = 8;
    }

    /// Reads 4 to 16 octets.
    ///
    /// # Errors
    /// [`InvalidRes`] for any other number of octets.
    pub fn from_slice(octets: &[u8]) -> Result<Self, InvalidRes> {
        let actual = octets.len();
        let size = u8::try_from(actual)
            .ok()
            .filter(|size| (4..=16).contains(size));
        let size = size.ok_or(InvalidRes { actual })?;
        let mut res = Self {
            octets: [0; Self::MAX_SIZE],
            size,
        };
        for (to, from) in res.octets.iter_mut().zip(octets) {
            *to = *from;
        }
        Ok(res)
    }

    /// The octets as they go over the wire.
    pub fn expose(&self) -> &[u8] {
        self.octets
            .get(..usize::from(self.size))
            .expect("4..=16 by construction")
    }

    /// For printing with `{:x}` or `{:X}`; `Debug` never shows the octets.
    pub fn expose_hex(&self) -> Hex<'_> {
        Hex(self.expose())
    }
}

impl FromStr for Res {
    type Err = InvalidHex;

    /// Reads 8 to 32 hexadecimal digits of either case.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = InvalidHex {
            name: "Res",
            digits: 2 * Self::MAX_SIZE,
        };
        let mut octets = [0; Self::MAX_SIZE];
        let octets = octets.get_mut(..text.len() / 2).ok_or(wrong)?;
        decode_hex(text, octets).ok_or(wrong)?;
        Self::from_slice(octets).map_err(|InvalidRes { .. }| wrong)
    }
}

impl ConstantTimeEq for Res {
    fn ct_eq(&self, other: &Self) -> Choice {
        self.octets.ct_eq(&other.octets) & self.size.ct_eq(&other.size)
    }
}

impl fmt::Debug for Res {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Res([redacted])")
    }
}
