//! Which application asks: HTTP Basic with its identifier and secret (RFC 7617).

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use passkey_idp::application::{Application, ApplicationId, ApplicationState, Rights};
use passkey_idp::id::ClientSecret;
use passkey_idp::store::{StoreExt as _, Stored};
use server_kit::observe::CallerSlot;
use strict_jws::base64;

use super::error::ApiError;
use crate::state::{App, now};

/// An application that has shown its secret.
pub(super) struct Client(pub(super) Stored<Application>);

/// One that may manage users.
pub(super) struct Admin(pub(super) Stored<Application>);

impl FromRequestParts<Arc<App>> for Client {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, ApiError> {
        let (id, secret) = shown(&parts.headers).ok_or_else(refused)?;
        app.clients.check(id.as_str())?;
        let found = app.store.find::<Application>(&id.row_id()).await?;
        let known = found.filter(|found| {
            found.state == ApplicationState::Active && found.body.accepts(&secret, now())
        });
        let Some(known) = known else {
            app.trace("client", id.as_str(), "authenticate", "refused");
            return Err(refused());
        };
        if let Some(slot) = parts.extensions.get::<CallerSlot>() {
            slot.fill(id.as_str());
        }
        Ok(Self(known))
    }
}

impl FromRequestParts<Arc<App>> for Admin {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, ApiError> {
        let Client(client) = Client::from_request_parts(parts, app).await?;
        if client.body.rights == Rights::Admin {
            return Ok(Self(client));
        }
        let status = StatusCode::FORBIDDEN;
        Err(ApiError::new(
            status,
            "access_denied",
            "the client is no admin",
        ))
    }
}

fn shown(headers: &HeaderMap) -> Option<(ApplicationId, ClientSecret)> {
    let field = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, credentials) = field.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let octets = base64::decode_padded(credentials.trim().as_bytes()).ok()?;
    let text = String::from_utf8(octets).ok()?;
    let (id, secret) = text.split_once(':')?;
    Some((id.parse().ok()?, secret.parse().ok()?))
}

fn refused() -> ApiError {
    let status = StatusCode::UNAUTHORIZED;
    ApiError::new(
        status,
        "invalid_client",
        "client identifier or secret is wrong",
    )
}
