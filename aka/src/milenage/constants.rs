//! The constants c1 to c5 and r1 to r5 (TS 35.206 §4.1, §5.3).

use core::fmt;

/// Constants that would make two of MILENAGE's functions the same, or rotate too far.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidConstants {
    /// A rotation is not within 0 to 127.
    #[error("rotation r{0} is not within 0 to 127")]
    Rotation(u8),
    /// Two pairs (c, r) are equal.
    #[error("pairs {0} and {1} of constants are equal")]
    EqualPairs(u8, u8),
}

/// The five pairs (c, r): 128-bit constants and rotations by 0 to 127 bits, no two pairs equal.
///
/// ```
/// use aka::milenage::{Constants, InvalidConstants};
///
/// let mut c = [[0; 16]; 5];
/// c[1][15] = 1;
/// assert_eq!(
///     Constants::new(c, [64, 0, 32, 64, 96]).unwrap_err(),
///     InvalidConstants::EqualPairs(1, 4),
/// );
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Constants(pub(super) [Pair; 5]);

/// One function's constants: what is added, and by how many bits is rotated before.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Pair {
    c: [u8; 16],
    r: u8,
}

impl Pair {
    const fn small(c: u8, r: u8) -> Self {
        let c = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, c];
        Self { c, r }
    }

    /// `value` rotated and then added to.
    pub(super) fn apply(self, value: u128) -> u128 {
        value.rotate_left(self.r.into()) ^ u128::from_be_bytes(self.c)
    }
}

impl Constants {
    /// Those of TS 35.206 §4.1.
    pub const STANDARD: Self = Self([
        Pair::small(0, 64),
        Pair::small(1, 0),
        Pair::small(2, 32),
        Pair::small(4, 64),
        Pair::small(8, 96),
    ]);

    /// Takes c1 to c5, most significant octet first, and r1 to r5.
    ///
    /// # Errors
    /// [`InvalidConstants`] when a rotation exceeds 127 or two pairs are equal, as
    /// TS 35.206 §5.3 forbids. Pairs are counted from 1.
    pub fn new(c: [[u8; 16]; 5], r: [u8; 5]) -> Result<Self, InvalidConstants> {
        let mut pairs = Self::STANDARD.0;
        for (pair, (c, r)) in pairs.iter_mut().zip(c.into_iter().zip(r)) {
            *pair = Pair { c, r };
        }
        check(&pairs)?;
        Ok(Self(pairs))
    }

    /// c1 to c5, most significant octet first, and r1 to r5, as [`Constants::new`] takes them. An
    /// operator's own are nobody else's business.
    pub fn expose(&self) -> ([[u8; 16]; 5], [u8; 5]) {
        (self.0.map(|pair| pair.c), self.0.map(|pair| pair.r))
    }
}

fn check(pairs: &[Pair; 5]) -> Result<(), InvalidConstants> {
    for (number, pair) in (1..).zip(pairs) {
        if pair.r > 127 {
            return Err(InvalidConstants::Rotation(number));
        }
        let (first, _) = (1..)
            .zip(pairs)
            .find(|&(_, other)| other == pair)
            .expect("a pair equals itself");
        if first < number {
            return Err(InvalidConstants::EqualPairs(first, number));
        }
    }
    Ok(())
}

impl Default for Constants {
    fn default() -> Self {
        Self::STANDARD
    }
}

/// An operator's own constants are nobody else's business.
impl fmt::Debug for Constants {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = if *self == Self::STANDARD {
            "standard"
        } else {
            "[redacted]"
        };
        write!(f, "Constants({shown})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn standard_c() -> [[u8; 16]; 5] {
        Constants::STANDARD.expose().0
    }

    #[test]
    fn constants_come_back_as_they_were_given() {
        let (c, r) = ([[7; 16]; 5], [0, 1, 2, 3, 127]);
        assert_eq!(Constants::new(c, r).unwrap().expose(), (c, r));
    }

    #[test]
    fn the_standard_constants_pass_the_check() {
        assert_eq!(
            Constants::new(standard_c(), [64, 0, 32, 64, 96]),
            Ok(Constants::STANDARD)
        );
    }

    #[test]
    fn a_rotation_beyond_127_is_refused() {
        let wrong = Constants::new(standard_c(), [64, 0, 128, 64, 96]);
        assert_eq!(wrong, Err(InvalidConstants::Rotation(3)));
    }

    #[test]
    fn equal_pairs_are_refused_and_named() {
        let mut c = standard_c();
        c[4] = c[1];
        let wrong = Constants::new(c, [64, 0, 32, 64, 0]);
        assert_eq!(wrong, Err(InvalidConstants::EqualPairs(2, 5)));
    }

    #[test]
    fn equal_constants_with_different_rotations_are_fine() {
        let c = [[7; 16]; 5];
        let made = Constants::new(c, [0, 1, 2, 3, 127]).unwrap();
        assert_eq!(made.0.map(|pair| pair.r), [0, 1, 2, 3, 127]);
    }
}
