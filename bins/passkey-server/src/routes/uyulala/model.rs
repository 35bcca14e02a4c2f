//! `GET /api/v1/mds/:aaguid`: what is known of an authenticator's model.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use passkey_idp::webauthn::Aaguid;
use serde_json::Value;

use super::client::Client;
use super::error::ApiError;
use crate::state::App;

/// What is known of an authenticator's model.
#[utoipa::path(get, path = "/api/v1/mds/{aaguid}", tag = "published", security(("client" = [])),
    params(("aaguid" = String, Path, description = "the model's identifier")), responses(
    (status = 200, body = Object),
    (status = "default", body = super::error::Told),
))]
pub(super) async fn show(
    State(app): State<Arc<App>>,
    Client(_): Client,
    Path(aaguid): Path<String>,
) -> Result<Json<Value>, ApiError> {
    let aaguid = aaguid.parse::<Aaguid>();
    let aaguid = aaguid.map_err(|_invalid| ApiError::invalid("the model's identifier is none"))?;
    let entry = app.metadata.entry(&aaguid.to_string());
    let entry = entry.ok_or_else(ApiError::not_found)?;
    Ok(Json(entry.clone()))
}
