//! Which application asks, and whether it is an admin.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use passkey_idp::application::{Application, Dialect, Rights};
use passkey_idp::store::Stored;
use server_kit::browser;

use super::super::client::{self, Denied};
use super::error::ApiError;
use crate::state::App;

/// An application that has shown its secret.
pub(super) struct Client(pub(super) Stored<Application>);

/// One that may manage users.
pub(super) struct Admin(pub(super) Stored<Application>);

impl FromRequestParts<Arc<App>> for Client {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, ApiError> {
        match client::by_secret(app, parts, Dialect::Uyulala).await {
            Ok(known) => Ok(Self(known)),
            Err(Denied::Unknown) => Err(refused()),
            Err(Denied::Dialect) => Err(forbidden("the client may not use this API")),
            Err(Denied::TooMany(too_many)) => Err(too_many.into()),
            Err(Denied::Store(error)) => Err(error.into()),
        }
    }
}

impl FromRequestParts<Arc<App>> for Admin {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, ApiError> {
        // admins are programs: what another site's page sends is nobody's wish
        let host = browser::host(&parts.uri, &parts.headers);
        browser::same_origin(&parts.headers, host.as_ref())
            .map_err(|foreign| forbidden(&foreign.to_string()))?;
        let Client(client) = Client::from_request_parts(parts, app).await?;
        if client.body.rights == Rights::Admin {
            return Ok(Self(client));
        }
        Err(forbidden("the client is no admin"))
    }
}

fn forbidden(why: &str) -> ApiError {
    ApiError::new(StatusCode::FORBIDDEN, "access_denied", why)
}

pub(super) fn refused() -> ApiError {
    let status = StatusCode::UNAUTHORIZED;
    ApiError::new(
        status,
        "invalid_client",
        "client identifier or secret is wrong",
    )
}
