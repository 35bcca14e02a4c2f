//! What clients learn of the server by itself (RFC 8414, OpenID Connect Discovery).

use std::sync::Arc;

use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use passkey_idp::ciba::Mode;
use passkey_idp::oauth::authorize::Level;
use serde_json::{Value, json};

use super::token::grant_types;
use crate::keys::Current;
use crate::state::App;

/// What clients need to know of the server (RFC 8414, OpenID Connect Discovery).
#[utoipa::path(get, path = "/.well-known/openid-configuration", tag = "published",
    responses((status = 200, body = Object)))]
pub(super) async fn show(State(app): State<Arc<App>>) -> impl IntoResponse {
    let content = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, "public, max-age=300"),
    ];
    let keys = app.keys.now();
    let described = |keys: &Current| document(&app.settings.origin, keys).to_string().into();
    (content, keys.discovery(described))
}

fn document(origin: &str, keys: &Current) -> Value {
    let at = |path: &str| format!("{origin}{path}");
    let grant_types: Vec<_> = grant_types().collect();
    let signing: Vec<_> = keys.algorithms().collect();
    json!({
        "issuer": origin,
        "authorization_endpoint": at("/authorize"),
        "token_endpoint": at("/token"),
        "userinfo_endpoint": at("/userinfo"),
        "jwks_uri": at("/jwks"),
        "pushed_authorization_request_endpoint": at("/par"),
        "introspection_endpoint": at("/introspect"),
        "introspection_endpoint_auth_methods_supported": CONFIDENTIAL,
        "introspection_endpoint_auth_signing_alg_values_supported": SIGNING,
        "revocation_endpoint": at("/revoke"),
        "revocation_endpoint_auth_methods_supported": AUTHENTICATION,
        "revocation_endpoint_auth_signing_alg_values_supported": SIGNING,
        "device_authorization_endpoint": at("/device_authorization"),
        "end_session_endpoint": at("/logout"),
        "backchannel_logout_supported": true,
        "backchannel_logout_session_supported": true,
        "backchannel_authentication_endpoint": at("/bc-authorize"),
        "backchannel_token_delivery_modes_supported": Mode::ALL.map(Mode::name),
        "backchannel_authentication_request_signing_alg_values_supported": SIGNING,
        "backchannel_user_code_parameter_supported": false,
        "grant_types_supported": grant_types,
        "response_types_supported": ["code"],
        "response_modes_supported": ["query", "form_post"],
        "subject_types_supported": ["public"],
        "code_challenge_methods_supported": ["S256"],
        "scopes_supported": ["openid", "profile", "offline_access"],
        "claims_supported": [
            "iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "sid", "at_hash", "name",
        ],
        "acr_values_supported": Level::ALL.map(Level::acr),
        "prompt_values_supported": ["none", "login", "consent", "select_account"],
        "ui_locales_supported": ["en", "sv"],
        "id_token_signing_alg_values_supported": signing,
        "token_endpoint_auth_methods_supported": AUTHENTICATION,
        "token_endpoint_auth_signing_alg_values_supported": SIGNING,
        "dpop_signing_alg_values_supported": SIGNING,
        "authorization_response_iss_parameter_supported": true,
        "require_pushed_authorization_requests": false,
        "claims_parameter_supported": true,
        "request_parameter_supported": false,
        "request_uri_parameter_supported": false,
    })
}

/// How clients authenticate, at every endpoint.
pub(super) const AUTHENTICATION: [&str; 4] = [
    "client_secret_basic",
    "client_secret_post",
    "private_key_jwt",
    "none",
];

/// How clients authenticate where one has to.
const CONFIDENTIAL: [&str; 3] = [
    "client_secret_basic",
    "client_secret_post",
    "private_key_jwt",
];

/// What assertions and proofs may be signed with.
pub(super) const SIGNING: [&str; 3] = ["ES256", "EdDSA", "RS256"];
