//! The keys to try, from the likeliest on.

use aka::{
    Amf, Autn, Auts, K, Mac, Milenage, Op, Opc, Rand, Res, Sqn,
    algorithm::{Algorithm, CardAlgorithm, HomeAlgorithm},
    xor::Xor,
};

use super::{Assumption, Operator};

/// One subscriber's functions, under one assumption.
pub(super) enum Functions {
    Milenage(Box<Milenage>),
    Xor(Xor),
}

pub(super) fn candidates(k: &K, operator: &Operator) -> Vec<(Assumption, Functions)> {
    let (given, mistaken, assumption) = match operator {
        Operator::Opc(opc) => {
            let derived = Opc::derive(k, &Op::new(*opc.expose()));
            (opc.clone(), derived, Assumption::OpGivenAsOpc)
        }
        Operator::Op(op) => {
            let taken = Opc::new(*op.expose());
            (Opc::derive(k, op), taken, Assumption::OpcGivenAsOp)
        }
    };
    vec![
        (Assumption::AsGiven, milenage(k, &given)),
        (assumption, milenage(k, &mistaken)),
        (Assumption::Swapped, swapped(k, operator)),
        (Assumption::KReversed, reversed(k, operator)),
        (Assumption::Xor, Functions::Xor(Xor::new(k))),
    ]
}

fn swapped(k: &K, operator: &Operator) -> Functions {
    match operator {
        Operator::Opc(opc) => milenage(&K::new(*opc.expose()), &Opc::new(*k.expose())),
        Operator::Op(op) => {
            let (k, op) = (K::new(*op.expose()), Op::new(*k.expose()));
            milenage(&k, &Opc::derive(&k, &op))
        }
    }
}

fn reversed(k: &K, operator: &Operator) -> Functions {
    let mut octets = zeroize::Zeroizing::new(*k.expose());
    octets.reverse();
    let k = K::new(*octets);
    match operator {
        Operator::Opc(opc) => milenage(&k, opc),
        Operator::Op(op) => milenage(&k, &Opc::derive(&k, op)),
    }
}

fn milenage(k: &K, opc: &Opc) -> Functions {
    Functions::Milenage(Box::new(Milenage::new(k, opc)))
}

impl Functions {
    /// f1.
    pub(super) fn mac_a(&self, rand: &Rand, sqn: Sqn, amf: Amf) -> Mac {
        match self {
            Self::Milenage(milenage) => milenage.f1(rand, sqn, amf),
            Self::Xor(xor) => xor.challenge(rand, sqn, amf).0.mac(),
        }
    }

    /// f1*.
    pub(super) fn mac_s(&self, rand: &Rand, sqn: Sqn, amf: Amf) -> Mac {
        match self {
            Self::Milenage(milenage) => milenage.f1_star(rand, sqn, amf),
            Self::Xor(xor) => xor.challenge(rand, sqn, amf).0.mac(),
        }
    }

    /// The sequence number behind f5.
    pub(super) fn revealed(&self, rand: &Rand, concealed: [u8; 6]) -> Sqn {
        let autn = Autn::from_parts(concealed, Amf::ZERO, Mac::new([0; 8]));
        match self {
            Self::Milenage(milenage) => milenage.open_autn(rand, &autn).0,
            Self::Xor(xor) => xor.open_autn(rand, &autn).0,
        }
    }

    /// The sequence number behind f5*.
    pub(super) fn revealed_star(&self, rand: &Rand, concealed: [u8; 6]) -> Sqn {
        let auts = Auts::from_parts(concealed, Mac::new([0; 8]));
        match self {
            Self::Milenage(milenage) => milenage.open_auts(rand, &auts).0,
            Self::Xor(xor) => xor.open_auts(rand, &auts).0,
        }
    }

    pub(super) fn res(&self, rand: &Rand) -> Res {
        match self {
            Self::Milenage(milenage) => milenage.respond(rand).res,
            Self::Xor(xor) => xor.respond(rand).res,
        }
    }
}
