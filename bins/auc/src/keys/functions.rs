//! One subscriber's functions, whichever algorithm set they belong to.

use aka::{
    Amf, Autn, Auts, Mac, Milenage, Rand, Sqn,
    algorithm::{Algorithm, CardAlgorithm, HomeAlgorithm, Response},
    tuak::Tuak,
    xor::Xor,
};

/// A subscriber's algorithm set: what `aka` asks of one, for either side.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Functions {
    /// MILENAGE.
    Milenage(Box<Milenage>),
    /// TUAK.
    Tuak(Box<Tuak>),
    /// XOR, for tests.
    Xor(Xor),
}

impl From<Milenage> for Functions {
    fn from(milenage: Milenage) -> Self {
        Self::Milenage(Box::new(milenage))
    }
}

impl From<Tuak> for Functions {
    fn from(tuak: Tuak) -> Self {
        Self::Tuak(Box::new(tuak))
    }
}

impl From<Xor> for Functions {
    fn from(xor: Xor) -> Self {
        Self::Xor(xor)
    }
}

impl Algorithm for Functions {
    fn respond(&self, rand: &Rand) -> Response {
        match self {
            Self::Milenage(milenage) => milenage.respond(rand),
            Self::Tuak(tuak) => tuak.respond(rand),
            Self::Xor(xor) => xor.respond(rand),
        }
    }
}

impl HomeAlgorithm for Functions {
    fn challenge(&self, rand: &Rand, sqn: Sqn, amf: Amf) -> (Autn, Response) {
        match self {
            Self::Milenage(milenage) => milenage.challenge(rand, sqn, amf),
            Self::Tuak(tuak) => tuak.challenge(rand, sqn, amf),
            Self::Xor(xor) => xor.challenge(rand, sqn, amf),
        }
    }

    fn open_auts(&self, rand: &Rand, auts: &Auts) -> (Sqn, Mac) {
        match self {
            Self::Milenage(milenage) => milenage.open_auts(rand, auts),
            Self::Tuak(tuak) => tuak.open_auts(rand, auts),
            Self::Xor(xor) => xor.open_auts(rand, auts),
        }
    }
}

impl CardAlgorithm for Functions {
    fn open_autn(&self, rand: &Rand, autn: &Autn) -> (Sqn, Mac, Response) {
        match self {
            Self::Milenage(milenage) => milenage.open_autn(rand, autn),
            Self::Tuak(tuak) => tuak.open_autn(rand, autn),
            Self::Xor(xor) => xor.open_autn(rand, autn),
        }
    }

    fn auts(&self, rand: &Rand, sqn_ms: Sqn) -> Auts {
        match self {
            Self::Milenage(milenage) => milenage.auts(rand, sqn_ms),
            Self::Tuak(tuak) => tuak.auts(rand, sqn_ms),
            Self::Xor(xor) => xor.auts(rand, sqn_ms),
        }
    }
}
