//! The routes, and what every request passes.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::uri::Authority;
use axum::http::{Method, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use server_kit::browser::Hosts;
use server_kit::frame::Frame;
use server_kit::listen::Peer;
use server_kit::observe::Readiness;
use server_kit::problem::Problem;

use crate::pages::{self, Message};
use crate::state::App;

mod documents;
mod home;
mod sign_in;
mod visitor;

/// The whole service as a router, which tests call without a socket.
pub fn app(app: Arc<App>) -> Router {
    let routes = Router::new()
        .route("/", get(home::show))
        .route("/verify/", get(verifier))
        .merge(sign_in::routes())
        .merge(documents::routes())
        .fallback(not_found)
        .layer(middleware::from_fn_with_state(Arc::clone(&app), guard))
        .merge(pages::assets())
        .merge(Readiness::routes(|| Readiness::Ready));
    FRAME.around(routes).with_state(app)
}

/// A file of a megabyte, and a form around it; three questions to a slow provider.
const FRAME: Frame = Frame {
    longest_body: 3 << 19,
    slowest: Duration::from_secs(30),
};

async fn verifier(State(app): State<Arc<App>>) -> Response {
    pages::verifier(&app)
}

async fn not_found(State(app): State<Arc<App>>) -> Response {
    pages::answer(&app, StatusCode::NOT_FOUND, &Message::not_found())
}

/// Answers under the service's own name only, and takes forms from its own pages only.
async fn guard(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let host = request.headers().get(header::HOST);
    let host = host.and_then(|host| host.to_str().ok());
    let authority = request.uri().authority().map(Authority::as_str).or(host);
    if authority != app.origin.split("://").nth(1) {
        let page = Message::elsewhere(&app.origin);
        return pages::answer(&app, StatusCode::MISDIRECTED_REQUEST, &page);
    }
    if request.method() == Method::POST {
        let peer = request.extensions().get::<Peer>().cloned();
        let peer = peer.unwrap_or_else(Peer::unix);
        let checked = Hosts::any().check(request.uri(), request.headers(), &peer);
        if let Err(foreign) = checked {
            return Problem::from(foreign).into_response();
        }
    }
    next.run(request).await
}
