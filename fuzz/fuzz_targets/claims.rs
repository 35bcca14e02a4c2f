//! Any payload under a genuine signature, for both profiles.
//!
//! Holds: what is accepted has the verifier's issuer and audience, a lifetime within bounds around now,
//! and identities of digits; no payload is accepted by both profiles under one key.
#![no_main]

use std::sync::LazyLock;

use endorse::{Endorsement, UnixTime, Verifier};
use libfuzzer_sys::fuzz_target;
use strict_jws::{KeySet, Signer, SigningKey, SystemRandom};

const NOW: UnixTime = UnixTime::from_seconds(1_700_000_000);

struct World {
    signer: Signer,
    native: Verifier,
    soracom: Verifier,
}

static WORLD: LazyLock<Option<World>> = LazyLock::new(world);

fn world() -> Option<World> {
    let pem = include_str!("../../endorse/tests/keys/rsa2048.pem");
    let signer = Signer::certifying(SigningKey::from_pem(pem, &SystemRandom::new()).ok()?);
    let mut keys = KeySet::new();
    keys.insert_certifying(signer.public().clone()).ok()?;
    let (issuer, audience) = ("i".parse().ok()?, "a".parse().ok()?);
    Some(World {
        native: Verifier::native(issuer, audience, keys.clone()),
        soracom: Verifier::soracom(
            "i".parse().ok()?,
            "a".parse().ok()?,
            "s".parse().ok()?,
            keys,
        ),
        signer,
    })
}

fuzz_target!(|data: &[u8]| {
    let Some(world) = &*WORLD else {
        return;
    };
    for typ in [Some("endorse+jwt"), None] {
        let Ok(token) = world.signer.sign(typ, data, &SystemRandom::new()) else {
            return;
        };
        let [native, soracom] = [&world.native, &world.soracom].map(|v| v.verify(&token, NOW));
        assert!(
            native.is_err() || soracom.is_err(),
            "both profiles take one token"
        );
        for endorsement in [native, soracom].into_iter().flatten() {
            check(&endorsement, data);
        }
    }
});

fn check(endorsement: &Endorsement, data: &[u8]) {
    let claims: Option<serde_json::Value> = serde_json::from_slice(data).ok();
    let claim = |name: &str| claims.as_ref().and_then(|claims| claims.get(name)).cloned();
    assert_eq!(claim("iss"), Some("i".into()));
    assert_eq!(claim("aud"), Some("a".into()));
    assert_eq!(claim("exp"), Some(endorsement.expires.seconds().into()));
    assert!(endorsement.issued <= NOW.plus(5) && endorsement.expires > NOW.minus(5));
    assert!(endorsement.expires <= endorsement.issued.plus(600));
    if let Some(imsi) = &endorsement.sim().imsi {
        let digits = imsi.as_str().bytes().all(|octet| octet.is_ascii_digit());
        assert!(digits && (6..=15).contains(&imsi.as_str().len()));
    }
}
