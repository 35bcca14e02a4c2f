//! A device with the software SIM, in any dialect.

use aka::card::{Card, MacFailure, Outcome};
use aka::{Autn, Auts, Ck, Ik, Milenage, Rand, Res};
use endorse::RequestParameters;
use endorse::confirm::{AkaRun, ConfirmationKey, Transcript};
use serde_json::json;
use strict_jws::Thumbprint;

use crate::world::{IMSI, K, OPC, ORIGIN, World};

pub(crate) struct Device {
    card: Card,
    milenage: Milenage,
}

/// What a SIM makes of a challenge.
pub(crate) struct Said {
    pub(crate) res: Res,
    pub(crate) ck: Ck,
    pub(crate) ik: Ik,
}

impl Device {
    pub(crate) fn new() -> Self {
        Self {
            card: Card::default(),
            milenage: Milenage::new(&K.parse().unwrap(), &OPC.parse().unwrap()),
        }
    }

    pub(crate) fn authenticate(&mut self, rand: &Rand, autn: &Autn) -> Result<Said, Auts> {
        match self.card.authenticate(&self.milenage, rand, autn).unwrap() {
            Outcome::Success { res, ck, ik, .. } => Ok(Said { res, ck, ik }),
            Outcome::SyncFailure(auts) => Err(auts),
        }
    }

    /// What the SIM makes of it, in full.
    pub(crate) fn outcome(&mut self, rand: &Rand, autn: &Autn) -> Result<Outcome, MacFailure> {
        self.card.authenticate(&self.milenage, rand, autn)
    }

    /// The answer to a challenge that the SIM takes.
    pub(crate) fn says(&mut self, rand: &Rand, autn: &Autn) -> Said {
        let Ok(said) = self.authenticate(rand, autn) else {
            panic!("the SIM is in step");
        };
        said
    }

    /// A native token for `audience`, bound to a key if there is one.
    pub(crate) async fn token(
        &mut self,
        world: &World,
        audience: &str,
        key: Option<&Thumbprint>,
    ) -> String {
        let jkt = key.map(ToString::to_string);
        let body = json!({"imsi": IMSI, "aud": audience, "jkt": jkt});
        let asked = world.json("/endorse/v1/challenge", &body).await;
        let rand: Rand = asked.member("rand").parse().unwrap();
        let autn: Autn = asked.member("autn").parse().unwrap();
        let said = self.says(&rand, &autn);
        let run = AkaRun {
            rand: rand.as_bytes(),
            autn: autn.as_bytes(),
            ck: said.ck.expose(),
            ik: said.ik.expose(),
        };
        let txn = asked.member("txn");
        let transcript = Transcript {
            origin: ORIGIN,
            nonce: None,
            audience,
            request_parameters: &RequestParameters::default(),
            key,
        };
        let confirm = ConfirmationKey::derive(run, ORIGIN, &txn.parse().unwrap());
        let confirm = confirm.confirm(&transcript).to_base64();
        let body = json!({"txn": txn, "confirm": confirm});
        world.json("/endorse/v1/token", &body).await.member("token")
    }
}
