//! The device grant (RFC 8628): a device shows a code, and its user approves it in a browser.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use passkey_idp::id::DeviceCode;
use passkey_idp::oauth::device::{DeviceGrant, Polled, Started};
use passkey_idp::oauth::{ErrorCode, Flow, Grant, OAuthError};
use passkey_idp::order::Order;
use passkey_idp::store::{Commit, StoreExt as _};
use serde_json::json;
use utoipa::ToSchema;

use super::call::Call;
use super::error::Failure;
use super::token::{Answer, Asked, exchange};
use crate::state::{App, now};

mod page;

pub(super) use page::{show, typed_in};

/// What a device asks for.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes what is read elsewhere")]
pub(super) struct DeviceForm {
    /// Which device's maker asks.
    client_id: Option<String>,
    /// What is asked for.
    scope: Option<String>,
}

/// What it shows to its user, and what it polls with.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes what is made elsewhere")]
pub(super) struct DeviceAnswer {
    /// For the token endpoint.
    device_code: String,
    /// For the user to type in.
    user_code: String,
    /// Where.
    verification_uri: String,
    /// The same with the code in it.
    verification_uri_complete: Option<String>,
    /// Seconds.
    expires_in: u64,
    /// Seconds between two questions.
    interval: Option<u64>,
}

/// Begins a device's sign-in (RFC 8628).
#[utoipa::path(post, path = "/device_authorization", tag = "OAuth", security(("client" = []), ()),
    request_body(content = DeviceForm, content_type = "application/x-www-form-urlencoded"), responses(
    (status = 200, body = DeviceAnswer),
    (status = "default", body = super::error::Told),
))]
pub(super) async fn begin(State(app): State<Arc<App>>, call: Call) -> Result<Response, Failure> {
    let now = now();
    let client = call.client(&app, now).await?.body;
    if !client.client.may(Flow::DeviceCode) {
        return Err(FORBIDDEN.into());
    }
    let scope = client.client.granted(call.parameters.get("scope"))?;
    let id = client.id.clone();
    for _ in 0..ATTEMPTS {
        let started = DeviceGrant::start(id.clone(), scope.clone(), &app.random, now)?;
        if let Commit::Done(_) = app.store.commit(started.changes.clone(), now).await? {
            app.trace(id.as_str(), "device", "begin", "success");
            return Ok(told(&app, &started));
        }
    }
    Err(ErrorCode::TemporarilyUnavailable
        .because("too many devices wait")
        .into())
}

/// Tokens for a device whose user has approved it.
pub(super) fn redeemed(asked: Asked<'_>) -> Answer<'_> {
    Box::pin(async move {
        let (app, now) = (asked.app, asked.now);
        if !asked.client.client.may(Flow::DeviceCode) {
            return Err(FORBIDDEN.into());
        }
        if asked.client.client.proves_key && asked.key.is_none() {
            return Err(UNPROVEN.into());
        }
        let code = asked.parameters.get("device_code").ok_or(MISSING)?;
        let code: DeviceCode = code.parse().map_err(|_never_issued| INVALID)?;
        let row = DeviceGrant::row_id(&code);
        let found = app.store.find::<DeviceGrant>(&row).await?;
        let device = found.ok_or(INVALID)?;
        let order = match &device.body.question {
            Some(question) => app.store.find::<Order>(&question.order).await?,
            None => None,
        };
        match device.poll(&asked.client.id, order.as_ref(), now) {
            Polled::Wait(told, asked) => {
                // of two questions at a time one is kept, which is enough
                app.store.commit(vec![asked], now).await?;
                Err(told.into())
            }
            Polled::Granted(grant, used) => {
                let grant = Grant {
                    key: asked.key,
                    ..*grant
                };
                let keys = app.keys.now();
                let exchange = exchange(app, asked.signer(&keys), now);
                let family = device.body.family;
                let tokens = exchange.issue(asked.caller(), &grant, family, used);
                Ok(tokens.await?.ok_or(INVALID)?)
            }
            Polled::Refused(error) => Err(error.into()),
            _ => Err(INVALID.into()),
        }
    })
}

fn told(app: &App, started: &Started) -> Response {
    let (origin, code) = (&app.settings.origin, &started.user_code);
    let body = json!({
        "device_code": *started.device_code.expose(),
        "user_code": code.to_string(),
        "verification_uri": format!("{origin}/device"),
        "verification_uri_complete": format!("{origin}/device?user_code={code}"),
        "expires_in": DeviceGrant::LIFETIME.as_seconds(),
        "interval": DeviceGrant::INTERVAL.as_seconds(),
    });
    Json(body).into_response()
}

const FORBIDDEN: OAuthError =
    ErrorCode::UnauthorizedClient.because("the client may not use the device grant");
const UNPROVEN: OAuthError = ErrorCode::InvalidDpopProof.because("the client has to prove its key");
const MISSING: OAuthError = ErrorCode::InvalidRequest.because("device_code is missing");
const INVALID: OAuthError = ErrorCode::InvalidGrant.because("the device_code is not valid");
/// How often another code is drawn where a device shows the same.
const ATTEMPTS: usize = 3;
