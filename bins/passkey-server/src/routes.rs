//! The routes, and what every request passes.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use server_kit::caller::Caller;
use server_kit::listen::Peer;
use server_kit::observe::{Readiness, access_log};
use server_kit::problem::Problem;
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::timeout::TimeoutLayer;

use crate::state::{App, scope};

mod finish;
mod order;
mod page;
mod published;
mod uyulala;
mod viewer;

/// The whole server as a router, which tests call without a socket.
pub fn app(app: Arc<App>) -> Router {
    let probe = Arc::clone(&app);
    dialects()
        .route_layer(middleware::from_fn_with_state(
            Arc::clone(&app),
            limit_peers,
        ))
        .merge(page::routes())
        .route("/metrics", get(metrics))
        .merge(Readiness::routes(move || probe.readiness()))
        .fallback(page::not_found)
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

/// All that clients and browsers ask for: a dialect a line.
fn dialects() -> Router<Arc<App>> {
    Router::new()
        .merge(order::routes())
        .merge(uyulala::routes())
        .merge(published::routes())
}

/// A megabyte of data in base64, 64 KiB of text, and some JSON around them.
const LONGEST_BODY: usize = 2 << 20;

/// Longer than anybody may wait for an order.
const SLOWEST: Duration = Duration::from_secs(30);

fn header_layer(name: HeaderName, value: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
}

async fn limit_peers(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    match app.admit(request.extensions().get::<Peer>()) {
        Ok(()) => next.run(request).await,
        Err(too_many) => Problem::from(too_many).into_response(),
    }
}

/// A caller that was let in.
struct Access(Caller);

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
