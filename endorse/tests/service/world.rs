//! An issuer and its tokens.

use endorse::{Claims, Imsi, Issuer, Method, Sim, UnixTime, Verifier};
use strict_jws::{Algorithm, KeySet, Signer, SigningKey, SystemRandom};

pub(crate) const NOW: UnixTime = UnixTime::from_seconds(1_700_000_000);
pub(crate) const IMSI: &str = "001010000000001";
pub(crate) const IMEI: &str = "490154203237518";

pub(crate) struct World {
    pub(crate) issuer: Issuer,
    pub(crate) signer: Signer,
}

impl World {
    pub(crate) fn new() -> Self {
        Self {
            issuer: Issuer::native("https://endorse.example".parse().unwrap()),
            signer: Signer::certifying(new_key()),
        }
    }

    pub(crate) fn token(&self, claims: &Claims) -> String {
        let issued = self
            .issuer
            .issue(claims, &self.signer, NOW, &SystemRandom::new());
        issued.unwrap().token
    }

    pub(crate) fn keys(&self) -> KeySet {
        let mut keys = KeySet::new();
        keys.insert_certifying(self.signer.public().clone())
            .unwrap();
        keys
    }

    pub(crate) fn verifier(&self) -> Verifier {
        let issuer = "https://endorse.example".parse().unwrap();
        Verifier::native(issuer, "https://api.example".parse().unwrap(), self.keys())
    }
}

pub(crate) fn new_key() -> SigningKey {
    let random = SystemRandom::new();
    let pem = SigningKey::generate_pem(Algorithm::Es256, &random).unwrap();
    SigningKey::from_pem(&pem, &random).unwrap()
}

pub(crate) fn claims() -> Claims {
    let imsi: Imsi = IMSI.parse().unwrap();
    let sim = Sim::proven_by(Method::Aka)
        .with_imsi(imsi)
        .with_imei(IMEI.parse().unwrap());
    let audience = "https://api.example".parse().unwrap();
    Claims::new(audience, "somebody".parse().unwrap(), sim)
}
