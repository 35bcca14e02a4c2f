//! The BankID dialect: `/rp/v6.0`, for libraries that know it.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{FromRequest as _, Request, State};
use axum::http::request::Parts;
use axum::routing::{any, post};
use axum::{Json, Router};
use passkey_idp::application::{Application, Dialect};
use passkey_idp::bankid::{self, Call, ErrorCode, OrderRef, Told, Wanted};
use passkey_idp::delivery::Sealing;
use passkey_idp::order;
use passkey_idp::store::{Commit, Stored};
use serde::Deserialize;
use serde_json::{Value, json};
use server_kit::body::has_content_type;

use super::client;
use crate::state::{App, now};

mod collect;
mod described;
mod error;

pub(super) use described::Described;

use error::Refused;

pub(super) fn routes() -> Router<Arc<App>> {
    let call = |call| {
        let asked = move |app, request| place(app, request, call);
        post(asked).fallback(error::method)
    };
    Router::new()
        .route("/rp/v6.0/auth", call(Call::Auth))
        .route("/rp/v6.0/sign", call(Call::Sign))
        .route("/rp/v6.0/phone/auth", call(Call::PhoneAuth))
        .route("/rp/v6.0/phone/sign", call(Call::PhoneSign))
        .route(
            "/rp/v6.0/collect",
            post(collect::collect).fallback(error::method),
        )
        .route("/rp/v6.0/cancel", post(cancel).fallback(error::method))
        .route("/rp/{*rest}", any(error::not_found))
}

/// A relying party's request: who it is, and the body.
async fn read(app: &Arc<App>, request: Request) -> Result<(Stored<Application>, Bytes), Refused> {
    let (parts, body) = request.into_parts();
    let party = party(app, &parts).await?;
    if !has_content_type(&parts.headers, "application/json") {
        return Err(ErrorCode::UnsupportedMediaType
            .because("the body is JSON")
            .into());
    }
    let body = Bytes::from_request(Request::new(body), app).await;
    let too_long = ErrorCode::InvalidParameters.because("the body is too long");
    Ok((party, body.map_err(|_incomplete| too_long)?))
}

/// By its secret, if it shows one; else by its certificate.
async fn party(app: &App, parts: &Parts) -> Result<Stored<Application>, Refused> {
    Ok(
        if parts
            .headers
            .contains_key(axum::http::header::AUTHORIZATION)
        {
            client::by_secret(app, parts, Dialect::BankId).await?
        } else {
            client::by_certificate(app, parts, Dialect::BankId).await?
        },
    )
}

async fn place(
    State(app): State<Arc<App>>,
    request: Request,
    call: Call,
) -> Result<Json<Value>, Refused> {
    let (party, body) = read(&app, request).await?;
    let wanted = Wanted::read(call, &body)?;
    for _ in 0..TRIES {
        let told = prepared(&app, &party.body, wanted.clone())?;
        let busy = match app.store.commit(told.changes.clone(), now()).await? {
            Commit::Done(_) => {
                app.trace(party.body.id.as_str(), "order", "place", "success");
                return Ok(Json(answer(&app, call, &told)));
            }
            Commit::Refused { at: Told::USER } => {
                return Err(ErrorCode::InvalidParameters.because("No such user").into());
            }
            Commit::Refused { .. } => wanted.user,
        };
        let Some(user) = busy else { continue };
        if bankid::end(&*app.store, &party.body.id, &user, now()).await? {
            app.trace(party.body.id.as_str(), "order", "cancel", "superseded");
            break;
        }
    }
    Err(ErrorCode::AlreadyInProgress
        .because("Order already in progress for the user")
        .into())
}

fn prepared(app: &App, party: &Application, wanted: Wanted) -> Result<Told, Refused> {
    let return_url = match &wanted.return_url {
        None => None,
        Some(text) => {
            let known = party.redirects.iter().find(|known| known.as_str() == text);
            let unknown = ErrorCode::InvalidParameters.because("returnUrl is not registered");
            Some(known.ok_or(unknown)?.clone())
        }
    };
    let sealing = Sealing {
        sealer: &app.sealer,
        random: &app.random,
    };
    Ok(wanted.place(&party.id, return_url, sealing, now())?)
}

/// `url` is an addition of ours: where the user's browser opens the order, on whatever device.
fn answer(app: &App, call: Call, told: &Told) -> Value {
    let url = format!("{}/q/{}", app.settings.origin, told.auto_start_token);
    let order_ref = told.order_ref.to_string();
    if call.is_phone() {
        return json!({ "orderRef": order_ref, "url": url });
    }
    json!({
        "orderRef": order_ref,
        "autoStartToken": told.auto_start_token,
        "qrStartToken": told.qr_start_token,
        "qrStartSecret": told.qr_start_secret.as_str(),
        "url": url,
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Named {
    order_ref: String,
}

/// Which order a body names.
fn named(body: &[u8]) -> Result<OrderRef, Refused> {
    let named = serde_json::from_slice::<Named>(body);
    let named =
        named.map_err(|_quotes| ErrorCode::InvalidParameters.because("orderRef is missing"))?;
    let known = named.order_ref.parse();
    Ok(known.map_err(|_invalid| error::NO_SUCH_ORDER)?)
}

async fn cancel(State(app): State<Arc<App>>, request: Request) -> Result<Json<Value>, Refused> {
    let (party, body) = read(&app, request).await?;
    let (order_ref, now) = (named(&body)?, now());
    let cancelled = order::advance(&*app.store, order_ref.order(), now, |order| {
        order.cancel(&party.body.id, now)
    });
    cancelled.await?;
    app.trace(party.body.id.as_str(), "order", "cancel", "success");
    Ok(Json(json!({})))
}

const TRIES: usize = 3;
