//! Assertions of passkeys, verified one after the other.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use passkey_idp::credential::Credential;
use passkey_idp::id::UserId;
use passkey_idp::order::UserVerification;
use passkey_idp::webauthn::{Ask, Expected, Policy, Quirks, RelyingParty, TestAuthenticator};
use strict_jws::SystemRandom;

use crate::server::ORIGIN;

const SECONDS: Duration = Duration::from_secs(3);
const CHALLENGE: [u8; 32] = [7; 32];

pub(crate) fn measure() -> Result<()> {
    let user = UserId::generate(&SystemRandom::new())?;
    for (name, passkey) in [
        ("ES256", TestAuthenticator::es256(user)),
        ("RS256", TestAuthenticator::rs256(user)),
    ] {
        let rate = rate(passkey, user)?;
        println!("{name}: {rate:.0} assertions verified/s");
    }
    Ok(())
}

fn rate(mut passkey: TestAuthenticator, user: UserId) -> Result<f64> {
    let party = RelyingParty::new("localhost", "Bench", vec![ORIGIN.parse()?])?;
    let (ask, policy) = (Ask::new(&CHALLENGE, "localhost", ORIGIN), Policy::default());
    let expected = Expected {
        challenge: &CHALLENGE,
        user: Some(user),
        user_verification: UserVerification::Required,
    };
    let registration = passkey.register(&ask, &Quirks::default());
    let new = party.verify_registration(&registration, expected, &policy)?;
    let credential = Credential::of(user, new);
    let assertion = passkey.sign(&ask, &Quirks::default());
    let (begun, mut done) = (Instant::now(), 0_u32);
    while begun.elapsed() < SECONDS {
        let used = party.verify_assertion(&assertion, &credential, expected, &policy)?;
        used.user_verified
            .then_some(())
            .context("a verified user")?;
        done += 1;
    }
    Ok(f64::from(done) / begun.elapsed().as_secs_f64())
}
