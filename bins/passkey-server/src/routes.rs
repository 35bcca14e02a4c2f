//! The routes, and what every request passes.

use std::sync::Arc;
use std::time::Duration;

use axum::middleware::from_fn_with_state;
use axum::routing::get;
use axum::{Json, Router};
use server_kit::frame::Frame;
use server_kit::limit::limit_peers;
use server_kit::observe::Readiness;

use crate::state::{App, scope};

mod arrival;
mod bankid;
mod ciba;
mod client;
mod description;
mod finish;
pub(crate) mod oauth;
mod order;
mod page;
mod proof;
mod published;
mod session;
mod uyulala;
mod viewer;

pub use description::description;

/// The whole server as a router, which tests call without a socket.
pub fn app(app: Arc<App>) -> Router {
    let ready = app.ready.clone();
    let mut dialects = dialects();
    if app.nonces().is_some() {
        dialects = dialects.route_layer(from_fn_with_state(Arc::clone(&app), oauth::offer_nonce));
    }
    let routes = dialects
        .route_layer(from_fn_with_state(Arc::clone(&app), limit_peers::<App>))
        .merge(page::routes())
        .route("/openapi.json", get(async || Json(description())))
        .merge(app.metrics.clone().routes(scope::METRICS))
        .merge(Readiness::routes(move || ready.readiness()))
        .fallback(page::not_found);
    FRAME.around(routes).with_state(app)
}

/// All that clients and browsers ask for: a dialect a line.
fn dialects() -> Router<Arc<App>> {
    Router::new()
        .merge(order::routes())
        .merge(uyulala::routes())
        .merge(bankid::routes())
        .merge(ciba::routes())
        .merge(published::routes())
        .merge(oauth::routes())
}

const FRAME: Frame = Frame {
    // a megabyte of data in base64, 64 KiB of text, and some JSON around them
    longest_body: 2 << 20,
    // longer than anybody may wait for an order
    slowest: Duration::from_secs(30),
};
