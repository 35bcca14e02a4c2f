//! A subscriber's keys, whichever algorithm set they are for.

mod constants;
mod functions;

use std::num::NonZeroU8;

use aka::{
    K, Milenage, Opc,
    milenage::Constants,
    tuak::{self, AkaResLength, Topc, Tuak},
    xor::Xor,
};

use crate::ResLength;

pub use constants::{InvalidConstantsText, constants_from_text, constants_to_text};
#[cfg(feature = "sql")]
pub(crate) use constants::{constants_from_octets, constants_to_octets};
pub use functions::Functions;

/// The long-term keys of a subscriber and the operator's choices, for one algorithm set.
///
/// ```
/// use auc::Keys;
///
/// let keys = Keys::milenage(
///     "465b5ce8b199b49faa5f0a2ee238a6bc".parse()?,
///     "cd63cb71954a9f4e48a5994e37a02baf".parse()?,
/// );
/// assert_eq!(keys.algorithm().name(), "milenage");
/// # Ok::<(), aka::InvalidHex>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Keys {
    /// MILENAGE (TS 35.206).
    Milenage {
        /// The subscriber's key.
        k: K,
        /// The operator's field, for this key.
        opc: Opc,
        /// c1 to c5 and r1 to r5.
        constants: Constants,
    },
    /// TUAK (TS 35.231).
    Tuak {
        /// The subscriber's key, of 128 or 256 bits.
        key: tuak::Key,
        /// The operator's field, for this key and so many iterations.
        topc: Topc,
        /// How often Keccak is applied.
        iterations: NonZeroU8,
    },
    /// The XOR algorithm of test USIMs (TS 34.108 §8.1.2). Each vector gives K away.
    Xor {
        /// The subscriber's key.
        k: K,
    },
}

/// Which algorithm set keys are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AlgorithmName {
    /// MILENAGE (TS 35.206).
    Milenage,
    /// TUAK (TS 35.231).
    Tuak,
    /// XOR, for tests (TS 34.108 §8.1.2).
    Xor,
}

/// Whether subscribers with the XOR algorithm are taken. It protects nothing: one vector gives
/// the subscriber's K away.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "they are taken, or they are not")]
pub enum XorForTests {
    /// They are refused.
    #[default]
    Refused,
    /// They are taken, because nobody's subscription depends on them.
    DangerAllowed,
}

impl Keys {
    /// MILENAGE with the constants of TS 35.206 §4.1.
    pub const fn milenage(k: K, opc: Opc) -> Self {
        let constants = Constants::STANDARD;
        Self::Milenage { k, opc, constants }
    }

    /// MILENAGE with an operator's own constants.
    pub const fn milenage_with(k: K, opc: Opc, constants: Constants) -> Self {
        Self::Milenage { k, opc, constants }
    }

    /// TUAK; `topc` must have been derived with as many `iterations`.
    pub const fn tuak(key: tuak::Key, topc: Topc, iterations: NonZeroU8) -> Self {
        Self::Tuak {
            key,
            topc,
            iterations,
        }
    }

    /// The XOR algorithm of test USIMs. Whoever sees a challenge and its answer has K.
    pub const fn danger_xor_for_tests(k: K) -> Self {
        Self::Xor { k }
    }

    /// Which algorithm set they are for.
    pub const fn algorithm(&self) -> AlgorithmName {
        match self {
            Self::Milenage { .. } => AlgorithmName::Milenage,
            Self::Tuak { .. } => AlgorithmName::Tuak,
            Self::Xor { .. } => AlgorithmName::Xor,
        }
    }

    /// K, of 16 or 32 octets.
    pub fn expose_k(&self) -> &[u8] {
        match self {
            Self::Milenage { k, .. } | Self::Xor { k } => k.expose(),
            Self::Tuak { key, .. } => key.expose(),
        }
    }

    /// OPc of 16 octets, TOPc of 32, or nothing for XOR.
    pub const fn expose_operator(&self) -> &[u8] {
        match self {
            Self::Milenage { opc, .. } => opc.expose(),
            Self::Tuak { topc, .. } => topc.expose(),
            Self::Xor { .. } => &[],
        }
    }

    /// Whether K is all zeros: the algorithms take it, a subscription should not.
    pub fn is_zero(&self) -> bool {
        self.expose_k().iter().all(|octet| *octet == 0)
    }

    /// The functions, with RES as long as the subscriber's.
    pub fn functions(&self, res_length: ResLength) -> Functions {
        match self {
            Self::Milenage { k, opc, constants } => {
                Functions::from(Milenage::with_constants(k, opc, *constants))
            }
            Self::Tuak {
                key,
                topc,
                iterations,
            } => {
                let res = tuak_length(res_length);
                Functions::from(Tuak::with(key, topc, res, *iterations))
            }
            Self::Xor { k } => Functions::from(Xor::new(k)),
        }
    }
}

/// TUAK computes 4, 8 or 16 octets, and its other outputs depend on which.
const fn tuak_length(res_length: ResLength) -> AkaResLength {
    match res_length.octets() {
        ..=4 => AkaResLength::Bits32,
        5..=8 => AkaResLength::Bits64,
        9.. => AkaResLength::Bits128,
    }
}

impl AlgorithmName {
    /// Every one.
    pub const ALL: [Self; 3] = [Self::Milenage, Self::Tuak, Self::Xor];

    /// How files and databases name it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Milenage => "milenage",
            Self::Tuak => "tuak",
            Self::Xor => "xor",
        }
    }

    /// The one of this name, in either case.
    pub fn named(name: &str) -> Option<Self> {
        let mut all = Self::ALL.into_iter();
        all.find(|algorithm| algorithm.name().eq_ignore_ascii_case(name))
    }

    /// How long its RES is where nobody says otherwise.
    pub const fn usual_res(self) -> ResLength {
        match self {
            Self::Milenage | Self::Tuak => ResLength::FULL,
            Self::Xor => ResLength::LONGEST,
        }
    }

    /// Whether it can make such a RES.
    pub const fn makes(self, res_length: ResLength) -> bool {
        match self {
            Self::Milenage => res_length.octets() <= 8,
            Self::Tuak => matches!(res_length.octets(), 4 | 8 | 16),
            Self::Xor => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use aka::{
        Amf, Rand, Sqn,
        algorithm::{CardAlgorithm as _, HomeAlgorithm as _},
    };

    use super::*;

    fn every() -> [Keys; 4] {
        let k = || K::new([0x5a; 16]);
        let key = tuak::Key::from_slice(&[0x5a; 32]).unwrap();
        let own = Constants::new([[7; 16]; 5], [0, 1, 2, 3, 4]).unwrap();
        [
            Keys::milenage(k(), Opc::new([1; 16])),
            Keys::milenage_with(k(), Opc::new([1; 16]), own),
            Keys::tuak(key, Topc::new([2; 32]), NonZeroU8::new(3).unwrap()),
            Keys::danger_xor_for_tests(k()),
        ]
    }

    #[test]
    fn home_and_card_of_each_algorithm_agree() {
        let (rand, sqn) = (Rand::new([9; 16]), Sqn::new(64).unwrap());
        let mut answers = Vec::new();
        for keys in every() {
            let functions = keys.functions(keys.algorithm().usual_res());
            let (autn, expected) = functions.challenge(&rand, sqn, Amf::SEPARATED);
            let (seen, mac, answer) = functions.open_autn(&rand, &autn);
            assert_eq!((seen, mac), (sqn, autn.mac()));
            assert_eq!(answer.res.expose(), expected.res.expose());
            let auts = functions.auts(&rand, sqn);
            assert_eq!(functions.open_auts(&rand, &auts), (sqn, auts.mac()));
            answers.push(*expected.ck.expose());
        }
        answers.dedup();
        assert_eq!(answers.len(), 4, "four algorithms, four keys");
    }

    #[test]
    fn no_debug_output_shows_a_key() {
        for keys in every() {
            let shown = format!("{keys:?} {:?}", keys.functions(ResLength::FULL));
            assert!(!shown.contains("90") && !shown.contains("5a"), "{shown}");
        }
    }

    #[test]
    fn names_are_found_and_lengths_known() {
        for algorithm in AlgorithmName::ALL {
            let shouted = algorithm.name().to_uppercase();
            assert_eq!(AlgorithmName::named(&shouted), Some(algorithm));
            assert!(algorithm.makes(algorithm.usual_res()));
        }
        assert_eq!(AlgorithmName::named("comp128"), None);
        assert!(!AlgorithmName::Milenage.makes(ResLength::LONGEST));
        assert!(!AlgorithmName::Tuak.makes(ResLength::new(6).unwrap()));
    }
}
