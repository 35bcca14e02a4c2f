//! What the card computes: AKA with its SQN, GSM, and GBA with its Ks. No command in sight.

mod functions;
mod gba;

use aka::{
    Autn, Auts, Kc, Rand, Sres,
    algorithm::Algorithm,
    card::{Card, MacFailure, Outcome, SeqArray},
    kdf::{
        gba::uicc_autn,
        gsm::{self, SresFunction},
    },
};

use super::Profile;
use functions::Functions;
use gba::Bootstrapped;

/// The subscriber's secrets and the sequence numbers taken so far.
#[derive(Debug)]
pub(super) struct Authentication {
    functions: Functions,
    card: Card,
    sres: SresFunction,
    bootstrapped: Option<Bootstrapped>,
}

/// What came of bootstrapping GBA.
pub(super) enum Bootstrapping {
    Success(aka::Res),
    SyncFailure(Auts),
}

impl Authentication {
    pub(super) fn new(profile: &Profile) -> Self {
        Self {
            functions: Functions::new(&profile.algorithm),
            card: Card::with_state(profile.sqn_policy, profile.sqn_state.clone()),
            sres: profile.sres,
            bootstrapped: None,
        }
    }

    /// Goes on where an earlier life of the card left off, unless the profile is further on.
    pub(super) fn restore(&mut self, state: &SeqArray) {
        let mut seqs = self.card.state().to_array();
        for (seq, earlier) in seqs.iter_mut().zip(state.to_array()) {
            *seq = earlier.max(*seq);
        }
        let seqs = SeqArray::from_array(seqs).expect("each was in an array before");
        self.card = Card::with_state(*self.card.policy(), seqs);
    }

    pub(super) const fn state(&self) -> &SeqArray {
        self.card.state()
    }

    /// The UMTS security context (TS 33.102 §6.3.3).
    pub(super) fn umts(&mut self, rand: &Rand, autn: &Autn) -> Result<Outcome, MacFailure> {
        self.card.authenticate(&self.functions, rand, autn)
    }

    /// The GSM security context: SRES by c2 or its alternative, Kc by c3.
    pub(super) fn gsm(&self, rand: &Rand) -> (Sres, Kc) {
        let response = self.functions.respond(rand);
        let kc = gsm::c3(&response.ck, &response.ik);
        (gsm::sres(&response.res, self.sres), kc)
    }

    /// GBA_U bootstrapping (TS 33.220 §5.3.2): Ks stays here.
    pub(super) fn bootstrap(
        &mut self,
        rand: &Rand,
        autn: &Autn,
    ) -> Result<Bootstrapping, MacFailure> {
        let autn = uicc_autn(autn, &self.functions.respond(rand).ik);
        match self.card.authenticate(&self.functions, rand, &autn)? {
            Outcome::Success { res, ck, ik, .. } => {
                self.bootstrapped = Some(Bootstrapped::new(*rand, &ck, &ik));
                Ok(Bootstrapping::Success(res))
            }
            Outcome::SyncFailure(auts) => Ok(Bootstrapping::SyncFailure(auts)),
        }
    }

    /// Ks_ext_NAF (TS 33.220 §5.3.2); `None` before any bootstrapping.
    pub(super) fn external_naf_key(&self, naf_id: &[u8], impi: &[u8]) -> Option<crate::KsExtNaf> {
        let bootstrapped = self.bootstrapped.as_ref()?;
        Some(bootstrapped.external_key(naf_id, impi))
    }
}
