//! The routes, and what every request passes.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{DefaultBodyLimit, FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use server_kit::caller::Caller;
use server_kit::listen::Peer;
use server_kit::observe::{Readiness, access_log};
use server_kit::problem::Problem;
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::timeout::TimeoutLayer;
use utoipa::OpenApi;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{Content, OpenApi as OpenApiDescription, Ref, ResponseBuilder};
use utoipa_axum::router::OpenApiRouter;

use crate::app::{App, scope};

mod keys_api;
mod native;
mod oauth;
mod page;
mod published;
mod soracom;
mod ts43;

/// The whole server as a router, which tests call without a socket.
pub fn app(app: Arc<App>) -> Router {
    let (typed, description) = typed().split_for_parts();
    let description = limited(description);
    let probe = Arc::clone(&app);
    typed
        .route_layer(middleware::from_fn_with_state(
            Arc::clone(&app),
            limit_peers,
        ))
        .route("/metrics", get(metrics))
        .route("/openapi.json", get(async || Json(description)))
        .merge(Readiness::routes(move || probe.readiness()))
        .layer(DefaultBodyLimit::max(LONGEST_BODY))
        .layer(
            ServiceBuilder::new()
                .layer(middleware::from_fn(access_log))
                .layer(header_layer(header::CACHE_CONTROL, "no-store"))
                .layer(header_layer(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
                .layer(CatchPanicLayer::new())
                .layer(TimeoutLayer::with_status_code(
                    StatusCode::REQUEST_TIMEOUT,
                    SLOWEST,
                )),
        )
        .with_state(app)
}

/// The description of the API in OpenAPI 3.1.
pub fn description() -> OpenApiDescription {
    limited(typed().into_openapi())
}

/// Says of every operation that a peer may ask too often.
fn limited(mut description: OpenApiDescription) -> OpenApiDescription {
    for path in description.paths.paths.values_mut() {
        for operation in [&mut path.get, &mut path.post].into_iter().flatten() {
            let problem = Ref::from_schema_name("Problem");
            let content = Content::new(Some(problem));
            let response = ResponseBuilder::new()
                .description("this peer asks too often")
                .content("application/problem+json", content);
            let responses = &mut operation.responses.responses;
            responses.insert("429".to_owned(), response.build().into());
        }
    }
    description
}

/// What is described: all that devices and verifiers ask for.
fn typed() -> OpenApiRouter<Arc<App>> {
    let mut description = Description::openapi();
    let components = description.components.get_or_insert_default();
    for (name, told) in [
        ("bearer", "a caller's token"),
        ("native-token", "a native token for the server itself"),
    ] {
        let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer);
        let scheme = scheme.description(Some(told)).build();
        components.add_security_scheme(name, SecurityScheme::Http(scheme));
    }
    OpenApiRouter::with_openapi(description)
        .merge(native::routes())
        .merge(keys_api::routes())
        .merge(oauth::routes())
        .merge(ts43::routes())
        .merge(soracom::routes())
        .merge(published::routes())
}

/// Proves a SIM over any network, and answers with a signed token that anyone verifies offline.
#[derive(OpenApi)]
#[openapi(info(
    title = "endorse-server",
    license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0")
))]
struct Description;

/// 4 KiB of request parameters, escaped, and some JSON around them.
const LONGEST_BODY: usize = 32 * 1024;

/// Long enough for a store that is busy.
const SLOWEST: Duration = Duration::from_secs(15);

fn header_layer(name: HeaderName, value: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
}

async fn limit_peers(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    match app.admit(request.extensions().get::<Peer>()) {
        Ok(()) => next.run(request).await,
        Err(too_many) => Problem::from(too_many).into_response(),
    }
}

/// A caller that was let in: nobody needs one for what devices do.
pub(crate) struct Access(pub(crate) Caller);

impl FromRequestParts<Arc<App>> for Access {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        Ok(Self(app.gate.admit(parts)?))
    }
}

async fn metrics(
    State(app): State<Arc<App>>,
    Access(caller): Access,
) -> Result<impl IntoResponse, Problem> {
    caller.may(scope::METRICS)?;
    Ok(app.metrics.render())
}
