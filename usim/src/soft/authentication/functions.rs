//! The subscriber's functions, of whichever algorithm set its profile names.

use aka::{
    Autn, Auts, Mac, Milenage, Rand, Sqn,
    algorithm::{Algorithm, CardAlgorithm, Response},
    xor::Xor,
};

use crate::soft::profile;

/// One subscriber's algorithm set, its keys taken in.
#[derive(Debug)]
pub(super) enum Functions {
    Milenage(Box<Milenage>),
    Xor(Xor),
}

impl Functions {
    pub(super) fn new(algorithm: &profile::Algorithm) -> Self {
        match algorithm {
            profile::Algorithm::Milenage { k, opc } => {
                Self::Milenage(Box::new(Milenage::new(k, opc)))
            }
            profile::Algorithm::Xor { k } => Self::Xor(Xor::new(k)),
        }
    }
}

impl Algorithm for Functions {
    fn respond(&self, rand: &Rand) -> Response {
        match self {
            Self::Milenage(milenage) => milenage.respond(rand),
            Self::Xor(xor) => xor.respond(rand),
        }
    }
}

impl CardAlgorithm for Functions {
    fn open_autn(&self, rand: &Rand, autn: &Autn) -> (Sqn, Mac, Response) {
        match self {
            Self::Milenage(milenage) => milenage.open_autn(rand, autn),
            Self::Xor(xor) => xor.open_autn(rand, autn),
        }
    }

    fn auts(&self, rand: &Rand, sqn_ms: Sqn) -> Auts {
        match self {
            Self::Milenage(milenage) => milenage.auts(rand, sqn_ms),
            Self::Xor(xor) => xor.auts(rand, sqn_ms),
        }
    }
}
