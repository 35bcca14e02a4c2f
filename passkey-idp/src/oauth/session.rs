//! Browsers that have signed in, so that their users need not for every application.

use serde::{Deserialize, Serialize};
use strict_jws::SecureRandom;

use super::Authentication;
use crate::id::{SessionId, SessionSecret};
use crate::order::Outcome;
use crate::random::NoRandomness;
use crate::store::{Change, Kind, New, Record, RowId, Set, State, Stored, Where};
use crate::user::User;
use crate::{Duration, Instant};

/// A browser that has signed in, as it is kept: under the digest of its secret, with its user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct BrowserSession {
    /// The session's name (`sid`), which clients learn; the secret it does not tell.
    pub id: SessionId,
    /// How its user signed in.
    pub authentication: Authentication,
}

/// Whether a session goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "the state machine is closed")]
pub enum SessionState {
    /// It does.
    Open,
    /// The user has signed out.
    Ended,
}

/// A session that is ready to be committed.
#[derive(Debug)]
#[non_exhaustive]
pub struct Started {
    /// What the browser is told; nobody else.
    pub secret: SessionSecret,
    /// How its user signed in, with the session's name.
    pub authentication: Authentication,
    /// What makes it stand in a store.
    pub change: Change,
}

impl BrowserSession {
    /// How long a session goes on: 12 hours.
    pub const LIFETIME: Duration = Duration::from_seconds(12 * 60 * 60);

    /// Where it stands in a store.
    pub fn row_id(secret: &SessionSecret) -> RowId {
        secret.digest().into()
    }

    /// The session of a browser whose user has signed an order.
    ///
    /// # Errors
    /// The system gave no random numbers.
    pub fn start(
        outcome: &Outcome,
        random: &dyn SecureRandom,
        now: Instant,
    ) -> Result<Started, NoRandomness> {
        Self::named(SessionId::generate(random)?, outcome, random, now)
    }

    fn named(
        id: SessionId,
        outcome: &Outcome,
        random: &dyn SecureRandom,
        now: Instant,
    ) -> Result<Started, NoRandomness> {
        let secret = SessionSecret::generate(random)?;
        let authentication = Authentication {
            session: Some(id),
            ..Authentication::by(outcome)
        };
        let body = Self {
            id,
            authentication: authentication.clone(),
        };
        let new = New::record(Self::row_id(&secret), SessionState::Open, &body)
            .owned_by(User::row_id(&outcome.user))
            .expires_at(now.plus(Self::LIFETIME));
        Ok(Started {
            secret,
            authentication,
            change: Change::insert(new),
        })
    }
}

impl Stored<BrowserSession> {
    /// Whether it goes on at `now`.
    pub fn is_open(&self, now: Instant) -> bool {
        self.state == SessionState::Open && !self.has_expired(now)
    }

    /// The session of the same browser when somebody signs in there again: by another secret, and under
    /// the same name if it is the same user, so that signing out ends all that came of both. This one
    /// has to [end](Self::end) with it.
    ///
    /// # Errors
    /// The system gave no random numbers.
    pub fn renewed(
        &self,
        outcome: &Outcome,
        random: &dyn SecureRandom,
        now: Instant,
    ) -> Result<Started, NoRandomness> {
        if outcome.user == self.body.authentication.user {
            BrowserSession::named(self.body.id, outcome, random, now)
        } else {
            BrowserSession::start(outcome, random, now)
        }
    }

    /// It answers for one thing more that is given in its user's name, to be committed with that. It is
    /// refused if the session has ended; and whoever [ends](Self::end) it at the same time is refused.
    pub fn vouch(&self) -> Change {
        let which = Where::id(self.id.clone()).state_in(&[SessionState::Open]);
        Change::update(which, Set::<BrowserSession>::state(SessionState::Open))
    }

    /// It ends: that happens once. It is refused if it has [vouched](Self::vouch) for something since it
    /// was read.
    pub fn end(&self) -> Change {
        let which = Where::id(self.id.clone()).state_in(&[SessionState::Open]);
        let ended = Set::<BrowserSession>::state(SessionState::Ended);
        Change::update(which.version(self.version), ended)
    }
}

impl State for SessionState {
    const ALL: &'static [Self] = &[Self::Open, Self::Ended];

    fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Ended => "ended",
        }
    }
}

impl Record for BrowserSession {
    const KIND: Kind = Kind::Session;
    type State = SessionState;
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use strict_jws::SystemRandom;

    use super::*;
    use crate::id::{EvidenceId, UserId};
    use crate::store::conformance::{Harness, Threads};
    use crate::store::{MemoryStore, StoreExt as _};

    const NOW: Instant = Instant::from_unix_seconds(1_800_000_000);

    fn outcome(user: u8) -> Outcome {
        Outcome {
            user: UserId::from([user; 16]),
            passkey: None,
            signed_at: NOW,
            user_verified: true,
            may_be_synced: true,
            evidence: EvidenceId::from([2; 16]),
        }
    }

    #[test]
    fn a_session_keeps_its_name_for_its_user_and_no_secret() {
        let random = SystemRandom::new();
        let begun = BrowserSession::start(&outcome(1), &random, NOW).unwrap();
        let harness = Harness::new(Arc::new(MemoryStore::new()), Threads);
        let kept = harness.run(harness.store().apply::<BrowserSession>(begun.change, NOW));
        let kept = kept.unwrap().unwrap();
        let again = kept.renewed(&outcome(1), &random, NOW).unwrap();
        assert_eq!(again.authentication.session, begun.authentication.session);
        assert_ne!(again.secret.digest(), begun.secret.digest());
        let other = kept.renewed(&outcome(2), &random, NOW).unwrap();
        assert_ne!(other.authentication.session, begun.authentication.session);
    }

    #[test]
    fn what_a_session_vouches_for_is_seen_by_whoever_ends_it() {
        let started = BrowserSession::start(&outcome(1), &SystemRandom::new(), NOW).unwrap();
        let harness = Harness::new(Arc::new(MemoryStore::new()), Threads);
        let store = harness.store();
        let apply = |change| {
            harness
                .run(store.apply::<BrowserSession>(change, NOW))
                .unwrap()
        };
        let read = apply(started.change).unwrap();
        let vouched = apply(read.vouch()).unwrap();
        assert!(vouched.is_open(NOW));
        assert!(apply(read.end()).is_none(), "it has not seen that");
        assert!(!apply(vouched.end()).unwrap().is_open(NOW));
        assert!(apply(vouched.vouch()).is_none());
    }

    #[test]
    fn a_session_ends_once_and_at_the_end_of_its_time() {
        let started = BrowserSession::start(&outcome(1), &SystemRandom::new(), NOW).unwrap();
        assert_eq!(started.authentication.amr, ["swk", "user", "mfa"]);
        let harness = Harness::new(Arc::new(MemoryStore::new()), Threads);
        let store = harness.store();
        let kept = harness.run(store.apply::<BrowserSession>(started.change, NOW));
        let kept = kept.unwrap().unwrap();
        assert_eq!(kept.body.authentication, started.authentication);
        assert_eq!(Some(kept.body.id), started.authentication.session);
        let over = NOW.plus(BrowserSession::LIFETIME);
        assert!(kept.is_open(over.minus(Duration::from_millis(1))));
        assert!(!kept.is_open(over));
        let ended = harness.run(store.apply::<BrowserSession>(kept.end(), NOW));
        assert!(!ended.unwrap().unwrap().is_open(NOW));
        let again = harness.run(store.apply::<BrowserSession>(kept.end(), NOW));
        assert!(again.unwrap().is_none());
    }
}
