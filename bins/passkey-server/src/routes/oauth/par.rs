//! `POST /par`: clients push their requests (RFC 9126).

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use passkey_idp::oauth::ErrorCode;
use passkey_idp::oauth::authorize::{self, Refusal, Way};
use serde_json::json;
use utoipa::ToSchema;

use super::call::Call;
use super::error::Failure;
use crate::state::{App, now};

/// An authorization request, as `/authorize` takes it.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes what is read elsewhere")]
pub(super) struct PushForm {
    /// `code`.
    response_type: String,
    /// Who asks.
    client_id: Option<String>,
    /// Where the answer goes.
    redirect_uri: String,
    /// What is asked for.
    scope: Option<String>,
    /// What comes back unread.
    state: Option<String>,
    /// RFC 7636.
    code_challenge: String,
    /// `S256`.
    code_challenge_method: String,
}

/// What stands for it.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes what is made elsewhere")]
pub(super) struct Pushed {
    /// For `/authorize`, once.
    request_uri: String,
    /// Seconds.
    expires_in: u64,
}

/// Pushes an authorization request (RFC 9126).
#[utoipa::path(post, path = "/par", tag = "OAuth", security(("client" = []), ()),
    request_body(content = PushForm, content_type = "application/x-www-form-urlencoded"), responses(
    (status = 201, body = Pushed),
    (status = "default", body = super::error::Told),
))]
pub(super) async fn push(State(app): State<Arc<App>>, call: Call) -> Result<Response, Failure> {
    let now = now();
    let client = call.client(&app, now).await?.body;
    let key = call.key(&app, now).await?.map(|key| key.to_string());
    if call.parameters.get("request_uri").is_some() {
        let error = ErrorCode::InvalidRequest.because("request_uri does not belong there");
        return Err(error.into());
    }
    let read = authorize::read(&client.id, &client.client, &call.parameters, Way::Pushed);
    let mut request = read.map_err(|refusal| match refusal {
        Refusal::Show(error) | Refusal::Return { error, .. } => error,
    })?;
    if let Some(key) = key {
        if request.dpop_jkt.as_ref().is_some_and(|named| *named != key) {
            let error = ErrorCode::InvalidDpopProof.because("dpop_jkt is another key's");
            return Err(error.into());
        }
        request.dpop_jkt = Some(key);
    }
    let pushed = request.push(&app.random, now)?;
    app.store.commit(vec![pushed.change], now).await?;
    app.trace(client.id.as_str(), "authorization", "push", "success");
    let body = json!({
        "request_uri": pushed.request_uri.expose(),
        "expires_in": pushed.lifetime.as_seconds(),
    });
    Ok((StatusCode::CREATED, Json(body)).into_response())
}
