//! The Uyulala dialect: both generations of its API.

use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn;
use axum::routing::{get, post};
use utoipa::OpenApi;

use super::arrival::in_person;
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

pub(super) use sign::Placed;

/// What is described of it.
#[derive(OpenApi)]
#[openapi(
    paths(
        sign::sign,
        collect::collect,
        challenge::view,
        challenge::approve,
        token::view,
        token::approve,
        token::reject,
        service::users,
        service::create_user,
        service::create_key,
        service::delete_key,
        service::delete_user,
        user::list,
        user::add,
        user::delete,
        model::show
    ),
    components(schemas(collect::Unsigned))
)]
pub(super) struct Described;

pub(super) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/api/v1/sign", post(sign::sign))
        .route("/api/v1/collect", post(collect::collect))
        .merge(viewed())
        .route(
            "/api/v1/challenge",
            post(token::view).put(token::approve).delete(token::reject),
        )
        .route("/api/v1/mds/{aaguid}", get(model::show))
        .merge(service::routes())
        .merge(user::routes())
}

/// What is viewed by a `GET`: whatever looks ahead of a person views nothing.
fn viewed() -> Router<Arc<App>> {
    let methods = get(challenge::view).post(challenge::approve);
    Router::new()
        .route("/api/v1/challenge/{id}", methods)
        .route_layer(from_fn(in_person))
}
