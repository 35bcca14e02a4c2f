//! Tokens: what a client gets for a grant.

use ring::digest::{SHA256, SHA512, digest};
use serde::{Deserialize, Serialize};
use strict_jws::json::ObjectWriter;
use strict_jws::{Algorithm, SecureRandom, Signer, SigningFailed, base64};

use super::Grant;
use crate::id::{FamilyId, TokenId};
use crate::random::NoRandomness;
use crate::store::{Change, Kind, Live, New, Record, RowId};
use crate::{Duration, Instant};

/// What tokens are signed with, and by whom.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::exhaustive_structs, reason = "the server knows it")]
pub struct TokenIssuer<'a> {
    /// The issuer (`iss`).
    pub issuer: &'a str,
    /// The active key.
    pub signer: &'a Signer,
    /// How long an access token is good.
    pub access: Duration,
    /// How long an ID token is good.
    pub identity: Duration,
}

/// An access token as it is kept: so that it can be asked about, and revoked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AccessToken {
    /// What it is good for.
    pub grant: Grant,
    /// The tokens that it came with.
    pub family: FamilyId,
}

/// An access token that is ready to be committed, and sent.
#[non_exhaustive]
pub struct IssuedToken {
    /// The token: a JWT (RFC 9068).
    pub token: String,
    /// What makes it stand in a store.
    pub change: Change,
}

/// Why there is no token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IssueError {
    /// The system gave no random numbers.
    #[error(transparent)]
    Randomness(#[from] NoRandomness),
    /// The key did not sign.
    #[error(transparent)]
    Signing(#[from] SigningFailed),
}

impl AccessToken {
    /// Where it stands in a store.
    pub fn row_id(id: &TokenId) -> RowId {
        id.digest().into()
    }
}

impl TokenIssuer<'_> {
    /// An access token for `grant` (RFC 9068 §2). It is for `audience`; with none, for the issuer's own
    /// endpoints.
    ///
    /// # Errors
    /// [`IssueError`]
    pub fn access_token(
        &self,
        grant: &Grant,
        family: FamilyId,
        random: &dyn SecureRandom,
        now: Instant,
    ) -> Result<IssuedToken, IssueError> {
        let id = TokenId::generate(random)?;
        let until = now.plus(self.access);
        let mut claims = ObjectWriter::new();
        claims
            .string("iss", self.issuer)
            .string("sub", &grant.authentication.user.to_string())
            .string("aud", self.issuer)
            .string("client_id", grant.client.as_str())
            .string("jti", &id.to_string())
            .integer("iat", now.unix_seconds())
            .integer("exp", until.unix_seconds())
            .string("scope", &grant.scope.to_string());
        authenticated(&mut claims, grant);
        if let Some(key) = &grant.key {
            claims.object("cnf", |cnf| {
                cnf.string("jkt", &key.to_string());
            });
        }
        let token = self
            .signer
            .sign(Some("at+jwt"), claims.finish().as_bytes(), random)?;
        let body = AccessToken {
            grant: grant.clone(),
            family,
        };
        let new = New::record(AccessToken::row_id(&id), Live, &body)
            .owned_by(family.digest().into())
            .expires_at(until);
        Ok(IssuedToken {
            token,
            change: Change::insert(new),
        })
    }

    /// An ID token for `grant` (OpenID Connect Core §2), which goes with that access token.
    ///
    /// # Errors
    /// [`IssueError`]
    pub fn id_token(
        &self,
        grant: &Grant,
        access_token: &str,
        random: &dyn SecureRandom,
        now: Instant,
    ) -> Result<String, IssueError> {
        self.id_token_with(grant, access_token, |_| {}, (random, now))
    }

    /// The same, with what `also` writes.
    pub(crate) fn id_token_with(
        &self,
        grant: &Grant,
        access_token: &str,
        also: impl FnOnce(&mut ObjectWriter),
        (random, now): (&dyn SecureRandom, Instant),
    ) -> Result<String, IssueError> {
        let mut claims = ObjectWriter::new();
        claims
            .string("iss", self.issuer)
            .string("sub", &grant.authentication.user.to_string())
            .string("aud", grant.client.as_str())
            .integer("iat", now.unix_seconds())
            .integer("exp", now.plus(self.identity).unix_seconds())
            .string("at_hash", &half_hash(self.signer.algorithm(), access_token));
        authenticated(&mut claims, grant);
        if let Some(nonce) = &grant.nonce {
            claims.string("nonce", nonce);
        }
        if let Some(session) = &grant.authentication.session {
            claims.string("sid", &session.to_string());
        }
        also(&mut claims);
        let token = self
            .signer
            .sign(Some("JWT"), claims.finish().as_bytes(), random)?;
        Ok(token)
    }
}

/// How the user signed in, which both kinds of tokens say.
fn authenticated(claims: &mut ObjectWriter, grant: &Grant) {
    let authentication = &grant.authentication;
    claims
        .integer("auth_time", authentication.at.unix_seconds())
        .string("acr", &authentication.acr)
        .strings("amr", authentication.amr.iter().map(String::as_str))
        .raw("up", "true")
        .raw(
            "uv",
            if authentication.has_verified_user() {
                "true"
            } else {
                "false"
            },
        );
}

/// The left half of the digest that goes with the algorithm of an ID token (OpenID Connect Core
/// §3.1.3.6).
pub(crate) fn half_hash(algorithm: Algorithm, token: &str) -> String {
    let kind = match algorithm {
        Algorithm::EdDsa => &SHA512,
        Algorithm::Es256 | Algorithm::Rs256 | _ => &SHA256,
    };
    let digest = digest(kind, token.as_bytes());
    let (half, _) = digest.as_ref().split_at(kind.output_len() / 2);
    base64::encode(half)
}

impl Record for AccessToken {
    const KIND: Kind = Kind::AccessToken;
    type State = Live;
}

impl std::fmt::Debug for IssuedToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("IssuedToken([redacted])")
    }
}
