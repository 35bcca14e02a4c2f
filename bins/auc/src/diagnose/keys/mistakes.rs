//! What else goes wrong with constants, lengths and iterations.

use std::num::NonZeroU8;

use aka::{
    milenage::Constants,
    tuak::{KeyLength, Lengths, ResLength},
};

use super::Assumption;

/// The constants that the other side may have in place of `given`.
pub(super) fn of_constants(given: Constants) -> impl Iterator<Item = (Assumption, Constants)> {
    let (c, r) = given.expose();
    let right = r.map(|bits| (128 - bits) % 128);
    let reversed = c.map(|mut octets| {
        octets.reverse();
        octets
    });
    let others = [
        (Assumption::StandardConstants, Ok(Constants::STANDARD)),
        (Assumption::RotatedRight, Constants::new(c, right)),
        (Assumption::ConstantsReversed, Constants::new(reversed, r)),
    ];
    others
        .into_iter()
        .filter_map(|(assumption, constants)| Some((assumption, constants.ok()?)))
        .filter(move |(_, constants)| *constants != given)
}

/// Every choice of lengths but the usual one; that of MAC is seen in the token.
pub(super) fn lengths() -> impl Iterator<Item = Lengths> {
    let keys = [KeyLength::Bits128, KeyLength::Bits256];
    let responses = [
        ResLength::Bits64,
        ResLength::Bits128,
        ResLength::Bits32,
        ResLength::Bits256,
    ];
    responses
        .into_iter()
        .flat_map(move |res| keys.map(|ck| (res, ck)))
        .flat_map(move |(res, ck)| keys.map(|ik| (res, ck, ik)))
        .map(|(res, ck, ik)| {
            let mut lengths = Lengths::default();
            (lengths.res, lengths.ck, lengths.ik) = (res, ck, ik);
            lengths
        })
        .filter(|lengths| *lengths != Lengths::default())
}

/// A few iterations, but for those that were given.
pub(super) fn iterations(given: NonZeroU8) -> impl Iterator<Item = NonZeroU8> {
    let few = (1..=MOST_ITERATIONS).filter_map(NonZeroU8::new);
    few.filter(move |often| *often != given)
}

const MOST_ITERATIONS: u8 = 10;
