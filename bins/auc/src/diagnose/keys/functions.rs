//! One subscriber's functions, under one assumption.

use aka::{
    Ak, Amf, Autn, Auts, Mac, Milenage, Rand, Sqn,
    algorithm::{Algorithm, CardAlgorithm, HomeAlgorithm},
    tuak,
    xor::Xor,
};
use zeroize::Zeroizing;

pub(in super::super) enum Functions {
    Milenage(Box<Milenage>),
    Tuak(Box<tuak::Functions>),
    Xor(Xor),
}

impl From<Milenage> for Functions {
    fn from(milenage: Milenage) -> Self {
        Self::Milenage(Box::new(milenage))
    }
}

impl From<tuak::Functions> for Functions {
    fn from(tuak: tuak::Functions) -> Self {
        Self::Tuak(Box::new(tuak))
    }
}

impl From<Xor> for Functions {
    fn from(xor: Xor) -> Self {
        Self::Xor(xor)
    }
}

impl Functions {
    /// f1.
    pub(in super::super) fn mac_a(&self, rand: &Rand, sqn: Sqn, amf: Amf) -> Mac {
        match self {
            Self::Milenage(milenage) => milenage.f1(rand, sqn, amf),
            Self::Tuak(tuak) => first_octets(&tuak.f1(rand, sqn, amf)),
            Self::Xor(xor) => xor.challenge(rand, sqn, amf).0.mac(),
        }
    }

    /// f1*.
    pub(in super::super) fn mac_s(&self, rand: &Rand, sqn: Sqn, amf: Amf) -> Mac {
        match self {
            Self::Milenage(milenage) => milenage.f1_star(rand, sqn, amf),
            Self::Tuak(tuak) => first_octets(&tuak.f1_star(rand, sqn, amf)),
            Self::Xor(xor) => xor.challenge(rand, sqn, amf).0.mac(),
        }
    }

    /// The sequence number behind f5.
    pub(in super::super) fn revealed(&self, rand: &Rand, concealed: [u8; 6]) -> Sqn {
        let autn = Autn::from_parts(concealed, Amf::ZERO, Mac::new([0; 8]));
        match self {
            Self::Milenage(milenage) => milenage.open_autn(rand, &autn).0,
            Self::Tuak(tuak) => unmasked(concealed, &tuak.f5(rand)),
            Self::Xor(xor) => xor.open_autn(rand, &autn).0,
        }
    }

    /// The sequence number behind f5*.
    pub(in super::super) fn revealed_star(&self, rand: &Rand, concealed: [u8; 6]) -> Sqn {
        let auts = Auts::from_parts(concealed, Mac::new([0; 8]));
        match self {
            Self::Milenage(milenage) => milenage.open_auts(rand, &auts).0,
            Self::Tuak(tuak) => unmasked(concealed, &tuak.f5_star(rand)),
            Self::Xor(xor) => xor.open_auts(rand, &auts).0,
        }
    }

    /// f2.
    pub(in super::super) fn res(&self, rand: &Rand) -> Zeroizing<Vec<u8>> {
        let res = match self {
            Self::Milenage(milenage) => milenage.respond(rand).res,
            Self::Tuak(tuak) => return Zeroizing::new(tuak.f2(rand).expose().to_vec()),
            Self::Xor(xor) => xor.respond(rand).res,
        };
        Zeroizing::new(res.expose().to_vec())
    }
}

/// A MAC of 64 bits.
fn first_octets(output: &tuak::Output) -> Mac {
    let first = output.expose().first_chunk();
    Mac::new(first.copied().unwrap_or_default())
}

fn unmasked(mut concealed: [u8; 6], ak: &Ak) -> Sqn {
    for (octet, mask) in concealed.iter_mut().zip(ak.expose()) {
        *octet ^= mask;
    }
    Sqn::from_bytes(concealed)
}
