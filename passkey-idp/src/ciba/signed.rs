//! Requests that their clients have signed (CIBA §7.1.1).

use strict_jws::json::{Bounds, Document, Kind, Value};
use strict_jws::{Policy, Refusal as InvalidToken};

use super::hint::{Known, is_for, keys_of, text};
use crate::oauth::{ErrorCode, OAuthError, Once, Parameters};
use crate::store::Change;
use crate::{Duration, Instant};

/// A request that its client has signed, opened.
#[derive(Debug)]
#[non_exhaustive]
pub struct Opened {
    /// What it asks for.
    pub parameters: Parameters,
    /// What has to be committed with it, and is refused if it was sent before.
    pub used: Change,
}

/// Opens the signed request among `parameters`; nothing if there is none, and the parameters speak for
/// themselves.
///
/// # Errors
/// `invalid_request` for one that is not the client's, not for us, not good now, or has something beside
/// it: what is not signed does not count (§7.1.1).
pub fn open(
    parameters: &Parameters,
    known: Known<'_>,
    now: Instant,
) -> Result<Option<Opened>, OAuthError> {
    let Some(request) = parameters.get("request") else {
        return Ok(None);
    };
    if parameters.iter().any(|(name, _)| !BESIDE.contains(&name)) {
        return Err(ErrorCode::InvalidRequest.because("parameters stand beside the signed request"));
    }
    let keys = keys_of(known.registered).ok_or(INVALID)?;
    let verified: Result<_, InvalidToken> = keys.verify(request, &Policy::untyped_or_jwt());
    let verified = verified.or(Err(INVALID))?;
    let claims = Document::parse(verified.payload(), Bounds::PAYLOAD).or(Err(INVALID))?;
    let claims = claims.root();
    let from_client = text(claims, "iss").as_deref() == Some(known.client.as_str());
    let until = good_until(claims, now).filter(|_| from_client && is_for(claims, known.issuer));
    let name = text(claims, "jti").filter(|name| !name.is_empty());
    let (Some(until), Some(name)) = (until, name) else {
        return Err(INVALID);
    };
    let name = [known.client.as_str().as_bytes(), name.as_bytes()];
    Ok(Some(Opened {
        parameters: members(claims)?,
        used: Once::claim("backchannel request", &name, until),
    }))
}

/// When it ends, if it is good at `now`: all of its times are there, and it was not good for long.
fn good_until(claims: Value<'_>, now: Instant) -> Option<Instant> {
    let at = |name| {
        let seconds = claims.member(name)?.integer()?;
        Some(Instant::from_unix_seconds(seconds))
    };
    let (begins, issued, ends) = (at("nbf")?, at("iat")?, at("exp")?);
    let soon = now.plus(SKEW);
    let is_good = begins <= soon && issued <= soon && now < ends;
    (is_good && ends <= begins.plus(LONGEST)).then_some(ends)
}

/// What it asks for, without what makes it a token.
fn members(claims: Value<'_>) -> Result<Parameters, OAuthError> {
    let asked = claims
        .members()
        .filter(|(name, _)| !REGISTERED.contains(&&**name));
    let pairs = asked.map(|(name, value)| match value.kind() {
        Kind::String => Ok((name, value.string().unwrap_or_default())),
        Kind::Number => Ok((name, value.raw().into())),
        Kind::Null | Kind::Boolean | Kind::Array | Kind::Object => {
            Err(ErrorCode::InvalidRequest.because("a parameter is neither text nor a number"))
        }
    });
    pairs.collect()
}

/// What shows who the client is stands beside the request.
const BESIDE: [&str; 5] = [
    "request",
    "client_id",
    "client_secret",
    "client_assertion",
    "client_assertion_type",
];
const REGISTERED: [&str; 6] = ["iss", "aud", "exp", "iat", "nbf", "jti"];
const INVALID: OAuthError =
    ErrorCode::InvalidRequest.because("the signed request does not verify, or is not good now");
/// How long a request may be good.
const LONGEST: Duration = Duration::from_seconds(60 * 60);
/// How far a client's clock may be ahead.
const SKEW: Duration = Duration::from_seconds(5);
