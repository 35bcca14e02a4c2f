//! What a client is told of a token (RFC 7662).

use serde::{Deserialize, Serialize};

use super::refresh::{RefreshFamily, RefreshToken};
use super::{AccessToken, Client, Grant, Scope};
use crate::Instant;
use crate::application::ApplicationId;
use crate::id::UserId;
use crate::store::Stored;

/// Whose tokens a client may ask about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Introspection {
    /// Its own.
    #[default]
    Own,
    /// Everyone's: it guards what the tokens are for.
    Everyones,
}

/// Who asks: a client that has authenticated.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::exhaustive_structs, reason = "the server knows it")]
pub struct Asker<'a> {
    /// Its name.
    pub client: &'a ApplicationId,
    /// What it is registered with.
    pub registered: &'a Client,
}

/// What it is told of a token that is good (RFC 7662 §2.2), as JSON.
///
/// Of every other token it is told no more than that it is not, whatever is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Told {
    active: bool,
    iss: String,
    sub: UserId,
    client_id: ApplicationId,
    scope: Scope,
    exp: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    iat: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    aud: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    token_type: Option<&'static str>,
    auth_time: u64,
    acr: String,
    amr: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cnf: Option<Confirmation>,
}

/// The key that a token is bound to (RFC 9449 §6.2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Confirmation {
    jkt: String,
}

impl Told {
    /// Of an access token of `issuer`; nothing if it has expired or is none of the asker's business.
    pub fn of_access(
        token: &Stored<AccessToken>,
        asker: Asker<'_>,
        issuer: &str,
        now: Instant,
    ) -> Option<Self> {
        let grant = &token.body.grant;
        let good = !token.has_expired(now) && asker.may_know(grant);
        let kind = if grant.key.is_some() {
            "DPoP"
        } else {
            "Bearer"
        };
        good.then(|| Self {
            iat: Some(token.created_at.unix_seconds()),
            aud: Some(issuer.to_owned()),
            token_type: Some(kind),
            ..Self::of(grant, issuer, token.expires_at)
        })
    }

    /// Of a refresh token of `issuer`; nothing if it is not the one that is good now.
    pub fn of_refresh(
        (family, token): (&Stored<RefreshFamily>, &RefreshToken),
        asker: Asker<'_>,
        issuer: &str,
        now: Instant,
    ) -> Option<Self> {
        let grant = &family.body.grant;
        let good = family.is_current(token, now) && asker.may_know(grant);
        good.then(|| Self::of(grant, issuer, family.expires_at))
    }

    fn of(grant: &Grant, issuer: &str, until: Instant) -> Self {
        let authentication = &grant.authentication;
        Self {
            active: true,
            iss: issuer.to_owned(),
            sub: authentication.user,
            client_id: grant.client.clone(),
            scope: grant.scope.clone(),
            exp: until.unix_seconds(),
            iat: None,
            aud: None,
            token_type: None,
            auth_time: authentication.at.unix_seconds(),
            acr: authentication.acr.clone(),
            amr: authentication.amr.clone(),
            cnf: grant.key.map(|key| Confirmation {
                jkt: key.to_string(),
            }),
        }
    }
}

impl Asker<'_> {
    fn may_know(&self, grant: &Grant) -> bool {
        grant.client == *self.client || self.registered.introspection == Introspection::Everyones
    }
}

#[cfg(test)]
mod tests;
