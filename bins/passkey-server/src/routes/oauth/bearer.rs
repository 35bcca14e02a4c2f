//! Access tokens at our own endpoints (RFC 6750, RFC 9068 §4, RFC 9449 §7).

use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use passkey_idp::Instant;
use passkey_idp::id::TokenId;
use passkey_idp::oauth::{AccessToken, ErrorCode, OAuthError};
use passkey_idp::store::{StoreError, StoreExt as _, Stored};
use strict_jws::Policy;
use strict_jws::dpop::Request as ProofRequest;
use strict_jws::json::{Bounds, Document};

use super::call::{only, proven};
use super::error::Failure;
use crate::state::App;

/// The token that `text` is, if it was issued here, is good now and was not revoked.
pub(in super::super) async fn find(
    app: &App,
    text: &str,
    now: Instant,
) -> Result<Option<Stored<AccessToken>>, StoreError> {
    let Some(id) = issued_here(app, text, now) else {
        return Ok(None);
    };
    let found = app
        .store
        .find::<AccessToken>(&AccessToken::row_id(&id))
        .await?;
    Ok(found.filter(|token| !token.has_expired(now)))
}

/// The token of a request to us, which holds the token's key if it is bound to one.
pub(super) async fn admit(
    app: &App,
    (method, path, headers): (&Method, &str, &HeaderMap),
    now: Instant,
) -> Result<AccessToken, Failure> {
    let field = only(headers, &header::AUTHORIZATION)?.unwrap_or_default();
    let (scheme, text) = field.split_once(' ').unwrap_or((field, ""));
    let is_proven = scheme.eq_ignore_ascii_case("DPoP");
    if !is_proven && !scheme.eq_ignore_ascii_case("Bearer") {
        return Err(MISSING.into());
    }
    let token = find(app, text, now).await?.ok_or(INVALID)?.body;
    match token.grant.key {
        Some(key) if is_proven => {
            let uri = format!("{}{path}", app.settings.origin);
            let request = ProofRequest::new(method.as_str(), &uri).with_token(text.as_bytes());
            if proven(app, headers, request, now).await? == Some(key) {
                Ok(token)
            } else {
                Err(OTHER_KEY.into())
            }
        }
        None if !is_proven => Ok(token),
        _ => Err(INVALID.into()),
    }
}

/// A refusal, with the challenge of a protected resource, which asks for another proof like for another
/// token (RFC 9449 §7.1, §9).
pub(super) fn refused(failure: Failure) -> Response {
    let code = match &failure {
        Failure::Refused(error) => Some(error.code),
        Failure::TooMany(_) | Failure::Failed => None,
    };
    let mut response = failure.into_response();
    if let Some(ErrorCode::InvalidDpopProof | ErrorCode::UseDpopNonce) = code {
        *response.status_mut() = StatusCode::UNAUTHORIZED;
    }
    let challenge = code.map(|code| {
        let code = code.name();
        format!("Bearer error=\"{code}\", DPoP error=\"{code}\", algs=\"ES256 EdDSA RS256\"")
    });
    if let Some(challenge) = challenge.and_then(|text| HeaderValue::try_from(text).ok()) {
        response
            .headers_mut()
            .insert(header::WWW_AUTHENTICATE, challenge);
    }
    response
}

fn issued_here(app: &App, text: &str, now: Instant) -> Option<TokenId> {
    let keys = app.keys.now();
    let verified = keys
        .published()
        .verify(text, &Policy::typed("at+jwt"))
        .ok()?;
    let claims = Document::parse(verified.payload(), Bounds::PAYLOAD).ok()?;
    let claims = claims.root();
    let is_ours = |name| {
        let value = claims.member(name).and_then(|value| value.string());
        value.is_some_and(|value| *value == *app.settings.origin)
    };
    let expires = Instant::from_unix_seconds(claims.member("exp")?.integer()?);
    let good = is_ours("iss") && is_ours("aud") && now < expires;
    let id = claims.member("jti")?.string()?;
    id.parse().ok().filter(|_| good)
}

const MISSING: OAuthError = ErrorCode::InvalidToken.because("there is no access token");
const INVALID: OAuthError = ErrorCode::InvalidToken.because("the access token is not valid");
const OTHER_KEY: OAuthError = ErrorCode::InvalidDpopProof.because("the token's key was not proven");
