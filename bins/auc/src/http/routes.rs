//! The routes, and what every request passes.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{DefaultBodyLimit, FromRequestParts, State},
    http::{HeaderName, HeaderValue, header, request::Parts},
    middleware,
    response::IntoResponse,
    routing::get,
};
use server_kit::{
    body::Body,
    caller::Caller,
    observe::{Readiness, access_log},
    problem::Problem,
};
use tower::ServiceBuilder;
use tower_http::{catch_panic::CatchPanicLayer, set_header::SetResponseHeaderLayer};
use utoipa::OpenApi;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    ApiError, App, scope,
    wire::{ResyncAnswer, ResyncRequest, SUCCESS, VectorsAnswer, VectorsRequest},
};
use crate::{Directory, SqlDirectory, bsf::http::description as zn_description};

/// The whole server as a router, which tests call without a socket.
pub fn app<D: Directory + 'static>(app: Arc<App<D>>) -> Router {
    let (typed, _description) = typed::<D>().split_for_parts();
    typed
        .route("/metrics", get(metrics::<D>))
        .route("/openapi.json", get(async || Json(description())))
        .merge(Readiness::routes(|| Readiness::Ready))
        .layer(DefaultBodyLimit::max(LONGEST_BODY))
        .layer(
            ServiceBuilder::new()
                .layer(middleware::from_fn(access_log))
                .layer(header_layer(header::CACHE_CONTROL, "no-store"))
                .layer(header_layer(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
                .layer(CatchPanicLayer::new()),
        )
        .with_state(app)
}

/// The description of the API in OpenAPI 3.1.
pub fn description() -> utoipa::openapi::OpenApi {
    let mut described = typed::<SqlDirectory>().into_openapi();
    described.merge(zn_description());
    described
}

/// An authentication centre: vectors and resynchronisation (TS 33.102 §6.3).
///
/// Hex is accepted in either case and answered in lower case.
#[derive(OpenApi)]
#[openapi(info(
    title = "auc",
    license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0")
))]
struct Description;

fn typed<D: Directory + 'static>() -> OpenApiRouter<Arc<App<D>>> {
    OpenApiRouter::with_openapi(Description::openapi())
        .routes(routes!(vectors))
        .routes(routes!(resync))
}

/// A vector and some JSON around it.
const LONGEST_BODY: usize = 4096;

fn header_layer(name: HeaderName, value: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
}

/// A caller that was let in.
struct Access(Caller);

impl<D: Directory> FromRequestParts<Arc<App<D>>> for Access {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App<D>>) -> Result<Self, Problem> {
        Ok(Self(app.gate.admit(parts)?))
    }
}

/// Makes vectors, 1 to 32, each with a sequence number that is never used again.
#[utoipa::path(post, path = "/v1/vectors", request_body = VectorsRequest, responses(
    (status = 200, body = VectorsAnswer),
    (status = "default", body = Problem, content_type = "application/problem+json"),
))]
async fn vectors<D: Directory + 'static>(
    State(app): State<Arc<App<D>>>,
    Access(caller): Access,
    Body(request): Body<VectorsRequest>,
) -> Result<Json<VectorsAnswer>, ApiError> {
    let made = app.make(&caller, &request).await;
    let outcome = made.as_ref().map_or_else(ApiError::code, |_| SUCCESS);
    app.trace(&caller, "vectors", outcome);
    made.map(Json)
}

/// Follows a card that answered a challenge with AUTS.
#[utoipa::path(post, path = "/v1/resync", request_body = ResyncRequest, responses(
    (status = 200, body = ResyncAnswer),
    (status = "default", body = Problem, content_type = "application/problem+json"),
))]
async fn resync<D: Directory + 'static>(
    State(app): State<Arc<App<D>>>,
    Access(caller): Access,
    Body(request): Body<ResyncRequest>,
) -> Result<Json<ResyncAnswer>, ApiError> {
    let followed = app.follow(&caller, &request).await;
    let outcome = followed
        .as_ref()
        .map_or_else(ApiError::code, ResyncAnswer::outcome);
    app.trace(&caller, "resync", outcome);
    followed.map(Json)
}

async fn metrics<D: Directory + 'static>(
    State(app): State<Arc<App<D>>>,
    Access(caller): Access,
) -> Result<impl IntoResponse, ApiError> {
    caller.may(scope::METRICS)?;
    Ok(app.metrics.render())
}
