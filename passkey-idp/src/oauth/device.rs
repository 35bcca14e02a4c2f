//! Devices without a browser: the user approves elsewhere (RFC 8628).
//!
//! A device gets a [`DeviceCode`], which it polls with, and a [`UserCode`], which it shows. Whoever types
//! that in at our page signs an order with their passkey; what becomes of the order becomes of the grant.
//! The order is collected with the tokens, so that there is one set of them.

mod user_code;

use serde::{Deserialize, Serialize};
use strict_jws::SecureRandom;

pub use user_code::{InvalidUserCode, UserCode};

use super::{Authentication, Claims, ErrorCode, Grant, OAuthError, Pace, Scope};
use crate::application::ApplicationId;
use crate::id::{DeviceCode, FamilyId};
use crate::order::{Order, Status};
use crate::random::{Digest, NoRandomness};
use crate::store::{Change, Hold, Kind, Live, New, Record, RowId, Set, Stored, Where};
use crate::{Duration, Instant};

/// A device's request, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DeviceGrant {
    /// The client on the device.
    pub client: ApplicationId,
    /// What it asks for.
    pub scope: Scope,
    /// How often it may ask.
    pub pace: Pace,
    /// The tokens that it will have.
    pub family: FamilyId,
    /// Who was asked, once somebody has typed in the code.
    pub question: Option<Question>,
}

/// That a user is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Question {
    /// The browser where the code was typed in.
    pub browser: Digest,
    /// The order that the user is to sign.
    pub order: RowId,
}

/// A request that is ready to be committed.
#[derive(Debug)]
#[non_exhaustive]
pub struct Started {
    /// What the device polls with.
    pub device_code: DeviceCode,
    /// What it shows.
    pub user_code: UserCode,
    /// What makes it stand in a store; refused in the rare case that another device shows that code.
    pub changes: Vec<Change>,
}

/// What a device is told that asks.
#[derive(Debug)]
#[non_exhaustive]
pub enum Polled {
    /// To ask again; the change keeps that it has asked.
    Wait(OAuthError, Change),
    /// What it may have. The change has to be committed with the tokens; if it is refused, there were
    /// tokens before.
    Granted(Box<Grant>, Change),
    /// That it gets nothing.
    Refused(OAuthError),
}

/// Why nobody is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DeviceRefusal {
    /// The device has given up.
    #[error("the code has expired")]
    Expired,
    /// The code was typed in at another browser.
    #[error("another browser has taken the code")]
    Taken,
}

impl DeviceGrant {
    /// How long a device waits for its user: ten minutes.
    pub const LIFETIME: Duration = Duration::from_seconds(10 * 60);
    /// How long it waits between two questions at first: five seconds.
    pub const INTERVAL: Duration = Duration::from_seconds(5);

    /// Where it stands in a store.
    pub fn row_id(code: &DeviceCode) -> RowId {
        code.digest().into()
    }

    /// A request of `client` for `scope`.
    ///
    /// # Errors
    /// The system gave no random numbers.
    pub fn start(
        client: ApplicationId,
        scope: Scope,
        random: &dyn SecureRandom,
        now: Instant,
    ) -> Result<Started, NoRandomness> {
        let (device_code, user_code) = (DeviceCode::generate(random)?, UserCode::draw(random)?);
        let body = Self {
            client,
            scope,
            pace: Pace::new(Self::INTERVAL),
            family: FamilyId::generate(random)?,
            question: None,
        };
        let (id, until) = (Self::row_id(&device_code), now.plus(Self::LIFETIME));
        let grant = New::record(id.clone(), Live, &body)
            .owned_by(body.client.row_id())
            .expires_at(until)
            .purge_at(until.plus(REMEMBERED));
        let code = Hold::claim(user_code.row_id(), id, until);
        let changes = vec![Change::insert(grant), code];
        Ok(Started {
            device_code,
            user_code,
            changes,
        })
    }
}

impl Stored<DeviceGrant> {
    /// Asks the user at `browser` by `order`. The same browser may be asked again; another may not.
    ///
    /// # Errors
    /// [`DeviceRefusal`]
    pub fn ask(
        &self,
        browser: Digest,
        order: RowId,
        now: Instant,
    ) -> Result<Change, DeviceRefusal> {
        if self.has_expired(now) {
            return Err(DeviceRefusal::Expired);
        }
        let taken = self.body.question.as_ref();
        if taken.is_some_and(|taken| taken.browser != browser) {
            return Err(DeviceRefusal::Taken);
        }
        Ok(self.replace(&DeviceGrant {
            question: Some(Question { browser, order }),
            ..self.body.clone()
        }))
    }

    /// What `client` is told, which has shown the device's code; `order` is that of the question.
    pub fn poll(
        &self,
        client: &ApplicationId,
        order: Option<&Stored<Order>>,
        now: Instant,
    ) -> Polled {
        if self.body.client != *client {
            return Polled::Refused(INVALID);
        }
        match order.map(|order| (order, order.status(now))) {
            Some((order, Status::Signed)) => self.granted(order, now),
            Some((_, Status::Collected)) => Polled::Refused(INVALID),
            Some((_, Status::Rejected | Status::Cancelled)) => Polled::Refused(DENIED),
            Some((_, Status::Expired)) => Polled::Refused(EXPIRED),
            Some((_, Status::Pending | Status::Viewed)) | None if self.has_expired(now) => {
                Polled::Refused(EXPIRED)
            }
            Some((_, Status::Pending | Status::Viewed)) | None => self.wait(now),
        }
    }

    fn granted(&self, order: &Stored<Order>, now: Instant) -> Polled {
        // a stranger may have been sent the order of a browser where somebody else typed the code in
        let asked = self.body.question.as_ref().map(|question| question.browser);
        if order.body.answered_to() != asked {
            return Polled::Refused(DENIED);
        }
        let collected = order.collect(&self.body.client, now);
        let used = collected
            .ok()
            .and_then(|changes| changes.into_iter().next());
        match (used, &order.body.outcome) {
            (Some(used), Some(outcome)) => {
                let grant = Grant {
                    client: self.body.client.clone(),
                    scope: self.body.scope.clone(),
                    authentication: Authentication::by(outcome),
                    nonce: None,
                    claims: Claims::default(),
                    key: None,
                };
                Polled::Granted(Box::new(grant), used)
            }
            _ => Polled::Refused(INVALID),
        }
    }

    fn wait(&self, now: Instant) -> Polled {
        let (told, pace) = self.body.pace.asked(now);
        let asked = DeviceGrant {
            pace,
            ..self.body.clone()
        };
        Polled::Wait(told, self.replace(&asked))
    }

    fn replace(&self, changed: &DeviceGrant) -> Change {
        let which = Where::<DeviceGrant>::id(self.id.clone()).version(self.version);
        Change::update(which, Set::body_only(changed))
    }
}

impl Record for DeviceGrant {
    const KIND: Kind = Kind::DeviceGrant;
    type State = Live;
}

const INVALID: OAuthError = ErrorCode::InvalidGrant.because("the device_code is not valid");
const DENIED: OAuthError = ErrorCode::AccessDenied.because("the user said no");
const EXPIRED: OAuthError = ErrorCode::ExpiredToken.because("nobody has approved it in time");

/// For how long a device is told that it came too late.
const REMEMBERED: Duration = Duration::from_seconds(24 * 60 * 60);

#[cfg(test)]
mod tests;
