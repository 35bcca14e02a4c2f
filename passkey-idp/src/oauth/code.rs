//! Authorization codes: good once, for one client, with its verifier (OAuth 2.1 §4.1.2, §4.1.3).

use serde::{Deserialize, Serialize};
use strict_jws::{SecureRandom, Thumbprint};

use super::authorize::AuthorizationRequest;
use super::{Authentication, CodeChallenge, CodeVerifier, ErrorCode, Grant, OAuthError, Scope};
use crate::application::{ApplicationId, RedirectUri};
use crate::id::{Code, FamilyId};
use crate::random::NoRandomness;
use crate::store::{Change, Kind, New, Record, RowId, Set, State, Stored, Where};
use crate::{Duration, Instant};

/// What a code stands for, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AuthorizationCode {
    /// What it is exchanged for.
    pub grant: Grant,
    /// Where it was sent.
    pub redirect_uri: RedirectUri,
    /// What its client has to show.
    pub challenge: CodeChallenge,
    /// The tokens that it is exchanged for: they die when it is used again.
    pub family: FamilyId,
}

/// Whether a code was used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "the state machine is closed")]
pub enum CodeState {
    /// It was not.
    Issued,
    /// It was.
    Used,
}

/// A code that is ready to be committed, and sent.
#[derive(Debug)]
#[non_exhaustive]
pub struct Issued {
    /// What the client is sent.
    pub code: Code,
    /// What makes it stand in a store.
    pub change: Change,
}

/// What a client shows with a code.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::exhaustive_structs, reason = "the token endpoint makes it")]
pub struct Presented<'a> {
    /// Who it is; it has authenticated, or is public.
    pub client: &'a ApplicationId,
    /// The verifier.
    pub verifier: &'a CodeVerifier,
    /// Where the code was sent, if the client says so.
    pub redirect_uri: Option<&'a str>,
    /// The key that it has proven to hold.
    pub key: Option<Thumbprint>,
}

/// Why a code is refused. The client is told no more than `invalid_grant`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CodeRefusal {
    /// It was sent to another client.
    #[error("the code is another client's")]
    OtherClient,
    /// It was used before: what it was exchanged for has to be revoked.
    #[error("the code was used before")]
    Replayed(FamilyId),
    /// It came too late.
    #[error("the code has expired")]
    Expired,
    /// It was sent elsewhere.
    #[error("the code was sent to another redirect_uri")]
    OtherRedirect,
    /// The verifier is another. The code stays good for who has the right one.
    #[error("the code's verifier is another")]
    WrongVerifier,
    /// It is bound to another key.
    #[error("the code is bound to another key")]
    OtherKey,
}

impl From<CodeRefusal> for OAuthError {
    fn from(_: CodeRefusal) -> Self {
        ErrorCode::InvalidGrant.because("the code is not valid")
    }
}

impl AuthorizationCode {
    /// Where it stands in a store.
    pub fn row_id(code: &Code) -> RowId {
        code.digest().into()
    }

    /// A code that answers `request`: `authentication` has granted `scope`. It is good for a minute.
    ///
    /// # Errors
    /// The system gave no random numbers.
    pub fn issue(
        request: &AuthorizationRequest,
        authentication: Authentication,
        scope: Scope,
        random: &dyn SecureRandom,
        now: Instant,
    ) -> Result<Issued, NoRandomness> {
        let code = Code::generate(random)?;
        let body = Self {
            grant: Grant {
                client: request.client.clone(),
                scope,
                authentication,
                nonce: request.nonce.clone(),
                claims: request.asked_claims(),
                key: request.dpop_jkt.as_ref().and_then(|key| key.parse().ok()),
            },
            redirect_uri: request.redirect_uri.clone(),
            challenge: request.code_challenge,
            family: FamilyId::generate(random)?,
        };
        let until = now.plus(LIFETIME);
        let new = New::record(Self::row_id(&code), CodeState::Issued, &body)
            .owned_by(body.grant.authentication.user.digest().into())
            .expires_at(until)
            .purge_at(until.plus(REMEMBERED));
        Ok(Issued {
            code,
            change: Change::insert(new),
        })
    }
}

impl Stored<AuthorizationCode> {
    /// It is good for nobody any more; refused if it was used meanwhile.
    pub fn withdraw(&self) -> Change {
        let which = Where::id(self.id.clone()).state_in(&[CodeState::Issued]);
        let used = Set::<AuthorizationCode>::state(CodeState::Used);
        Change::update(which.even_if_expired(), used)
    }

    /// What it is exchanged for, and the change that has to be committed with the tokens. If that is
    /// refused, the code was used in the meantime: read it again.
    ///
    /// # Errors
    /// [`CodeRefusal`]
    pub fn redeem(
        &self,
        presented: &Presented<'_>,
        now: Instant,
    ) -> Result<(Grant, Change), CodeRefusal> {
        if self.body.grant.client != *presented.client {
            return Err(CodeRefusal::OtherClient);
        }
        if self.state == CodeState::Used {
            return Err(CodeRefusal::Replayed(self.body.family));
        }
        if self.has_expired(now) {
            return Err(CodeRefusal::Expired);
        }
        let elsewhere = |uri: &str| uri != self.body.redirect_uri.as_str();
        if presented.redirect_uri.is_some_and(elsewhere) {
            return Err(CodeRefusal::OtherRedirect);
        }
        if !self.body.challenge.matches(presented.verifier) {
            return Err(CodeRefusal::WrongVerifier);
        }
        let key = match self.body.grant.key {
            Some(key) if presented.key != Some(key) => return Err(CodeRefusal::OtherKey),
            _ => presented.key,
        };
        let grant = Grant {
            key,
            ..self.body.grant.clone()
        };
        let which = Where::id(self.id.clone()).state_in(&[CodeState::Issued]);
        let used = Set::<AuthorizationCode>::state(CodeState::Used);
        Ok((grant, Change::update(which, used)))
    }
}

impl State for CodeState {
    const ALL: &'static [Self] = &[Self::Issued, Self::Used];

    fn name(self) -> &'static str {
        match self {
            Self::Issued => "issued",
            Self::Used => "used",
        }
    }
}

impl Record for AuthorizationCode {
    const KIND: Kind = Kind::AuthorizationCode;
    type State = CodeState;
}

const LIFETIME: Duration = Duration::from_seconds(60);
/// For how long its second use is noticed.
const REMEMBERED: Duration = Duration::from_seconds(24 * 60 * 60);

#[cfg(test)]
mod tests;
