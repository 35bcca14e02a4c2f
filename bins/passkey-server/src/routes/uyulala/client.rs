//! Which application asks, and whether it is an admin.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use passkey_idp::application::{Application, Rights};
use passkey_idp::store::Stored;

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
        match client::by_secret(app, parts).await {
            Ok(known) => Ok(Self(known)),
            Err(Denied::Unknown) => Err(refused()),
            Err(Denied::TooMany(too_many)) => Err(too_many.into()),
            Err(Denied::Store(error)) => Err(error.into()),
        }
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

fn refused() -> ApiError {
    let status = StatusCode::UNAUTHORIZED;
    ApiError::new(
        status,
        "invalid_client",
        "client identifier or secret is wrong",
    )
}
