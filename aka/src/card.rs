//! The card's side: AUTN is verified here (TS 33.102 §6.3.3, Annex C.2).

mod freshness;

use core::fmt;

pub use freshness::{Policy, SeqArray};

use crate::{Amf, Autn, Auts, Ck, Ik, Kc, Mac, Rand, Res, Sqn, algorithm::CardAlgorithm, kdf::gsm};

/// AUTN was not made with this card's keys for this RAND: nothing else is known of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("MAC-A of AUTN does not match")]
#[expect(clippy::exhaustive_structs, reason = "there is no more to tell")]
pub struct MacFailure;

/// What the card answers to a challenge that its home has made.
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_enums, reason = "TS 33.102 §6.3.3 closes the set")]
pub enum Outcome {
    /// The challenge is fresh.
    Success {
        /// The response.
        res: Res,
        /// The cipher key.
        ck: Ck,
        /// The integrity key.
        ik: Ik,
        /// The GSM cipher key, c3 of the two others.
        kc: Kc,
    },
    /// The challenge is not fresh; the home needs this to follow the card's SQN.
    SyncFailure(Auts),
}

/// The access that a challenge comes from, which decides about AMF's separation bit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Access {
    /// GERAN and UTRAN, IMS, GBA, EAP-AKA: the bit means nothing.
    Umts,
    /// E-UTRAN, 5G and EAP-AKA': the bit must be set.
    Separated,
}

/// The separation bit of AMF is clear, but the access asks for it (TS 33.102 Annex H).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the separation bit of AMF is clear")]
#[expect(clippy::exhaustive_structs, reason = "there is no more to tell")]
pub struct SeparationBitClear;

impl Outcome {
    /// What the mobile equipment checks beside the card: the separation bit of the challenge's
    /// AMF. Having an outcome means that MAC-A matched, so the bit can be believed.
    ///
    /// # Errors
    /// [`SeparationBitClear`] on a [separated](Access::Separated) access without the bit.
    pub fn for_access(self, access: Access, amf: Amf) -> Result<Self, SeparationBitClear> {
        match access {
            Access::Separated if !amf.is_separated() => Err(SeparationBitClear),
            Access::Separated | Access::Umts => Ok(self),
        }
    }
}

/// A card's memory of the sequence numbers it took, and the rules by which it takes more.
///
/// The keys stay with the algorithm, which is passed to each call.
///
/// ```
/// use aka::{Amf, K, Milenage, Opc, Rand, Sqn};
/// use aka::algorithm::HomeAlgorithm;
/// use aka::card::{Card, MacFailure, Outcome};
///
/// let milenage = Milenage::new(&K::new([1; 16]), &Opc::new([2; 16]));
/// let rand = Rand::new([3; 16]);
/// let (autn, expected) = milenage.challenge(&rand, Sqn::new(32)?, Amf::ZERO);
///
/// let mut card = Card::default();
/// let Outcome::Success { res, .. } = card.authenticate(&milenage, &rand, &autn)? else {
///     panic!("SQN 32 is fresh");
/// };
/// assert_eq!(res.expose(), expected.res.expose());
///
/// // the same again is a replay
/// assert!(matches!(card.authenticate(&milenage, &rand, &autn)?, Outcome::SyncFailure(_)));
/// // another RAND makes a forgery of it
/// let other = card.authenticate(&milenage, &Rand::new([4; 16]), &autn);
/// assert_eq!(other.unwrap_err(), MacFailure);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Default)]
pub struct Card {
    policy: Policy,
    seqs: SeqArray,
}

impl Card {
    /// A card that has taken nothing yet.
    pub fn new(policy: Policy) -> Self {
        Self::with_state(policy, SeqArray::default())
    }

    /// A card that goes on where `seqs` was left.
    pub const fn with_state(policy: Policy, seqs: SeqArray) -> Self {
        Self { policy, seqs }
    }

    /// Checks `autn`: first its MAC, in constant time, then whether its SQN is fresh.
    ///
    /// A fresh SQN changes the [state](Card::state). Keep that in stable storage **before** the
    /// outcome leaves, or a card that is switched off in between accepts the challenge again.
    ///
    /// # Errors
    /// [`MacFailure`] when the MAC does not match; the state is as before.
    pub fn authenticate(
        &mut self,
        algorithm: &impl CardAlgorithm,
        rand: &Rand,
        autn: &Autn,
    ) -> Result<Outcome, MacFailure> {
        let (sqn, expected, response) = algorithm.open_autn(rand, autn);
        if !Mac::verify(expected, autn.mac()) {
            return Err(MacFailure);
        }
        if self.seqs.accept(&self.policy, sqn).is_err() {
            let token = algorithm.auts(rand, self.sqn_ms());
            return Ok(Outcome::SyncFailure(token));
        }
        let kc = gsm::c3(&response.ck, &response.ik);
        let (res, ck, ik) = (response.res, response.ck, response.ik);
        Ok(Outcome::Success { res, ck, ik, kc })
    }

    /// SQN_MS, the highest sequence number taken so far (TS 33.102 §C.2.1).
    pub fn sqn_ms(&self) -> Sqn {
        self.seqs.highest(&self.policy)
    }

    /// What has to outlive the card's power.
    pub const fn state(&self) -> &SeqArray {
        &self.seqs
    }

    /// The rules.
    pub const fn policy(&self) -> &Policy {
        &self.policy
    }
}

impl fmt::Debug for Card {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Card")
            .field("policy", &self.policy)
            .finish_non_exhaustive()
    }
}
