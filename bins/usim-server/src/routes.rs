//! The routes: three dialects, events, a page, health, metrics and the description of it all.

use std::sync::Arc;

use axum::{Json, Router, extract::State, response::IntoResponse, routing::get};
use server_kit::{frame::Frame, observe::Readiness};
use utoipa::{
    OpenApi,
    openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
};
use utoipa_axum::router::OpenApiRouter;

use crate::{
    error::ApiError,
    sim::Status,
    state::{App, scope},
};
use access::Access;

mod access;
mod command;
mod compat;
mod events;
mod page;
mod pysim;
mod v1;

/// The whole server as a router, which tests call without a socket.
pub fn app(app: Arc<App>) -> Router {
    let (typed, description) = typed().split_for_parts();
    let probe = Arc::clone(&app);
    let routes = typed
        .merge(pysim::routes())
        .route("/metrics", get(metrics))
        .route("/openapi.json", get(async || Json(description)))
        .merge(Readiness::routes(move || readiness(&probe)))
        .method_not_allowed_fallback(async || ApiError::Method("another method"))
        .fallback(compat::answer);
    let frame = Frame {
        longest_body: LONGEST_BODY,
        slowest: app.slowest_request,
    };
    frame.around(routes).with_state(app)
}

/// The description of `/v1` in OpenAPI 3.1.
pub fn description() -> utoipa::openapi::OpenApi {
    typed().into_openapi()
}

fn typed() -> OpenApiRouter<Arc<App>> {
    let mut description = Description::openapi();
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
    description
        .components
        .get_or_insert_default()
        .add_security_scheme("bearer", SecurityScheme::Http(bearer));
    OpenApiRouter::with_openapi(description)
        .merge(v1::routes())
        .merge(events::routes())
}

/// Shares SIMs: who they are, their answers to challenges, and their files.
///
/// Hex is accepted in either case and answered in lower case.
#[derive(OpenApi)]
#[openapi(
    info(title = "usim-server", license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0")),
    security((), ("bearer" = [])),
    tags(
        (name = "sims", description = "which SIMs there are, and how they are"),
        (name = "authentication", description = "answers to challenges"),
        (name = "commands", description = "commands as they are, and leases for several of them")
    )
)]
struct Description;

/// Octets of a body: the longest command in hex, and some JSON around it.
const LONGEST_BODY: usize = 192 * 1024;

async fn metrics(
    State(app): State<Arc<App>>,
    Access(caller): Access,
) -> Result<impl IntoResponse, ApiError> {
    caller.may(scope::READ)?;
    Ok(app.metrics.render())
}

fn readiness(app: &App) -> Readiness {
    let ready = |sim: &crate::sim::Sim| sim.status() == Status::Ready;
    if app.sims.all().iter().any(|(_, sim)| ready(sim)) {
        Readiness::Ready
    } else {
        Readiness::NotReady("no SIM answers")
    }
}
