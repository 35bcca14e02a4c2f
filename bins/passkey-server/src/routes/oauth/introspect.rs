//! `POST /introspect`: what a token is good for (RFC 7662).

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use passkey_idp::oauth::{Asker, ErrorCode, OAuthError, Told};
use serde_json::json;

use super::call::Call;
use super::error::Failure;
use super::shown::Shown;
use crate::state::{App, now};

pub(super) async fn introspect(
    State(app): State<Arc<App>>,
    call: Call,
) -> Result<Response, Failure> {
    let now = now();
    let client = call.client(&app, now).await?.body;
    if client.client.is_public() {
        return Err(ANONYMOUS.into());
    }
    let token = call.parameters.get("token").ok_or(MISSING)?;
    let asker = Asker {
        client: &client.id,
        registered: &client.client,
    };
    let issuer = &app.settings.origin;
    let told = match Shown::find(&app, token, now).await? {
        Shown::Access(token) => Told::of_access(&token, asker, issuer, now),
        Shown::Refresh(family, token) => Told::of_refresh((&family, &token), asker, issuer, now),
        Shown::Nothing => None,
    };
    let outcome = if told.is_some() { "active" } else { "inactive" };
    app.trace(client.id.as_str(), "token", "introspect", outcome);
    Ok(match told {
        Some(told) => Json(told).into_response(),
        None => Json(json!({ "active": false })).into_response(),
    })
}

pub(super) const MISSING: OAuthError = ErrorCode::InvalidRequest.because("token is missing");
/// RFC 7662 §2.1: otherwise anybody could try tokens out.
const ANONYMOUS: OAuthError =
    ErrorCode::InvalidClient.because("a client that does not authenticate may not ask");
