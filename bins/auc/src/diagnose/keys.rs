//! The keys to try, from the likeliest on.

mod functions;
mod mistakes;

use std::num::NonZeroU8;

use aka::{
    K, Milenage, Op, Opc,
    milenage::Constants,
    tuak::{self, Key, Lengths, Top, Topc},
    xor::Xor,
};
use zeroize::Zeroizing;

use super::{Assumption, Operator, TuakOperator};

pub(super) use functions::Functions;
use mistakes::{iterations, lengths, of_constants};

/// What is tried: something that may be wrong with the keys, and the functions if it is so.
pub(super) type Candidates = Vec<(Assumption, Functions)>;

/// MILENAGE's.
pub(super) fn milenage(k: &K, operator: &Operator, constants: Constants) -> Candidates {
    let functions = |k: &K, opc: &Opc, constants: Constants| {
        Functions::from(Milenage::with_constants(k, opc, constants))
    };
    let given = opc(k, operator);
    let (mistaken, assumption) = match operator {
        Operator::Opc(opc) => {
            let derived = Opc::derive(k, &Op::new(*opc.expose()));
            (derived, Assumption::OpGivenAsOpc)
        }
        Operator::Op(op) => (Opc::new(*op.expose()), Assumption::OpcGivenAsOp),
    };
    let (other_k, other_operator) = swapped(k, operator);
    let reversed = reversed(k);
    let mut candidates = vec![
        (Assumption::AsGiven, functions(k, &given, constants)),
        (assumption, functions(k, &mistaken, constants)),
    ];
    for (assumption, constants) in of_constants(constants) {
        candidates.push((assumption, functions(k, &given, constants)));
    }
    candidates.extend([
        (
            Assumption::Swapped,
            functions(&other_k, &opc(&other_k, &other_operator), constants),
        ),
        (
            Assumption::KReversed,
            functions(&reversed, &opc(&reversed, operator), constants),
        ),
        (Assumption::Xor, Xor::new(k).into()),
    ]);
    candidates
}

fn opc(k: &K, operator: &Operator) -> Opc {
    match operator {
        Operator::Opc(opc) => opc.clone(),
        Operator::Op(op) => Opc::derive(k, op),
    }
}

fn swapped(k: &K, operator: &Operator) -> (K, Operator) {
    match operator {
        Operator::Opc(opc) => (K::new(*opc.expose()), Operator::Opc(Opc::new(*k.expose()))),
        Operator::Op(op) => (K::new(*op.expose()), Operator::Op(Op::new(*k.expose()))),
    }
}

fn reversed(k: &K) -> K {
    let mut octets = Zeroizing::new(*k.expose());
    octets.reverse();
    K::new(*octets)
}

/// TUAK's.
pub(super) fn tuak(key: &Key, operator: &TuakOperator, once: NonZeroU8) -> Candidates {
    let usual = Lengths::default();
    let functions = |key: &Key, topc: &Topc, lengths: Lengths, iterations| {
        Functions::from(tuak::Functions::new(key, topc, lengths, iterations))
    };
    let given = topc(key, operator, once);
    let (mistaken, assumption) = match operator {
        TuakOperator::Topc(topc) => {
            let derived = Topc::derive(key, &Top::new(*topc.expose()), once);
            (derived, Assumption::TopGivenAsTopc)
        }
        TuakOperator::Top(top) => (Topc::new(*top.expose()), Assumption::TopcGivenAsTop),
    };
    let mut candidates = vec![
        (Assumption::AsGiven, functions(key, &given, usual, once)),
        (assumption, functions(key, &mistaken, usual, once)),
    ];
    for lengths in lengths() {
        let assumption = Assumption::OtherLengths(lengths);
        candidates.push((assumption, functions(key, &given, lengths, once)));
    }
    for often in iterations(once) {
        let topc = topc(key, operator, often);
        let assumption = Assumption::OtherIterations(often);
        candidates.push((assumption, functions(key, &topc, usual, often)));
    }
    let mut octets = Zeroizing::new(key.expose().to_vec());
    octets.reverse();
    if let Ok(reversed) = Key::from_slice(&octets) {
        let topc = topc(&reversed, operator, once);
        let reversed = functions(&reversed, &topc, usual, once);
        candidates.push((Assumption::KReversed, reversed));
    }
    if let Ok(k) = K::from_slice(key.expose()) {
        candidates.push((Assumption::Xor, Xor::new(&k).into()));
    }
    candidates
}

fn topc(key: &Key, operator: &TuakOperator, iterations: NonZeroU8) -> Topc {
    match operator {
        TuakOperator::Topc(topc) => topc.clone(),
        TuakOperator::Top(top) => Topc::derive(key, top, iterations),
    }
}

/// XOR's.
pub(super) fn xor(k: &K) -> Candidates {
    let reversed = reversed(k);
    vec![
        (Assumption::AsGiven, Xor::new(k).into()),
        (Assumption::KReversed, Xor::new(&reversed).into()),
    ]
}
