//! What verifiers need: the keys, and where everything is.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use serde_json::{Value, json};
use server_kit::problem::Problem;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(jwks))
        .routes(routes!(key))
        .routes(routes!(configuration))
}

/// The keys that verifiers must know, as a JWK set (RFC 7517).
#[utoipa::path(get, path = "/.well-known/jwks.json", responses(
    (status = 200, body = Object, content_type = "application/jwk-set+json"),
))]
async fn jwks(State(app): State<Arc<App>>) -> impl IntoResponse {
    let content = [
        (header::CONTENT_TYPE, "application/jwk-set+json"),
        (header::CACHE_CONTROL, FOR_A_MINUTE),
    ];
    (content, app.server.keys().now().jwks().to_owned())
}

/// One key (SPKI) in PEM.
#[utoipa::path(get, path = "/keys/{kid}", params(("kid" = String, Path)), responses(
    (status = 200, body = String, content_type = "application/x-pem-file"),
    (status = "default", body = Problem, content_type = "application/problem+json"),
))]
async fn key(
    State(app): State<Arc<App>>,
    Path(kid): Path<String>,
) -> Result<impl IntoResponse, Problem> {
    let none = || Problem::new(StatusCode::NOT_FOUND, "no_such_key", "no key has this name");
    let key_id = kid.parse().or(Err(none()))?;
    let keys = app.server.keys().now();
    let pem = keys.get(&key_id).ok_or_else(none)?.to_pem();
    let content = [
        (header::CONTENT_TYPE, "application/x-pem-file"),
        (header::CACHE_CONTROL, FOR_A_MINUTE),
    ];
    Ok((content, pem))
}

/// Where everything is, and for whom tokens are issued.
#[utoipa::path(get, path = "/.well-known/endorse-configuration", responses(
    (status = 200, body = Object),
))]
async fn configuration(State(app): State<Arc<App>>) -> Json<Value> {
    let origin = &app.server.settings().origin;
    let audiences = app.server.settings().audiences.iter();
    Json(json!({
        "issuer": origin,
        "jwks_uri": format!("{origin}/.well-known/jwks.json"),
        "challenge_endpoint": format!("{origin}/endorse/v1/challenge"),
        "token_endpoint": format!("{origin}/endorse/v1/token"),
        "key_repository": format!("{origin}/keys/"),
        "keys_api_endpoint": format!("{origin}/v1/keys"),
        "ts43_endpoint": format!("{origin}/ts43"),
        "token_exchange_endpoint": format!("{origin}/oauth/token"),
        "introspection_endpoint": format!("{origin}/oauth/introspect"),
        "revocation_endpoint": format!("{origin}/oauth/revoke"),
        "status_lists": format!("{origin}/status-lists/"),
        "signing_alg_values_supported": algorithms(&app),
        "dpop_signing_alg_values_supported": ["ES256", "EdDSA"],
        "audiences": audiences.map(endorse::Audience::as_str).collect::<Vec<_>>(),
    }))
}

/// The algorithms of the published keys, each once.
fn algorithms(app: &App) -> Vec<&'static str> {
    let keys = app.server.keys().now();
    let names = keys.keys().iter().map(|(_, key)| key.algorithm().name());
    let mut names: Vec<_> = names.collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// Shorter than a key is announced before it signs.
const FOR_A_MINUTE: &str = "public, max-age=60";
