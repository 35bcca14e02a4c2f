//! Registering: with a passkey that has just been made.

use super::sign::first;
use super::{ATTEMPTS, ApprovalError, Approver, Call, made};
use crate::credential::Credential;
use crate::evidence::{self, Proof};
use crate::id::UserId;
use crate::order::{Order, Refusal, What};
use crate::store::{Change, New, Set, Store, StoreExt as _, Stored, Where};
use crate::user::{User, UserState};
use crate::webauthn::{Expected, NewPasskey, Registration};

impl Approver<'_> {
    /// Takes the browser's answer for an order to register a passkey. The user is made with it, unless
    /// the order was for one who is there.
    ///
    /// # Errors
    /// [`ApprovalError`]; then nothing has changed.
    pub async fn register<S: Store + ?Sized>(
        self,
        store: &S,
        call: Call<'_>,
        registration: &Registration,
    ) -> Result<Stored<Order>, ApprovalError> {
        let order_row = Order::row_id(call.order);
        for _ in 0..ATTEMPTS {
            let order = store
                .find::<Order>(&order_row)
                .await?
                .ok_or(Refusal::Unknown)?;
            order.may_be_signed(call.viewer, call.now)?;
            let What::Register { name, user } = &order.body.what else {
                return Err(ApprovalError::OtherCeremony);
            };
            let new = self.verified(call, &order, registration)?;
            let enrolled = match order.body.requested_user {
                Some(user) => one_more(store, &user).await?,
                None => User::new(*user, name).insert(),
            };
            let signer = signer(*user, &new, registration);
            let shown = (new.user_verified, new.backup);
            let (outcome, evidence) = self.prove(call, &order, signer, shown)?;
            let mut changes = order.sign(call.viewer, outcome, call.now)?;
            changes.push(Credential::of(*user, new).insert());
            changes.extend([enrolled, evidence]);
            match made(store.commit(changes, call.now).await?) {
                Ok(rows) => return first(rows),
                Err(CREDENTIAL) => return Err(ApprovalError::Duplicate),
                Err(_) => {}
            }
        }
        Err(Refusal::Contended.into())
    }

    fn verified(
        &self,
        call: Call<'_>,
        order: &Stored<Order>,
        registration: &Registration,
    ) -> Result<NewPasskey, ApprovalError> {
        let challenge = order.body.challenge(call.order, self.party.id());
        let expected = Expected {
            challenge: &challenge,
            user: order.body.requested_user,
            user_verification: order.body.user_verification,
        };
        Ok(self
            .party
            .verify_registration(registration, expected, self.policy)?)
    }
}

fn signer(user: UserId, new: &NewPasskey, registration: &Registration) -> evidence::Signer {
    evidence::Signer {
        user,
        credential_id: new.credential_id.clone(),
        public_key: new.public_key.clone(),
        aaguid: new.aaguid,
        proof: Proof::Registration {
            client_data_json: registration.response.client_data_json.clone(),
            attestation_object: registration.response.attestation_object.clone(),
        },
    }
}

/// What counts one passkey more for a user who is there.
async fn one_more<S: Store + ?Sized>(store: &S, user: &UserId) -> Result<Change, ApprovalError> {
    let found = store.find::<User>(&User::row_id(user)).await?;
    let found = found.filter(|user| user.state == UserState::Active);
    let found = found.ok_or(ApprovalError::UnknownUser)?;
    let passkeys = found.body.passkeys.saturating_add(1);
    let which = Where::<User>::id(found.id).version(found.version);
    Ok(Change::update(
        which,
        Set::body_only(&User {
            passkeys,
            ..found.body
        }),
    ))
}

impl User {
    /// What inserts a user, whose first passkey is inserted with them.
    fn insert(&self) -> Change {
        Change::insert(New::record(Self::row_id(&self.id), UserState::Active, self))
    }
}

/// Which of the changes inserts the passkey.
const CREDENTIAL: usize = 1;
