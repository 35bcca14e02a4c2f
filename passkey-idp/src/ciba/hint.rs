//! Which user a request is about (CIBA §7.1).

use std::fmt;

use strict_jws::json::{Bounds, Document, Value};
use strict_jws::{KeySet, Policy, Unsupported};

use crate::application::ApplicationId;
use crate::id::UserId;
use crate::oauth::{Client, ErrorCode, IdToken, OAuthError};
use crate::{Duration, Instant};

/// What a client says of a user. Tokens are believed when they are verified. `Debug` shows nothing.
#[derive(Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "the standard has three kinds")]
pub enum Hint {
    /// Their identifier (`login_hint`).
    Login(String),
    /// A token that the client has signed (`login_hint_token`).
    LoginToken(String),
    /// An ID token that we have given the client (`id_token_hint`).
    IdToken(String),
}

/// What hints are verified with.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::exhaustive_structs, reason = "the server knows it")]
pub struct Known<'a> {
    /// Who we are (`iss`).
    pub issuer: &'a str,
    /// Our keys.
    pub published: &'a KeySet,
    /// Who asks.
    pub client: &'a ApplicationId,
    /// What that is registered with; its keys verify its tokens.
    pub registered: &'a Client,
}

impl Hint {
    /// Whom it names. Whether there is such a user is seen when the request is placed.
    ///
    /// # Errors
    /// `unknown_user_id`, `expired_login_hint_token`, `invalid_request` for a token that does not verify.
    pub fn user(&self, known: Known<'_>, now: Instant) -> Result<UserId, OAuthError> {
        match self {
            Self::Login(text) => text.parse().or(Err(UNKNOWN)),
            Self::LoginToken(token) => of_client(token, known, now),
            Self::IdToken(token) => of_ours(token, known),
        }
    }
}

/// The client is the issuer, we are the audience, and it is good for ten minutes at most.
fn of_client(token: &str, known: Known<'_>, now: Instant) -> Result<UserId, OAuthError> {
    let keys = keys_of(known.registered).ok_or(UNVERIFIED)?;
    let verified = keys.verify(token, &Policy::untyped_or_jwt());
    let verified = verified.or(Err(UNVERIFIED))?;
    let claims = Document::parse(verified.payload(), Bounds::PAYLOAD).or(Err(UNVERIFIED))?;
    let claims = claims.root();
    let from_client = text(claims, "iss").as_deref() == Some(known.client.as_str());
    if !from_client || !is_for(claims, known.issuer) {
        return Err(UNVERIFIED);
    }
    let expires = claims.member("exp").and_then(|value| value.integer());
    let expires = Instant::from_unix_seconds(expires.ok_or(UNVERIFIED)?);
    if expires <= now {
        return Err(ErrorCode::ExpiredLoginHintToken.because("login_hint_token has expired"));
    }
    if expires > now.plus(LONGEST) {
        return Err(UNVERIFIED);
    }
    subject(claims)
}

/// We are the issuer, the client is the audience; that it has expired does not matter, because it is
/// nobody's proof of anything here.
fn of_ours(token: &str, known: Known<'_>) -> Result<UserId, OAuthError> {
    let read = IdToken::read(token, known.published, known.issuer);
    let read = read.ok().filter(|read| read.client == *known.client);
    read.map(|read| read.user).ok_or(UNVERIFIED)
}

/// The keys that a client has registered.
pub(super) fn keys_of(registered: &Client) -> Option<KeySet> {
    let keys = registered.jwks.as_deref()?;
    KeySet::from_jwks(keys.as_bytes(), Unsupported::Skip).ok()
}

pub(super) fn is_for(claims: Value<'_>, audience: &str) -> bool {
    let Some(said) = claims.member("aud") else {
        return false;
    };
    let mut all = said
        .elements()
        .filter_map(|one| one.string())
        .chain(said.string());
    all.any(|one| one == audience)
}

fn subject(claims: Value<'_>) -> Result<UserId, OAuthError> {
    let subject = text(claims, "sub").ok_or(UNVERIFIED)?;
    subject.parse().or(Err(UNKNOWN))
}

pub(super) fn text(claims: Value<'_>, name: &str) -> Option<String> {
    let value = claims.member(name)?.string()?;
    Some(value.into_owned())
}

impl fmt::Debug for Hint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Login(_) => "Login([redacted])",
            Self::LoginToken(_) => "LoginToken([redacted])",
            Self::IdToken(_) => "IdToken([redacted])",
        })
    }
}

/// What a client is told whose hint names nobody.
pub(super) const UNKNOWN: OAuthError =
    ErrorCode::UnknownUserId.because("the hint names no user here");
const UNVERIFIED: OAuthError = ErrorCode::InvalidRequest.because("the hint does not verify");
const LONGEST: Duration = Duration::from_seconds(10 * 60);
