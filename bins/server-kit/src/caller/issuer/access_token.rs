//! OAuth access tokens in the form of JWTs (RFC 9068), held to the same rules as endorsements.

use std::{borrow::Cow, sync::Arc};

use endorse::{
    Audience, Binding, IssuerId, Refusal, UnixTime,
    dpop::{ProofCheck, ProofOf},
    keys::KeySource,
};
use strict_jws::{
    Policy, Unverified,
    json::{Bounds, Document, Kind, Value},
};

/// Verifies the access tokens of one issuer for one audience.
#[derive(Debug)]
pub(super) struct AccessTokens {
    pub(super) issuer: IssuerId,
    pub(super) audience: Audience,
    pub(super) keys: Arc<dyn KeySource>,
    pub(super) policy: Policy,
    pub(super) max_lifetime: u64,
    pub(super) binding: Binding,
    pub(super) proofs: ProofCheck,
}

/// What a good access token says.
#[derive(Debug)]
pub(super) struct AccessToken {
    pub(super) subject: String,
    /// `scope`, word by word (RFC 6749 §3.3).
    pub(super) scopes: Vec<String>,
    /// `sims`: the only ones that it is for.
    pub(super) sims: Option<Vec<String>>,
}

/// Seconds by which clocks may differ.
const LEEWAY: u64 = 5;

impl AccessTokens {
    pub(super) fn policy(&self) -> Policy {
        self.policy
    }

    /// Verifies a token, and the proof of its key if it is bound to one. It does no I/O.
    pub(super) fn verify(
        &self,
        token: &str,
        proof: Option<ProofOf<'_>>,
        now: UnixTime,
    ) -> Result<AccessToken, Refusal> {
        let unverified = Unverified::parse(token, &self.policy)?;
        let key = self.keys.find(unverified.header().key_id());
        let key = key.ok_or(strict_jws::Refusal::UnknownKey)?;
        let payload = unverified.verify(&key)?.into_payload();
        let document = Document::parse(&payload, Bounds::PAYLOAD).map_err(Refusal::PayloadJson)?;
        let claims = document.root();
        if claims.kind() != Kind::Object {
            return Err(Refusal::PayloadNotAnObject);
        }
        if string(claims, "iss")? != self.issuer.as_str() {
            return Err(Refusal::WrongIssuer);
        }
        if string(claims, "aud")? != self.audience.as_str() {
            return Err(Refusal::WrongAudience);
        }
        self.check_times(claims, now)?;
        let read = read(claims)?;
        self.check_binding(claims, token, proof, now)?;
        Ok(read)
    }

    fn check_times(&self, claims: Value<'_>, now: UnixTime) -> Result<(), Refusal> {
        let required = |name| time(claims, name)?.ok_or(Refusal::MissingClaim(name));
        let (issued, expires) = (required("iat")?, required("exp")?);
        if issued > expires {
            return Err(Refusal::ExpiresBeforeIssued);
        }
        if expires > issued.plus(self.max_lifetime) {
            let max = self.max_lifetime;
            return Err(Refusal::LivesTooLong { max });
        }
        if expires.plus(LEEWAY) <= now {
            return Err(Refusal::Expired);
        }
        if issued > now.plus(LEEWAY) {
            return Err(Refusal::IssuedInFuture);
        }
        if time(claims, "nbf")?.is_some_and(|not_before| not_before > now.plus(LEEWAY)) {
            return Err(Refusal::NotYetValid);
        }
        Ok(())
    }

    fn check_binding(
        &self,
        claims: Value<'_>,
        token: &str,
        proof: Option<ProofOf<'_>>,
        now: UnixTime,
    ) -> Result<(), Refusal> {
        let Some(confirmation) = claims.member("cnf") else {
            return match self.binding {
                Binding::Required => Err(Refusal::NotBound),
                Binding::AsIssued | _ => Ok(()),
            };
        };
        // another way of confirmation (RFC 7800 §3) is one that nobody here can check
        let key = string(confirmation, "jkt")?;
        let key = key.parse().or(Err(Refusal::InvalidClaim("jkt")))?;
        let proof = proof.ok_or(Refusal::ProofMissing)?;
        let checked = self.proofs.check(proof, token.as_bytes(), &key, now);
        checked.map_err(Refusal::Proof)
    }
}

fn read(claims: Value<'_>) -> Result<AccessToken, Refusal> {
    let subject = string(claims, "sub")?;
    if subject.is_empty() || subject.len() > 512 || subject.contains(char::is_control) {
        return Err(Refusal::InvalidClaim("sub"));
    }
    if string(claims, "jti")?.is_empty() {
        return Err(Refusal::InvalidClaim("jti"));
    }
    let scopes = optional_string(claims, "scope")?.unwrap_or_default();
    Ok(AccessToken {
        subject: subject.into_owned(),
        scopes: scopes.split(' ').map(str::to_owned).collect(),
        sims: sims(claims)?,
    })
}

fn sims(claims: Value<'_>) -> Result<Option<Vec<String>>, Refusal> {
    const NAME: &str = "sims";
    let Some(value) = claims.member(NAME) else {
        return Ok(None);
    };
    if value.kind() != Kind::Array {
        return Err(Refusal::WrongType(NAME));
    }
    let names = value
        .elements()
        .map(|name| Some(name.string()?.into_owned()));
    let names: Option<Vec<String>> = names.collect();
    names.map(Some).ok_or(Refusal::WrongType(NAME))
}

fn time(claims: Value<'_>, name: &'static str) -> Result<Option<UnixTime>, Refusal> {
    let Some(value) = claims.member(name) else {
        return Ok(None);
    };
    let seconds = value.integer().ok_or(Refusal::WrongType(name))?;
    Ok(Some(UnixTime::from_seconds(seconds)))
}

fn string<'d>(claims: Value<'d>, name: &'static str) -> Result<Cow<'d, str>, Refusal> {
    optional_string(claims, name)?.ok_or(Refusal::MissingClaim(name))
}

fn optional_string<'d>(
    claims: Value<'d>,
    name: &'static str,
) -> Result<Option<Cow<'d, str>>, Refusal> {
    match claims.member(name) {
        Some(value) => value.string().map(Some).ok_or(Refusal::WrongType(name)),
        None => Ok(None),
    }
}
