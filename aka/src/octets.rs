//! How the fixed-size values are made: one macro for what may be seen, one for secrets.

use core::fmt;

/// The octets have the wrong number for the type they were meant for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name}: expected {expected} octets, got {actual}")]
#[non_exhaustive]
pub struct InvalidLength {
    /// The standard's name of the value.
    pub name: &'static str,
    /// How many octets it has.
    pub expected: usize,
    /// How many were given.
    pub actual: usize,
}

/// Text is not the hexadecimal form of the value it was meant for; the text itself is not repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name}: expected {digits} hexadecimal digits")]
#[non_exhaustive]
pub struct InvalidHex {
    /// The standard's name of the value.
    pub name: &'static str,
    /// How many digits it has; for a value of variable size, the most.
    pub digits: usize,
}

/// Octets to be printed in hexadecimal, by `{:x}` or `{:X}`.
#[derive(Clone, Copy)]
pub struct Hex<'a>(pub(crate) &'a [u8]);

impl fmt::LowerHex for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|octet| write!(f, "{octet:02x}"))
    }
}

impl fmt::UpperHex for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|octet| write!(f, "{octet:02X}"))
    }
}

impl fmt::Debug for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// Decodes exactly `out.len()` octets without a branch or a table that depends on a digit's value.
pub(crate) fn decode_hex(text: &str, out: &mut [u8]) -> Option<()> {
    let text = text.as_bytes();
    if text.len() != out.len().checked_mul(2)? {
        return None;
    }
    let mut wrong = 0_u16;
    for (octet, pair) in out.iter_mut().zip(text.chunks_exact(2)) {
        let [high, low] = <[u8; 2]>::try_from(pair).ok()?;
        let value = (nibble(high) << 4) | nibble(low);
        wrong |= value >> 8;
        *octet = value.to_le_bytes()[0];
    }
    (wrong == 0).then_some(())
}

/// The digit's value, or bits above the low eight when it is no digit (also after a shift by four).
fn nibble(digit: u8) -> u16 {
    let digit = i16::from(digit);
    let lower = digit | 0x20;
    let decimal = in_range(digit, 0x30, 0x39) & (digit - 0x30);
    let letter = in_range(lower, 0x61, 0x66) & (lower - 0x61 + 10);
    let neither = !(in_range(digit, 0x30, 0x39) | in_range(lower, 0x61, 0x66));
    (decimal | letter | (neither & 0x0ff0)).cast_unsigned()
}

/// All ones when `low <= value <= high`, otherwise zero.
fn in_range(value: i16, low: i16, high: i16) -> i16 {
    !(((value - low) | (high - value)) >> 15)
}

/// What every fixed-size value has: constructors and its octets.
macro_rules! octets {
    ($name:ident, $size:literal, $view:ident) => {
        impl $name {
            /// How many octets it has.
            pub const SIZE: usize = $size;

            /// Takes the octets as they go over the wire.
            pub const fn new(octets: [u8; $size]) -> Self {
                Self(octets)
            }

            /// Reads `SIZE` octets.
            ///
            /// # Errors
            /// [`InvalidLength`](crate::InvalidLength) for any other number of octets.
            pub fn from_slice(octets: &[u8]) -> Result<Self, $crate::InvalidLength> {
                match <[u8; $size]>::try_from(octets) {
                    Ok(octets) => Ok(Self(octets)),
                    Err(_) => Err($crate::InvalidLength {
                        name: stringify!($name),
                        expected: $size,
                        actual: octets.len(),
                    }),
                }
            }

            /// The octets as they go over the wire.
            pub const fn $view(&self) -> &[u8; $size] {
                &self.0
            }
        }

        impl core::str::FromStr for $name {
            type Err = $crate::InvalidHex;

            /// Reads hexadecimal digits of either case.
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                let mut octets = [0; $size];
                match $crate::octets::decode_hex(text, &mut octets) {
                    Some(()) => Ok(Self(octets)),
                    None => Err($crate::InvalidHex {
                        name: stringify!($name),
                        digits: 2 * $size,
                    }),
                }
            }
        }

        impl core::fmt::Debug for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.write_str(concat!(stringify!($name), "([redacted])"))
            }
        }
    };
}

/// A value that goes over the air in the clear: `Copy`, comparable, printed by `hex()`.
macro_rules! public_octets {
    ($(#[$doc:meta])* $name:ident, $size:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash)]
        pub struct $name([u8; $size]);

        $crate::octets::octets!($name, $size, as_bytes);

        impl $name {
            /// For printing with `{:x}` or `{:X}`; `Debug` never shows the octets.
            pub const fn hex(&self) -> $crate::Hex<'_> {
                $crate::octets::Hex(&self.0)
            }
        }

        impl From<[u8; $size]> for $name {
            fn from(octets: [u8; $size]) -> Self {
                Self(octets)
            }
        }
    };
}

/// A secret: wiped on drop, compared in constant time, shown by nothing but `expose()`.
macro_rules! secret_octets {
    ($(#[$doc:meta])* $name:ident, $size:literal) => {
        $(#[$doc])*
        #[derive(Clone)]
        pub struct $name([u8; $size]);

        $crate::octets::wiped!($name: 0);

        $crate::octets::octets!($name, $size, expose);

        impl $name {
            /// For printing with `{:x}` or `{:X}`; `Debug` never shows the octets.
            pub const fn expose_hex(&self) -> $crate::Hex<'_> {
                $crate::octets::Hex(&self.0)
            }
        }

        impl subtle::ConstantTimeEq for $name {
            fn ct_eq(&self, other: &Self) -> subtle::Choice {
                self.0.ct_eq(&other.0)
            }
        }
    };
}

/// Wipes the fields named on drop: a few wide stores that the compiler may not leave out, where
/// `derive(Zeroize)` would write octet by octet.
macro_rules! wiped {
    ($name:ty: $($field:tt),+) => {
        impl zeroize::Zeroize for $name {
            #[inline]
            fn zeroize(&mut self) {
                $(self.$field = Default::default();)+
                zeroize::optimization_barrier(self);
            }
        }

        impl Drop for $name {
            #[inline]
            fn drop(&mut self) {
                zeroize::Zeroize::zeroize(self);
            }
        }

        impl zeroize::ZeroizeOnDrop for $name {}
    };
}

pub(crate) use {octets, public_octets, secret_octets, wiped};
