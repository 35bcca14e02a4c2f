//! Claims from JSON, each checked before it is believed.

use std::borrow::Cow;
use std::str::FromStr;

use strict_jws::UnixTime;
use strict_jws::json::{Kind, Value};

use super::{Claims, Endorsement, StatusReference};
use crate::{Audience, Method, Refusal, RequestParameters, Sim};

/// How many symbols a token's name has.
const TOKEN_ID_LEN: usize = 22;

/// What the verifier compares with, which need not be kept.
pub(crate) struct Read<'d> {
    pub(crate) issuer: Cow<'d, str>,
    pub(crate) audience: Cow<'d, str>,
    pub(crate) not_before: Option<UnixTime>,
}

/// Reads who issued the payload, and for whom.
pub(crate) fn addresses(payload: Value<'_>) -> Result<Read<'_>, Refusal> {
    if payload.kind() != Kind::Object {
        return Err(Refusal::PayloadNotAnObject);
    }
    Ok(Read {
        issuer: string(payload, "iss")?,
        audience: string(payload, "aud")?,
        not_before: optional_time(payload, "nbf")?,
    })
}

/// Reads the rest, with the SIM under the name `sim`.
pub(crate) fn endorsement(
    payload: Value<'_>,
    audience: Audience,
    sim: &'static str,
) -> Result<Endorsement, Refusal> {
    let token_id = string(payload, "jti")?;
    let symbol = |octet: u8| octet.is_ascii_alphanumeric() || b"-_".contains(&octet);
    if token_id.len() != TOKEN_ID_LEN || !token_id.bytes().all(symbol) {
        return Err(Refusal::InvalidClaim("jti"));
    }
    let issued = time(payload, "iat")?;
    let expires = time(payload, "exp")?;
    Ok(Endorsement {
        claims: claims(payload, audience, sim)?,
        token_id: token_id.into_owned(),
        issued,
        expires,
    })
}

fn claims(payload: Value<'_>, audience: Audience, sim: &'static str) -> Result<Claims, Refusal> {
    let subject = string(payload, "sub")?;
    let subject = subject.parse().or(Err(Refusal::InvalidClaim("sub")))?;
    let sim = read_sim(payload.member(sim).ok_or(Refusal::MissingClaim(sim))?, sim)?;
    Ok(Claims {
        nonce: optional_string(payload, "nonce")?.map(Cow::into_owned),
        auth_time: optional_time(payload, "auth_time")?,
        acr: optional_string(payload, "acr")?.map(Cow::into_owned),
        amr: strings(payload, "amr")?,
        key: key(payload)?,
        status: status(payload)?,
        ..Claims::new(audience, subject, sim)
    })
}

fn read_sim(claim: Value<'_>, name: &'static str) -> Result<Sim, Refusal> {
    if claim.kind() != Kind::Object {
        return Err(Refusal::WrongType(name));
    }
    let method = optional_string(claim, "method")?;
    let method = method.map(|name| Method::from_name(&name).ok_or(Refusal::InvalidClaim("method")));
    Ok(Sim {
        imsi: identity(claim, "imsi")?,
        imei: identity(claim, "imei")?,
        msisdn: identity(claim, "msisdn")?,
        id: identity(claim, "simId")?,
        method: method.transpose()?,
        request_parameters: request_parameters(claim)?,
    })
}

fn identity<T: FromStr>(claim: Value<'_>, name: &'static str) -> Result<Option<T>, Refusal> {
    let text = optional_string(claim, name)?;
    let parsed = text.map(|text| text.parse().or(Err(Refusal::InvalidClaim(name))));
    parsed.transpose()
}

fn request_parameters(claim: Value<'_>) -> Result<RequestParameters, Refusal> {
    const NAME: &str = "requestParameters";
    let Some(parameters) = claim.member(NAME) else {
        return Ok(RequestParameters::default());
    };
    if parameters.kind() != Kind::Object {
        return Err(Refusal::WrongType(NAME));
    }
    let pairs: Option<Vec<(String, String)>> = parameters
        .members()
        .map(|(name, value)| Some((name.into_owned(), value.string()?.into_owned())))
        .collect();
    let pairs = pairs.ok_or(Refusal::WrongType(NAME))?;
    RequestParameters::collect(pairs).or(Err(Refusal::InvalidClaim(NAME)))
}

fn key(payload: Value<'_>) -> Result<Option<strict_jws::Thumbprint>, Refusal> {
    let Some(cnf) = payload.member("cnf") else {
        return Ok(None);
    };
    // Another way of confirmation (RFC 7800 §3) is one that nobody here can check.
    let jkt = string(cnf, "jkt")?;
    jkt.parse().map(Some).or(Err(Refusal::InvalidClaim("jkt")))
}

fn status(payload: Value<'_>) -> Result<Option<StatusReference>, Refusal> {
    let Some(status) = payload.member("status") else {
        return Ok(None);
    };
    let list = status
        .member("status_list")
        .ok_or(Refusal::MissingClaim("status_list"))?;
    let index = list.member("idx").ok_or(Refusal::MissingClaim("idx"))?;
    let index = index.integer().ok_or(Refusal::WrongType("idx"))?;
    Ok(Some(StatusReference::new(string(list, "uri")?, index)))
}

fn time(payload: Value<'_>, name: &'static str) -> Result<UnixTime, Refusal> {
    optional_time(payload, name)?.ok_or(Refusal::MissingClaim(name))
}

fn optional_time(payload: Value<'_>, name: &'static str) -> Result<Option<UnixTime>, Refusal> {
    let Some(value) = payload.member(name) else {
        return Ok(None);
    };
    let seconds = value.integer().ok_or(Refusal::WrongType(name))?;
    Ok(Some(UnixTime::from_seconds(seconds)))
}

pub(crate) fn string<'d>(object: Value<'d>, name: &'static str) -> Result<Cow<'d, str>, Refusal> {
    optional_string(object, name)?.ok_or(Refusal::MissingClaim(name))
}

fn optional_string<'d>(
    object: Value<'d>,
    name: &'static str,
) -> Result<Option<Cow<'d, str>>, Refusal> {
    match object.member(name) {
        Some(value) => value.string().map(Some).ok_or(Refusal::WrongType(name)),
        None => Ok(None),
    }
}

fn strings(payload: Value<'_>, name: &'static str) -> Result<Vec<String>, Refusal> {
    let Some(value) = payload.member(name) else {
        return Ok(Vec::new());
    };
    if value.kind() != Kind::Array {
        return Err(Refusal::WrongType(name));
    }
    let strings = value
        .elements()
        .map(|element| Some(element.string()?.into_owned()));
    strings
        .collect::<Option<_>>()
        .ok_or(Refusal::WrongType(name))
}
