//! `POST /introspect`: what a token is good for (RFC 7662).

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use passkey_idp::application::{Application, ApplicationState};
use passkey_idp::oauth::{Asker, ErrorCode, Grant, OAuthError, Told};
use passkey_idp::store::{StoreError, StoreExt as _};
use passkey_idp::user::{User, UserState};
use serde_json::json;
use utoipa::ToSchema;

use super::super::session::has_passkey;
use super::call::Call;
use super::error::Failure;
use super::shown::Shown;
use crate::state::{App, now};

/// A token.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes what is read elsewhere")]
pub(super) struct TokenShown {
    /// The token.
    token: String,
    /// What kind it might be; nobody here needs it.
    token_type_hint: Option<String>,
}

/// What a token is good for (RFC 7662).
#[utoipa::path(post, path = "/introspect", tag = "OAuth", security(("client" = []), ()),
    request_body(content = TokenShown, content_type = "application/x-www-form-urlencoded"), responses(
    (status = 200, body = Object),
    (status = "default", body = super::error::Told),
))]
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
    let (grant, told) = match Shown::find(&app, token, now).await? {
        Shown::Access(token) => {
            let told = Told::of_access(&token, asker, issuer, now);
            (Some(token.body.grant), told)
        }
        Shown::Refresh(family, token) => {
            let told = Told::of_refresh((&family, &token), asker, issuer, now);
            (Some(family.body.grant), told)
        }
        Shown::Nothing => (None, None),
    };
    let stands = match grant {
        Some(grant) => stands(&app, &grant).await?,
        None => false,
    };
    let told = told.filter(|_| stands);
    let outcome = if told.is_some() { "active" } else { "inactive" };
    app.trace(client.id.as_str(), "token", "introspect", outcome);
    Ok(match told {
        Some(told) => Json(told).into_response(),
        None => Json(json!({ "active": false })).into_response(),
    })
}

/// What [`Grant::stands`] asks for, where nothing is given: whether the user and the client are there and
/// not locked out, and the passkey is, too.
pub(super) async fn stands(app: &App, grant: &Grant) -> Result<bool, StoreError> {
    let user = User::row_id(&grant.authentication.user);
    let user = app.store.find::<User>(&user).await?;
    let client = grant.client.row_id();
    let client = app.store.find::<Application>(&client).await?;
    Ok(user.is_some_and(|user| user.state == UserState::Active)
        && client.is_some_and(|client| client.state == ApplicationState::Active)
        && has_passkey(app, &grant.authentication).await?)
}

pub(super) const MISSING: OAuthError = ErrorCode::InvalidRequest.because("token is missing");
/// RFC 7662 §2.1: otherwise anybody could try tokens out.
const ANONYMOUS: OAuthError =
    ErrorCode::InvalidClient.because("a client that does not authenticate may not ask");
