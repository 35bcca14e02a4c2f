//! The sequence number SQN: 48 bits, SEQ ‖ IND (TS 33.102 §6.3 and Annex C).

use core::{fmt, str::FromStr};

use crate::{InvalidHex, octets::decode_hex};

/// A number does not fit: SQN has 48 bits, IND as many as its [`IndLength`] says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("SQN has 48 bits, IND at most 5 of them")]
#[non_exhaustive]
pub struct InvalidSqn;

/// How many of SQN's low bits are IND, the index of a slot in the card's array: 0 to 5
/// (TS 33.102 §C.1.1.1; all profiles of §C.3 have 5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct IndLength(u8);

impl IndLength {
    /// Five bits, 32 slots: the profiles of TS 33.102 §C.3.
    pub const FIVE: Self = Self(5);
    /// No IND: the card keeps one number and takes vectors in order only.
    pub const ZERO: Self = Self(0);

    /// Takes a number of bits.
    ///
    /// # Errors
    /// [`InvalidSqn`] above 5.
    pub const fn new(bits: u8) -> Result<Self, InvalidSqn> {
        if bits > Self::FIVE.0 {
            Err(InvalidSqn)
        } else {
            Ok(Self(bits))
        }
    }

    /// The number of bits.
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// The highest SEQ beside such an IND.
    pub const fn max_seq(self) -> u64 {
        Sqn::MAX.seq(self)
    }
}

impl Default for IndLength {
    fn default() -> Self {
        Self::FIVE
    }
}

/// The slot of the card's array that a vector uses: one for each domain or serving node, so that
/// vectors handed to one do not outdate another's (TS 33.102 §C.1.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ind(u8);

impl Ind {
    /// The first slot.
    pub const ZERO: Self = Self(0);

    /// Takes an index; whether the card's array has it, [`Sqn::from_parts`] checks.
    ///
    /// # Errors
    /// [`InvalidSqn`] above 31.
    pub const fn new(index: u8) -> Result<Self, InvalidSqn> {
        if index > 31 {
            Err(InvalidSqn)
        } else {
            Ok(Self(index))
        }
    }

    /// The index, 0 to 31.
    pub const fn get(self) -> u8 {
        self.0
    }
}

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

    /// Joins SEQ and IND.
    ///
    /// # Errors
    /// [`InvalidSqn`] when either has more bits than `length` leaves it.
    pub fn from_parts(seq: u64, ind: Ind, length: IndLength) -> Result<Self, InvalidSqn> {
        let fits = seq <= length.max_seq() && u64::from(ind.0) >> length.0 == 0;
        if fits {
            Self::new(seq << length.0 | u64::from(ind.0))
        } else {
            Err(InvalidSqn)
        }
    }

    /// Reads the 6 octets.
    pub const fn from_bytes(octets: [u8; 6]) -> Self {
        let mut wide = [0; 8];
        if let Some((_, low)) = wide.split_last_chunk_mut() {
            *low = octets;
        }
        Self(u64::from_be_bytes(wide))
    }

    /// The 6 octets.
    pub const fn to_bytes(self) -> [u8; 6] {
        let [_, _, low @ ..] = self.0.to_be_bytes();
        low
    }

    /// The number.
    pub const fn get(self) -> u64 {
        self.0
    }

    /// SEQ, the part above IND.
    pub const fn seq(self, length: IndLength) -> u64 {
        self.0 >> length.0
    }

    /// IND, the lowest bits.
    pub const fn ind(self, length: IndLength) -> Ind {
        let [low, ..] = self.0.to_le_bytes();
        Ind(low & ((1 << length.0) - 1))
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
