//! OAuth 2.1 and OpenID Connect: the endpoints over `passkey_idp::oauth`.
//!
//! A browser's request is kept until it is answered ([`authorize`]); what happens next to it decides
//! [`progress`], for our pages and for the Uyulala dialect alike. Clients ask the endpoints by a
//! [`call::Call`]: it knows who they are and which key they hold.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, Method, header};
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum::routing::{get, post};
use tower_http::cors::{Any, CorsLayer};
use utoipa::OpenApi;

use super::arrival::in_person;
use crate::state::{App, now};

mod answer;
mod authorize;
pub(super) mod bearer;
pub(super) mod call;
mod consent;
mod device;
mod discovery;
pub(super) mod error;
mod hint;
mod introspect;
mod logout;
mod par;
mod progress;
mod remote;
mod revoke;
mod shown;
pub(crate) mod token;
mod userinfo;
mod visit;

pub(super) use error::Failure;
pub(crate) use logout::farewell::resume as finish_endings;
pub(super) use logout::farewell::{of_passkey as end_of_passkey, of_user as end_of_user};
pub(super) use progress::settled;

/// What is described of it: what clients ask for. Browsers find their way by links.
#[derive(OpenApi)]
#[openapi(paths(
    token::token,
    par::push,
    introspect::introspect,
    revoke::revoke,
    device::begin,
    userinfo::show,
    discovery::show,
    remote::authorize
))]
pub(super) struct Described;

pub(super) fn routes() -> Router<Arc<App>> {
    Router::new()
        .merge(visited())
        .route("/par", post(par::push))
        .route("/introspect", post(introspect::introspect))
        .route("/device_authorization", post(device::begin))
        .route("/device", get(device::show).post(device::typed_in))
        .route("/logout/answer", post(logout::answer))
        .route("/api/v1/oauth2", post(remote::authorize))
        .merge(shared())
}

/// What does something when a browser comes along: a preview of a link does nothing.
fn visited() -> Router<Arc<App>> {
    Router::new()
        .route("/authorize", get(authorize::begin).post(authorize::repeat))
        .route(
            "/authorize/{id}",
            get(authorize::go_on).post(consent::answer),
        )
        .route("/logout", get(logout::begin).post(logout::repeat))
        .route_layer(from_fn(in_person))
}

/// What scripts of other origins may ask, as public clients in browsers do: nothing of it looks at
/// cookies.
fn shared() -> Router<Arc<App>> {
    Router::new()
        .route("/.well-known/openid-configuration", get(discovery::show))
        .route(
            "/.well-known/oauth-authorization-server",
            get(discovery::show),
        )
        .route("/jwks", get(super::published::jwks))
        .route("/token", post(token::token))
        .route("/revoke", post(revoke::revoke))
        .route("/userinfo", get(userinfo::show).post(userinfo::show))
        .route("/oidc/userinfo", get(userinfo::show).post(userinfo::show))
        .layer(
            CorsLayer::new()
                .allow_origin(Any)
                .allow_methods([Method::GET, Method::POST])
                .allow_headers([header::AUTHORIZATION, header::CONTENT_TYPE, DPOP])
                .expose_headers([header::WWW_AUTHENTICATE, DPOP_NONCE]),
        )
}

/// Tells whoever shows a proof what the next one has to hold, if anything (RFC 9449 §8.2).
pub(super) async fn offer_nonce(
    State(app): State<Arc<App>>,
    request: Request,
    next: Next,
) -> Response {
    let is_proven = request.headers().contains_key(DPOP);
    let mut response = next.run(request).await;
    let nonce = app.nonces().filter(|_| is_proven);
    let nonce = nonce.and_then(|nonces| HeaderValue::try_from(nonces.at(now())).ok());
    if let Some(nonce) = nonce {
        response.headers_mut().insert(DPOP_NONCE, nonce);
    }
    response
}

/// The header field of a proof (RFC 9449 §4.1).
const DPOP: HeaderName = HeaderName::from_static("dpop");
/// The header field of what a proof has to hold (RFC 9449 §8.1).
const DPOP_NONCE: HeaderName = HeaderName::from_static("dpop-nonce");
