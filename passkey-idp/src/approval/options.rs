//! What to ask a browser for.

use serde::Serialize;

use super::{ApprovalError, Approver};
use crate::Instant;
use crate::credential::Credential;
use crate::id::{OrderId, UserId};
use crate::order::{Offer, Order, Placement, What, advance};
use crate::seal::Sealer;
use crate::store::{List, PageSize, Store, StoreExt as _, Stored};
use crate::user::User;
use crate::webauthn::{CreationOptions, Descriptor, Expected, Hint, RequestOptions};

/// What to ask a browser for.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
#[expect(clippy::exhaustive_enums, reason = "WebAuthn knows two ceremonies")]
pub enum Options {
    /// A new passkey (`navigator.credentials.create`).
    Create(CreationOptions),
    /// A signature (`navigator.credentials.get`).
    Get(RequestOptions),
}

/// An order that the same page has placed and views, and what to ask the browser for.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Begun {
    /// The order.
    pub order: OrderId,
    /// What to ask the browser for.
    pub options: Options,
}

impl Approver<'_> {
    /// Places an order and views it at once: for pages that ask on their own behalf.
    ///
    /// # Errors
    /// [`ApprovalError`]
    pub async fn begin<S: Store + ?Sized>(
        self,
        store: &S,
        sealer: &Sealer,
        placement: Placement,
        now: Instant,
    ) -> Result<Begun, ApprovalError> {
        let placed = placement.place(sealer, self.random, now)?;
        store.commit(vec![placed.change], now).await?;
        let view = |order: &Stored<Order>| order.view(None, None, now);
        let order = advance(store, &placed.id, now, view).await?;
        let options = self.options(store, &placed.id, &order, now).await?;
        Ok(Begun {
            order: placed.id,
            options,
        })
    }

    /// What to ask the browser for that shows `order`.
    ///
    /// # Errors
    /// [`ApprovalError::Store`]
    pub async fn options<S: Store + ?Sized>(
        self,
        store: &S,
        id: &OrderId,
        order: &Stored<Order>,
        now: Instant,
    ) -> Result<Options, ApprovalError> {
        let challenge = order.body.challenge(id, self.party.id());
        let expected = Expected {
            challenge: &challenge,
            user: order.body.requested_user,
            user_verification: order.body.user_verification,
        };
        let timeout = order.body.sign_until.since(now);
        let passkeys = match (order.body.requested_user, order.body.offer) {
            (Some(user), Offer::Listed) => passkeys(store, &user).await?,
            (Some(_), Offer::Discoverable) | (None, _) => Vec::new(),
        };
        // whoever goes to another device has the passkey there
        let hints = order.body.handover.as_ref().map(|_| Hint::ClientDevice);
        Ok(match &order.body.what {
            What::Register { name, user } => {
                let options = self.party.creation_options(user, name, expected, timeout);
                Options::Create(
                    options
                        .attested(&self.policy.attestation)
                        .excluding(passkeys)
                        .hinting(hints),
                )
            }
            What::SignIn | What::Sign(_) => Options::Get(
                self.party
                    .request_options(expected, timeout)
                    .allowing(passkeys)
                    .hinting(hints),
            ),
        })
    }
}

/// The user's passkeys; more than a thousand nobody has.
async fn passkeys<S: Store + ?Sized>(
    store: &S,
    user: &UserId,
) -> Result<Vec<Descriptor>, ApprovalError> {
    let owner = User::row_id(user);
    let list = List::of::<Credential>()
        .owned_by(&owner)
        .limit(PageSize::MAX);
    let page = store.page::<Credential>(list).await?;
    Ok(page
        .items
        .iter()
        .map(|credential| credential.body.descriptor())
        .collect())
}
