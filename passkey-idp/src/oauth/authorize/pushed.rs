//! Pushed authorization requests (RFC 9126).

use std::fmt;
use std::str::FromStr;

use strict_jws::SecureRandom;

use super::{AuthorizationRequest, Progress, RequestState};
use crate::application::{Application, ApplicationId};
use crate::id::PushedSecret;
use crate::random::{Digest, InvalidValue, NoRandomness};
use crate::store::{Change, New, RowId, Set, Stored, Where};
use crate::{Duration, Instant};

/// What a pushed request is named by (`request_uri`): nobody guesses it, and it is good for one
/// browser.
#[derive(Clone)]
pub struct RequestUri(PushedSecret);

const PREFIX: &str = "urn:ietf:params:oauth:request_uri:";

impl RequestUri {
    /// Where the request stands in a store.
    pub fn row_id(&self) -> RowId {
        self.0.digest().into()
    }

    /// As the client gets it.
    pub fn expose(&self) -> String {
        format!("{PREFIX}{}", self.0.expose().as_str())
    }
}

impl FromStr for RequestUri {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        let secret = text.strip_prefix(PREFIX).ok_or(InvalidValue)?;
        secret.parse().map(Self)
    }
}

impl fmt::Debug for RequestUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RequestUri([redacted])")
    }
}

/// A request that a browser has brought, ready to be committed.
#[derive(Debug)]
#[non_exhaustive]
pub struct Brought {
    /// Where it stands: what its pages are named by. Only its own browser may ask for them.
    pub id: RowId,
    /// What makes it stand there.
    pub changes: Vec<Change>,
}

/// A request that was pushed, ready to be committed.
#[derive(Debug)]
#[non_exhaustive]
pub struct Pushed {
    /// What the client is told.
    pub request_uri: RequestUri,
    /// For how long it is good (`expires_in`).
    pub lifetime: Duration,
    /// What makes it stand in a store.
    pub change: Change,
}

/// Why a pushed request is not opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PushRefusal {
    /// Another client has pushed it.
    #[error("the request is another client's")]
    OtherClient,
    /// A browser has brought it already.
    #[error("the request was used")]
    Used,
    /// It was pushed too long ago.
    #[error("the request has expired")]
    Expired,
}

impl AuthorizationRequest {
    /// Keeps it for the user to answer, for 15 minutes, unless its client was locked out meanwhile.
    ///
    /// # Errors
    /// The system gave no random numbers.
    pub fn bring(&self, random: &dyn SecureRandom, now: Instant) -> Result<Brought, NoRandomness> {
        let id: RowId = PushedSecret::generate(random)?.digest().into();
        let new = New::record(id.clone(), RequestState::Open, self)
            .owned_by(self.client.row_id())
            .expires_at(now.plus(OPEN));
        let standing = Application::require_active(&self.client);
        Ok(Brought {
            id,
            changes: vec![standing, Change::insert(new)],
        })
    }

    /// Keeps it for a browser to bring, for 90 seconds.
    ///
    /// # Errors
    /// The system gave no random numbers.
    pub fn push(&self, random: &dyn SecureRandom, now: Instant) -> Result<Pushed, NoRandomness> {
        let request_uri = RequestUri(PushedSecret::generate(random)?);
        let new = New::record(request_uri.row_id(), RequestState::Pushed, self)
            .owned_by(self.client.row_id())
            .expires_at(now.plus(PUSHED));
        Ok(Pushed {
            request_uri,
            lifetime: PUSHED,
            change: Change::insert(new),
        })
    }
}

impl Stored<AuthorizationRequest> {
    /// `browser` has brought it: from now on it waits for the user, for 15 minutes.
    ///
    /// # Errors
    /// [`PushRefusal`]
    pub fn open(
        &self,
        client: &ApplicationId,
        browser: Option<Digest>,
        now: Instant,
    ) -> Result<Change, PushRefusal> {
        if self.body.client != *client {
            return Err(PushRefusal::OtherClient);
        }
        if self.state != RequestState::Pushed {
            return Err(PushRefusal::Used);
        }
        if self.has_expired(now) {
            return Err(PushRefusal::Expired);
        }
        let until = now.plus(OPEN);
        let which = Where::id(self.id.clone()).state_in(&[RequestState::Pushed]);
        let body = AuthorizationRequest {
            progress: Progress {
                browser,
                ..self.body.progress.clone()
            },
            ..self.body.clone()
        };
        let set = Set::state(RequestState::Open).body(&body);
        Ok(Change::update(which, set.expires_at(until).purge_at(until)))
    }

    /// It has got on that far; refused if it has got on otherwise since it was read.
    pub fn go_on(&self, progress: Progress) -> Change {
        let body = AuthorizationRequest {
            progress,
            ..self.body.clone()
        };
        let which = Where::id(self.id.clone()).state_in(&[RequestState::Open]);
        Change::update(which.version(self.version), Set::body_only(&body))
    }

    /// The user has answered: that happens once.
    pub fn answer(&self) -> Change {
        let which = Where::id(self.id.clone()).state_in(&[RequestState::Open]);
        Change::update(
            which.version(self.version),
            Set::<AuthorizationRequest>::state(RequestState::Answered),
        )
    }
}

const PUSHED: Duration = Duration::from_seconds(90);
const OPEN: Duration = Duration::from_seconds(15 * 60);
