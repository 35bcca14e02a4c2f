//! Signing: with a passkey that is there.

use super::{ATTEMPTS, ApprovalError, Approver, Call, made};
use crate::credential::Credential;
use crate::evidence::{self, Evidence, Proof, Statement};
use crate::id::EvidenceId;
use crate::order::{Order, Outcome, Refusal, What};
use crate::store::{Change, Store, StoreExt as _, Stored};
use crate::user::User;
use crate::webauthn::{Assertion, Backup, Expected};

impl Approver<'_> {
    /// Takes the browser's answer for an order to sign in or to sign a text.
    ///
    /// # Errors
    /// [`ApprovalError`]; then nothing has changed.
    pub async fn sign<S: Store + ?Sized>(
        self,
        store: &S,
        call: Call<'_>,
        assertion: &Assertion,
    ) -> Result<Stored<Order>, ApprovalError> {
        let order_row = Order::row_id(call.order);
        let credential_row = Credential::row_id(&assertion.raw_id);
        for _ in 0..ATTEMPTS {
            let order = store
                .find::<Order>(&order_row)
                .await?
                .ok_or(Refusal::Unknown)?;
            order.may_be_signed(call.viewer, call.now)?;
            if matches!(order.body.what, What::Register { .. }) {
                return Err(ApprovalError::OtherCeremony);
            }
            let credential = store.find::<Credential>(&credential_row).await?;
            let credential = credential.ok_or(ApprovalError::UnknownPasskey)?;
            let changes = self.signed(call, &order, &credential, assertion)?;
            match made(store.commit(changes, call.now).await?) {
                Ok(rows) => return first(rows),
                Err(USER) => return Err(ApprovalError::UnknownPasskey),
                Err(_) => {}
            }
        }
        Err(Refusal::Contended.into())
    }

    fn signed(
        &self,
        call: Call<'_>,
        order: &Stored<Order>,
        credential: &Stored<Credential>,
        assertion: &Assertion,
    ) -> Result<Vec<Change>, ApprovalError> {
        let challenge = order.body.challenge(call.order, self.party.id());
        let expected = Expected {
            challenge: &challenge,
            user: order.body.requested_user,
            user_verification: order.body.user_verification,
        };
        let used =
            self.party
                .verify_assertion(assertion, &credential.body, expected, self.policy)?;
        let signer = evidence::Signer {
            user: credential.body.user,
            credential_id: credential.body.id.clone(),
            public_key: credential.body.public_key.clone(),
            aaguid: credential.body.aaguid,
            proof: Proof::Assertion {
                client_data_json: assertion.response.client_data_json.clone(),
                authenticator_data: assertion.response.authenticator_data.clone(),
                signature: assertion.response.signature.clone(),
                user_handle: assertion.response.user_handle.clone(),
            },
        };
        let (outcome, evidence) =
            self.prove(call, order, signer, (used.user_verified, used.backup))?;
        let mut changes = order.sign(call.viewer, outcome, call.now)?;
        changes.push(User::require_active(&outcome.user));
        changes.push(credential.used(used, call.now));
        changes.push(evidence);
        Ok(changes)
    }

    /// The outcome of an order, and what keeps the evidence of it.
    pub(super) fn prove(
        &self,
        call: Call<'_>,
        order: &Stored<Order>,
        signer: evidence::Signer,
        (user_verified, backup): (bool, Backup),
    ) -> Result<(Outcome, Change), ApprovalError> {
        let (user, passkey) = (signer.user, signer.credential_id.digest());
        // A clock that has gone back since does not make the evidence worthless.
        let signed_at = call.now.max(order.created_at);
        let times = [order.created_at, signed_at];
        let statement = Statement::of(&order.body, *call.order, self.party, signer, times);
        let package = evidence::seal(&statement, self.signer, self.random)?;
        let outcome = Outcome {
            user,
            passkey: Some(passkey),
            signed_at,
            user_verified,
            may_be_synced: backup.is_eligible(),
            evidence: EvidenceId::generate(self.random)?,
        };
        let kept = Evidence::new(user, order.body.application.clone(), *call.order, package);
        let purge_at = self.purge_at(&order.body, signed_at);
        Ok((outcome, kept.insert(&outcome.evidence, signed_at, purge_at)))
    }
}

/// The order's own row, which is the first.
pub(super) fn first(rows: Vec<crate::store::Row>) -> Result<Stored<Order>, ApprovalError> {
    let row = rows.into_iter().next().ok_or(Refusal::Contended)?;
    Ok(row.try_into()?)
}

/// Which of the changes asks for the user.
const USER: usize = 1;
