//! `POST`, `PUT` and `DELETE /api/v1/challenge`: the later code's forms, with a token from a QR code.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use passkey_idp::Instant;
use passkey_idp::approval::Call;
use passkey_idp::id::{OrderId, OrderSecret, ViewerSecret};
use passkey_idp::order::{self, Order, Refusal, Status};
use passkey_idp::qr::{self, Frame, uyulala::Unverified};
use passkey_idp::store::{StoreExt as _, Stored};
use serde_json::{Value, json};
use server_kit::form::Form;
use server_kit::problem::Problem;
use utoipa::ToSchema;

use super::super::finish::told;
use super::challenge::{approved, asked, viewed};
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
    let bearer = Bearer::admitted(&app, &form).await?;
    let order = bearer.view(&app).await?;
    asked(&app, &bearer.id, &order, bearer.now).await.map(Json)
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
    let bearer = Bearer::admitted(&app, &form).await?;
    let response = one(&form, "response")?;
    let credential = serde_json::from_str(response);
    let credential = credential.map_err(|_quotes| ApiError::invalid("response is no JSON"))?;
    approved(&app, bearer.call(), credential).await.map(Json)
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
    let bearer = Bearer::admitted(&app, &form).await?;
    let call = bearer.call();
    let rejected = order::advance(&*app.store, call.order, call.now, |order| {
        order.reject(call.viewer, call.now)
    });
    let order = rejected.await?;
    let redirect = told(&app, call.order, &order, Status::Rejected).await;
    Ok(Json(json!({ "redirect": redirect })))
}

/// Whoever shows a token of an order.
struct Bearer<'f> {
    id: OrderId,
    order: Stored<Order>,
    token: Frame<'f>,
    secret: OrderSecret,
    /// What is known of them where nothing but a code opens the order.
    viewer: Option<ViewerSecret>,
    now: Instant,
}

impl<'f> Bearer<'f> {
    /// By a token that the order's secret has made: within the last five seconds, until somebody has
    /// viewed the order.
    async fn admitted(app: &App, form: &'f Form) -> Result<Self, ApiError> {
        let unverified = Unverified::parse(one(form, "token")?).map_err(foreign)?;
        let (id, now) = (unverified.order(), now());
        let order = app.store.find::<Order>(&Order::row_id(&id)).await?;
        let order = order.ok_or(Refusal::Unknown)?;
        let secret = order.body.open_secret(&app.sealer)?;
        unverified.authentic(&secret).map_err(foreign)?;
        let bearer = Self {
            id,
            viewer: order.body.bearer(&secret),
            order,
            token: Frame::Uyulala(unverified),
            secret,
            now,
        };
        if bearer.order.status(now) == Status::Pending {
            bearer.fresh()?;
        }
        Ok(bearer)
    }

    fn fresh(&self) -> Result<(), ApiError> {
        let age = self.order.age(self.now);
        self.token.verify(&self.secret, age).map_err(foreign)
    }

    async fn view(&self, app: &App) -> Result<Stored<Order>, ApiError> {
        self.fresh()?;
        let Some(viewer) = &self.viewer else {
            return viewed(app, &self.id, self.now).await;
        };
        let guest = self.order.scan(&self.token, &self.secret, viewer, self.now);
        let guest = guest.map_err(foreign)?;
        let opened = order::advance(&*app.store, &self.id, self.now, |order| {
            order.open(&guest, None, self.now)
        });
        Ok(opened.await?)
    }

    const fn call(&self) -> Call<'_> {
        Call {
            order: &self.id,
            viewer: self.viewer.as_ref(),
            now: self.now,
        }
    }
}

fn foreign(_refusal: qr::Refusal) -> ApiError {
    ApiError::invalid("token is malformed, foreign or too old")
}

fn read(form: Result<Form, Problem>) -> Result<Form, ApiError> {
    form.map_err(|_problem| ApiError::invalid("the body is no form"))
}

fn one<'f>(form: &'f Form, name: &str) -> Result<&'f str, ApiError> {
    let value = form.one(name);
    let value = value.map_err(|invalid| ApiError::invalid(invalid.to_string()))?;
    value.ok_or_else(|| ApiError::invalid(format!("{name} is missing")))
}
