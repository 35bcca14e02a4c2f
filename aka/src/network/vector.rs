//! What a home gives to a serving network: vectors and triplets.

use crate::{
    Amf, Autn, Ck, Ik, Ind, Kc, Rand, Res, Sqn, Sres,
    algorithm::{Algorithm, HomeAlgorithm, Response},
    kdf::gsm::{self, SresFunction},
};

/// An authentication vector, the quintet of TS 33.102 §6.3.2.
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_structs, reason = "TS 33.102 §6.3.2 closes the set")]
pub struct Vector {
    /// The challenge.
    pub rand: Rand,
    /// What the card shall answer.
    pub xres: Res,
    /// The cipher key.
    pub ck: Ck,
    /// The integrity key.
    pub ik: Ik,
    /// The token that proves the home to the card.
    pub autn: Autn,
}

impl Vector {
    /// A place for a vector.
    #[inline]
    pub(crate) const fn blank(rand: Rand) -> Self {
        Self {
            rand,
            xres: Res::from_f2([0; 8]),
            ck: Ck::new([0; 16]),
            ik: Ik::new([0; 16]),
            autn: Autn::new([0; 16]),
        }
    }

    /// `sqn` is reserved.
    pub(super) fn make(algorithm: &impl HomeAlgorithm, request: Request, sqn: Sqn) -> Self {
        let rand = request.rand;
        let (autn, response) = algorithm.challenge(&rand, sqn, request.amf);
        let Response { res: xres, ck, ik } = response;
        Self {
            rand,
            xres,
            ck,
            ik,
            autn,
        }
    }

    /// Whether `res` is the expected response, in constant time.
    pub fn verify(&self, res: &Res) -> bool {
        use subtle::ConstantTimeEq;
        self.xres.ct_eq(res).into()
    }
}

/// A GSM authentication triplet (TS 33.102 §6.8.1.2). It proves no network to the card and has no
/// sequence number, so it is made only where somebody asks for one by name.
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_structs, reason = "TS 43.020 closes the set")]
pub struct Triplet {
    /// The challenge.
    pub rand: Rand,
    /// What the card shall answer.
    pub sres: Sres,
    /// The GSM cipher key.
    pub kc: Kc,
}

impl Triplet {
    /// The triplet of a subscriber for `rand`; `function` is the operator's choice.
    pub fn generate(algorithm: &impl Algorithm, rand: Rand, function: SresFunction) -> Self {
        let Response { res, ck, ik } = algorithm.respond(&rand);
        Self {
            rand,
            sres: gsm::sres(&res, function),
            kc: gsm::c3(&ck, &ik),
        }
    }
}

/// What to make a vector of, beside the subscriber's keys and sequence number.
#[derive(Clone, Copy, Debug)]
pub struct Request {
    pub(super) rand: Rand,
    pub(super) amf: Amf,
    pub(super) ind: Ind,
    pub(super) clock: Option<u64>,
}

impl Request {
    /// A request with the challenge `rand`, fresh from a CSPRNG ([`Rand::generate`]), and `amf`:
    /// [`Amf::SEPARATED`] for EPS, 5GS and EAP-AKA', another with that bit clear for the rest.
    pub const fn new(rand: Rand, amf: Amf) -> Self {
        Self {
            rand,
            amf,
            ind: Ind::ZERO,
            clock: None,
        }
    }

    /// The slot of the serving node or domain that asks (TS 33.102 §C.1.2).
    #[must_use]
    pub const fn with_ind(self, ind: Ind) -> Self {
        Self { ind, ..self }
    }

    /// The global counter GLC of the time-based [profiles](super::Profile), in the operator's
    /// unit of time.
    #[must_use]
    pub const fn at(self, clock: u64) -> Self {
        let clock = Some(clock);
        Self { clock, ..self }
    }
}
