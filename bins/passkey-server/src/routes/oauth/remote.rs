//! `POST /api/v1/oauth2`: an authorization request by form, whose order another page shows (Uyulala).

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use passkey_idp::application::Dialect;
use passkey_idp::id::{OrderId, OrderSecret};
use passkey_idp::oauth::authorize::{self, Refusal, ResponseMode, Way};
use passkey_idp::oauth::{ErrorCode, OAuthError};
use passkey_idp::store::Commit;
use serde_json::{Value, json};

use super::authorize::client;
use super::call::Call;
use super::error::Failure;
use super::progress::{Passage, Stage};
use crate::state::{App, now};

/// Brings an authorization request whose order another page shows.
#[utoipa::path(post, path = "/api/v1/oauth2", tag = "orders",
    request_body(content = super::par::PushForm, content_type = "application/x-www-form-urlencoded"), responses(
    (status = 200, body = super::super::uyulala::Placed),
    (status = "default", body = super::error::Told),
))]
pub(super) async fn authorize(
    State(app): State<Arc<App>>,
    call: Call,
) -> Result<Response, Failure> {
    let client = client(&app, &call.parameters).await?;
    if !client.speaks(Dialect::Uyulala) {
        return Err(ErrorCode::UnauthorizedClient
            .because("the client may not use this API")
            .into());
    }
    let read = authorize::read(&client.id, &client.client, &call.parameters, Way::Browser);
    let request = read.map_err(|refusal| match refusal {
        Refusal::Show(error) | Refusal::Return { error, .. } => error,
    })?;
    if request.response_mode != ResponseMode::Query {
        return Err(ErrorCode::InvalidRequest
            .because("response_mode is query")
            .into());
    }
    let now = now();
    let brought = request.bring(&app.random, now)?;
    if let Commit::Refused { .. } = app.store.commit(brought.changes, now).await? {
        return Err(ErrorCode::UnauthorizedClient
            .because("the client was locked out")
            .into());
    }
    match Passage::of_api(&app).next(&brought.id).await {
        Ok(Stage::SignIn(id, secret)) => Ok(Json(told(&app, &id, &secret)).into_response()),
        Ok(Stage::Answer(answer)) => Err(answer.refusal().unwrap_or(UNKNOWN).into()),
        Ok(Stage::Consent(_)) => Err(UNKNOWN.into()),
        Err(stop) => Err(stop.into()),
    }
}

fn told(app: &App, id: &OrderId, secret: &OrderSecret) -> Value {
    json!({
        "challenge_id": id,
        "challengeId": id,
        "secret": *secret.expose(),
        "url": format!("{}/o/{id}", app.settings.origin),
    })
}

const UNKNOWN: OAuthError = ErrorCode::ServerError.because("there is no order to sign");
