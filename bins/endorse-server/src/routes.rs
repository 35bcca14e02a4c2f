//! The routes, and what every request passes.

use std::sync::Arc;

use axum::middleware::from_fn_with_state;
use axum::routing::get;
use axum::{Json, Router};
use server_kit::frame::Frame;
use server_kit::limit::limit_peers;
use server_kit::observe::Readiness;
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
    let ready = app.ready.clone();
    let routes = typed
        .route_layer(from_fn_with_state(Arc::clone(&app), limit_peers::<App>))
        .merge(app.metrics.clone().routes(scope::METRICS))
        .route("/openapi.json", get(async || Json(description)))
        .merge(Readiness::routes(move || ready.readiness()));
    // 4 KiB of request parameters, escaped, and some JSON around them
    Frame::default().around(routes).with_state(app)
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
