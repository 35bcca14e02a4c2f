//! Placing a request.

use serde::{Deserialize, Serialize};

use super::{Backchannel, BackchannelRequest, BackchannelState, Mode};
use crate::delivery::{Delivery, Sealing};
use crate::id::{AuthReqId, UserId};
use crate::oauth::authorize::Level;
use crate::oauth::{Client, Pace};
use crate::order::{Cause, Order, PlaceError, Placed, Placement, UserVerification, What};
use crate::seal::{SealFailed, Sealed, Sealer};
use crate::store::{Change, New};
use crate::user::User;
use crate::{Duration, Instant};

/// A request that is ready to be committed, and what its client is told (CIBA §7.3).
#[derive(Debug)]
#[non_exhaustive]
pub struct Begun {
    /// What the client asks with.
    pub auth_req_id: AuthReqId,
    /// How long the user may take.
    pub expires_in: Duration,
    /// How long the client has to wait between two polls; nothing if it is sent the answer.
    pub interval: Option<Duration>,
    /// The order, whose identifier and secret are `qr_data` and `qr_secret`: for the client's server
    /// only, which draws QR codes with them.
    pub placed: Placed,
    /// What makes it stand in a store. If it is refused, there is no such user.
    pub changes: Vec<Change>,
}

impl BackchannelRequest {
    /// Places it for `user`, or for whoever scans its QR code.
    ///
    /// # Errors
    /// [`PlaceError`] when the system gives no random numbers.
    pub fn begin(
        self,
        registered: &Client,
        user: Option<UserId>,
        sealing: Sealing<'_>,
        now: Instant,
    ) -> Result<Begun, PlaceError> {
        let auth_req_id = AuthReqId::generate(sealing.random)?;
        let row = Backchannel::row_id(&auth_req_id);
        let placed = self
            .placement(user, Cause::Backchannel(row.clone()))
            .place(sealing.sealer, sealing.random, now)?;
        let ends = placed.order.sign_until.plus(placed.order.grace);
        let mode = registered.notification.mode();
        let record = Backchannel {
            client: self.client.clone(),
            order: Order::row_id(&placed.id),
            scope: self.scope,
            acr_values: self.acr_values,
            mode,
            pace: Pace::new(INTERVAL),
            notice: self
                .notification_token
                .map(|token| Notice::new(&auth_req_id, token.expose()).seal(sealing))
                .transpose()?,
        };
        let new = New::record(row.clone(), BackchannelState::Open, &record)
            .owned_by(self.client.row_id())
            .expires_at(ends)
            .purge_at(ends.plus(placed.order.retention));
        let waits = registered.notification.endpoint().map(|endpoint| {
            Delivery::awaiting(self.client, endpoint.clone(), row.clone()).insert(&row, ends)
        });
        let mut changes: Vec<Change> = user.iter().map(User::require_active).collect();
        changes.extend([placed.change.clone(), Change::insert(new)]);
        changes.extend(waits);
        Ok(Begun {
            auth_req_id,
            expires_in: self.lifetime,
            interval: (mode != Mode::Push).then_some(INTERVAL),
            placed,
            changes,
        })
    }

    fn placement(&self, user: Option<UserId>, cause: Cause) -> Placement {
        let what = self.message.clone().map_or(What::SignIn, What::Sign);
        let mut placement = Placement::new(self.client.clone(), what);
        placement.requested_user = user;
        placement.user_verification = self.user_verification();
        placement.timeout = self.lifetime;
        placement.cause = Some(cause);
        placement.entrance = self.entrance;
        placement
    }

    /// Verification, if no level will do without.
    fn user_verification(&self) -> UserVerification {
        let levels = self.acr_values.iter().filter_map(|acr| Level::named(acr));
        if levels.min() == Some(Level::Verified) {
            UserVerification::Required
        } else {
            UserVerification::Preferred
        }
    }
}

/// What a client is told with; `Debug` is not derived, because both are secrets.
#[derive(Serialize, Deserialize)]
pub(super) struct Notice {
    pub(super) auth_req_id: String,
    pub(super) token: String,
}

impl Notice {
    fn new(auth_req_id: &AuthReqId, token: &str) -> Self {
        Self {
            auth_req_id: auth_req_id.expose().to_string(),
            token: token.to_owned(),
        }
    }

    fn seal(&self, sealing: Sealing<'_>) -> Result<Sealed, SealFailed> {
        sealing.seal(PLACE, self)
    }

    pub(super) fn open(sealed: &Sealed, sealer: &Sealer) -> Result<Self, SealFailed> {
        let octets = sealer.open(PLACE, sealed)?;
        serde_json::from_slice(&octets).or(Err(SealFailed))
    }
}

const PLACE: &str = "backchannel/notice";
/// How long a client has to wait at first.
const INTERVAL: Duration = Duration::from_seconds(2);
