//! Refresh tokens: each good once, and all of a grant's dead when one comes twice (OAuth 2.1 §4.3).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use strict_jws::{SecureRandom, Thumbprint};

use super::{ErrorCode, Grant, OAuthError, Scope};
use crate::application::ApplicationId;
use crate::id::{FamilyId, RefreshSecret};
use crate::random::{Digest, InvalidValue, NoRandomness};
use crate::store::{Change, Kind, New, Record, RowId, Set, State, Stored, Where};
use crate::{Duration, Instant};

/// A refresh token: its family, and a secret that changes with each use. `Debug` shows neither.
#[derive(Clone)]
pub struct RefreshToken {
    family: FamilyId,
    secret: RefreshSecret,
}

/// The tokens of one grant, as they are kept. What has no refresh token has a family all the same, so
/// that its access tokens can be revoked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RefreshFamily {
    /// Its name.
    pub id: FamilyId,
    /// What was granted.
    pub grant: Grant,
    /// The refresh token that is good now.
    pub current: Option<Digest>,
    /// How many times there was a new one.
    pub rotations: u64,
}

/// Whether a family's tokens are good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "the state machine is closed")]
pub enum FamilyState {
    /// They are.
    Alive,
    /// They were revoked.
    Revoked,
}

/// What a client shows with a refresh token.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::exhaustive_structs, reason = "the token endpoint makes it")]
pub struct Presented<'a> {
    /// Who it is.
    pub client: &'a ApplicationId,
    /// The token.
    pub token: &'a RefreshToken,
    /// The scopes that the new access token is to have: all, if none are named.
    pub scope: Option<&'a Scope>,
    /// The key that it has proven to hold.
    pub key: Option<Thumbprint>,
}

/// A family with a new refresh token, ready to be committed.
#[derive(Debug)]
#[non_exhaustive]
pub struct Rotated {
    /// The new refresh token.
    pub token: RefreshToken,
    /// What the new access token is for.
    pub grant: Grant,
    /// The change. If it is refused, the token was used at the same time elsewhere: revoke the family.
    pub change: Change,
}

/// Why a refresh token is refused. The client is told no more than `invalid_grant`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RefreshRefusal {
    /// It is another client's.
    #[error("the refresh token is another client's")]
    OtherClient,
    /// Its family was revoked.
    #[error("the refresh token was revoked")]
    Revoked,
    /// It came too late.
    #[error("the refresh token has expired")]
    Expired,
    /// It was used before: whoever comes now, or came then, has stolen it. The family has to be revoked.
    #[error("the refresh token was used before")]
    Reused,
    /// It is bound to another key.
    #[error("the refresh token is bound to another key")]
    OtherKey,
    /// More scopes than were granted.
    #[error("more scopes than were granted")]
    WiderScope,
    /// The system gave no random numbers.
    #[error(transparent)]
    Randomness(#[from] NoRandomness),
}

impl From<RefreshRefusal> for OAuthError {
    fn from(refusal: RefreshRefusal) -> Self {
        match refusal {
            RefreshRefusal::WiderScope => {
                ErrorCode::InvalidScope.because("more scopes than were granted")
            }
            RefreshRefusal::Randomness(_) => ErrorCode::ServerError.because("try again"),
            RefreshRefusal::OtherClient
            | RefreshRefusal::Revoked
            | RefreshRefusal::Expired
            | RefreshRefusal::Reused
            | RefreshRefusal::OtherKey => {
                ErrorCode::InvalidGrant.because("the refresh token is not valid")
            }
        }
    }
}

/// Whether a family is to have refresh tokens, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "there is no third answer")]
pub enum Refreshing {
    /// Access tokens only; the family is remembered that long.
    Not(Duration),
    /// Until that long after the grant.
    For(Duration),
}

impl RefreshFamily {
    /// Where it stands in a store.
    pub fn row_id(id: &FamilyId) -> RowId {
        id.digest().into()
    }

    /// A family of tokens for `grant`, and its first refresh token if there is to be one.
    ///
    /// # Errors
    /// The system gave no random numbers.
    pub fn start(
        id: FamilyId,
        grant: Grant,
        refreshing: Refreshing,
        random: &dyn SecureRandom,
        now: Instant,
    ) -> Result<(Option<RefreshToken>, Change), NoRandomness> {
        let (token, lifetime) = match refreshing {
            Refreshing::Not(lifetime) => (None, lifetime),
            Refreshing::For(lifetime) => (Some(RefreshToken::generate(id, random)?), lifetime),
        };
        let family = Self {
            id,
            grant,
            current: token.as_ref().map(RefreshToken::digest),
            rotations: 0,
        };
        let owner = family.grant.authentication.user.digest();
        let new = New::record(Self::row_id(&id), FamilyState::Alive, &family)
            .owned_by(owner.into())
            .expires_at(now.plus(lifetime));
        Ok((token, Change::insert(new)))
    }

    /// Revokes it, whatever state it is in and whether or not it is there.
    pub fn revoke(id: &FamilyId) -> Change {
        let which = Where::id(Self::row_id(id)).even_if_expired();
        Change::update(which, Set::<Self>::state(FamilyState::Revoked))
    }
}

impl Stored<RefreshFamily> {
    /// Whether its access tokens are good.
    pub fn is_alive(&self, now: Instant) -> bool {
        self.state == FamilyState::Alive && !self.has_expired(now)
    }

    /// Whether `token` is the refresh token that is good now.
    pub fn is_current(&self, token: &RefreshToken, now: Instant) -> bool {
        self.is_alive(now) && self.body.current == Some(token.digest())
    }

    /// Takes a refresh token for a new one.
    ///
    /// # Errors
    /// [`RefreshRefusal`]
    pub fn rotate(
        &self,
        presented: &Presented<'_>,
        random: &dyn SecureRandom,
        now: Instant,
    ) -> Result<Rotated, RefreshRefusal> {
        let grant = self.granted(presented, now)?;
        let token = RefreshToken::generate(self.body.id, random)?;
        let family = RefreshFamily {
            current: Some(token.digest()),
            rotations: self.body.rotations.saturating_add(1),
            ..self.body.clone()
        };
        let which = Where::id(self.id.clone())
            .state_in(&[FamilyState::Alive])
            .version(self.version);
        Ok(Rotated {
            token,
            grant,
            change: Change::update(which, Set::body_only(&family)),
        })
    }

    fn granted(&self, presented: &Presented<'_>, now: Instant) -> Result<Grant, RefreshRefusal> {
        let grant = &self.body.grant;
        if grant.client != *presented.client {
            return Err(RefreshRefusal::OtherClient);
        }
        if self.state == FamilyState::Revoked {
            return Err(RefreshRefusal::Revoked);
        }
        if self.has_expired(now) {
            return Err(RefreshRefusal::Expired);
        }
        if self.body.current != Some(presented.token.digest()) {
            return Err(RefreshRefusal::Reused);
        }
        if grant.key.is_some() && grant.key != presented.key {
            return Err(RefreshRefusal::OtherKey);
        }
        let scope = presented.scope.unwrap_or(&grant.scope);
        if !scope.is_within(&grant.scope) {
            return Err(RefreshRefusal::WiderScope);
        }
        Ok(Grant {
            scope: scope.clone(),
            key: presented.key,
            ..grant.clone()
        })
    }
}

impl RefreshToken {
    /// The family that it says it is of.
    pub const fn family(&self) -> &FamilyId {
        &self.family
    }

    /// As the client gets it.
    pub fn expose(&self) -> zeroize::Zeroizing<String> {
        format!("{}.{}", self.family, self.secret.expose().as_str()).into()
    }

    fn generate(family: FamilyId, random: &dyn SecureRandom) -> Result<Self, NoRandomness> {
        let secret = RefreshSecret::generate(random)?;
        Ok(Self { family, secret })
    }

    fn digest(&self) -> Digest {
        self.secret.digest()
    }
}

impl FromStr for RefreshToken {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        let (family, secret) = text.split_once('.').ok_or(InvalidValue)?;
        Ok(Self {
            family: family.parse()?,
            secret: secret.parse()?,
        })
    }
}

impl fmt::Debug for RefreshToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RefreshToken([redacted])")
    }
}

impl State for FamilyState {
    const ALL: &'static [Self] = &[Self::Alive, Self::Revoked];

    fn name(self) -> &'static str {
        match self {
            Self::Alive => "alive",
            Self::Revoked => "revoked",
        }
    }
}

impl Record for RefreshFamily {
    const KIND: Kind = Kind::RefreshFamily;
    type State = FamilyState;
}

#[cfg(test)]
mod tests;
