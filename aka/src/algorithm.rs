//! What AKA asks of an algorithm set: the home's half and the card's half.
//!
//! An algorithm set holds one subscriber's keys. [`Milenage`](crate::Milenage) is one; implement
//! these traits for another, and [`Card`](crate::card::Card) and [`Home`](crate::network::Home)
//! work with it unchanged.

use crate::{
    Amf, Autn, Auts, Ck, Ik, Mac, Rand, Res, Sqn,
    batch::{self, Job},
};

/// What f2, f3 and f4 make of a RAND (TS 33.102 §6.3.2, §6.3.3).
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_structs, reason = "TS 33.102 §6.3 closes the set")]
pub struct Response {
    /// RES, or XRES at the home.
    pub res: Res,
    /// The cipher key.
    pub ck: Ck,
    /// The integrity key.
    pub ik: Ik,
}

/// What both halves share.
pub trait Algorithm {
    /// f2, f3 and f4 of `rand`.
    fn respond(&self, rand: &Rand) -> Response;
}

/// The home's half: makes challenges, reads resynchronisation tokens (TS 33.102 §6.3.2, §6.3.5).
pub trait HomeAlgorithm: Algorithm {
    /// The AUTN for `rand`, `sqn` and `amf` (f1 and f5), with what the card shall answer.
    fn challenge(&self, rand: &Rand, sqn: Sqn, amf: Amf) -> (Autn, Response);

    /// SQN_MS from `auts` (f5*) and the MAC-S it should carry (f1*, over AMF 0000).
    ///
    /// Believe the number only when the code matches that of `auts`.
    fn open_auts(&self, rand: &Rand, auts: &Auts) -> (Sqn, Mac);

    /// What [`batch::vectors`] calls: the vector of each job. An algorithm that can work on
    /// several subscribers side by side does so here.
    fn vectors(jobs: &mut [Job<'_, Self>])
    where
        Self: Sized,
    {
        batch::in_turn(jobs);
    }
}

/// The card's half: reads challenges, makes resynchronisation tokens (TS 33.102 §6.3.3).
pub trait CardAlgorithm: Algorithm {
    /// SQN from `autn` (f5), the MAC-A it should carry (f1), and the answer to give.
    ///
    /// Believe the number and give the answer only when the code matches that of `autn`.
    fn open_autn(&self, rand: &Rand, autn: &Autn) -> (Sqn, Mac, Response);

    /// The AUTS for `rand` and SQN_MS (f5*, and f1* over AMF 0000).
    fn auts(&self, rand: &Rand, sqn_ms: Sqn) -> Auts;
}
