//! The Uyulala dialect: both generations of its API.

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};

use crate::state::App;

mod challenge;
mod client;
mod collect;
mod error;
mod model;
mod service;
mod sign;
mod token;
mod user;

pub(super) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/api/v1/sign", post(sign::sign))
        .route("/api/v1/collect", post(collect::collect))
        .route(
            "/api/v1/challenge/{id}",
            get(challenge::view).post(challenge::approve),
        )
        .route(
            "/api/v1/challenge",
            post(token::view).put(token::approve).delete(token::reject),
        )
        .route("/api/v1/mds/{aaguid}", get(model::show))
        .merge(service::routes())
        .merge(user::routes())
}
