//! What a client that polls is told (CIBA §11).

use super::{Backchannel, BackchannelState, Mode};
use crate::Instant;
use crate::application::ApplicationId;
use crate::oauth::authorize::Level;
use crate::oauth::{Authentication, Claims, ErrorCode, Grant, OAuthError};
use crate::order::{Order, Status};
use crate::store::{Change, Set, Stored, Where};

/// What becomes of a poll.
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_enums, reason = "a client waits or does not")]
pub enum Polled {
    /// The user has not answered yet.
    Wait {
        /// What the client is told: to wait, or to ask less often.
        told: OAuthError,
        /// What remembers that it has asked. If it is refused, it asks several times at once:
        /// `slow_down` then.
        change: Change,
    },
    /// The user has approved.
    Granted {
        /// What the tokens are for.
        grant: Box<Grant>,
        /// What makes it good once. If it is refused, tokens were given in the meantime: read it
        /// again.
        used: Change,
    },
}

impl Stored<Backchannel> {
    /// Answers `client`, which has authenticated; `order` is what the user was asked for.
    ///
    /// # Errors
    /// What the client is told, for ever.
    pub fn poll(
        &self,
        order: &Stored<Order>,
        client: &ApplicationId,
        now: Instant,
    ) -> Result<Polled, OAuthError> {
        if self.body.client != *client {
            return Err(INVALID);
        }
        if self.body.mode == Mode::Push {
            return Err(ErrorCode::UnauthorizedClient.because("the client is sent its tokens"));
        }
        match self.granted(order, now)? {
            Some((grant, used)) => Ok(Polled::Granted {
                grant: Box::new(grant),
                used,
            }),
            None => Ok(self.wait(now)),
        }
    }

    /// What the user has granted, and what makes it good once; nothing while they have not answered.
    ///
    /// The order is left as it is: its evidence can be collected once by itself.
    pub(super) fn granted(
        &self,
        order: &Stored<Order>,
        now: Instant,
    ) -> Result<Option<(Grant, Change)>, OAuthError> {
        if self.state == BackchannelState::Redeemed || order.id != self.body.order {
            return Err(INVALID);
        }
        match order.status(now) {
            Status::Pending | Status::Viewed => Ok(None),
            Status::Rejected => Err(ErrorCode::AccessDenied.because("the user has refused")),
            Status::Cancelled => Err(ErrorCode::AccessDenied.because("the request was cancelled")),
            Status::Expired => Err(EXPIRED),
            Status::Signed | Status::Collected if self.has_expired(now) => Err(EXPIRED),
            Status::Signed | Status::Collected => self.redeem(order).map(Some),
        }
    }

    fn redeem(&self, order: &Stored<Order>) -> Result<(Grant, Change), OAuthError> {
        let outcome = order.body.outcome.as_ref().ok_or(INVALID)?;
        let mut authentication = Authentication::by(outcome);
        let wanted = self.body.acr_values.iter();
        let mut levels = wanted.filter_map(|acr| Level::named(acr));
        if let Some(level) = levels.find(|level| level.is_reached(&authentication)) {
            level.acr().clone_into(&mut authentication.acr);
        }
        let grant = Grant {
            client: self.body.client.clone(),
            scope: self.body.scope.clone(),
            authentication,
            nonce: None,
            claims: Claims::default(),
            key: None,
        };
        let which = Where::id(self.id.clone()).state_in(&[BackchannelState::Open]);
        let used = Set::<Backchannel>::state(BackchannelState::Redeemed);
        Ok((grant, Change::update(which, used)))
    }

    fn wait(&self, now: Instant) -> Polled {
        let (told, pace) = self.body.pace.asked(now);
        let polled = Backchannel {
            pace,
            ..self.body.clone()
        };
        let which = Where::id(self.id.clone()).version(self.version);
        let change = Change::update(which, Set::body_only(&polled));
        Polled::Wait { told, change }
    }
}

/// What a client is told of a request that is not its own, was never placed, or was redeemed.
pub(crate) const INVALID: OAuthError = ErrorCode::InvalidGrant.because("auth_req_id is not valid");

const EXPIRED: OAuthError = ErrorCode::ExpiredToken.because("the request has expired");
