//! What anybody may know: the keys, the version, related origins.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};
use utoipa::OpenApi;

use crate::state::App;

/// What is described of it.
#[derive(OpenApi)]
#[openapi(paths(jwks, version, related_origins))]
pub(super) struct Described;

pub(super) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/oidc/jwkset.json", get(jwks))
        .route("/api/version", get(version))
        .route("/.well-known/webauthn", get(related_origins))
}

/// The keys that verifiers must know, as a JWK set (RFC 7517).
#[utoipa::path(get, path = "/jwks", tag = "published",
    responses((status = 200, body = Object, content_type = "application/jwk-set+json")))]
pub(super) async fn jwks(State(app): State<Arc<App>>) -> impl IntoResponse {
    let content = [
        (header::CONTENT_TYPE, "application/jwk-set+json"),
        (header::CACHE_CONTROL, "public, max-age=60"),
    ];
    (content, app.keys.now().jwks())
}

/// Which version this is.
#[utoipa::path(get, path = "/api/version", tag = "published", responses((status = 200, body = Object)))]
async fn version() -> Json<Value> {
    Json(json!({ "name": "passkey-server", "version": env!("CARGO_PKG_VERSION") }))
}

/// The origins that share the passkeys (WebAuthn §5.11), where any are configured.
#[utoipa::path(get, path = "/.well-known/webauthn", tag = "published", responses(
    (status = 200, body = Object),
    (status = 404, description = "there are none"),
))]
async fn related_origins(State(app): State<Arc<App>>) -> Result<Json<Value>, StatusCode> {
    let origins: Vec<_> = app.party.related_origins().collect();
    if origins.is_empty() {
        return Err(StatusCode::NOT_FOUND);
    }
    Ok(Json(json!({ "origins": origins })))
}
