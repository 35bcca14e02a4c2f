//! Tokens of any kind under genuine signatures, and the verifiers that they are for.

use std::sync::LazyLock;

use endorse::{Endorsement, Refusal, UnixTime, Verifier};
use strict_jws::{KeyId, KeySet, SigningKey, SystemRandom, base64};

pub(crate) const NOW: u64 = 1_700_000_000;

/// A profile with its key, its verifier, and what a good token of it says.
pub(crate) struct Forge {
    pub(crate) key: SigningKey,
    pub(crate) kid: KeyId,
    pub(crate) verifier: Verifier,
    pub(crate) alg: &'static str,
    typ: Option<&'static str>,
    claims: &'static [(&'static str, &'static str)],
    pub(crate) sim_claim: &'static str,
    sim: &'static [(&'static str, &'static str)],
}

pub(crate) static NATIVE: LazyLock<Forge> = LazyLock::new(|| {
    let (key, kid, keys) = key(include_str!("../keys/p256.pem"));
    let issuer = "https://endorse.example".parse().unwrap();
    Forge {
        verifier: Verifier::native(issuer, "https://api.example".parse().unwrap(), keys),
        key,
        kid,
        alg: "ES256",
        typ: Some("endorse+jwt"),
        claims: &[
            ("iss", r#""https://endorse.example""#),
            ("aud", r#""https://api.example""#),
            ("exp", "1700000300"),
            ("jti", r#""AAAAAAAAAAAAAAAAAAAAAA""#),
            ("iat", "1700000000"),
            ("nbf", "1700000000"),
            ("sub", r#""somebody""#),
        ],
        sim_claim: "endorse",
        sim: &[
            ("imsi", r#""001010000000001""#),
            ("imei", r#""490154203237518""#),
            ("method", r#""aka""#),
        ],
    }
});

pub(crate) static SORACOM: LazyLock<Forge> = LazyLock::new(|| {
    let (key, kid, keys) = key(include_str!("../keys/rsa2048.pem"));
    let issuer = "https://soracom.io".parse().unwrap();
    let audience = "soracom-endorse-audience".parse().unwrap();
    let subject = "soracom-endorse".parse().unwrap();
    Forge {
        verifier: Verifier::soracom(issuer, audience, subject, keys),
        key,
        kid,
        alg: "RS256",
        typ: None,
        claims: &[
            ("iss", r#""https://soracom.io""#),
            ("aud", r#""soracom-endorse-audience""#),
            ("exp", "1700000600"),
            ("jti", r#""AAAAAAAAAAAAAAAAAAAAAA""#),
            ("iat", "1700000000"),
            ("nbf", "1699999940"),
            ("sub", r#""soracom-endorse""#),
        ],
        sim_claim: "soracom-endorse-claim",
        sim: &[
            ("imsi", r#""001010000000001""#),
            ("imei", r#""490154203237518""#),
            ("msisdn", r#""819012345678""#),
            ("simId", r#""8981100000000000001""#),
        ],
    }
});

pub(crate) fn signing_key(pem: &str) -> SigningKey {
    SigningKey::from_pem(pem, &SystemRandom::new()).unwrap()
}

fn key(pem: &str) -> (SigningKey, KeyId, KeySet) {
    let key = signing_key(pem);
    let mut keys = KeySet::new();
    let kid = keys.insert_certifying(key.public().clone()).unwrap();
    (key, kid, keys)
}

impl Forge {
    pub(crate) fn verify(&self, token: impl AsRef<[u8]>) -> Result<Endorsement, Refusal> {
        self.verifier
            .verify(token.as_ref(), UnixTime::from_seconds(NOW))
    }

    /// Any header and payload under a genuine signature.
    pub(crate) fn signed(&self, header: impl AsRef<[u8]>, payload: impl AsRef<[u8]>) -> String {
        let message = [header.as_ref(), payload.as_ref()]
            .map(base64::encode)
            .join(".");
        let signature = self
            .key
            .sign(message.as_bytes(), &SystemRandom::new())
            .unwrap();
        format!("{message}.{}", base64::encode(signature.as_ref()))
    }

    /// Any header and payload, and any signature.
    pub(crate) fn with_signature(&self, header: &str, signature: &[u8]) -> String {
        let message = [header, &self.good_payload()].map(|part| base64::encode(part.as_bytes()));
        format!("{}.{}", message.join("."), base64::encode(signature))
    }

    pub(crate) fn good(&self) -> String {
        self.signed(self.good_header(), self.good_payload())
    }

    pub(crate) fn good_header(&self) -> String {
        self.header_members(&[])
    }

    pub(crate) fn good_payload(&self) -> String {
        object(&self.claims(&[]))
    }

    /// A good token but for one member of its header, which is replaced, or added.
    pub(crate) fn header(&self, name: &str, json: &str) -> String {
        self.signed(self.header_members(&[(name, json)]), self.good_payload())
    }

    /// A good token with another header.
    pub(crate) fn whole_header(&self, header: impl AsRef<[u8]>) -> String {
        self.signed(header, self.good_payload())
    }

    /// The good header's members, replaced or added; `null` as a name's value stays.
    pub(crate) fn header_members(&self, changes: &[(&str, &str)]) -> String {
        let mut members = vec![
            ("alg".to_owned(), format!("{:?}", self.alg)),
            ("kid".to_owned(), format!("{:?}", self.kid.as_str())),
        ];
        if let Some(typ) = self.typ {
            members.push(("typ".to_owned(), format!("{typ:?}")));
        }
        change(&mut members, changes);
        object(&members)
    }

    /// A good token with a member of its header left out.
    pub(crate) fn header_without(&self, name: &str) -> String {
        let header = self.good_header();
        let start = header.find(&format!("\"{name}\"")).unwrap();
        let end = header[start..]
            .find(',')
            .map_or(header.len() - 1, |comma| start + comma + 1);
        let header = [&header[..start], &header[end..]]
            .concat()
            .replace(",}", "}");
        self.whole_header(header)
    }

    /// A good token with another payload.
    pub(crate) fn payload(&self, payload: impl AsRef<[u8]>) -> String {
        self.signed(self.good_header(), payload)
    }

    /// A good token but for one claim, which is replaced, or added.
    pub(crate) fn claim(&self, name: &str, json: &str) -> String {
        self.payload(object(&self.claims(&[(name, json)])))
    }

    /// A good token with one claim left out.
    pub(crate) fn without(&self, name: &str) -> String {
        let mut claims = self.claims(&[]);
        claims.retain(|(claim, _)| claim != name);
        self.payload(object(&claims))
    }

    /// A good token with one more member at the payload's end.
    pub(crate) fn and(&self, member: &str) -> String {
        self.payload(self.good_payload().replace("}}", &format!("}},{member}}}")))
    }

    /// A good token but for one member of what it says of the SIM.
    pub(crate) fn sim(&self, name: &str, json: &str) -> String {
        self.claim(self.sim_claim, &object(&self.sim_members(&[(name, json)])))
    }

    fn claims(&self, changes: &[(&str, &str)]) -> Vec<(String, String)> {
        let mut claims = owned(self.claims);
        claims.push((self.sim_claim.to_owned(), object(&self.sim_members(&[]))));
        change(&mut claims, changes);
        claims
    }

    fn sim_members(&self, changes: &[(&str, &str)]) -> Vec<(String, String)> {
        let mut members = owned(self.sim);
        change(&mut members, changes);
        members
    }
}

fn owned(members: &[(&str, &str)]) -> Vec<(String, String)> {
    let owned = members
        .iter()
        .map(|(name, json)| ((*name).to_owned(), (*json).to_owned()));
    owned.collect()
}

fn change(members: &mut Vec<(String, String)>, changes: &[(&str, &str)]) {
    for (name, json) in changes {
        match members.iter_mut().find(|(found, _)| found == name) {
            Some((_, value)) => (*json).clone_into(value),
            None => members.push(((*name).to_owned(), (*json).to_owned())),
        }
    }
}

fn object(members: &[(String, String)]) -> String {
    let members: Vec<_> = members
        .iter()
        .map(|(name, json)| format!("\"{name}\":{json}"))
        .collect();
    format!("{{{}}}", members.join(","))
}

/// Two tests for each token: that the native verifier refuses it, and SORACOM's does.
macro_rules! refused {
    ($($name:ident: |$forge:ident| $token:expr => $reason:expr;)+) => {
        mod native {
            use super::*;
            $(
                #[test]
                fn $name() {
                    let $forge = &*$crate::forge::NATIVE;
                    assert_eq!($forge.verify($token).err(), Some(endorse::Refusal::from($reason)));
                }
            )+
        }

        mod soracom {
            use super::*;
            $(
                #[test]
                fn $name() {
                    let $forge = &*$crate::forge::SORACOM;
                    assert_eq!($forge.verify($token).err(), Some(endorse::Refusal::from($reason)));
                }
            )+
        }
    };
}

pub(crate) use refused;

#[test]
fn good_tokens_are_accepted() {
    for forge in [&*NATIVE, &*SORACOM] {
        let endorsement = forge.verify(forge.good()).unwrap();
        let sim = endorsement.sim();
        assert_eq!(sim.imsi.as_ref().unwrap().as_str(), "001010000000001");
        assert_eq!(sim.imei.as_ref().unwrap().as_str(), "490154203237518");
        assert_eq!(endorsement.issued, UnixTime::from_seconds(NOW));
        assert_eq!(endorsement.token_id, "AAAAAAAAAAAAAAAAAAAAAA");
    }
}

#[test]
fn claims_that_nobody_knows_are_left_alone() {
    for forge in [&*NATIVE, &*SORACOM] {
        assert!(forge.verify(forge.and(r#""x":{"y":[1,null]}"#)).is_ok());
    }
}
