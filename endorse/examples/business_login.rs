//! A company knows its SIMs, and the device that each was given out in: there its staff is in without a
//! password. A SIM that was stolen is worth nothing in another device, and neither is a stolen token.
//!
//! ```sh
//! cargo run -p endorse --example business_login
//! ```

use std::error::Error;

use endorse::dpop::{self, ProofOf};
use endorse::{Claims, Issuer, Method, PairwiseSubjects, Presented, Sim, SimPairs, Verifier};
use strict_jws::{Algorithm, KeyRing, Signer, SigningKey, SystemRandom, UnixTime};

const LOGIN: &str = "https://login.example";
const SIM: &str = "001010000000001";
const DEVICE: &str = "490154203237518";

fn main() -> Result<(), Box<dyn Error>> {
    let (desk, now) = (Desk::new()?, std::time::UNIX_EPOCH.elapsed()?.as_secs());
    let now = UnixTime::from_seconds(now);
    let staff = SimPairs::new().allow(SIM.parse()?, DEVICE.parse()?);
    let keys = desk.ring.published(now);
    let verifier = Verifier::native("https://endorse.example".parse()?, LOGIN.parse()?, keys);
    let verifier = verifier.with_policy(staff);

    let phone = key()?;
    let told = |presented: Presented<'_>| match verifier.verify(presented, now) {
        Ok(endorsement) => format!("welcome, {}", endorsement.subject()),
        Err(refusal) => format!("refused: {refusal}"),
    };
    let proof = |key: &SigningKey, token: &str| {
        dpop::prove(key, token, ("GET", LOGIN), now, &SystemRandom::new())
    };

    let token = desk.token(SIM, DEVICE, &phone, now)?;
    let good = proof(&phone, &token)?;
    let presented = Presented::new(&token).with_proof(ProofOf::new(&good, "GET", LOGIN));
    eprintln!("the SIM in its own device: {}", told(presented));

    let stolen = desk.token(SIM, "356938035643809", &phone, now)?;
    let stolen_proof = proof(&phone, &stolen)?;
    let presented = Presented::new(&stolen).with_proof(ProofOf::new(&stolen_proof, "GET", LOGIN));
    eprintln!("the SIM, stolen, in another device: {}", told(presented));

    let thief = proof(&key()?, &token)?;
    let presented = Presented::new(&token).with_proof(ProofOf::new(&thief, "GET", LOGIN));
    eprintln!("the token, stolen, with another key: {}", told(presented));
    Ok(())
}

/// Stands for an endorse server: it says what was proven to it.
struct Desk {
    issuer: Issuer,
    ring: KeyRing,
}

impl Desk {
    fn new() -> Result<Self, Box<dyn Error>> {
        Ok(Self {
            issuer: Issuer::native("https://endorse.example".parse()?),
            ring: KeyRing::new(Signer::certifying(key()?), 300),
        })
    }

    fn token(
        &self,
        imsi: &str,
        imei: &str,
        key: &SigningKey,
        now: UnixTime,
    ) -> Result<String, Box<dyn Error>> {
        let (imsi, audience) = (imsi.parse()?, LOGIN.parse()?);
        let subject = PairwiseSubjects::new(&[7; 32]).subject(&imsi, &audience);
        let sim = Sim::proven_by(Method::Aka)
            .with_imsi(imsi)
            .with_imei(imei.parse()?);
        let claims = Claims::new(audience, subject, sim).with_key(key.public().thumbprint());
        let random = SystemRandom::new();
        Ok(self
            .issuer
            .issue(&claims, self.ring.active(), now, &random)?
            .token)
    }
}

fn key() -> Result<SigningKey, Box<dyn Error>> {
    let random = SystemRandom::new();
    let pem = SigningKey::generate_pem(Algorithm::Es256, &random)?;
    Ok(SigningKey::from_pem(&pem, &random)?)
}
