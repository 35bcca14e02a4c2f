//! What is wrong between a home and a card, told from one challenge or one resynchronisation
//! token and the keys that somebody believes in.
//!
//! ```
//! use aka::{K, Op, Opc, Rand};
//! use auc::diagnose::{Assumption, Claim, Evidence, Finding, Operator, Token};
//!
//! // TS 35.208 §4.3, test set 1, its OP taken for OPc
//! let op: Op = "cdc202d5123e20f62b6d676ac72cb318".parse()?;
//! let claim = Claim::new(
//!     "465b5ce8b199b49faa5f0a2ee238a6bc".parse()?,
//!     Operator::Opc(Opc::new(*op.expose())),
//! );
//! let evidence = Evidence::new(
//!     "23553cbe9637a89d218ae64dae47bf35".parse()?,
//!     Token::Autn("55f328b43577b9b94a9ffac354dfafb3".parse()?),
//! );
//! let Finding::Explained { assumption, .. } = claim.diagnose(&evidence) else {
//!     panic!("it is explained");
//! };
//! assert_eq!(assumption, Assumption::OpGivenAsOpc);
//! # Ok::<(), aka::InvalidHex>(())
//! ```

mod autn;
mod auts;
mod keys;

use std::{fmt, num::NonZeroU8};

use aka::{
    Amf, Autn, Auts, K, Op, Opc, Rand, Res, Sqn,
    milenage::Constants,
    tuak::{Key, KeyLength, Lengths, ResLength, Top, Topc},
};
use subtle::ConstantTimeEq;

use keys::{Candidates, Functions};

/// The keys that somebody believes in.
#[derive(Clone, Debug)]
pub struct Claim(Claimed);

#[derive(Clone, Debug)]
enum Claimed {
    Milenage(K, Operator, Constants),
    Tuak(Key, TuakOperator, NonZeroU8),
    Xor(K),
}

/// The operator's part of the keys, as it was given.
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_enums, reason = "TS 35.206 §4.1 closes the set")]
pub enum Operator {
    /// As OPc, the subscriber's own.
    Opc(Opc),
    /// As OP, the network's.
    Op(Op),
}

/// The operator's part of TUAK's keys, as it was given.
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_enums, reason = "TS 35.231 §5.1 closes the set")]
pub enum TuakOperator {
    /// As TOPc, the subscriber's own.
    Topc(Topc),
    /// As TOP, the network's.
    Top(Top),
}

/// What was seen on the way.
#[derive(Clone, Debug)]
pub struct Evidence {
    rand: Rand,
    token: Token,
    res: Option<Res>,
}

/// Who made the token that was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "TS 33.102 §6.3 closes the set")]
pub enum Token {
    /// The home, for a challenge.
    Autn(Autn),
    /// The card, for a resynchronisation.
    Auts(Auts),
}

/// What must be true of the keys for the token to make sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Assumption {
    /// The keys are right as they were given.
    AsGiven,
    /// What was given as OPc is OP.
    OpGivenAsOpc,
    /// What was given as OP is OPc already.
    OpcGivenAsOp,
    /// K and the operator's field were given in each other's place.
    Swapped,
    /// The octets of K were given in reverse.
    KReversed,
    /// The other side uses the XOR algorithm of TS 34.108 §8.1.2.
    Xor,
    /// The other side has the constants of TS 35.206 §4.1, not those that were given.
    StandardConstants,
    /// The other side rotates to the right by r1 to r5, where TS 35.206 §4.1 says to the left.
    RotatedRight,
    /// The other side has the octets of c1 to c5 in reverse.
    ConstantsReversed,
    /// What was given as TOPc is TOP.
    TopGivenAsTopc,
    /// What was given as TOP is TOPc already.
    TopcGivenAsTop,
    /// The other side applies Keccak so many times (TS 35.231 §5.1).
    OtherIterations(NonZeroU8),
    /// The other side asks TUAK for other lengths, which enter AK and with it SQN (TS 35.231 §5.3).
    OtherLengths(Lengths),
}

/// What must be true of the way in which the token was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Deviation {
    /// It was made as TS 33.102 §6.3 says.
    None,
    /// The sequence number travels in the clear: no anonymity key was applied.
    NotConcealed,
    /// The MAC was made over this AMF and not over the one that TS 33.102 §6.3 asks for.
    OtherAmf(Amf),
    /// AUTS was concealed with f5 in place of f5*.
    ConcealedWithF5,
    /// MAC-S was made with f1 in place of f1*.
    SignedWithF1,
}

/// What the evidence tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Finding {
    /// The token is explained by these assumptions.
    Explained {
        /// Of the keys.
        assumption: Assumption,
        /// Of the way it was made.
        deviation: Deviation,
        /// The sequence number in it.
        sqn: Sqn,
        /// Whether the RES that was seen fits, if one was.
        res: Option<bool>,
    },
    /// RES fits, the MAC does not: f1 or f1* has constants c1, r1 of its own (TS 35.206 §5.3).
    OtherConstants {
        /// Under which RES fits.
        assumption: Assumption,
    },
    /// Nothing that is tried explains it: another K, OP, algorithm or RAND.
    Unexplained,
}

impl Claim {
    /// Takes MILENAGE's keys as they were given.
    pub const fn new(k: K, operator: Operator) -> Self {
        Self::milenage(k, operator, Constants::STANDARD)
    }

    /// The same with an operator's own constants.
    pub const fn milenage(k: K, operator: Operator, constants: Constants) -> Self {
        Self(Claimed::Milenage(k, operator, constants))
    }

    /// Takes TUAK's keys as they were given, for so many iterations of Keccak.
    pub const fn tuak(key: Key, operator: TuakOperator, iterations: NonZeroU8) -> Self {
        Self(Claimed::Tuak(key, operator, iterations))
    }

    /// Takes the key of a test USIM.
    pub const fn xor(k: K) -> Self {
        Self(Claimed::Xor(k))
    }

    /// Tries, from the likeliest on, what would explain the evidence.
    ///
    /// A MAC has 64 bits and fewer than 2^21 are compared, so a wrong explanation comes by chance
    /// once in 2^43 times.
    pub fn diagnose(&self, evidence: &Evidence) -> Finding {
        let candidates = self.candidates();
        let mut tried = candidates.iter();
        tried
            .find_map(|(assumption, functions)| evidence.explain(*assumption, functions))
            .or_else(|| evidence.other_amf(&candidates))
            .or_else(|| evidence.answered(&candidates))
            .unwrap_or(Finding::Unexplained)
    }

    fn candidates(&self) -> Candidates {
        match &self.0 {
            Claimed::Milenage(k, operator, constants) => keys::milenage(k, operator, *constants),
            Claimed::Tuak(key, operator, iterations) => keys::tuak(key, operator, *iterations),
            Claimed::Xor(k) => keys::xor(k),
        }
    }
}

impl Evidence {
    /// A challenge and what was seen with it.
    pub const fn new(rand: Rand, token: Token) -> Self {
        Self {
            rand,
            token,
            res: None,
        }
    }

    /// With the response that the card gave, or the home expected.
    #[must_use]
    pub fn with_res(self, res: Res) -> Self {
        let res = Some(res);
        Self { res, ..self }
    }

    fn explain(&self, assumption: Assumption, functions: &Functions) -> Option<Finding> {
        let (sqn, deviation) = match &self.token {
            Token::Autn(autn) => autn::explain(functions, &self.rand, autn)?,
            Token::Auts(auts) => auts::explain(functions, &self.rand, auts)?,
        };
        Some(self.finding((assumption, functions), sqn, deviation))
    }

    fn other_amf(&self, candidates: &[(Assumption, Functions)]) -> Option<Finding> {
        candidates.iter().find_map(|(assumption, functions)| {
            let (sqn, amf) = match &self.token {
                Token::Autn(autn) => autn::find_amf(functions, &self.rand, autn)?,
                Token::Auts(auts) => auts::find_amf(functions, &self.rand, auts)?,
            };
            Some(self.finding((*assumption, functions), sqn, Deviation::OtherAmf(amf)))
        })
    }

    fn finding(
        &self,
        (assumption, functions): (Assumption, &Functions),
        sqn: Sqn,
        deviation: Deviation,
    ) -> Finding {
        Finding::Explained {
            assumption,
            deviation,
            sqn,
            res: self.res.as_ref().map(|res| self.fits(functions, res)),
        }
    }

    fn answered(&self, candidates: &[(Assumption, Functions)]) -> Option<Finding> {
        let res = self.res.as_ref()?;
        let (assumption, _) = candidates
            .iter()
            .find(|(_, functions)| self.fits(functions, res))?;
        Some(Finding::OtherConstants {
            assumption: *assumption,
        })
    }

    /// Operators may shorten RES (TS 33.102 §6.3.7).
    fn fits(&self, functions: &Functions, res: &Res) -> bool {
        let expected = functions.res(&self.rand);
        let front = expected.get(..res.expose().len());
        front.is_some_and(|front| front.ct_eq(res.expose()).into())
    }
}

impl fmt::Display for Assumption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AsGiven => "the keys are right",
            Self::OpGivenAsOpc => "what was given as OPc is OP: give it as --op",
            Self::OpcGivenAsOp => "what was given as OP is OPc already: give it as --opc",
            Self::Swapped => "K and OPc were given in each other's place",
            Self::KReversed => "the octets of K were given in reverse",
            Self::Xor => "the other side uses the XOR algorithm of TS 34.108",
            Self::StandardConstants => "wrong constants: the other side has those of TS 35.206",
            Self::RotatedRight => {
                "wrong constants: the other side rotates to the right by r1 to r5, not to the left"
            }
            Self::ConstantsReversed => {
                "wrong constants: the other side has the octets of c1 to c5 in reverse"
            }
            Self::TopGivenAsTopc => "what was given as TOPc is TOP: give it as --top",
            Self::TopcGivenAsTop => "what was given as TOP is TOPc already: give it as --topc",
            Self::OtherIterations(often) => {
                return write!(f, "the other side applies Keccak {often} times");
            }
            Self::OtherLengths(lengths) => return lengths_of(*lengths, f),
        })
    }
}

fn lengths_of(lengths: Lengths, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let key = |length| match length {
        KeyLength::Bits128 => 128,
        KeyLength::Bits256 => 256,
    };
    let res = match lengths.res {
        ResLength::Bits32 => 32,
        ResLength::Bits64 => 64,
        ResLength::Bits128 => 128,
        ResLength::Bits256 => 256,
    };
    let (ck, ik) = (key(lengths.ck), key(lengths.ik));
    write!(
        f,
        "the other side has TUAK make RES of {res} bits, CK of {ck} and IK of {ik}"
    )
}

impl fmt::Display for Deviation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("the token is made as TS 33.102 says"),
            Self::NotConcealed => f.write_str("the sequence number is not concealed: AK is zero"),
            Self::OtherAmf(amf) => write!(f, "wrong AMF: the MAC was made over {:x}", amf.hex()),
            Self::ConcealedWithF5 => f.write_str("AUTS is concealed with f5 in place of f5*"),
            Self::SignedWithF1 => f.write_str("MAC-S is made with f1 in place of f1*"),
        }
    }
}

#[cfg(test)]
mod tests;
