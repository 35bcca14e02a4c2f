//! `POST`, `PUT` and `DELETE /api/v1/challenge`: the later code's forms, with a token from a QR code.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use passkey_idp::id::OrderId;
use passkey_idp::order::{self, Order, Refusal, Status};
use passkey_idp::qr::{Window, uyulala::Unverified};
use passkey_idp::store::StoreExt as _;
use serde_json::{Value, json};
use server_kit::form::Form;
use server_kit::problem::Problem;
use utoipa::ToSchema;

use super::super::finish::told;
use super::challenge::{approved, viewed};
use super::error::ApiError;
use crate::state::{App, now};

/// A token out of a QR code.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes what is read elsewhere")]
struct Scanned {
    /// A JWT under the order's secret.
    token: String,
}

/// A token, and a credential's answer.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes what is read elsewhere")]
struct Answered {
    /// A JWT under the order's secret.
    token: String,
    /// The credential, in JSON.
    response: String,
}

/// What is asked by the order of a QR code.
#[utoipa::path(post, path = "/api/v1/challenge", tag = "answers",
    request_body(content = Scanned, content_type = "application/x-www-form-urlencoded"), responses(
    (status = 200, body = Object),
    (status = "default", body = super::error::Told),
))]
pub(super) async fn view(
    State(app): State<Arc<App>>,
    form: Result<Form, Problem>,
) -> Result<Json<Value>, ApiError> {
    let form = read(form)?;
    let id = admitted(&app, &form, Freshness::Checked).await?;
    viewed(&app, &id).await.map(Json)
}

/// Takes a credential's answer.
#[utoipa::path(put, path = "/api/v1/challenge", tag = "answers",
    request_body(content = Answered, content_type = "application/x-www-form-urlencoded"), responses(
    (status = 200, body = super::challenge::Onward),
    (status = "default", body = super::error::Told),
))]
pub(super) async fn approve(
    State(app): State<Arc<App>>,
    form: Result<Form, Problem>,
) -> Result<Json<Value>, ApiError> {
    let form = read(form)?;
    let id = admitted(&app, &form, Freshness::Ignored).await?;
    let response = one(&form, "response")?;
    let credential = serde_json::from_str(response);
    let credential = credential.map_err(|_quotes| ApiError::invalid("response is no JSON"))?;
    approved(&app, &id, credential).await.map(Json)
}

/// Rejects what is asked.
#[utoipa::path(delete, path = "/api/v1/challenge", tag = "answers",
    request_body(content = Scanned, content_type = "application/x-www-form-urlencoded"), responses(
    (status = 200, body = super::challenge::Onward),
    (status = "default", body = super::error::Told),
))]
pub(super) async fn reject(
    State(app): State<Arc<App>>,
    form: Result<Form, Problem>,
) -> Result<Json<Value>, ApiError> {
    let form = read(form)?;
    let id = admitted(&app, &form, Freshness::Ignored).await?;
    let now = now();
    let rejected = order::advance(&*app.store, &id, now, |order| order.reject(None, now));
    let order = rejected.await?;
    let redirect = told(&app, &id, &order, Status::Rejected).await;
    Ok(Json(json!({ "redirect": redirect })))
}

/// Whether the code must have been drawn within the last five seconds.
#[derive(Clone, Copy)]
enum Freshness {
    Checked,
    Ignored,
}

/// The order whose secret has made the token.
async fn admitted(app: &App, form: &Form, freshness: Freshness) -> Result<OrderId, ApiError> {
    let foreign = |_refusal| ApiError::invalid("token is malformed, foreign or too old");
    let token = Unverified::parse(one(form, "token")?).map_err(foreign)?;
    let id = token.order();
    let order = app.store.find::<Order>(&Order::row_id(&id)).await?;
    let order = order.ok_or(Refusal::Unknown)?;
    let secret = order.body.open_secret(&app.sealer)?;
    let checked = match freshness {
        Freshness::Checked => token.verify(&secret, order.age(now()), Window::FIVE_SECONDS),
        Freshness::Ignored => token.authentic(&secret),
    };
    checked.map_err(foreign)?;
    Ok(id)
}

fn read(form: Result<Form, Problem>) -> Result<Form, ApiError> {
    form.map_err(|_problem| ApiError::invalid("the body is no form"))
}

fn one<'f>(form: &'f Form, name: &str) -> Result<&'f str, ApiError> {
    let value = form.one(name);
    let value = value.map_err(|invalid| ApiError::invalid(invalid.to_string()))?;
    value.ok_or_else(|| ApiError::invalid(format!("{name} is missing")))
}
