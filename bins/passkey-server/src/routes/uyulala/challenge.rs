//! `GET` and `POST /api/v1/challenge/:id`: the README's forms for whoever holds the passkey.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Request, State};
use passkey_idp::Instant;
use passkey_idp::application::{Application, Rights};
use passkey_idp::approval::Call;
use passkey_idp::id::OrderId;
use passkey_idp::order::{self, Order, Refusal, Status, What};
use passkey_idp::store::{StoreExt as _, Stored};
use serde::Serialize;
use serde_json::{Value, json};
use server_kit::body;
use utoipa::ToSchema;

use super::super::finish::told as told_onward;
use super::collect::{signature_data, time};
use super::error::ApiError;
use crate::state::{App, now};

/// What is asked: options for `navigator.credentials`, and what is to be signed.
#[utoipa::path(get, path = "/api/v1/challenge/{id}", tag = "answers",
    params(("id" = String, Path, description = "the order's identifier")), responses(
    (status = 200, body = Object),
    (status = "default", body = super::error::Told),
))]
pub(super) async fn view(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
) -> Result<Json<Value>, ApiError> {
    let (id, now) = (id.parse().map_err(|_invalid| Refusal::Unknown)?, now());
    let order = viewed(&app, &id, now).await?;
    asked(&app, &id, &order, now).await.map(Json)
}

/// Takes a credential's answer, and tells where to go.
#[utoipa::path(post, path = "/api/v1/challenge/{id}", tag = "answers",
    params(("id" = String, Path, description = "the order's identifier")),
    request_body = Object, responses(
    (status = 200, body = Onward),
    (status = "default", body = super::error::Told),
))]
pub(super) async fn approve(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    request: Request,
) -> Result<Json<Value>, ApiError> {
    let id = id.parse().map_err(|_invalid| Refusal::Unknown)?;
    let credential: Value = body::read(request, &app)
        .await
        .map_err(|invalid| ApiError::invalid(invalid.to_string()))?;
    approved(&app, Call::new(&id, now()), credential)
        .await
        .map(Json)
}

/// Where the user's browser goes now.
#[derive(Serialize, ToSchema)]
pub(super) struct Onward {
    /// An address; empty where the client named none.
    pub(super) redirect: String,
}

/// A page that is not ours shows an order to somebody.
pub(super) async fn viewed(
    app: &App,
    id: &OrderId,
    now: Instant,
) -> Result<Stored<Order>, ApiError> {
    let viewed = order::advance(&*app.store, id, now, |order| order.view(None, None, now));
    Ok(viewed.await?)
}

/// What is asked, for a page that is not ours.
pub(super) async fn asked(
    app: &App,
    id: &OrderId,
    order: &Stored<Order>,
    now: Instant,
) -> Result<Value, ApiError> {
    let keys = app.keys.now();
    let approver = app.approver(keys.signer());
    let options = approver.options(&*app.store, id, order, now).await?;
    let row = order.body.application.row_id();
    let asking = app.store.find::<Application>(&row).await?;
    let kind = match order.body.what {
        What::Register { .. } => "webauthn.create",
        What::SignIn | What::Sign(_) | _ => "webauthn.get",
    };
    let mut answer = json!({
        "type": kind,
        "publicKey": options,
        "expire": order.body.sign_until.unix_seconds(),
        "app": asking.as_ref().map(told),
    });
    if let (Some(members), Some(_)) = (answer.as_object_mut(), order.body.document()) {
        members.insert("signData".to_owned(), signature_data(order));
    }
    Ok(answer)
}

/// Takes a credential's answer, and tells where to go.
pub(super) async fn approved(
    app: &App,
    call: Call<'_>,
    credential: Value,
) -> Result<Value, ApiError> {
    let (id, keys) = (call.order, app.keys.now());
    let approver = app.approver(keys.signer());
    let order = app.store.find::<Order>(&Order::row_id(id)).await?;
    let order = order.ok_or(Refusal::Unknown)?;
    let invalid = |_quotes| ApiError::invalid("the credential is malformed");
    let signed = if matches!(order.body.what, What::Register { .. }) {
        let registration = serde_json::from_value(credential).map_err(invalid)?;
        approver.register(&*app.store, call, &registration).await?
    } else {
        let assertion = serde_json::from_value(credential).map_err(invalid)?;
        approver.sign(&*app.store, call, &assertion).await?
    };
    app.trace(
        "device",
        signed.body.application.as_str(),
        "sign",
        "success",
    );
    Ok(json!({ "redirect": told_onward(app, id, &signed, Status::Signed).await }))
}

fn told(application: &Stored<Application>) -> Value {
    let body = &application.body;
    json!({
        "id": body.id,
        "name": body.title,
        "created": time(application.created_at),
        "description": body.description,
        "icon": "",
        "idTokenAlg": "ES256",
        "keyId": "",
        "admin": body.rights == Rights::Admin,
    })
}
