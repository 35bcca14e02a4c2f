//! A passkey's answer.

use passkey_idp::account;
use passkey_idp::approval::{ApprovalError, Call};
use passkey_idp::credential::Credential;
use passkey_idp::order::{Order, What};
use passkey_idp::store::{StoreExt as _, Stored};
use passkey_idp::webauthn::{Assertion, CredentialId, Registration};
use serde::de::DeserializeOwned;
use server_kit::form::Form;

use super::{Failure, Visit};
use crate::state::App;

/// Takes the answer of the ceremony that the order's page has begun.
pub(super) async fn approve(visit: &Visit, form: &Form) -> Result<(), Failure> {
    let response = form.one("response").map_err(|_twice| Failure::Form)?;
    let response = response.ok_or(Failure::NoScript)?;
    let order = visit.order().await?;
    let (app, keys) = (&*visit.app, visit.app.keys.now());
    let call = Call {
        order: &visit.id,
        viewer: Some(&visit.secret),
        now: visit.now,
    };
    let approver = app.approver(keys.signer());
    let (action, signed) = if matches!(order.body.what, What::Register { .. }) {
        let registration: Registration = read(response)?;
        let signed = approver.register(&*app.store, call, &registration).await;
        let named = form.one("name").map_err(|_twice| Failure::Form)?;
        if let (Ok(order), Some(name)) = (&signed, named) {
            rename(visit, order, &registration, name).await;
        }
        ("register", signed)
    } else {
        let signed = approver.sign(&*app.store, call, &read(response)?).await;
        ("sign", signed)
    };
    let outcome = if signed.is_ok() { "success" } else { "refused" };
    app.trace("browser", order.body.application.as_str(), action, outcome);
    if matches!(signed, Err(ApprovalError::UnknownPasskey)) {
        is_known(app, &read::<Assertion>(response)?.raw_id).await?;
    }
    signed.map(drop).map_err(Failure::from)
}

/// A passkey that is not there any more may be forgotten by its device.
async fn is_known(app: &App, id: &CredentialId) -> Result<(), Failure> {
    let row = Credential::row_id(id);
    match app.store.find::<Credential>(&row).await? {
        Some(_) => Ok(()),
        None => Err(Failure::Gone(id.clone())),
    }
}

/// A name that cannot be taken leaves the passkey without one: it is registered all the same.
async fn rename(visit: &Visit, order: &Stored<Order>, registration: &Registration, name: &str) {
    let Some(outcome) = &order.body.outcome else {
        return;
    };
    let id = &registration.raw_id;
    let renamed = account::rename_passkey(&*visit.app.store, &outcome.user, id, name, visit.now);
    if let Err(error) = renamed.await {
        let error: &dyn std::error::Error = &error;
        tracing::debug!(error, "the passkey has no name");
    }
}

fn read<T: DeserializeOwned>(response: &str) -> Result<T, Failure> {
    // what serde says would quote the answer
    serde_json::from_str(response).map_err(|_quotes| Failure::Form)
}
