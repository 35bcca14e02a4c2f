//! Placing orders.

use super::{OrderRef, Wanted};
use crate::application::{ApplicationId, RedirectUri};
use crate::delivery::Sealing;
use crate::id::UserId;
use crate::order::{Entrance, Order, PlaceError, Placed, Placement, UserVerification, What};
use crate::qr::{bankid, uyulala};
use crate::store::{Change, Commit, Hold, RowId, Store, StoreError, StoreExt as _, Where};
use crate::user::{User, UserState};
use crate::{Duration, Instant};

/// An order that is ready to be committed, and what its relying party is told.
///
/// If the commit is refused at the change [`Told::USER`], there is no such user; if at [`Told::SLOT`],
/// they are asked for something else.
#[derive(Debug)]
#[non_exhaustive]
pub struct Told {
    /// What it is collected by (`orderRef`).
    pub order_ref: OrderRef,
    /// What a browser on the same device is opened with (`autoStartToken`).
    pub auto_start_token: String,
    /// What frames of QR codes begin with (`qrStartToken`).
    pub qr_start_token: String,
    /// What frames of QR codes are computed with, by the relying party's server (`qrStartSecret`).
    pub qr_start_secret: zeroize::Zeroizing<String>,
    /// The order.
    pub placed: Placed,
    /// What makes it stand in a store.
    pub changes: Vec<Change>,
}

impl Told {
    /// Which change is refused if there is no such user.
    pub const USER: usize = 0;
    /// Which change is refused if the user is asked for something else.
    pub const SLOT: usize = 1;
}

/// The slot of an application's only order for `user`; it leads to that order's row.
fn in_progress(application: &ApplicationId, user: &UserId) -> RowId {
    let parts = [application.as_str().as_bytes(), user.as_bytes()];
    Hold::row_id("bankid in progress", &parts)
}

/// Ends what `application` asks `user` for, so that there is room for something else. Says whether the
/// user was asked at all.
///
/// # Errors
/// [`StoreError`]
pub async fn end<S: Store + ?Sized>(
    store: &S,
    application: &ApplicationId,
    user: &UserId,
    now: Instant,
) -> Result<bool, StoreError> {
    let slot = store.find::<Hold>(&in_progress(application, user)).await?;
    let Some(slot) = slot else {
        return Ok(false);
    };
    let order = store.find::<Order>(&slot.body.record).await?;
    let free = Where::<Hold>::id(slot.id).version(slot.version);
    store.commit(vec![Change::delete(free)], now).await?;
    match order.map(|order| order.cancel(application, now)) {
        Some(Ok(cancelled)) => {
            let done = store.commit(cancelled, now).await?;
            Ok(matches!(done, Commit::Done(_)))
        }
        Some(Err(_)) | None => Ok(false),
    }
}

impl Wanted {
    /// Places it. `return_url` is one that the application has registered.
    ///
    /// # Errors
    /// [`PlaceError`] when the system gives no random numbers.
    pub fn place(
        self,
        application: &ApplicationId,
        return_url: Option<RedirectUri>,
        sealing: Sealing<'_>,
        now: Instant,
    ) -> Result<Told, PlaceError> {
        let what = self.document.map_or(What::SignIn, What::Sign);
        let mut placement = Placement::new(application.clone(), what);
        placement.requested_user = self.user;
        placement.user_verification = UserVerification::Required;
        placement.timeout = LIFETIME;
        placement.entrance = Entrance::Code;
        placement.redirect = return_url;
        let placed = placement.place(sealing.sealer, sealing.random, now)?;
        let mut changes = Vec::new();
        if let Some(user) = &self.user {
            let there = Where::<User>::id(User::row_id(user)).state_in(&[UserState::Active]);
            let slot = in_progress(application, user);
            let until = placed.order.sign_until;
            changes.push(Change::require(there));
            changes.push(Hold::claim(slot, Order::row_id(&placed.id), until));
        }
        changes.push(placed.change.clone());
        Ok(Told {
            order_ref: placed.id.into(),
            auto_start_token: uyulala::persistent(&placed.id, &placed.secret),
            qr_start_token: bankid::start_token(&placed.id).to_string(),
            qr_start_secret: bankid::start_secret(&placed.secret).expose(),
            placed,
            changes,
        })
    }
}

/// How long an order waits for its user.
const LIFETIME: Duration = Duration::from_seconds(180);
