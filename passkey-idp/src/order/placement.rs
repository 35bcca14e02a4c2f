//! Placing an order.

use serde::{Deserialize, Serialize};
use strict_jws::SecureRandom;

use super::{Entrance, Number, Offer, Order, OrderState, SECRET_PLACE, UserVerification, What};
use crate::application::{ApplicationId, RedirectUri};
use crate::binding::Scheme;
use crate::id::{Nonce, OrderId, OrderSecret, UserId};
use crate::random::NoRandomness;
use crate::seal::{SealFailed, Sealer};
use crate::store::{Change, New, RowId};
use crate::{Duration, Instant};

/// What an application orders. Every field but the first two has a default.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Placement {
    /// Who asks.
    pub application: ApplicationId,
    /// What is asked.
    pub what: What,
    /// The user who is asked; anyone, if it is nobody in particular.
    pub requested_user: Option<UserId>,
    /// Whether the browser is told which passkeys that user has. [`Offer::Listed`].
    pub offer: Offer,
    /// Whether the user must be verified. Preferred.
    pub user_verification: UserVerification,
    /// How it becomes a challenge. [`Scheme::V1`].
    pub scheme: Scheme,
    /// How long it can be signed. 300 seconds.
    pub timeout: Duration,
    /// How long it can be collected after it was signed. 300 seconds.
    pub grace: Duration,
    /// How long it is remembered after it is of no use. One day.
    pub retention: Duration,
    /// The same for one that nobody has signed. One day.
    pub lapse: Duration,
    /// Where the browser goes when all is done; the caller has checked that it is registered.
    pub redirect: Option<RedirectUri>,
    /// What it is placed for, if that is a record of its own.
    pub cause: Option<Cause>,
    /// What the user must see on both devices.
    pub number: Option<Number>,
    /// How it is opened. [`Entrance::Address`].
    pub entrance: Entrance,
}

/// The record that an order was placed for: an authorization request, a backchannel request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Cause {
    /// An authorization request of OAuth or OpenID Connect.
    Authorization(RowId),
    /// A backchannel request of CIBA.
    Backchannel(RowId),
    /// A device's request (RFC 8628).
    Device(RowId),
    /// An order of the BankID dialect.
    BankId(RowId),
    /// A user's wish on a page of ours: another key, another name, their account.
    Account(RowId),
}

/// An order that is ready to be committed, and what its application is told.
#[derive(Debug)]
#[non_exhaustive]
pub struct Placed {
    /// Its identifier (`challenge_id`).
    pub id: OrderId,
    /// Its secret, for QR tokens.
    pub secret: OrderSecret,
    /// The order.
    pub order: Order,
    /// What makes it stand in a store.
    pub change: Change,
}

/// Why an order is not placed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PlaceError {
    /// The system gave no random numbers.
    #[error(transparent)]
    Randomness(#[from] NoRandomness),
    /// Its secret could not be sealed.
    #[error(transparent)]
    Seal(#[from] SealFailed),
}

impl Placement {
    /// An order of `application` for `what`.
    pub fn new(application: ApplicationId, what: What) -> Self {
        Self {
            application,
            what,
            requested_user: None,
            offer: Offer::Listed,
            user_verification: UserVerification::default(),
            scheme: Scheme::V1,
            timeout: Duration::from_seconds(300),
            grace: Duration::from_seconds(300),
            retention: ONE_DAY,
            lapse: ONE_DAY,
            redirect: None,
            cause: None,
            number: None,
            entrance: Entrance::Address,
        }
    }

    /// An order of `application` to register a passkey: for `user`, or for a new one called `name`.
    ///
    /// # Errors
    /// The system gave no random numbers.
    pub fn registering(
        application: ApplicationId,
        user: Option<UserId>,
        name: String,
        random: &dyn SecureRandom,
    ) -> Result<Self, NoRandomness> {
        let whose = user.map_or_else(|| UserId::generate(random), Ok)?;
        let placement = Self::new(application, What::Register { name, user: whose });
        Ok(Self {
            requested_user: user,
            ..placement
        })
    }

    /// The order, with an identifier and a secret of its own.
    ///
    /// # Errors
    /// [`PlaceError`] when the system gives no random numbers.
    pub fn place(
        self,
        sealer: &Sealer,
        random: &dyn SecureRandom,
        now: Instant,
    ) -> Result<Placed, PlaceError> {
        let (id, secret) = (OrderId::generate(random)?, OrderSecret::generate(random)?);
        let order = Order {
            application: self.application,
            what: self.what,
            requested_user: self.requested_user,
            offer: self.offer,
            nonce: Nonce::generate(random)?,
            user_verification: self.user_verification,
            scheme: self.scheme,
            sign_until: now.plus(self.timeout),
            grace: self.grace,
            retention: self.retention,
            secret: sealer.seal(SECRET_PLACE, secret.expose_bytes(), random)?,
            redirect: self.redirect,
            cause: self.cause,
            number: self.number,
            viewer: None,
            entrance: self.entrance,
            handover: None,
            wrong_numbers: 0,
            outcome: None,
        };
        let owner = order.application.row_id();
        let new = New::record(Order::row_id(&id), OrderState::Pending, &order)
            .owned_by(owner)
            .expires_at(order.sign_until)
            .purge_at(order.sign_until.plus(self.lapse));
        let change = Change::insert(new);
        Ok(Placed {
            id,
            secret,
            order,
            change,
        })
    }
}

const ONE_DAY: Duration = Duration::from_seconds(24 * 60 * 60);
