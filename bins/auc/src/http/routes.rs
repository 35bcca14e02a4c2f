//! The routes, and what every request passes.

use std::sync::Arc;

use axum::{Json, Router, extract::State, routing::get};
use server_kit::{
    body::Body,
    frame::Frame,
    gate::{Access, Gate, HasGate},
    observe::Readiness,
    problem::Problem,
};
use utoipa::OpenApi;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    ApiError, App, scope,
    wire::{ResyncAnswer, ResyncRequest, SUCCESS, VectorsAnswer, VectorsRequest},
};
use crate::{Directory, Journal, Kept, bsf::http::description as zn_description};

/// The whole server as a router, which tests call without a socket.
pub fn app<D: Directory + 'static>(app: Arc<App<D>>) -> Router {
    let (typed, _description) = typed::<D>().split_for_parts();
    let routes = typed
        .merge(app.metrics.clone().routes(scope::METRICS))
        .route("/openapi.json", get(async || Json(description())))
        .merge(Readiness::routes(|| Readiness::Ready));
    let frame = Frame {
        longest_body: LONGEST_BODY,
        ..Frame::default()
    };
    frame.around(routes).with_state(app)
}

impl<D: Directory> HasGate for App<D> {
    fn gate(&self) -> &Gate {
        &self.gate
    }
}

/// The description of the API in OpenAPI 3.1.
pub fn description() -> utoipa::openapi::OpenApi {
    let mut described = typed::<Kept<Journal>>().into_openapi();
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
